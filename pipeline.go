package medallion

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/uuid"

	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
	storagelocal "github.com/medallion-go/medallion/storage/local"
	"github.com/medallion-go/medallion/udf"
)

// Lake is where a pipeline's tables lie: a store and a prefix in it. The table silver.orders lies at <prefix>/silver/orders.
type Lake = engine.Lake

// LocalLake is a lake in a folder of this machine, which is made when the first table is.
func LocalLake(dir string) (Lake, error) {
	store, err := storagelocal.New(dir)
	if err != nil {
		return Lake{}, fmt.Errorf("medallion: lake %s: %w", dir, err)
	}
	return Lake{Store: store}, nil
}

// LakeIn is a lake under a prefix of any store.
func LakeIn(store storage.Store, prefix string) Lake { return Lake{Store: store, Prefix: prefix} }

// Pipeline runs declared tables. It holds no state of its own: what was done is in the tables. The zero value of every field but Lake is usable.
type Pipeline struct {
	Name    string // in the event log; default: pipeline
	Lake    Lake
	Engines []engine.Engine // tried in order for each table; default: local.New(local.Config{})
	// Strict fails a table that its first engine does not support, instead of trying the next engine.
	Strict bool
	// NoEventLog keeps the run out of the lake's event log.
	NoEventLog bool
	Now        func() time.Time // default: time.Now
	NewID      func() string    // default: random UUIDs
	Logger     *slog.Logger     // default: discards
	// Functions may be called by name in the SQL text of everything that this pipeline runs, beside the built-in ones. They are Go code: a table whose query
	// calls one runs on an engine in this process.
	Functions []udf.Function
}

// Validate checks the tables and everything that they read, and returns all faults joined, each with the file and line of the declaration. It does I/O
// only where a schema has to be inferred.
func (p *Pipeline) Validate(ctx context.Context, tables ...AnyTable) error {
	_, err := p.resolve(ctx, tables)
	return err
}

// Run brings the tables, and every table that they read, up to date with what there is, and returns. The report comes also beside an error: a table that
// failed leaves out the tables that read it, the others go on. Nothing that was committed is lost.
func (p *Pipeline) Run(ctx context.Context, tables ...AnyTable) (*Report, error) {
	resolved, err := p.resolve(ctx, tables)
	if err != nil {
		return nil, err
	}
	return p.refresh(ctx, upstreamFirst(resolved))
}

// Refresh is Run for these tables alone: what they read is taken as it is.
func (p *Pipeline) Refresh(ctx context.Context, tables ...AnyTable) (*Report, error) {
	resolved, err := p.resolve(ctx, tables)
	if err != nil {
		return nil, err
	}
	ordered := slices.DeleteFunc(upstreamFirst(resolved), func(t *plan.Table) bool { return !slices.Contains(resolved, t) })
	return p.refresh(ctx, ordered)
}

// Query runs a relation on the first engine and yields its rows as Arrow batches, each borrowed until the loop body returns. The stream is single-use; an
// error comes last and alone.
func (p *Pipeline) Query(ctx context.Context, rel dataset.Relation) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	n, err := p.relation(ctx, rel)
	if err != nil {
		return nil, nil, err
	}
	session, err := p.engines()[0].Open(ctx, p.run())
	if err != nil {
		return nil, nil, err
	}
	s, rows, err := session.Query(ctx, n)
	if err != nil {
		return nil, nil, errors.Join(err, session.Close())
	}
	return s, func(yield func(arrow.RecordBatch, error) bool) {
		more := true
		for rec, err := range rows {
			if more = yield(rec, err); !more {
				break
			}
		}
		if err := session.Close(); err != nil && more {
			yield(nil, err)
		}
	}, nil
}

// Collect runs a typed relation and returns its rows.
func Collect[R any](ctx context.Context, p *Pipeline, rows dataset.Rows[R]) ([]R, error) {
	s, batches, err := p.Query(ctx, rows)
	if err != nil {
		return nil, err
	}
	codec, err := schema.NewCodec[R](s)
	if err != nil {
		return nil, err
	}
	var out []R
	for rec, err := range batches {
		if err != nil {
			return nil, err
		}
		if out, err = codec.Decode(rec, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// resolver resolves declarations with the pipeline's functions.
func (p *Pipeline) resolver(ctx context.Context) (*dataset.Resolver, error) {
	list := make([]*expr.UserFunction, len(p.Functions))
	for i, f := range p.Functions {
		list[i] = f.Definition()
	}
	functions, err := expr.NewUserFunctions(list...)
	if err != nil {
		return nil, fmt.Errorf("medallion: Pipeline.Functions: %w", err)
	}
	return dataset.NewResolver(ctx, functions), nil
}

// relation resolves a relation on its own.
func (p *Pipeline) relation(ctx context.Context, rel dataset.Relation) (plan.Node, error) {
	r, err := p.resolver(ctx)
	if err != nil {
		return nil, err
	}
	return r.Node(rel)
}

// resolve gives the tables as plans, each once, and all faults joined.
func (p *Pipeline) resolve(ctx context.Context, tables []AnyTable) ([]*plan.Table, error) {
	if p.Lake.Store == nil {
		return nil, errors.New("medallion: Pipeline.Lake has no store: set it with medallion.LocalLake or medallion.LakeIn")
	}
	if len(tables) == 0 {
		return nil, errors.New("medallion: no table was named: there is nothing to run")
	}
	r, err := p.resolver(ctx)
	if err != nil {
		return nil, err
	}
	var faults []error
	var resolved []*plan.Table
	for _, t := range tables {
		pt, err := t.Declaration().resolve(r)
		if err != nil {
			faults = append(faults, err)
		} else if !slices.Contains(resolved, pt) {
			resolved = append(resolved, pt)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("medallion: %w", err)
	}
	return resolved, oneWriterEach(upstreamFirst(resolved))
}

// oneWriterEach refuses two declarations of one table, and two tables that quarantine to one.
func oneWriterEach(tables []*plan.Table) error {
	var faults []error
	owner := map[string]*plan.Table{}
	claim := func(name string, t *plan.Table) {
		if o, ok := owner[name]; ok && o != t {
			faults = append(faults, fmt.Errorf("medallion: %s is written by %s (%s) and by %s (%s)", name, o.Ident, o.Declared, t.Ident, t.Declared))
			return
		}
		owner[name] = t
	}
	for _, t := range tables {
		claim(t.Ident, t)
	}
	for _, t := range tables {
		for _, name := range t.Quarantines() {
			if o, ok := owner[name]; ok && o.Ident == name {
				faults = append(faults, fmt.Errorf("medallion: %s (%s) quarantines to %s, which is a table of its own (%s)", t.Ident, t.Declared, name, o.Declared))
				continue
			}
			claim(name, t)
		}
	}
	return errors.Join(faults...)
}

// upstreamFirst is the tables and all that they read, inputs before readers, otherwise in the order given; those that something else writes are left out.
func upstreamFirst(tables []*plan.Table) []*plan.Table {
	var ordered, seen []*plan.Table
	var visit func(*plan.Table)
	visit = func(t *plan.Table) {
		if slices.Contains(seen, t) {
			return
		}
		seen = append(seen, t)
		for _, in := range t.Upstream() {
			visit(in)
		}
		if len(t.Flows) > 0 {
			ordered = append(ordered, t)
		}
	}
	for _, t := range tables {
		visit(t)
	}
	return ordered
}

func (p *Pipeline) engines() []engine.Engine {
	if len(p.Engines) > 0 {
		return p.Engines
	}
	return []engine.Engine{local.New(local.Config{})}
}

// run gives the run's identity with every default filled in.
func (p *Pipeline) run() engine.Run {
	r := engine.Run{Lake: p.Lake, Now: p.Now, NewID: p.NewID, Logger: p.Logger}
	if r.Now == nil {
		r.Now = time.Now
	}
	if r.NewID == nil {
		r.NewID = uuid.NewString
	}
	if r.Logger == nil {
		r.Logger = slog.New(slog.DiscardHandler)
	}
	r.ID = r.NewID()
	return r
}

func (p *Pipeline) name() string {
	if p.Name == "" {
		return "pipeline"
	}
	return p.Name
}
