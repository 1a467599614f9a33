package local

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/internal/cputime"
	"github.com/medallion-go/medallion/plan"
)

var _ engine.Profiler = (*session)(nil)

// Forecast is the plan as Query would run it.
func (s *session) Forecast(ctx context.Context, n plan.Node) (*engine.Profile, error) {
	in, err := s.Present(ctx, n)
	if err != nil {
		return nil, err
	}
	known := &inputs{Inputs: in, session: s}
	return &engine.Profile{Root: known.forecast(known.optimized(n), map[*plan.View]bool{})}, nil
}

// forecast has a shared part, or a recursive view, below the first scan of it.
func (in *inputs) forecast(n plan.Node, shown map[*plan.View]bool) engine.Operator {
	o := engine.Operator{Text: plan.Line(n), Estimated: in.estimated(n)}
	for _, child := range n.Children() {
		o.Inputs = append(o.Inputs, in.forecast(child, shown))
	}
	if scan, ok := n.(plan.Scan); ok {
		if v, ok := scan.Relation.(*plan.View); ok && v.Own() && !shown[v] {
			shown[v] = true
			o.Inputs = append(o.Inputs, in.forecast(v.Query, shown))
		}
	}
	return o
}

// Profile runs the plan over the newest versions of its tables. A view that the session has computed before is not computed again.
func (s *session) Profile(ctx context.Context, n plan.Node) (*engine.Profile, error) {
	began, cpu := time.Now(), cputime.Process()
	in, err := s.Present(ctx, n)
	if err != nil {
		return nil, err
	}
	whole := part(s.env)
	top := &measured{whole: whole, env: whole}
	sc := &scope{session: s, inputs: &inputs{Inputs: in, session: s}, op: top}
	n = sc.inputs.optimized(n)
	pipelines, err := sc.lower(ctx, n)
	if err == nil {
		err = exec.Run(ctx, top.env, exec.SinkFunc(func(context.Context, *exec.Batch) error { return nil }), pipelines...)
	}
	if err := errors.Join(err, sc.close()); err != nil {
		return nil, err
	}
	return &engine.Profile{
		Root: top.inputs[0].operator(sc.inputs), Ran: true, Wall: time.Since(began), CPU: cputime.Process() - cpu,
		PeakMemory: top.env.Budget.Peak(), Spilled: top.env.Budget.Spilled(),
	}, nil
}

// measured is a node while it runs: what its operators have done so far. A nil *measured measures nothing.
type measured struct {
	node   plan.Node
	whole  *exec.Env // the query's
	env    *exec.Env // with a budget of its own
	count  exec.Measure
	scan   *delta.Scan      // of a Delta table; nil: none
	read   *flow.ReadCounts // of a source; nil: none
	inputs []*measured
	next   int // the one of inputs that is lowered next
}

// part is the environment with a part of its budget.
func part(whole *exec.Env) *exec.Env {
	env := *whole
	env.Budget = env.Budget.Part()
	return &env
}

// input adds a node below this one, or goes on with the one that was there before a rewind.
func (m *measured) input(n plan.Node) *measured {
	if m.next == len(m.inputs) {
		m.inputs = append(m.inputs, &measured{node: n, whole: m.whole, env: part(m.whole)})
	}
	m.next++
	return m.inputs[m.next-1]
}

// rewind has the inputs from the at-th on measure the same nodes once more: another round of a recursion.
func (m *measured) rewind(at int) {
	if m == nil {
		return
	}
	m.next = min(at, len(m.inputs))
	for _, in := range m.inputs[m.next:] {
		in.rewind(0)
	}
}

func (m *measured) source(src exec.Source) exec.Source {
	if m == nil {
		return src
	}
	return m.count.Source(src, true)
}

// before measures a source whose rows a step of the same node goes through.
func (m *measured) before(src exec.Source) exec.Source {
	if m == nil {
		return src
	}
	return m.count.Source(src, false)
}

func (m *measured) step(step exec.Step) exec.Step {
	if m == nil {
		return step
	}
	return m.count.Step(step)
}

func (m *measured) sink(sink exec.Sink) exec.Sink {
	if m == nil {
		return sink
	}
	return m.count.Sink(sink)
}

func (m *measured) scans(s *delta.Scan) {
	if m != nil {
		m.scan = s
	}
}

// reads are the counts of a source; otherwise where nothing is measured.
func (m *measured) reads(otherwise *flow.ReadCounts) *flow.ReadCounts {
	if m == nil {
		return otherwise
	}
	m.read = &flow.ReadCounts{}
	return m.read
}

// operator is what the node and those below it did. A UNION ALL has no operators of its own: it gives what its inputs give.
func (m *measured) operator(known *inputs) engine.Operator {
	o := engine.Operator{
		Text: plan.Line(m.node), Estimated: known.estimated(m.node), Rows: m.count.Rows(), Batches: m.count.Batches(), Time: m.count.Time(),
		PeakMemory: m.env.Budget.Peak(), Spilled: m.env.Budget.Spilled(), Read: m.reading(),
	}
	_, union := m.node.(plan.Union)
	for _, in := range m.inOrder() {
		below := in.operator(known)
		o.Inputs = append(o.Inputs, below)
		if union {
			o.Rows, o.Batches = o.Rows+below.Rows, o.Batches+below.Batches
		}
	}
	return o
}

// inOrder are the inputs as the plan has them, which is not the order in which they were lowered, then what is read besides: a view's query. Of a join the
// side that is built was lowered first, and the other may have been filtered since.
func (m *measured) inOrder() []*measured {
	if j, ok := m.node.(plan.Join); ok && len(m.inputs) == 2 && !j.BuildLeft {
		return []*measured{m.inputs[1], m.inputs[0]}
	}
	children := m.node.Children()
	place := func(in *measured) int {
		at := slices.IndexFunc(children, func(c plan.Node) bool { return plan.Line(c) == plan.Line(in.node) })
		if at < 0 {
			return len(children)
		}
		return at
	}
	return slices.SortedStableFunc(slices.Values(m.inputs), func(a, b *measured) int { return place(a) - place(b) })
}

func (m *measured) reading() *engine.Reading {
	switch {
	case m.scan != nil:
		s := m.scan.Stats()
		return &engine.Reading{
			Bytes: s.Bytes, Files: int64(len(m.scan.Files)), RowGroups: s.RowGroups, Pages: s.Pages,
			SkippedFiles: int64(m.scan.SkippedFiles), SkippedBytes: m.scan.SkippedBytes + s.SkippedBytes, SkippedRowGroups: s.SkippedRowGroups, SkippedPages: s.SkippedPages,
		}
	case m.read != nil:
		r := m.read
		return &engine.Reading{
			Bytes: r.Bytes.Load(), Files: r.Files.Load(), RowGroups: r.RowGroups.Load(), Pages: r.Pages.Load(),
			SkippedBytes: r.SkippedBytes.Load(), SkippedRowGroups: r.SkippedRowGroups.Load(), SkippedPages: r.SkippedPages.Load(),
		}
	}
	return nil
}
