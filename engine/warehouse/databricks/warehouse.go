package databricks

import (
	"context"
	"iter"
	"net/http"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/engine/warehouse"
)

// Warehouse is a connection to a Databricks SQL warehouse: sessions that are opened as statements need them. It is safe for concurrent use.
type Warehouse struct {
	cfg      Config // without zero fields
	base     http.RoundTripper
	owned    *http.Transport // base, where it is not the caller's
	auth     Authenticator
	sessions *pool
}

var _ warehouse.Server = (*Warehouse)(nil)

// Open returns a connection, or every fault of the Config joined. It does no I/O: the first statement does. Close it.
func Open(cfg Config) (*Warehouse, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	w := &Warehouse{cfg: cfg, base: cfg.Transport}
	if w.base == nil {
		w.owned = newTransport(cfg.MaxConnections * (1 + cfg.Prefetch))
		w.base = w.owned
	}
	switch {
	case cfg.Token != "":
		w.auth = bearer(cfg.Token)
	case cfg.ClientID != "":
		w.auth = newService(w)
	default:
		w.auth = cfg.Authenticator
	}
	w.sessions = newPool(w, cfg.MaxConnections)
	return w, prepareDriver()
}

// newTransport is a pool of connections that keeps as many as are used at once.
func newTransport(connections int) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = connections
	t.MaxIdleConns = connections
	return t
}

// Close closes the sessions, and fails what comes after it. Statements that still run end with their own contexts, and close theirs.
func (w *Warehouse) Close() error {
	err := w.sessions.close()
	if w.owned != nil {
		w.owned.CloseIdleConnections()
	}
	return err
}

// Exec runs a statement whose rows nobody wants. The error is a *warehouse.StatementError, or wraps the context's. When ctx ends, the statement ends on the
// server.
func (w *Warehouse) Exec(ctx context.Context, s warehouse.Statement) error {
	return w.run(ctx, s, func(session *session, args arguments) (done bool, err error) {
		return true, session.exec(ctx, s, args)
	})
}

// Query runs a statement and yields its rows: in Statement.Rows' schema where that is given, else in the one that the server describes. A batch is borrowed
// until the loop body returns; an error comes last and alone; the stream is single-use, and holds its session until it ends or ctx does.
func (w *Warehouse) Query(ctx context.Context, s warehouse.Statement) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	var r *result
	err := w.run(ctx, s, func(session *session, args arguments) (done bool, err error) {
		r, err = session.query(ctx, s, args)
		return err != nil, err
	})
	if err != nil {
		return nil, nil, err
	}
	return r.schema, r.batches, nil
}

// run does something with a session. One that the server has forgotten in the meantime, and so refused the statement for, is replaced. do tells whether it is
// done with the session; otherwise that is given back by whom it was handed to.
func (w *Warehouse) run(ctx context.Context, s warehouse.Statement, do func(*session, arguments) (bool, error)) error {
	args, err := argumentsOf(s.Parameters)
	if err != nil {
		return &warehouse.StatementError{Statement: s.SQL, Cause: err}
	}
	for {
		session, err := w.sessions.take(ctx)
		if err != nil {
			return w.failure(ctx, s, nil, err)
		}
		kept := session.kept
		done, err := do(session, args)
		if done {
			w.sessions.give(session)
		}
		if !kept || !session.forgotten {
			return err
		}
	}
}

// scrub takes the secrets out of a text that came from elsewhere.
func (w *Warehouse) scrub(text string) string {
	for _, secret := range []string{w.cfg.Token, w.cfg.ClientSecret} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return signature.ReplaceAllString(text, "?…")
}
