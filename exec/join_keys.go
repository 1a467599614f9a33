package exec

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/kernel"
)

// KeySets are the build side's keys, one set per key of the join, to leave out probe rows with before they come to the join. They are there after Finish if
// CollectKeys was set. It is nil where the build side was spilled; a set is nil where its key's type has none.
func (j *Join) KeySets() []*kernel.KeySet {
	if j.table == nil {
		return nil
	}
	return j.table.sets
}

// collectKeys makes the sets of the keys of all chunks.
func (t *joinTable) collectKeys(chunks [][]arrow.Array) error {
	t.sets = make([]*kernel.KeySet, len(t.j.buildKeys()))
	pieces := make([]arrow.Array, len(chunks))
	for i := range t.sets {
		for k, cols := range chunks {
			pieces[k] = cols[i]
		}
		var err error
		if t.sets[i], err = kernel.NewKeySet(pieces); err != nil {
			return err
		}
	}
	return nil
}
