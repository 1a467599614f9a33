package schema

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Codec turns rows R into Arrow batches of one schema and back. It is compiled once and works column by column. R is a struct, as Of describes it, or
// Row. It is safe for concurrent use.
//
// Reflection happens once per block of scratch rows: for each field of each of them it yields a typed pointer. Encoding and decoding then only copy
// rows to or from a block and run typed loops over those pointers. Blocks are kept for the next call.
type Codec[R any] struct {
	schema *arrow.Schema
	blocks sync.Pool // of *block[R]
}

// blockRows is how many rows are handled at once: few enough to stay in the first-level cache.
const blockRows = 256

type block[R any] struct {
	rows    []R
	columns columns
}

// ValueError says that a value has no counterpart on the other side: a NULL for a Go value, a nil for a NOT NULL column, a number out of range.
type ValueError struct {
	Column string // dotted path
	Row    int    // in the batch, or in the slice of rows
	Reason string
}

// Error names the column, the row and the reason.
func (e *ValueError) Error() string {
	return fmt.Sprintf("schema: column %s, row %d: %s", e.Column, e.Row, e.Reason)
}

// NewCodec compiles a codec for batches of schema s. Every field of R must be a column of s, found as Find does, of exactly the field's type; a Decimal
// takes precision and scale from s. Whether a column is nullable need not agree: values are checked as they come. Columns of s that R lacks are
// ignored by Decode and set to NULL by Encode. The faults are *TypeError.
func NewCodec[R any](s *arrow.Schema) (*Codec[R], error) {
	c := &Codec[R]{schema: s}
	b, err := c.newBlock(1)
	if err != nil {
		return nil, err
	}
	c.blocks.Put(b)
	return c, nil
}

// Schema is the schema of the batches.
func (c *Codec[R]) Schema() *arrow.Schema { return c.schema }

func (c *Codec[R]) newBlock(n int) (*block[R], error) {
	b := &block[R]{rows: make([]R, n)}
	if rows, ok := any(b.rows).([]Row); ok {
		b.columns = newRowColumns(rows, c.schema.Fields())
		return b, nil
	}
	t := reflect.TypeFor[R]()
	if t.Kind() != reflect.Struct || isScalarStruct(t) {
		return nil, &TypeError{Type: t.String(), Reason: "a row must be a struct"}
	}
	values := make([]reflect.Value, n)
	rows := reflect.ValueOf(b.rows)
	for i := range values {
		values[i] = rows.Index(i)
	}
	var err error
	b.columns, err = new(binder).structOf(t, c.schema.Fields(), values)
	return b, err
}

// block returns scratch for up to blockRows of n rows.
func (c *Codec[R]) block(n int) (*block[R], error) {
	n = min(n, blockRows)
	if b, ok := c.blocks.Get().(*block[R]); ok && len(b.rows) >= n {
		return b, nil
	}
	return c.newBlock(n)
}

// free forgets what the rows point to and keeps the block.
func (c *Codec[R]) free(b *block[R]) {
	clear(b.rows)
	b.columns.reset()
	c.blocks.Put(b)
}

// Encode makes one batch of the rows. A *ValueError names the first value that does not fit. The caller releases the batch.
func (c *Codec[R]) Encode(alloc memory.Allocator, rows []R) (arrow.RecordBatch, error) {
	b := array.NewRecordBuilder(alloc, c.schema)
	defer b.Release()
	b.Reserve(len(rows))
	if err := c.Append(b, rows); err != nil {
		return nil, err
	}
	return b.NewRecordBatch(), nil
}

// Append adds the rows to a builder of the codec's schema. After an error the builder's columns may differ in length: release it.
func (c *Codec[R]) Append(b *array.RecordBuilder, rows []R) error {
	if len(rows) == 0 {
		return nil
	}
	blk, err := c.block(len(rows))
	if err != nil {
		return err
	}
	defer c.free(blk)
	for done := 0; done < len(rows); {
		n := copy(blk.rows, rows[done:])
		if err := blk.columns.encodeColumns(b.Fields(), 0, n); err != nil {
			return shiftRow(err, done)
		}
		done += n
	}
	return nil
}

// Decode appends the rows of the batch to rows and returns the longer slice. Columns are matched by name; STRING and BINARY may be dictionaries. Nothing
// in the rows refers to the batch afterwards. Values of one block of rows share allocations: a kept string keeps up to 255 others of its column.
func (c *Codec[R]) Decode(batch arrow.RecordBatch, rows []R) ([]R, error) {
	n := int(batch.NumRows())
	if n == 0 {
		return rows, nil
	}
	arrays, err := c.arrays(batch)
	if err != nil {
		return rows, err
	}
	blk, err := c.block(n)
	if err != nil {
		return rows, err
	}
	defer c.free(blk)
	for done := 0; done < n; {
		m := min(n-done, len(blk.rows))
		if err := blk.columns.decodeColumns(arrays, done, 0, m); err != nil {
			return rows, err
		}
		rows = append(rows, blk.rows[:m]...)
		done += m
	}
	return rows, nil
}

// arrays finds the batch's columns in the order of the codec's schema.
func (c *Codec[R]) arrays(batch arrow.RecordBatch) ([]arrow.Array, error) {
	arrays := make([]arrow.Array, c.schema.NumFields())
	fields := batch.Schema().Fields()
	for i, f := range c.schema.Fields() {
		at := i
		if i >= len(fields) || fields[i].Name != f.Name {
			at = Find(fields, f.Name)
		}
		if at < 0 {
			return nil, &TypeError{Column: f.Name, Type: Name(f.Type), Reason: "the batch has no such column"}
		}
		if got := batch.Column(at); !Equal(got.DataType(), f.Type, Decoded) {
			return nil, &TypeError{Column: f.Name, Type: Name(got.DataType()), Reason: "the batch should hold " + Name(f.Type)}
		}
		arrays[i] = batch.Column(at)
	}
	return arrays, nil
}
