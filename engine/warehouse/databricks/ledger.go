package databricks

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
)

// ledger keeps what the server declared in the course of a statement. The driver's downloads write to it too.
type ledger struct {
	mu        sync.Mutex
	last      string // the last call that counts
	operation string
	schema    []byte
	streams   []declared
	rows      int64
	ended     bool // the server said that there is no more
	foreign   bool // the server sent rows that are not Arrow
	fault     *fault
}

// fault is why a call, or a download, failed.
type fault struct {
	call     string
	message  string
	sqlState string
	lost     bool // whether the statement ran, or would have gone on, is not known
	gone     bool // the server does not know the session or the statement any more
	cause    error
}

func (f *fault) Error() string { return fmt.Sprintf("databricks: %s: %s", f.call, f.message) }
func (f *fault) Unwrap() error { return f.cause }

// counts tells the calls whose failure is the statement's.
func counts(call string) bool {
	switch call {
	case "OpenSession", "ExecuteStatement", "GetOperationStatus", "GetResultSetMetadata", "FetchResults", download:
		return true
	default:
		return false
	}
}

// failed enters a call that had no answer.
func (l *ledger) failed(call string, err error) {
	var f *fault
	var auth *authError
	switch {
	case errors.As(err, &f):
	case errors.As(err, &auth):
		f = &fault{call: call, message: auth.Error(), cause: auth.err}
	default:
		f = &fault{call: call, message: err.Error(), lost: true, cause: err}
	}
	l.enter(call, f)
}

func (l *ledger) enter(call string, f *fault) {
	if !counts(call) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = call
	if f != nil && l.fault == nil {
		l.fault = f
	}
}

// answered enters a call's answer. The error is for the driver: an answer that it must not go on with.
func (l *ledger) answered(call string, got *answer) error {
	if got.status != http.StatusOK {
		f := got.fault(call)
		l.enter(call, f)
		return f
	}
	said, err := readReply(got.body)
	if err != nil {
		f := &fault{call: call, message: err.Error(), lost: true}
		l.enter(call, f)
		return f
	}
	if !said.failed {
		l.enter(call, nil)
		return l.said(call, said)
	}
	f := &fault{call: call, message: said.message, sqlState: said.sqlState, gone: said.gone, lost: said.gone && call != "ExecuteStatement"}
	l.enter(call, f)
	if call == "OpenSession" { // the driver would keep the answer and a goroutine, with no connection to close them by
		return f
	}
	return l.said(call, said)
}

// said enters what an answer says of the result. A page that is not the next one means that one was lost: the driver would look for it without end.
func (l *ledger) said(call string, r reply) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.operation != "" {
		l.operation = r.operation
	}
	if len(r.schema) > 0 {
		l.schema = r.schema
	}
	l.ended = l.ended || r.closed
	if r.page == nil || r.failed {
		return nil
	}
	l.foreign = l.foreign || r.page.foreign
	if len(r.page.streams) > 0 && r.page.start != l.rows {
		f := &fault{call: call, message: fmt.Sprintf("the result's rows from %d on were to come, and those from %d on came", l.rows, r.page.start), lost: true}
		if l.fault == nil {
			l.fault = f
		}
		return f
	}
	l.ended = l.ended || !r.page.more
	if n := r.page.rows(); n > 0 || call != "FetchResults" { // the driver passes over fetched pages without rows
		l.streams = append(l.streams, r.page.streams...)
		l.rows += n
	}
	return nil
}

// arrow is nil when all rows so far are Arrow. The driver takes some that are not for none at all.
func (l *ledger) arrow() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.foreign {
		return &fault{call: l.last, message: "the server sends rows that are not Arrow: it is no Databricks SQL warehouse, or an outdated one"}
	}
	return nil
}

// stream is what was declared for the i-th stream.
func (l *ledger) stream(i int) (declared, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i >= len(l.streams) {
		return declared{}, false
	}
	return l.streams[i], true
}

// open tells that the server has a statement, and did not say that it is over.
func (l *ledger) open() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.operation != "" && !l.ended
}

// whole is nil when a result of n streams is all that the server declared.
func (l *ledger) whole(n int) error {
	if err := l.arrow(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.fault != nil:
		return l.fault
	case n < len(l.streams):
		return &fault{call: l.last, message: fmt.Sprintf("the result breaks off: %d of %d streams came", n, len(l.streams)), lost: true}
	case !l.ended:
		return &fault{call: l.last, message: "the result breaks off: the server has more rows", lost: true}
	default:
		return nil
	}
}

// sent is the schema of the result, as the head of an IPC stream; empty where a statement gives no result.
func (l *ledger) sent() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.schema
}

// state is the statement's id on the server, the last call that counts, and the first failure.
func (l *ledger) state() (operation, last string, first *fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.operation, l.last, l.fault
}
