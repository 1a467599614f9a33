package flow

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/plan"
)

// Version is a Delta table at one of its versions, wherever it lies: a relation for queries over tables that no pipeline declares.
type Version struct {
	Ident    string // as plans and errors name it
	Snapshot *delta.Snapshot
}

// Feed is what changed in a Delta table between two of its versions: a relation too.
type Feed struct {
	Ident   string // as plans and errors name it
	Changes *delta.Changes
}

// Name is what the changes are called.
func (f *Feed) Name() string { return f.Ident }

// Schema is the table's columns and those of the change data feed.
func (f *Feed) Schema() *arrow.Schema { return f.Changes.Schema() }

// Scan reads the plan's columns. The filter is evaluated in env; nil: by the table's own clock.
func (f *Feed) Scan(n plan.Scan, env *kernel.Env) (*delta.ChangesScan, error) {
	c := delta.ScanConfig{Columns: n.Columns, Filter: n.Filter, KeepDictionary: true}
	if env != nil {
		c.Now, c.KeySets = env.Now, env.KeySets
	}
	return f.Changes.Scan(c)
}

// Name is what the table is called.
func (v *Version) Name() string { return v.Ident }

// ReadsFields tells that single fields of structs can be read.
func (v *Version) ReadsFields() {}

// Schema is the table's.
func (v *Version) Schema() *arrow.Schema { return v.Snapshot.Schema() }
