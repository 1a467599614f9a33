package delta

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/internal/skipping"
)

// outputColumn is where one output column comes from.
type outputColumn struct {
	source   int             // position among the columns read; -1: constant
	convert  conversion      // of what is read
	constant arrow.Array     // one batch long; made when it is first needed
	value    skipping.Scalar // of a constant
	null     bool            // the constant is NULL
	tracked  trackedColumn
	typ      arrow.DataType
}

// plan finds the source of each output column.
func (r *fileReader) plan() error {
	have := r.parquet.Schema().Fields()
	by := r.scan.matching
	if by == readingIDs && !hasFieldIDs(have) {
		return r.scan.corrupt(r.file, "the file has no field IDs, by which delta.columnMapping.mode = id finds columns")
	}
	r.skips = r.scan.over(r.file, r.parquet)
	partition := r.scan.snapshot.metadata.PartitionColumns
	for i, f := range r.scan.schema.Fields() {
		c := outputColumn{source: -1, typ: f.Type, null: true}
		at := by.find(have, f)
		switch {
		case r.scan.config.rowIDs && f.Name == rowIDColumn:
			continue
		case r.scan.config.RowTracking && isTracked(f.Name):
			c.tracked, at = r.trackedSource(f.Name)
			if at >= 0 {
				c.convert, c.source = asIs{}, r.want(at)
			}
		case slices.Contains(partition, f.Name):
			var err error
			if c.value, c.null, err = r.scan.partitionValue(r.file, f); err != nil {
				return err
			}
		case at >= 0:
			var err error
			if c.convert, err = newConversion(f.Name, r.partOf(at, i, f.Type), f.Type, by); err != nil {
				return err
			}
			c.source = r.want(at)
		}
		r.columns = append(r.columns, c)
	}
	r.planLate()
	return nil
}

// want reads a column of the file, and gives its position among those that are read.
func (r *fileReader) want(column int) int {
	i := slices.Index(r.wanted, column)
	if i < 0 {
		i = len(r.wanted)
		r.wanted = append(r.wanted, column)
	}
	return i
}

// outputs appends the output columns of n rows to out: those from a position in the file on or, where rows is not nil, those at rows, counted from there.
func (r *fileReader) outputs(read []arrow.Array, n int, position int64, rows []int32) error {
	for i := range r.columns {
		a, err := r.column(&r.columns[i], read, n)
		if err == nil {
			a, err = r.track(&r.columns[i], a, position, rows)
		}
		if err != nil {
			return err
		}
		r.out = append(r.out, a)
	}
	return nil
}

func (r *fileReader) column(c *outputColumn, read []arrow.Array, n int) (arrow.Array, error) {
	if c.source >= 0 {
		return c.convert.apply(r.scan.env, read[c.source], nil)
	}
	if c.constant == nil || c.constant.Len() < n {
		if c.constant != nil {
			c.constant.Release()
		}
		c.constant = r.constantColumn(c, n)
	}
	return array.NewSlice(c.constant, 0, int64(n)), nil
}

func (r *fileReader) constantColumn(c *outputColumn, n int) arrow.Array {
	alloc := r.scan.config.Alloc
	if c.null {
		return pool.Nulls(alloc, c.typ, n)
	}
	b := array.NewBuilder(alloc, c.typ)
	defer b.Release()
	if c.typ.ID() == arrow.STRING && r.scan.config.KeepDictionary {
		appendScalar(b, c.value)
		values := b.NewArray()
		defer values.Release()
		return vector.NewDictionary(alloc, make([]int32, n), values)
	}
	b.Reserve(n)
	for range n {
		appendScalar(b, c.value)
	}
	return b.NewArray()
}

func (r *fileReader) rowIDs(position int64, n int) arrow.Array {
	b := array.NewInt64Builder(r.scan.config.Alloc)
	defer b.Release()
	b.Reserve(n)
	base := int64(r.index)<<32 | position
	for i := range n {
		b.UnsafeAppend(base + int64(i))
	}
	return b.NewArray()
}
