package meta

import "encoding/binary"

// encoder appends the compact protocol to b.
type encoder struct {
	b    []byte
	last int16 // id of the field before, in the struct at hand
}

func (e *encoder) uvarint(v uint64) { e.b = binary.AppendUvarint(e.b, v) }

func (e *encoder) varint(v int64) { e.b = binary.AppendVarint(e.b, v) }

func (e *encoder) field(id int16, t wire) {
	if d := id - e.last; d > 0 && d < 16 {
		e.b = append(e.b, byte(d)<<4|byte(t))
	} else {
		e.b = append(e.b, byte(t))
		e.varint(int64(id))
	}
	e.last = id
}

func (e *encoder) i8(id int16, v int8) {
	e.field(id, wireI8)
	e.b = append(e.b, byte(v))
}

func (e *encoder) i16(id int16, v int16) {
	e.field(id, wireI16)
	e.varint(int64(v))
}

func (e *encoder) i32(id int16, v int32) {
	e.field(id, wireI32)
	e.varint(int64(v))
}

func (e *encoder) i64(id int16, v int64) {
	e.field(id, wireI64)
	e.varint(v)
}

func (e *encoder) bool(id int16, v bool) {
	if v {
		e.field(id, wireTrue)
	} else {
		e.field(id, wireFalse)
	}
}

func (e *encoder) bytes(id int16, v []byte) {
	e.field(id, wireBinary)
	e.listBytes(v)
}

func (e *encoder) string(id int16, v string) {
	e.field(id, wireBinary)
	e.listString(v)
}

// listBytes and listString append an element of a list of binaries.
func (e *encoder) listBytes(v []byte) {
	e.uvarint(uint64(len(v)))
	e.b = append(e.b, v...)
}

func (e *encoder) listString(v string) {
	e.uvarint(uint64(len(v)))
	e.b = append(e.b, v...)
}

// list appends the header of a list of n elements; the elements follow.
func (e *encoder) list(id int16, t wire, n int) {
	e.field(id, wireList)
	if n < 15 {
		e.b = append(e.b, byte(n)<<4|byte(t))
		return
	}
	e.b = append(e.b, 0xF0|byte(t))
	e.uvarint(uint64(n))
}

// structure appends a field that is a struct; body appends its fields.
func (e *encoder) structure(id int16, body func()) {
	e.field(id, wireStruct)
	e.element(body)
}

// element appends a struct that is an element of a list, or the outermost one.
func (e *encoder) element(body func()) {
	last := e.last
	e.last = 0
	body()
	e.b = append(e.b, byte(wireStop))
	e.last = last
}

// empty appends a field that is a struct without fields, as unions use them for their members.
func (e *encoder) empty(id int16) { e.structure(id, func() {}) }
