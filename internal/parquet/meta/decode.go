package meta

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// wire is the type of a field or a list element in the compact protocol.
type wire byte

const (
	wireStop   wire = 0
	wireTrue   wire = 1
	wireFalse  wire = 2
	wireI8     wire = 3
	wireI16    wire = 4
	wireI32    wire = 5
	wireI64    wire = 6
	wireDouble wire = 7
	wireBinary wire = 8
	wireList   wire = 9
	wireSet    wire = 10
	wireMap    wire = 11
	wireStruct wire = 12
)

// maxDepth bounds the nesting of what is read or skipped, so that no input can use up the stack.
const maxDepth = 32

// ErrShort says that the input ends before the structure does.
var ErrShort = errors.New("metadata ends in the middle of a value")

var errDepth = errors.New("metadata is nested too deeply")

// decoder reads the compact protocol from memory. Its first error sticks: from then on all reads give zeros and lists are empty.
type decoder struct {
	b     []byte // what is left
	err   error
	depth int
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err, d.b = err, nil
	}
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.fail(ErrShort)
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail(ErrShort)
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) varint() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// fields calls visit for each field of a struct. visit must consume the value; skip does for fields of no interest.
func (d *decoder) fields(visit func(id int16, t wire)) {
	if d.depth++; d.depth > maxDepth {
		d.fail(errDepth)
	}
	id := int16(0)
	for d.err == nil {
		h := d.byte()
		if wire(h&15) == wireStop {
			break
		}
		if delta := h >> 4; delta != 0 {
			id += int16(delta)
		} else {
			id = int16(d.varint())
		}
		visit(id, wire(h&15))
	}
	d.depth--
}

// want reports whether a value of type t may be read as one of type w.
func (d *decoder) want(t, w wire) bool {
	if t != w {
		d.fail(fmt.Errorf("metadata holds type %d where type %d belongs", t, w))
		return false
	}
	return d.err == nil
}

func (d *decoder) i32(t wire) int32 {
	if !d.want(t, wireI32) {
		return 0
	}
	v := d.varint()
	if v != int64(int32(v)) {
		d.fail(fmt.Errorf("metadata holds the number %d where 32 bits belong", v))
		return 0
	}
	return int32(v)
}

func (d *decoder) i64(t wire) int64 {
	if !d.want(t, wireI64) {
		return 0
	}
	return d.varint()
}

func (d *decoder) i8(t wire) int8 {
	if !d.want(t, wireI8) {
		return 0
	}
	return int8(d.byte())
}

// bool reads the value of a field, which the compact protocol keeps in the field's type.
func (d *decoder) bool(t wire) bool {
	if t != wireTrue {
		d.want(t, wireFalse)
	}
	return t == wireTrue
}

// bytes gives a part of the input, not a copy.
func (d *decoder) bytes(t wire) []byte {
	if !d.want(t, wireBinary) {
		return nil
	}
	n := d.uvarint()
	if n > uint64(len(d.b)) {
		d.fail(ErrShort)
		return nil
	}
	v := d.b[:n:n]
	d.b = d.b[n:]
	return v
}

// list reads the header of a list and gives its length and the type of its elements. smallest is the least number of bytes that an element takes: it keeps
// the length in proportion to the input.
func (d *decoder) list(t wire, smallest int) (int, wire) {
	if t != wireSet && !d.want(t, wireList) {
		return 0, 0
	}
	h := d.byte()
	n := uint64(h >> 4)
	if n == 15 {
		n = d.uvarint()
	}
	if n > uint64(len(d.b)/smallest) {
		d.fail(ErrShort)
		return 0, 0
	}
	return int(n), wire(h & 15)
}

// listBool reads an element of a list of booleans: a byte that is 1 for true; 0 and 2 are both in use for false.
func (d *decoder) listBool() bool { return d.byte() == byte(wireTrue) }

// skip passes over the value of a field.
func (d *decoder) skip(t wire) {
	switch t {
	case wireTrue, wireFalse:
	case wireI8:
		d.byte()
	case wireI16, wireI32, wireI64:
		d.uvarint()
	case wireDouble:
		d.drop(8)
	case wireBinary:
		d.bytes(t)
	case wireList, wireSet:
		n, e := d.list(t, 1)
		d.skipAll(n, e)
	case wireMap:
		d.skipMap()
	case wireStruct:
		d.fields(func(_ int16, t wire) { d.skip(t) })
	default:
		d.fail(fmt.Errorf("metadata holds the unknown type %d", t))
	}
}

func (d *decoder) skipAll(n int, e wire) {
	if d.depth++; d.depth > maxDepth {
		d.fail(errDepth)
	}
	for ; n > 0 && d.err == nil; n-- {
		d.skipElement(e)
	}
	d.depth--
}

func (d *decoder) skipMap() {
	n := d.uvarint()
	if n == 0 {
		return
	}
	if n > uint64(len(d.b)) {
		d.fail(ErrShort)
		return
	}
	h := d.byte()
	for ; n > 0 && d.err == nil; n-- {
		d.skipElement(wire(h >> 4))
		d.skipElement(wire(h & 15))
	}
}

// skipElement passes over an element of a list or map, where booleans, unlike in fields, take a byte.
func (d *decoder) skipElement(e wire) {
	if e == wireTrue || e == wireFalse {
		e = wireI8
	}
	d.skip(e)
}

func (d *decoder) drop(n int) {
	if n > len(d.b) {
		d.fail(ErrShort)
		return
	}
	d.b = d.b[n:]
}
