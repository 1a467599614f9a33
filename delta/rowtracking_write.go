package delta

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// keeps are the columns of a file that keep the IDs and versions of n rows that come with them: a new row has neither, and the version of one that is updated is
// the commit's. The caller releases them.
func (f *FileWriter) keeps(kind changeKind, n int, tracked []arrow.Array) []arrow.Array {
	if !f.w.config.tracked {
		return nil
	}
	kept := make([]arrow.Array, len(trackedColumns()))
	for i := range kept {
		if tracked == nil || kind == rowAfterUpdate && i > 0 {
			kept[i] = pool.Nulls(f.w.env.Alloc, schema.BigInt, n)
		} else {
			tracked[i].Retain()
			kept[i] = tracked[i]
		}
	}
	return kept
}

// trackedOf are the IDs and versions behind a batch's columns of the table, nil where the table does not track rows.
func (s *Snapshot) trackedOf(b *exec.Batch) []arrow.Array {
	if !s.metadata.tracksRows() {
		return nil
	}
	first := s.Schema().NumFields()
	return b.Columns[first : first+len(trackedColumns())]
}

// trackedAt are the IDs and versions of some rows of a batch, which the caller releases; nil where the table does not track rows.
func (f *FileWriter) trackedAt(tracked []arrow.Array, rows []int32) ([]arrow.Array, error) {
	if tracked == nil {
		return nil, nil
	}
	return vector.TakeAll(f.w.env.Alloc, tracked, rows)
}
