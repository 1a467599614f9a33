package local

import (
	"context"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/plan"
)

// checkStep evaluates a Check's rules on every batch, counts, and passes on the rows that no Drop or Quarantine rule takes out. Rows that a Quarantine rule
// takes out go to aside; a row that violates both kinds is quarantined, so that nothing is lost.
type checkStep struct {
	env     *exec.Env
	schema  *arrow.Schema
	rules   []compiledRule
	aside   *quarantine // nil: no rule quarantines, or rows set aside are not wanted
	dropped atomic.Int64
	set     atomic.Int64 // rows set aside
}

type compiledRule struct {
	plan.Rule
	expr           *kernel.Expr
	passed, failed *atomic.Int64
}

func newCheckStep(env *exec.Env, c plan.Check, aside *quarantine) (*checkStep, error) {
	s := &checkStep{env: env, schema: c.Schema(), aside: aside}
	for _, r := range c.Rules {
		e, err := kernel.Compile(r.Predicate)
		if err != nil {
			return nil, err
		}
		s.rules = append(s.rules, compiledRule{Rule: r, expr: e, passed: new(atomic.Int64), failed: new(atomic.Int64)})
	}
	return s, nil
}

// Schema is the checked rows'.
func (s *checkStep) Schema() *arrow.Schema { return s.schema }

// Worker gives a worker its own scratch space.
func (s *checkStep) Worker() (exec.StepWorker, error) {
	w := &checkWorker{step: s, violated: make([][]int32, len(s.rules))}
	if s.aside == nil {
		return w, nil
	}
	var err error
	w.aside, err = s.aside.worker()
	return w, err
}

// counts are the rules' outcomes so far.
func (s *checkStep) counts() []engine.RuleCount {
	counts := make([]engine.RuleCount, len(s.rules))
	for i, r := range s.rules {
		counts[i] = engine.RuleCount{Name: r.Name, Action: r.Action, Passed: r.passed.Load(), Failed: r.failed.Load()}
	}
	return counts
}

type checkWorker struct {
	step     *checkStep
	aside    *quarantineWorker
	passed   []int32
	violated [][]int32 // per rule, the positions that violate it, ascending
	fate     []fate    // per position of the batch; valid only while a rule was violated
	keep     []int32
}

// fate is what the rules do to one row.
type fate uint8

const (
	kept fate = iota
	droppedRow
	quarantinedRow
)

func (w *checkWorker) Push(ctx context.Context, b *exec.Batch, yield func(*exec.Batch) error) error {
	out, err := w.evaluate(b)
	if err != nil {
		return err
	}
	if !out {
		return yield(b)
	}
	if err := w.settle(ctx, b); err != nil {
		return err
	}
	if len(w.keep) == 0 {
		return nil
	}
	return yield(&exec.Batch{Columns: b.Columns, Selection: w.keep, N: b.N})
}

// evaluate counts every rule and remembers who violates it; it tells whether any row is taken out.
func (w *checkWorker) evaluate(b *exec.Batch) (out bool, err error) {
	for i, r := range w.step.rules {
		if w.passed, err = r.expr.Select(w.step.env.Kernel, b.Columns, b.N, b.Selection, w.passed[:0]); err != nil {
			return false, err
		}
		r.passed.Add(int64(len(w.passed)))
		w.violated[i] = w.violated[i][:0]
		if len(w.passed) == b.Len() {
			continue
		}
		w.violated[i] = without(b, w.passed, w.violated[i])
		r.failed.Add(int64(len(w.violated[i])))
		out = out || r.Action == plan.Drop || r.Action == plan.Quarantine
	}
	return out, nil
}

// settle decides each row's fate, sets the quarantined ones aside and selects the rest.
func (w *checkWorker) settle(ctx context.Context, b *exec.Batch) error {
	w.fate = zeroed(w.fate, b.N)
	for i, r := range w.step.rules {
		f := kept
		switch r.Action {
		case plan.Drop:
			f = droppedRow
		case plan.Quarantine:
			f = quarantinedRow
		case plan.Warn, plan.Fail:
		}
		for _, row := range w.violated[i] {
			w.fate[row] = max(w.fate[row], f)
		}
	}
	var aside []int32
	var dropped int64
	w.keep = w.keep[:0]
	each(b, func(row int32) {
		switch w.fate[row] {
		case kept:
			w.keep = append(w.keep, row)
		case droppedRow:
			dropped++
		case quarantinedRow:
			aside = append(aside, row)
		}
	})
	w.step.dropped.Add(dropped)
	w.step.set.Add(int64(len(aside)))
	if len(aside) == 0 || w.aside == nil { // in a query nobody wants what is set aside
		return nil
	}
	return w.aside.write(ctx, b, aside, w.violations(b.N, aside))
}

// violations are the names of the rules that each of the rows violates, in the order of declaration.
func (w *checkWorker) violations(n int, rows []int32) [][]string {
	at := make([]int32, n)
	for i := range at {
		at[i] = -1
	}
	for i, row := range rows {
		at[row] = int32(i)
	}
	names := make([][]string, len(rows))
	for i, r := range w.step.rules {
		for _, row := range w.violated[i] {
			if j := at[row]; j >= 0 {
				names[j] = append(names[j], r.Name)
			}
		}
	}
	return names
}

func (w *checkWorker) Close() error {
	if w.aside == nil {
		return nil
	}
	return w.aside.sink.Close(context.Background()) // the files' last bytes: a step's Close is not the place where a run is cancelled
}

// without is the batch's selected rows that are not in passed; both ascend.
func without(b *exec.Batch, passed, dst []int32) []int32 {
	next := 0
	each(b, func(row int32) {
		if next < len(passed) && passed[next] == row {
			next++
			return
		}
		dst = append(dst, row)
	})
	return dst
}

// each calls fn for every selected position.
func each(b *exec.Batch, fn func(int32)) {
	if b.Selection == nil {
		for i := range b.N {
			fn(int32(i))
		}
		return
	}
	for _, i := range b.Selection {
		fn(i)
	}
}

func zeroed(f []fate, n int) []fate {
	if cap(f) < n {
		return make([]fate, n)
	}
	f = f[:n]
	clear(f)
	return f
}
