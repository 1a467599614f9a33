package databricks

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/databricks/databricks-sql-go/rows"

	"github.com/medallion-go/medallion/engine/warehouse"
)

// result is a statement's rows on their way: IPC streams from the driver, one after the other, each of some batches.
type result struct {
	session   *session
	course    *course
	ctx       context.Context
	statement warehouse.Statement
	started   time.Time

	driverRows driver.Rows
	streams    rows.ArrowIPCStreamIterator
	first      *ipc.Reader // opened for its schema; nil when there is no stream
	schema     *arrow.Schema
	convert    *converter

	opened int   // streams
	count  int64 // rows yielded
	taken  atomic.Bool
	stop   func() bool // ends the watch over ctx
}

// query runs a statement up to its first batch. The result owns the session.
func (s *session) query(ctx context.Context, statement warehouse.Statement, args arguments) (*result, error) {
	r := &result{session: s, course: s.wire.begin(ctx), ctx: ctx, statement: statement, started: time.Now()}
	if err := r.open(args); err != nil {
		err = s.ended(ctx, statement, r.course, err)
		r.close()
		s.spoilt = s.spoilt || r.driverRows == nil && r.course.ledger.open() // the driver leaves failed statements so
		return nil, err
	}
	r.stop = context.AfterFunc(ctx, func() {
		if r.taken.CompareAndSwap(false, true) { // nobody ever read it
			r.finish(ctx.Err())
		}
	})
	return r, nil
}

func (r *result) open(args arguments) (err error) {
	r.driverRows, err = r.session.conn.(driver.QueryerContext).QueryContext(r.course.ctx, r.statement.SQL, args)
	if foreign := r.course.ledger.arrow(); foreign != nil {
		return foreign
	}
	if err != nil {
		return err
	}
	if r.streams, err = r.driverRows.(rows.Rows).GetArrowIPCStreams(r.course.ctx); err != nil {
		return err
	}
	sent, err := r.sent()
	if err != nil {
		return err
	}
	if r.schema = r.statement.Rows; r.schema == nil {
		if r.schema, err = describe(sent, r.driverRows); err != nil {
			return err
		}
	}
	r.convert, err = newConverter(r.session.w.cfg.Allocator, sent, r.schema)
	return err
}

// sent opens the first stream, and gives the schema that the server sends.
func (r *result) sent() (*arrow.Schema, error) {
	first, err := r.next()
	if err != nil {
		return nil, err
	}
	if first != nil {
		r.first = first
		return first.Schema(), nil
	}
	if err := r.course.ledger.whole(0); err != nil {
		return nil, err
	}
	return r.emptySchema()
}

// emptySchema is the schema of a result without streams. A statement that gives no result at all has none.
func (r *result) emptySchema() (*arrow.Schema, error) {
	text := r.course.ledger.sent()
	if len(text) == 0 {
		if r.statement.Rows != nil {
			return r.statement.Rows, nil
		}
		return arrow.NewSchema(nil, nil), nil
	}
	reader, err := ipc.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	defer reader.Release()
	return reader.Schema(), nil
}

// next opens the next stream; nil where the driver has no more.
func (r *result) next() (*ipc.Reader, error) {
	stream, err := r.streams.Next()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r.opened++
	reader, err := ipc.NewReader(stream, ipc.WithAllocator(r.session.w.cfg.Allocator))
	if err != nil {
		return nil, r.broken(err)
	}
	return reader, nil
}

// broken is the failure of a stream that cannot be decoded.
func (r *result) broken(err error) error {
	return &fault{call: "result", message: "stream " + err.Error(), lost: true, cause: err}
}

// batches yields the result, once.
func (r *result) batches(yield func(arrow.RecordBatch, error) bool) {
	if !r.taken.CompareAndSwap(false, true) {
		err := r.ctx.Err()
		if err == nil {
			err = errors.New("the result was read before")
		}
		yield(nil, r.session.w.failure(r.ctx, r.statement, nil, err))
		return
	}
	r.stop()
	returned := false
	defer func() {
		if !returned { // the loop's body panicked, or left its goroutine
			_ = r.finish(nil)
		}
	}()
	more, err := r.read(yield)
	returned = true
	if err = r.finish(err); err != nil && more {
		yield(nil, err)
	}
}

// finish closes everything and gives the session back.
func (r *result) finish(err error) error {
	err = r.session.ended(r.ctx, r.statement, r.course, err)
	r.close()
	w := r.session.w
	w.sessions.give(r.session)
	w.cfg.Logger.LogAttrs(r.ctx, slog.LevelDebug, "databricks: result read", r.course.id(), slog.Int64("rows", r.count),
		slog.Duration("took", time.Since(r.started)), slog.Bool("failed", err != nil))
	return err
}

// close ends the statement on the server, if it is not over, and its downloads.
func (r *result) close() {
	if r.first != nil {
		r.first.Release()
	}
	if r.streams != nil {
		r.streams.Close()
	}
	if r.driverRows != nil && r.driverRows.Close() != nil {
		r.session.spoilt = true
	}
	r.session.wire.end(r.course)
}

// read yields batch after batch. more is false when the loop was left.
func (r *result) read(yield func(arrow.RecordBatch, error) bool) (more bool, err error) {
	reader := r.first
	r.first = nil
	for reader != nil {
		if more, err = r.stream(reader, yield); err != nil || !more {
			return more, err
		}
		if reader, err = r.next(); err != nil {
			return true, err
		}
	}
	return true, r.course.ledger.whole(r.opened)
}

// stream yields one stream's batches, up to the rows that were declared: files may hold more. Fewer mean that it breaks off.
func (r *result) stream(reader *ipc.Reader, yield func(arrow.RecordBatch, error) bool) (more bool, err error) {
	defer reader.Release()
	if err := r.convert.expect(reader.Schema()); err != nil {
		return true, err
	}
	want, known := r.course.ledger.stream(r.opened - 1)
	bounded := known && want.file && want.rows > 0
	rest := want.rows
	for (!bounded || rest > 0) && reader.Next() {
		if err := r.ctx.Err(); err != nil {
			return true, err
		}
		if more, err = r.batch(reader.RecordBatch(), bounded, rest, yield); err != nil || !more {
			return more, err
		}
		rest -= reader.RecordBatch().NumRows()
	}
	if err := reader.Err(); err != nil {
		return true, r.broken(err)
	}
	if known && rest > 0 {
		return true, r.broken(errors.New("breaks off: rows are missing at its end"))
	}
	return true, nil
}

func (r *result) batch(rec arrow.RecordBatch, bounded bool, rest int64, yield func(arrow.RecordBatch, error) bool) (more bool, err error) {
	if bounded && rec.NumRows() > rest {
		rec = rec.NewSlice(0, rest)
		defer rec.Release()
	}
	out, err := r.convert.batch(rec)
	if err != nil {
		return true, err
	}
	defer out.Release()
	r.count += out.NumRows()
	return yield(out, nil), nil
}
