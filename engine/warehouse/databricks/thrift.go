package databricks

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The wire types of Thrift's binary protocol that have a fixed width or a meaning here.
const (
	thriftStop   = 0
	thriftBool   = 2
	thriftString = 11
	thriftStruct = 12
	thriftMap    = 13
	thriftSet    = 14
	thriftList   = 15
)

// thriftWidth is the size of each type of fixed width.
var thriftWidth = map[byte]int{2: 1, 3: 1, 4: 8, 6: 2, 8: 4, 10: 8}

// maxThriftDepth bounds the nesting that is followed.
const maxThriftDepth = 32

// thriftReader reads Thrift's binary protocol. After a fault every read gives zero values.
type thriftReader struct {
	rest  []byte
	depth int
	err   error
}

// methodOf is the name of the call that a request makes.
func methodOf(request []byte) string {
	r := &thriftReader{rest: request}
	method, _ := r.header()
	return method
}

// header reads a message's envelope, in the strict form.
func (r *thriftReader) header() (method string, exception bool) {
	version := binary.BigEndian.Uint32(r.take(4))
	if r.err == nil && version>>16 != 0x8001 {
		r.fail("not a message of the binary protocol")
	}
	r.text(&method)
	r.take(4) // the sequence number
	return method, version&0xff == 3
}

// fields reads a struct: visit reads a field's value and returns true, or leaves it to be skipped. It returns true.
func (r *thriftReader) fields(visit func(id int16, kind byte) bool) bool {
	if r.depth++; r.depth > maxThriftDepth {
		r.fail("nested too deeply")
	}
	for r.err == nil {
		kind := r.take(1)[0]
		if r.err != nil || kind == thriftStop {
			break
		}
		if id := int16(binary.BigEndian.Uint16(r.take(2))); !visit(id, kind) {
			r.skip(kind)
		}
	}
	r.depth--
	return true
}

func (r *thriftReader) skip(kind byte) {
	switch kind {
	case thriftString:
		r.take(int(binary.BigEndian.Uint32(r.take(4))))
	case thriftStruct:
		r.fields(func(int16, byte) bool { return false })
	case thriftList, thriftSet:
		r.skipAll(r.list())
	case thriftMap:
		head := r.take(2)
		key, value := head[0], head[1]
		for n := int(binary.BigEndian.Uint32(r.take(4))); n > 0 && r.err == nil; n-- {
			r.skip(key)
			r.skip(value)
		}
	default:
		width, known := thriftWidth[kind]
		if !known {
			r.fail(fmt.Sprintf("type %d", kind))
			return
		}
		r.take(width)
	}
}

func (r *thriftReader) skipAll(element byte, n int) {
	if r.depth++; r.depth > maxThriftDepth {
		r.fail("nested too deeply")
	}
	for ; n > 0 && r.err == nil; n-- {
		r.skip(element)
	}
	r.depth--
}

// list reads the head of a list.
func (r *thriftReader) list() (element byte, n int) {
	head := r.take(5)
	return head[0], int(binary.BigEndian.Uint32(head[1:]))
}

// number reads a value of an integer type or a bool, whose bytes are a big-endian number. It returns true.
func (r *thriftReader) number(kind byte, to *int64) bool {
	width, known := thriftWidth[kind]
	if !known {
		r.fail(fmt.Sprintf("type %d for a number", kind))
		return true
	}
	var n int64
	for _, b := range r.take(width) {
		n = n<<8 | int64(b)
	}
	*to = n
	return true
}

// text reads a string. It returns true.
func (r *thriftReader) text(to *string) bool {
	*to = string(r.take(int(binary.BigEndian.Uint32(r.take(4)))))
	return true
}

// take is the next n bytes; after a fault, or beyond the end, zeros for the few bytes that a head has.
func (r *thriftReader) take(n int) []byte {
	if r.err == nil && (n < 0 || n > len(r.rest)) {
		r.err = errors.New("databricks: the server's reply breaks off")
	}
	if r.err != nil {
		return make([]byte, 8)
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

func (r *thriftReader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("databricks: the server's reply cannot be read: %s", what)
	}
}
