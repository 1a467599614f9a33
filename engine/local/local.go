// Package local is the engine that runs plans in this process: Arrow batches, as many workers as there are processors, one memory budget per run with spilling
// beyond it, and Delta tables in and out.
//
// engine/flow picks a flow's next batch; from there a refresh goes through these files in this order: job.go does the batch, whose query lower.go turns into
// pipelines over what the batch covers (inputs.go); check.go counts the rules and quarantine.go takes what they set aside; write.go ends the rows in new files, or
// merge.go in a merge; and job.go commits.
package local

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/plan"
)

// Config sets what the engine may use. Every zero field has a default.
type Config struct {
	// Memory bounds Arrow buffers and hash tables, in bytes, for all tables of a run together; beyond it operators spill. Default: the smaller of 1 GiB and a
	// quarter of what the process may have.
	Memory int64
	// Limit is the most input bytes, after pruning, of a table that this engine takes. Default: none.
	Limit int64
	// Workers is how many goroutines compute. Default: GOMAXPROCS.
	Workers int
	// SpillDir is where operators spill to. Default: os.TempDir().
	SpillDir string
	// Alloc is where Arrow buffers come from. Default: a pool that keeps released ones for the next, up to 1/64 of Memory, and until the collector finds the
	// engine idle. What is handed to user's code does not go back there.
	Alloc memory.Allocator
	// TargetFileBytes is the size at which a data file is closed and the next begun. Default: 128 MiB.
	TargetFileBytes int64
}

// Engine runs plans in this process. It is safe for concurrent use.
type Engine struct {
	config Config
	pools  sync.Pool // of *pool.Pool, of sessions that were closed: two collections without a session free them
}

var _ engine.Engine = (*Engine)(nil)

// New makes an engine. It holds nothing until a session is opened.
func New(c Config) *Engine {
	if c.Memory <= 0 {
		c.Memory = defaultMemory()
	}
	return &Engine{config: c}
}

// Name is "local".
func (e *Engine) Name() string { return "local" }

// Limit is Config.Limit.
func (e *Engine) Limit() int64 { return max(e.config.Limit, 0) }

// Open starts a session with a budget of its own.
func (e *Engine) Open(_ context.Context, run engine.Run) (engine.Session, error) {
	s := &session{engine: e, views: map[*plan.View]*viewRows{}, rounds: map[*plan.Recursion]*rounds{}}
	alloc, budget := e.config.Alloc, e.config.Memory
	if alloc == nil {
		s.pool = e.takePool()
		alloc, budget = s.pool, budget-budget/poolShare
	}
	s.Session = flow.NewSession(run, e.Name(), alloc)
	s.env = &exec.Env{
		Alloc: alloc, Budget: exec.NewBudget(budget), Workers: e.config.Workers, Spill: exec.Dir(e.config.SpillDir),
		Kernel: &kernel.Env{Alloc: alloc, KeySets: &kernel.KeySets{}, Now: run.Now().UTC().Truncate(time.Microsecond)},
	}
	return s, nil
}

// poolShare is the part of the memory that the pool may keep.
const poolShare = 64

// takePool gives a pool to one session.
func (e *Engine) takePool() *pool.Pool {
	if p, ok := e.pools.Get().(*pool.Pool); ok {
		return p
	}
	return pool.New(e.config.Memory / poolShare)
}

// session is one run of the engine.
type session struct {
	*flow.Session
	engine *Engine
	env    *exec.Env
	pool   *pool.Pool                  // that env allocates from; nil: Config.Alloc
	views  map[*plan.View]*viewRows    // computed so far
	rounds map[*plan.Recursion]*rounds // that are being computed
	sets   int                         // of keys, made so far
}

var _ engine.Session = (*session)(nil)

// Close frees the views that were computed, and their spill files. Rows of a query that are still held stay valid.
func (s *session) Close() error {
	var faults []error
	for v := range s.views {
		faults = append(faults, s.forget(v))
	}
	if s.pool != nil {
		s.engine.pools.Put(s.pool)
		s.pool = nil
	}
	return errors.Join(faults...)
}

// Supports refuses a table whose input is over the limit.
func (s *session) Supports(ctx context.Context, t *plan.Table) error {
	if err := s.Session.Supports(t); err != nil {
		return err
	}
	if s.engine.config.Limit <= 0 {
		return nil
	}
	bytes, _, err := s.Estimate(ctx, t)
	if err != nil {
		return err
	}
	if bytes > s.engine.config.Limit {
		return &engine.TooLargeError{Engine: s.engine.Name(), Table: t.Ident, Bytes: bytes, Limit: s.engine.config.Limit}
	}
	return nil
}

// Refresh runs every batch that the table's flows have to do, in the order of the flows.
func (s *session) Refresh(ctx context.Context, t *plan.Table) (engine.Result, error) {
	spilled := s.env.Budget.Spilled()
	res, err := s.Session.Refresh(ctx, t, func(ctx context.Context, j *flow.Job) (engine.Result, error) {
		return (&job{Job: j, session: s}).execute(ctx)
	})
	res.Spilled = s.env.Budget.Spilled() - spilled
	return res, err
}

// Explain prints the plans of the table's flows.
func (s *session) Explain(_ context.Context, t *plan.Table) (string, error) {
	var b strings.Builder
	for _, f := range t.Flows {
		fmt.Fprintf(&b, "%s into %s\n%s", plan.EffectName(f.Effect), f.ID, plan.Print(plan.Optimize(f.Query)))
		if names := f.UserFunctions(); len(names) > 0 {
			fmt.Fprintf(&b, "on no other engine: the Go functions %s run in this process only\n", strings.Join(names, ", "))
		}
	}
	return b.String(), nil
}
