package databricks

import (
	"context"
	"database/sql/driver"
	"errors"
	"log/slog"
	"sync"
	"time"

	dbsql "github.com/databricks/databricks-sql-go"

	"github.com/medallion-go/medallion/engine/warehouse"
)

// session is a session on the server: the driver's connection and its wire. It runs one statement at a time.
type session struct {
	w     *Warehouse
	wire  *wire
	conn  driver.Conn
	since time.Time // of the last statement's end
	kept  bool      // it had statements before
	// spoilt: it is not to be used again, since something may still run in it. forgotten: nor is it there any more.
	spoilt, forgotten bool
}

// openSession opens a session on the server.
func (w *Warehouse) openSession(ctx context.Context) (*session, error) {
	s := &session{w: w, wire: &wire{w: w}}
	scheme := "https://"
	if w.cfg.InsecureHTTP {
		scheme = "http://"
	}
	connector, err := dbsql.NewConnector(
		dbsql.WithServerHostname(scheme+w.cfg.Host),
		dbsql.WithPort(w.cfg.Port),
		dbsql.WithHTTPPath(w.cfg.HTTPPath),
		dbsql.WithInitialNamespace(w.cfg.Catalog, w.cfg.Schema),
		dbsql.WithSessionParams(w.cfg.session()),
		dbsql.WithQueryTags(w.cfg.QueryTags),
		dbsql.WithTimeout(w.cfg.StatementTimeout),
		dbsql.WithMaxRows(w.cfg.PageRows),
		dbsql.WithMaxDownloadThreads(w.cfg.Prefetch),
		dbsql.WithUserAgentEntry(w.cfg.UserAgent),
		dbsql.WithArrowNativeDecimal(true),
		dbsql.WithRetries(-1, w.cfg.RetryWaitMin, w.cfg.RetryWaitMax),
		dbsql.WithTransport(s.wire),
	)
	if err != nil {
		return nil, err
	}
	c := s.wire.begin(ctx)
	defer s.wire.end(c)
	if s.conn, err = connector.Connect(c.ctx); err != nil {
		if _, _, fault := c.ledger.state(); fault != nil {
			return nil, fault
		}
		return nil, err
	}
	return s, nil
}

// exec runs a statement to its end.
func (s *session) exec(ctx context.Context, statement warehouse.Statement, args arguments) error {
	c := s.wire.begin(ctx)
	defer s.wire.end(c)
	started := time.Now()
	_, err := s.conn.(driver.ExecerContext).ExecContext(c.ctx, statement.SQL, args)
	s.w.cfg.Logger.LogAttrs(ctx, slog.LevelDebug, "databricks: statement run", c.id(), slog.Duration("took", time.Since(started)), slog.Bool("failed", err != nil))
	return s.ended(ctx, statement, c, err)
}

// ended is a statement's error, of which the session takes note: after one whose fate is not known, closing the session ends what may still run.
func (s *session) ended(ctx context.Context, statement warehouse.Statement, c *course, err error) error {
	if err == nil {
		return nil
	}
	err = s.w.failure(ctx, statement, c, err)
	var failed *warehouse.StatementError
	if !errors.As(err, &failed) || failed.Lost {
		s.spoilt = true
	}
	if _, last, fault := c.ledger.state(); fault != nil && fault.gone && last == "ExecuteStatement" {
		s.forgotten = true
	}
	return err
}

// close ends the session on the server. The driver keeps each answer, and a goroutine with it, until its next request: a last one, which the wire refuses,
// makes it let go of all.
func (s *session) close() (err error) {
	if !s.forgotten {
		err = s.conn.Close()
	}
	s.wire.shut()
	_ = s.conn.Close()
	return err
}

// pool holds the sessions.
type pool struct {
	w     *Warehouse
	slots chan struct{} // as many as there are sessions at once
	mu    sync.Mutex
	idle  []*session // the last used last
	done  bool
}

func newPool(w *Warehouse, sessions int) *pool {
	return &pool{w: w, slots: make(chan struct{}, sessions)}
}

// errClosed is the failure of statements after Close.
var errClosed = errors.New("databricks: the Warehouse is closed")

// take gives a session for one statement, and waits while all are in use.
func (p *pool) take(ctx context.Context) (*session, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s, stale, err := p.pop()
	for _, old := range stale {
		_ = old.close() // the server ends it by itself before long
	}
	if s == nil && err == nil {
		s, err = p.w.openSession(ctx)
	}
	if err != nil {
		<-p.slots
		return nil, err
	}
	return s, nil
}

// pop is the session that was used last, or none, and those that were not used for long.
func (p *pool) pop() (s *session, stale []*session, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return nil, nil, errClosed
	}
	old := 0
	for old < len(p.idle) && time.Since(p.idle[old].since) > p.w.cfg.KeepIdle {
		old++
	}
	stale, p.idle = p.idle[:old:old], p.idle[old:]
	if n := len(p.idle); n > 0 {
		s, p.idle = p.idle[n-1], p.idle[:n-1]
	}
	return s, stale, nil
}

// give takes a session back whose statement is over.
func (p *pool) give(s *session) {
	defer func() { <-p.slots }()
	s.since, s.kept = time.Now(), true
	p.mu.Lock()
	keep := !p.done && !s.spoilt && !s.forgotten
	if keep {
		p.idle = append(p.idle, s)
	}
	p.mu.Unlock()
	if !keep {
		_ = s.close() // the statement's error says what there is to say
	}
}

func (p *pool) close() error {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.done = nil, true
	p.mu.Unlock()
	var faults []error
	for _, s := range idle {
		faults = append(faults, s.close())
	}
	return errors.Join(faults...)
}
