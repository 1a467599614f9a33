package delta

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/skipping"
)

// pruner decides by partition values and statistics which pieces of the table a predicate may keep rows of. It is immutable.
type pruner struct {
	*skipping.Predicate
	leaves []leaf // the predicate's
}

// leaf is a primitive column, at any depth of structs.
type leaf struct {
	skipping.Leaf
	path      []string // the fields' physical names
	partition bool     // it is a partition column
}

// newPruner compiles a predicate over columns of the table; nil keeps everything.
func newPruner(predicate expr.Bound, columns []arrow.Field, m *Metadata) *pruner {
	p := &pruner{Predicate: skipping.New(predicate, columns)}
	for _, l := range p.Leaves() {
		p.leaves = append(p.leaves, newLeaf(m, l))
	}
	return p
}

func newLeaf(m *Metadata, l skipping.Leaf) leaf {
	path := make([]string, len(l.Fields))
	for i, f := range l.Fields {
		path[i] = m.physical(f)
	}
	return leaf{Leaf: l, path: path, partition: len(path) == 1 && slices.Contains(m.PartitionColumns, l.Fields[0].Name)}
}
