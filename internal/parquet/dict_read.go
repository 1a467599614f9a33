package parquet

import (
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// dictReader is the dictionary of the chunk at hand.
type dictReader struct {
	loaded        bool
	n             int
	fixed         []byte // values in Arrow's layout
	mem           []byte // of fixed
	offsets, data buffer // strings, as an Arrow array has them
	arr           *array.Data
}

// readDictionary reads the dictionary page.
func (r *leafReader) readDictionary(h *meta.PageHeader, body []byte) error {
	d := &r.dict
	if d.loaded {
		return errors.New("a second dictionary")
	}
	if h.Encoding != meta.Plain && h.Encoding != meta.PlainDictionary {
		return fmt.Errorf("a dictionary encoded as %s", h.Encoding)
	}
	b, err := r.unpack(body, int(h.Uncompressed))
	if err != nil {
		return err
	}
	n := int(h.NumValues)
	d.loaded, d.n = true, n
	if n > len(b) || r.leaf.width == 0 {
		return fmt.Errorf("a dictionary of %d values of %s in %d bytes", n, r.leaf.phys, len(b))
	}
	v := valueReader{}
	if err := v.openPlain(r, b); err != nil {
		return err
	}
	if r.leaf.width < 0 {
		return d.readStrings(&v, r.leaf)
	}
	if r.leaf.phys == meta.ByteArray {
		d.mem = sized(d.mem, 16*n)
		d.fixed = d.mem
		return v.decimals(d.fixed, n)
	}
	raw, err := v.takeFixed(n, r.leaf.physicalWidth())
	if err != nil {
		return err
	}
	d.mem = sized(d.mem, n*r.leaf.width)
	d.fixed = d.mem
	return r.leaf.convert(d.fixed, raw)
}

// readStrings makes the dictionary an Arrow array.
func (d *dictReader) readStrings(v *valueReader, l *leafColumn) error {
	offs := viewOf[int32](d.offsets.extend(4 * (d.n + 1)))
	offs[0] = 0
	if v.form == formFixed {
		raw, err := v.takeFixed(d.n, l.size)
		if err != nil {
			return err
		}
		for i := range d.n {
			offs[i+1] = int32((i + 1) * l.size)
		}
		copy(d.data.extend(len(raw)), raw)
		return nil
	}
	d.data.reserve(len(v.raw))
	at := int32(0)
	for i := range d.n {
		s, err := v.nextPlain()
		if err != nil {
			return err
		}
		copy(d.data.extend(len(s)), s)
		at += int32(len(s))
		offs[i+1] = at
	}
	return nil
}

// strings gives the offsets and the bytes of a dictionary of strings.
func (d *dictReader) strings() ([]int32, []byte) {
	return viewOf[int32](d.offsets.bytes()), d.data.bytes()
}

// array is the dictionary as Arrow data, which shares its memory. It belongs to the reader.
func (d *dictReader) array(t arrow.DataType) *array.Data {
	if d.arr == nil && d.fixed != nil {
		d.arr = array.NewData(t, d.n, []*memory.Buffer{nil, memory.NewBufferBytes(d.fixed)}, nil, 0, 0)
		d.mem = nil // it is the array's from here on, which may outlive the chunk
	}
	if d.arr == nil {
		if d.data.mem == nil {
			d.data.reserve(0)
		}
		d.arr = array.NewData(t, d.n, []*memory.Buffer{nil, d.offsets.mem, d.data.mem}, nil, 0, 0)
	}
	return d.arr
}

func (d *dictReader) release() {
	if d.arr != nil {
		d.arr.Release()
		d.arr = nil
	}
	d.offsets.release()
	d.data.release()
	d.loaded, d.n, d.fixed = false, 0, nil
}
