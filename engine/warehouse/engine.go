package warehouse

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/storage"
)

// Config says what the lake is on the warehouse. Every zero field but Catalog has a default.
type Config struct {
	// Catalog holds the lake's tables: silver.orders is <Catalog>.silver.orders there. Schemas and tables that are missing are made.
	Catalog string
	// Lake is the URL under which the warehouse reaches the pipeline's lake: s3://bucket/prefix. Default: what the lake's store says of itself.
	Lake string
	// StagingSchema is the schema of Catalog in which a batch's rows are staged; their files lie in the lake, under _medallion/staging. Default: _medallion.
	StagingSchema string
	// Name is the engine's name in reports. Default: warehouse.
	Name string
	// Alloc is where Arrow buffers come from. Default: memory.DefaultAllocator.
	Alloc memory.Allocator
}

// Engine runs plans on a SQL warehouse. It is safe for concurrent use.
type Engine struct {
	server Server
	config Config
}

var _ engine.Engine = (*Engine)(nil)

// New makes an engine on a server, which belongs to the caller. Nothing is sent to it until a table is refreshed or a query is run.
func New(server Server, c Config) *Engine {
	if c.StagingSchema == "" {
		c.StagingSchema = "_medallion"
	}
	if c.Name == "" {
		c.Name = "warehouse"
	}
	if c.Alloc == nil {
		c.Alloc = memory.DefaultAllocator
	}
	return &Engine{server: server, config: c}
}

// Name is Config.Name.
func (e *Engine) Name() string { return e.config.Name }

// Limit is 0: a warehouse takes any table.
func (e *Engine) Limit() int64 { return 0 }

// Open starts a session. It fails when the configuration does not say where the lake is.
func (e *Engine) Open(_ context.Context, run engine.Run) (engine.Session, error) {
	c := e.config
	if c.Catalog == "" {
		return nil, errors.New("warehouse: Config.Catalog is empty: name the catalog that holds the lake's tables")
	}
	if c.Lake == "" {
		store, ok := run.Lake.Store.(storage.Locator)
		if !ok {
			return nil, errors.New("warehouse: Config.Lake is empty, and the lake's store has no URL of its own: name the lake as the warehouse reaches it, such as s3://bucket/prefix")
		}
		c.Lake = store.URL(run.Lake.Prefix)
	}
	c.Lake = strings.TrimRight(c.Lake, "/")
	s := &session{Session: flow.NewSession(run, c.Name, c.Alloc), server: e.server, config: c, known: map[string]bool{}}
	s.Recompute = true
	return s, nil
}

// session is one run of the engine.
type session struct {
	*flow.Session
	server Server
	config Config
	known  map[string]bool // tables that are known to be the lake's, by identifier
	swept  bool            // what dead runs have left was looked for
	staged int             // tables staged so far
	dry    bool            // statements are written down, not run: see Explain
}

var _ engine.Session = (*session)(nil)

// Close has nothing to close: the connection is the server's, and what a batch stages it drops itself.
func (s *session) Close() error { return nil }

// Supports refuses what SQL cannot say: Go code, wherever in the table's queries and checks it stands.
func (s *session) Supports(_ context.Context, t *plan.Table) error {
	if err := s.Session.Supports(t); err != nil {
		return err
	}
	for _, f := range t.Flows {
		if err := errors.Join(s.translatable(t, f.Query), s.refuse(t, f.UserFunctions())); err != nil {
			return err
		}
	}
	for _, c := range t.Checks {
		if err := errors.Join(s.translatable(t, c.Query), s.refuse(t, plan.UserFunctions(c.Query))); err != nil {
			return err
		}
	}
	return nil
}

// refuse is the error for functions in Go.
func (s *session) refuse(t *plan.Table, functions []string) (err error) {
	for _, name := range functions {
		err = errors.Join(err, &engine.UnsupportedError{Engine: s.Engine, Table: t.Ident, What: fmt.Sprintf("the Go function %s runs in this process only", name)})
	}
	return err
}

// translatable refuses a query with Go code in it or in a view that it reads, and relations of unknown kinds.
func (s *session) translatable(t *plan.Table, query plan.Node) (err error) {
	plan.Walk(query, func(n plan.Node) bool {
		switch n := n.(type) {
		case plan.Map:
			err = errors.Join(err, &engine.UnsupportedError{Engine: s.Engine, Table: t.Ident, What: fmt.Sprintf("the Go function %s runs in this process only", n.Name)})
		case plan.Scan:
			switch r := n.Relation.(type) {
			case *plan.View:
				err = errors.Join(err, s.translatable(t, r.Query), s.refuse(t, plan.UserFunctions(r.Query)))
			case *plan.Table, *plan.SourceRelation, *plan.Recursion:
			default:
				err = errors.Join(err, &engine.UnsupportedError{Engine: s.Engine, Table: t.Ident, What: fmt.Sprintf("reading a %T", r)})
			}
		default:
		}
		return true
	})
	return err
}

// Refresh runs every batch that the table's flows have to do.
func (s *session) Refresh(ctx context.Context, t *plan.Table) (engine.Result, error) {
	return s.Session.Refresh(ctx, t, s.execute)
}
