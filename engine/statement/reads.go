package statement

import (
	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/plan"
)

// writing is how the rows of n are written to the table of a snapshot that was taken before n was planned. Where n reads that table, what others commit to it
// since then is a conflict: the rows might be others.
func (r *Runner) writing(target *delta.Snapshot, n plan.Node) delta.WriteOptions {
	o := r.Write
	if target != nil && reads(n, target) {
		o.Read = target
	}
	return o
}

// reads tells whether n, or a view that it reads, reads a table as it is at a snapshot or later. An older version stays what it is.
func reads(n plan.Node, target *delta.Snapshot) bool {
	for _, r := range plan.Relations(n) {
		switch r := r.(type) {
		case *flow.Version:
			if r.Snapshot.ID() == target.ID() && r.Snapshot.Version() >= target.Version() {
				return true
			}
		case *plan.View:
			if reads(r.Query, target) {
				return true
			}
		}
	}
	return false
}
