package files

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source"
)

// With leaves out what the filter is certain not to keep. Text has no statistics, and takes no less time where its memory comes from a pool.
func (p *parquetSplit) With(h source.Hints) source.Split {
	hinted := *p
	hinted.alloc, hinted.filter = p.source.alloc(h), newFilter(p.layout, h)
	return &hinted
}

// alloc is where the memory of batches comes from.
func (s *Source) alloc(h source.Hints) memory.Allocator {
	switch {
	case s.config.alloc != nil:
		return s.config.alloc
	case h.Alloc != nil:
		return h.Alloc
	default:
		return memory.DefaultAllocator
	}
}

// filter is a predicate whose rows alone are wanted, for leaving out row groups and pages.
type filter struct {
	predicate *skipping.Predicate
	columns   []int // the positions in the source's schema of the columns that it is bound over
}

// newFilter is nil where the hints leave nothing out.
func newFilter(l *layout, h source.Hints) *filter {
	if h.Filter == nil {
		return nil
	}
	f := &filter{columns: make([]int, len(h.Columns))}
	fields := make([]arrow.Field, len(h.Columns))
	for i, name := range h.Columns {
		at := schema.Find(l.schema.Fields(), name)
		if at < 0 {
			return nil
		}
		f.columns[i], fields[i] = at, l.schema.Field(at)
	}
	if f.predicate = skipping.New(h.Filter, fields); f.predicate.Trivial() {
		return nil
	}
	return f
}

// over is the predicate over a file that is read.
func (f *filter) over(r *parquetRead) *skipping.File {
	leaves := f.predicate.Leaves()
	paths, known := make([][]string, len(leaves)), make([]skipping.Bounds, len(leaves))
	for i, l := range leaves {
		paths[i], known[i] = r.leaf(f.columns[l.Column], l.Fields)
	}
	return f.predicate.Over(r.file, paths, known)
}

// leaf is where the file has what is read as a column, or as a field of one that fields lead to, and what is known of it in the whole file.
func (r *parquetRead) leaf(column int, fields []arrow.Field) (path []string, known skipping.Bounds) {
	l := r.out.layout
	switch {
	case !r.out.want[column], column == l.rescued:
		return nil, skipping.Unknown()
	case column == l.metadata:
		v, ok := skipping.ScalarOf(r.out.block.fact(fields[len(fields)-1].Name))
		if !ok {
			return nil, skipping.Unknown()
		}
		return nil, skipping.Exactly(v)
	case r.from[column] < 0:
		return nil, skipping.OnlyNull()
	}
	have := r.file.Schema().Field(r.read[r.from[column]])
	path = []string{have.Name}
	for _, f := range fields[1:] {
		st, ok := have.Type.(*arrow.StructType)
		if !ok {
			return nil, skipping.Unknown()
		}
		at := schema.Find(st.Fields(), f.Name)
		if at < 0 {
			return nil, skipping.OnlyNull()
		}
		have = st.Field(at)
		path = append(path, have.Name)
	}
	return path, skipping.Unknown()
}
