package databricks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// cleanupTime bounds the calls that end something on the server, which go on when the statement's context has ended.
const cleanupTime = 5 * time.Second

// wire is one session's HTTP transport under the driver. A session runs one statement at a time, so every request on the wire belongs to the statement of the
// moment: its context ends them, also those that the driver detached from it.
type wire struct {
	w   *Warehouse
	mu  sync.Mutex
	now *course // nil between statements
	off bool    // the session is closed
}

// course is the life of a statement, or of a session's opening, on the wire.
type course struct {
	ctx    context.Context
	cancel context.CancelFunc
	ledger ledger
	calls  sync.WaitGroup
}

// id is the statement's id on the server, for the log.
func (c *course) id() slog.Attr {
	operation, _, _ := c.ledger.state()
	return slog.String("query", operation)
}

// begin makes a statement the one that requests belong to.
func (t *wire) begin(ctx context.Context) *course {
	c := &course{}
	c.ctx, c.cancel = context.WithCancel(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now = c
	return c
}

// end ends the requests of a statement, and returns when there is none.
func (t *wire) end(c *course) {
	c.cancel()
	t.mu.Lock()
	t.now = nil
	t.mu.Unlock()
	c.calls.Wait()
}

// shut refuses all requests from now on.
func (t *wire) shut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.off = true
}

// errNoStatement meets requests that the driver makes when their statement is over.
var errNoStatement = errors.New("databricks: the statement is over")

// enter counts a request among those of the statement. Calls that end something are let through between statements too.
func (t *wire) enter(cleanup bool) (*course, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.now
	if c == nil {
		if !cleanup || t.off {
			return nil, errNoStatement
		}
		c = &course{ctx: context.Background()}
	}
	c.calls.Add(1)
	return c, nil
}

// RoundTrip sends a request of the driver.
func (t *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := drain(req)
	if err != nil {
		return nil, err
	}
	switch {
	case isTelemetry(req.URL.Path):
		return response(req, &answer{status: http.StatusOK, body: []byte("{}")}), nil // no flag is set
	case req.Method == http.MethodPost:
		return t.call(req, body)
	default:
		return t.download(req)
	}
}

// isTelemetry tells the driver's reports and feature flags, which it has no option against.
func isTelemetry(path string) bool {
	return strings.HasPrefix(path, "/api/2.0/connector-service/") || strings.HasPrefix(path, "/telemetry")
}

func drain(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(req.Body)
	return body, errors.Join(err, req.Body.Close())
}

// call sends a call of the protocol, and enters the server's answer in the ledger.
func (t *wire) call(req *http.Request, body []byte) (*http.Response, error) {
	method := methodOf(body)
	cleanup := method == "CancelOperation" || method == "CloseOperation" || method == "CloseSession"
	c, err := t.enter(cleanup)
	if err != nil {
		return nil, err
	}
	defer c.calls.Done()
	ctx, cancel := within(req.Context(), c.ctx, cleanup)
	defer cancel()
	got, err := t.w.retry(ctx, method, func() (*answer, error) { return t.w.post(ctx, req, body) })
	if err != nil {
		c.ledger.failed(method, err)
		return nil, err
	}
	if err := c.ledger.answered(method, got); err != nil {
		return nil, err
	}
	return response(req, got), nil
}

// download fetches a file of a result. Its address holds a signature, so that no error may show it.
func (t *wire) download(req *http.Request) (*http.Response, error) {
	c, err := t.enter(false)
	if err != nil {
		return nil, err
	}
	defer c.calls.Done()
	ctx, cancel := within(req.Context(), c.ctx, false)
	defer cancel()
	got, err := t.w.retry(ctx, download, func() (*answer, error) { return t.w.exchange(req.Clone(ctx)) })
	if err == nil && got.status != http.StatusOK {
		err = got.fault(download)
	}
	if err != nil {
		c.ledger.failed(download, err)
		return nil, err
	}
	return response(req, got), nil
}

// within is a context that ends when either does. That of a call that ends something goes on for a while.
func within(request, statement context.Context, cleanup bool) (context.Context, context.CancelFunc) {
	if cleanup {
		return context.WithTimeout(context.WithoutCancel(request), cleanupTime)
	}
	ctx, cancel := context.WithCancel(request)
	stop := context.AfterFunc(statement, cancel)
	return ctx, func() { stop(); cancel() }
}

// post sends one request to the warehouse, with credentials.
func (w *Warehouse) post(ctx context.Context, req *http.Request, body []byte) (*answer, error) {
	out := req.Clone(ctx)
	out.Body = io.NopCloser(bytes.NewReader(body))
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	out.ContentLength = int64(len(body))
	if err := w.auth.Authenticate(out); err != nil {
		return nil, &authError{err}
	}
	return w.exchange(out)
}

// exchange sends a request and reads the whole answer.
func (w *Warehouse) exchange(req *http.Request) (*answer, error) {
	resp, err := w.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := readBody(resp)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, fmt.Errorf("the answer broke off: %w", err)
	}
	return &answer{status: resp.StatusCode, header: resp.Header, body: body}, nil
}

// mostBody is the length up to which a body's space is made beforehand, since the server says it.
const mostBody = 256 << 20

func readBody(resp *http.Response) ([]byte, error) {
	if resp.ContentLength < 0 || resp.ContentLength > mostBody {
		return io.ReadAll(resp.Body)
	}
	body := make([]byte, resp.ContentLength)
	_, err := io.ReadFull(resp.Body, body)
	return body, err
}

// response is an answer as the driver wants it.
func response(req *http.Request, a *answer) *http.Response {
	header := a.header
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		Status: because(a, nil), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: req,
	}
}
