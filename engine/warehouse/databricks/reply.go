package databricks

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// reply is what a server's answer to one call of the protocol says about the course of a statement.
type reply struct {
	operation string // the statement's id on the server
	failed    bool
	gone      bool // the server does not know the session or the statement any more
	message   string
	sqlState  string
	closed    bool   // the answer holds all that there is to the statement
	schema    []byte // of the result, as the head of an IPC stream
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

// rows is how many rows are declared for the page.
func (p *page) rows() (n int64) {
	for _, s := range p.streams {
		n += s.rows
	}
	return n
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

// isGone tells the message by which a server does not know a session or a statement any more, where it does not say so by a code.
func isGone(message string) bool {
	return strings.Contains(message, "Invalid SessionHandle") || strings.Contains(message, "Invalid OperationHandle")
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
			p.gone = p.gone || isGone(m)
			return
		}
	}
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
	case "GetResultSetMetadata":
		return r.metadata(out)
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
	switch code {
	case 3:
		out.fail(state, display, message)
	case 4:
		out.gone = true
		out.fail(state, display, message, "the session or the statement is not known any more")
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
		case id == 2 && kind == thriftStruct:
			return r.metadata(out)
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
	switch state {
	case 3:
		out.fail(sqlState, display, message, "the statement was canceled")
	case 4:
		out.fail(sqlState, display, message, "the statement was closed")
	case 5:
		out.fail(sqlState, display, message, "the statement failed")
	case 8:
		out.fail(sqlState, display, message, "the statement timed out")
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
		case id == 1281 && kind == thriftStruct:
			return r.metadata(out)
		}
		return false
	})
}

// metadata reads a TGetResultSetMetadataResp.
func (r *thriftReader) metadata(out *reply) bool {
	return r.fields(func(id int16, kind byte) bool {
		switch {
		case id == 1 && kind == thriftStruct:
			return r.status(out)
		case id == 1283 && kind == thriftString:
			var text string
			r.text(&text)
			out.schema = []byte(text)
			return true
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
