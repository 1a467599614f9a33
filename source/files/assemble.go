package files

import (
	"path"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/storage"
)

// assembler makes the batches of one split: columns that were read, columns that are the same for the whole split, and NULL for the rest. It counts what
// it yields.
type assembler struct {
	layout    *layout
	alloc     memory.Allocator
	want      []bool
	block     block
	constants []arrow.Array // per column, made when first needed, cut to each batch's length
	counts    source.Counts
}

// block is the piece of a file that a split covers.
type block struct {
	file          storage.Info
	url           string
	start, length int64
}

func newAssembler(l *layout, b block, alloc memory.Allocator, columns []string) *assembler {
	return &assembler{layout: l, alloc: alloc, want: l.wanted(columns), block: b, constants: make([]arrow.Array, l.schema.NumFields())}
}

// release frees the constant columns.
func (a *assembler) release() {
	for _, c := range a.constants {
		if c != nil {
			c.Release()
		}
	}
}

// yield makes a batch of n rows. read holds the columns that came from the file, nil elsewhere; they stay the caller's.
func (a *assembler) yield(n int, read []arrow.Array, yield func(arrow.RecordBatch) error) error {
	columns := make([]arrow.Array, len(read))
	fields := a.layout.schema.Fields()
	decoded := true
	for i, c := range read {
		if c == nil {
			c = a.constant(i, n)
			defer c.Release()
		}
		columns[i] = c
		if c.DataType().ID() == arrow.DICTIONARY {
			fields[i].Type, decoded = c.DataType(), false
		}
	}
	s := a.layout.schema
	if !decoded {
		s = arrow.NewSchema(fields, nil)
	}
	batch := array.NewRecordBatch(s, columns, int64(n))
	defer batch.Release()
	a.count(n, columns)
	return yield(batch)
}

func (a *assembler) count(n int, columns []arrow.Array) {
	a.counts.Rows += int64(n)
	if i := a.layout.corrupt; i >= 0 {
		a.counts.Corrupt += int64(n - columns[i].NullN())
	}
	if i := a.layout.rescued; i >= 0 {
		a.counts.Rescued += int64(n - columns[i].NullN())
	}
}

// constant is n rows of a column that does not come from the file.
func (a *assembler) constant(column, n int) arrow.Array {
	if c := a.constants[column]; c != nil && c.Len() >= n {
		return array.NewSlice(c, 0, int64(n))
	} else if c != nil {
		c.Release()
	}
	if f := a.layout.schema.Field(column); column == a.layout.metadata && a.want[column] {
		a.constants[column] = a.block.metadata(a.alloc, f.Type.(*arrow.StructType), n)
	} else {
		a.constants[column] = pool.Nulls(a.alloc, f.Type, n)
	}
	return array.NewSlice(a.constants[column], 0, int64(n))
}

// metadata is n rows of the fields of _metadata that t asks for.
func (b block) metadata(alloc memory.Allocator, t *arrow.StructType, n int) arrow.Array {
	sb := array.NewStructBuilder(alloc, t)
	defer sb.Release()
	sb.Reserve(n)
	for range n {
		sb.Append(true)
	}
	for i, f := range t.Fields() {
		b.fill(sb.FieldBuilder(i), f.Name, n)
	}
	return sb.NewArray()
}

func (b block) fill(builder array.Builder, name string, n int) {
	switch v := b.fact(name).(type) {
	case string:
		fillText(builder.(*array.StringBuilder), v, n)
	case int64:
		fill(builder.(*array.Int64Builder), v, n)
	case arrow.Timestamp:
		fill(builder.(*array.TimestampBuilder), v, n)
	}
}

// fact is the value of a field of _metadata.
func (b block) fact(name string) any {
	switch name {
	case "file_path":
		return b.url
	case "file_name":
		return path.Base(b.file.Key)
	case "file_size":
		return b.file.Size
	case "file_modification_time":
		return arrow.Timestamp(b.file.ModTime.UnixMicro())
	case "file_block_start":
		return b.start
	case "file_block_length":
		return b.length
	default:
		return nil
	}
}

func fillText(b *array.StringBuilder, text string, n int) {
	b.ReserveData(n * len(text))
	fill(b, text, n)
}

func fill[T any](b interface{ Append(T) }, value T, n int) {
	for range n {
		b.Append(value)
	}
}
