package vector

import (
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// decoder reads the body of a spilled batch. Its arrays share the body's memory. The first fault is kept in err, and from then on everything is empty.
type decoder struct {
	body *memory.Buffer
	at   int
	err  error
}

// count reads a uvarint that counts rows or bytes of this body.
func (d *decoder) count() int {
	if d.err != nil {
		return 0
	}
	v, n := binary.Uvarint(d.body.Bytes()[d.at:])
	if n <= 0 || v > 1<<31-1 {
		d.err = errFrame
		return 0
	}
	d.at += n
	return int(v)
}

// buffer reads a buffer that must hold at least need bytes.
func (d *decoder) buffer(need int) *memory.Buffer {
	size := d.count()
	d.at = (d.at + 7) &^ 7
	if d.err != nil || size < need || d.at+size > d.body.Len() {
		d.err = errFrame
		return nil
	}
	b := memory.SliceBuffer(d.body, d.at, size)
	d.at += size
	return b
}

func (d *decoder) column(t arrow.DataType) arrow.Array {
	if d.err != nil || d.at >= d.body.Len() {
		d.err = errFrame
		return nil
	}
	form := d.body.Bytes()[d.at]
	d.at++
	if form == plainColumn {
		return d.array(t)
	}
	indices := d.array(arrow.PrimitiveTypes.Int32)
	if indices == nil {
		return nil
	}
	defer indices.Release()
	values := d.array(t)
	if values == nil {
		return nil
	}
	defer values.Release()
	return dictionaryOf(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: t}, indices, values)
}

// array reads one array; nil after a fault.
func (d *decoder) array(t arrow.DataType) arrow.Array {
	n, l := d.count(), layoutOf(t)
	if d.err != nil {
		return nil
	}
	if l == void {
		return array.NewNull(n)
	}
	nulls := d.count()
	var bufs [3]*memory.Buffer
	if nulls > 0 {
		bufs[0] = d.buffer((n + 7) / 8)
	}
	var children []arrow.Array
	used := 2
	switch l {
	case bit:
		bufs[1] = d.values(n, (n+7)/8)
	case fixed1, fixed2, fixed4, fixed8, fixed16:
		bufs[1] = d.values(n, n*l.width())
	case varying:
		used = 3
		bufs[1] = d.buffer(4 * (n + 1))
		bufs[2] = d.buffer(0)
	case lists:
		bufs[1] = d.buffer(4 * (n + 1))
		children = append(children, d.array(t.(arrow.ListLikeType).Elem()))
	case structs:
		used = 1
		for _, f := range structTypeOf(t).Fields() {
			children = append(children, d.array(f.Type))
		}
	default:
		d.err = errType("read spilled", t)
	}
	if d.err != nil {
		release(children)
		releaseBuffers(bufs[:]...)
		return nil
	}
	return build(t, n, nulls, children, bufs[:used]...)
}

// values reads a buffer of values, which is written only where there are any.
func (d *decoder) values(n, need int) *memory.Buffer {
	if n == 0 {
		return nil
	}
	return d.buffer(need)
}
