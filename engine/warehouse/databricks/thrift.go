package databricks

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// reply is what a server's answer to one call of the protocol says about the course of a statement.
type reply struct {
	operation string // the statement's id on the server
	failed    bool
	message   string
	sqlState  string
	closed    bool // the answer holds all that there is to the statement
	page      *page
}

// page is a piece of a result.
type page struct {
	start   int64 // the number of its first row in the result
	streams []declared
	more    bool // further pages follow
	foreign bool // it has rows that are not Arrow
}

// declared is how many rows the server says that one IPC stream has.
type declared struct {
	rows int64
	file bool // a file to download, which may hold rows beyond these
}

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

// readReply reads the answer to a call.
func readReply(body []byte) (reply, error) {
	r := &thriftReader{rest: body}
	method, exception := r.header()
	var out reply
	if exception {
		out.failed = true
		r.fields(func(id int16, kind byte) bool {
			return id == 1 && kind == thriftString && r.text(&out.message)
		})
		return out, r.err
	}
	r.fields(func(id int16, kind byte) bool {
		return id == 0 && kind == thriftStruct && r.response(method, &out)
	})
	return out, r.err
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

// response reads a call's response struct. The readers of structs return true: the field is read.
func (r *thriftReader) response(method string, out *reply) bool {
	switch method {
	case "ExecuteStatement":
		return r.fields(func(id int16, kind byte) bool {
			switch {
			case id == 1 && kind == thriftStruct:
				return r.status(out)
			case id == 2 && kind == thriftStruct:
				return r.handle(out)
			case id == 1281 && kind == thriftStruct:
				return r.directResults(out)
			}
			return false
		})
	case "GetOperationStatus":
		return r.operationStatus(out)
	case "FetchResults":
		return r.fetched(out)
	default:
		return r.fields(func(id int16, kind byte) bool { return id == 1 && kind == thriftStruct && r.status(out) })
	}
}

// status reads a TStatus: the codes of failure are ERROR_STATUS and INVALID_HANDLE_STATUS.
func (r *thriftReader) status(out *reply) bool {
	var code int64
	var message, display, state string
	r.fields(func(id int16, kind byte) bool {
		switch {
		case id == 1:
			return r.number(kind, &code)
		case id == 3 && kind == thriftString:
			return r.text(&state)
		case id == 5 && kind == thriftString:
			return r.text(&message)
		case id == 6 && kind == thriftString:
			return r.text(&display)
		}
		return false
	})
	if code == 3 || code == 4 {
		out.fail(state, display, message)
	}
	return true
}

// handle reads a TOperationHandle for its GUID.
func (r *thriftReader) handle(out *reply) bool {
	var guid string
	r.fields(func(id int16, kind byte) bool {
		return id == 1 && kind == thriftStruct && r.fields(func(id int16, kind byte) bool {
			return id == 1 && kind == thriftString && r.text(&guid)
		})
	})
	if len(guid) == 16 {
		out.operation = fmt.Sprintf("%x-%x-%x-%x-%x", guid[0:4], guid[4:6], guid[6:8], guid[8:10], guid[10:16])
	}
	return true
}

func (r *thriftReader) directResults(out *reply) bool {
	return r.fields(func(id int16, kind byte) bool {
		switch {
		case id == 1 && kind == thriftStruct:
			return r.operationStatus(out)
		case id == 3 && kind == thriftStruct:
			return r.fetched(out)
		case id == 4:
			out.closed = true
		}
		return false
	})
}

// operationStatus reads a TGetOperationStatusResp: the states of failure are CANCELED, CLOSED, ERROR and TIMEDOUT.
func (r *thriftReader) operationStatus(out *reply) bool {
	var state int64
	var sqlState, message, display string
	r.fields(func(id int16, kind byte) bool {
		switch {
		case id == 1 && kind == thriftStruct:
			return r.status(out)
		case id == 2:
			return r.number(kind, &state)
		case id == 3 && kind == thriftString:
			return r.text(&sqlState)
		case id == 5 && kind == thriftString:
			return r.text(&message)
		case id == 1281 && kind == thriftString:
			return r.text(&display)
		}
		return false
	})
	if text, bad := map[int64]string{3: "the statement was canceled", 4: "the statement was closed", 5: "the statement failed", 8: "the statement timed out"}[state]; bad {
		out.fail(sqlState, display, message, text)
	}
	return true
}

// fetched reads a TFetchResultsResp.
func (r *thriftReader) fetched(out *reply) bool {
	out.page = &page{}
	return r.fields(func(id int16, kind byte) bool {
		switch {
		case id == 1 && kind == thriftStruct:
			return r.status(out)
		case id == 2 && kind == thriftBool:
			var more int64
			r.number(kind, &more)
			out.page.more = more != 0
			return true
		case id == 3 && kind == thriftStruct:
			return r.rowSet(out.page)
		}
		return false
	})
}

func (r *thriftReader) rowSet(p *page) bool {
	return r.fields(func(id int16, kind byte) bool {
		switch {
		case id == 1:
			return r.number(kind, &p.start)
		case (id == 2 || id == 3) && kind == thriftList:
			p.foreign = p.foreign || len(r.rest) >= 5 && binary.BigEndian.Uint32(r.rest[1:]) > 0
		case id == 1281 && kind == thriftList:
			return r.streams(p, false, 2)
		case id == 1282 && kind == thriftList:
			return r.streams(p, true, 4)
		}
		return false
	})
}

// streams reads a list of structs for the field that holds their row count.
func (r *thriftReader) streams(p *page, file bool, count int16) bool {
	element, n := r.list()
	for i := 0; i < n && r.err == nil; i++ {
		d := declared{file: file}
		if element != thriftStruct {
			r.skip(element)
			continue
		}
		r.fields(func(id int16, kind byte) bool { return id == count && r.number(kind, &d.rows) })
		p.streams = append(p.streams, d)
	}
	return true
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

// fail notes the first failure, by the first message that says anything.
func (p *reply) fail(sqlState string, messages ...string) {
	if p.failed {
		return
	}
	p.failed, p.sqlState = true, sqlState
	for _, m := range messages {
		if m != "" {
			p.message = m
			return
		}
	}
}
