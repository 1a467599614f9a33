package local

import (
	"context"
	"errors"
	"fmt"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// scope is what one query is lowered with: where its relations are read from, and where its checks' outcomes go.
type scope struct {
	session *session
	inputs  *inputs
	aside   *quarantine // of the flow's table; nil: no check quarantines, or rows set aside are not wanted
	checks  []*checkStep
	closers []func() error
	outer   *scope    // of the query that reads this one's view; nil: this is the whole query
	op      *measured // of the node that is being lowered; nil: nothing is measured
	read    []bool    // what the projection above the join that is lowered next reads of it; nil: all
}

// columnsRead are the columns that a projection reads of a join right below it.
func columnsRead(n plan.Project) []bool {
	j, ok := n.Input.(plan.Join)
	if !ok {
		return nil
	}
	read := make([]bool, j.Schema().NumFields())
	for _, e := range n.Exprs {
		for _, c := range expr.Columns(e) {
			read[c] = true
		}
	}
	return read
}

// env is what the node's operators run in.
func (c *scope) env() *exec.Env {
	if c.op != nil {
		return c.op.env
	}
	return c.session.env
}

// close frees what the operators hold.
func (c *scope) close() error {
	var faults []error
	for i := len(c.closers) - 1; i >= 0; i-- {
		faults = append(faults, c.closers[i]())
	}
	c.closers = nil
	return errors.Join(faults...)
}

// lower turns a plan into pipelines that are run one after the other into one sink. Operators that need all of their input have run when it returns.
func (c *scope) lower(ctx context.Context, n plan.Node) ([]exec.Pipeline, error) {
	if c.op != nil {
		outer := c.op
		c.op = outer.input(n)
		defer func() { c.op = outer }()
	}
	return c.operators(ctx, n)
}

func (c *scope) operators(ctx context.Context, n plan.Node) ([]exec.Pipeline, error) {
	env := c.env()
	switch n := n.(type) {
	case plan.Scan:
		return c.scan(ctx, n)
	case plan.Values:
		return c.values(n)
	case plan.Project:
		c.read = columnsRead(n)
		return c.step(ctx, n.Input, func() (exec.Step, error) { return exec.NewProject(env, n.Schema(), n.Exprs) })
	case plan.Filter:
		return c.step(ctx, n.Input, func() (exec.Step, error) { return exec.NewFilter(env, n.Schema(), n.Cond) })
	case plan.Check:
		return c.step(ctx, n.Input, func() (exec.Step, error) { return c.check(n) })
	case plan.Map:
		return c.step(ctx, n.Input, func() (exec.Step, error) {
			return exec.NewMap(env, n.Input.Schema(), n.Schema(), exec.MapFunc(n.Func)), nil
		})
	case plan.Generate:
		return c.step(ctx, n.Input, func() (exec.Step, error) { return exec.NewGenerate(env, n.Schema(), n.Keep, n.Gen) })
	case plan.Aggregate:
		return c.block(ctx, n.Input, func() (operator, error) {
			return exec.NewAggregate(env, n.Groups, n.Aggs, n.Schema())
		})
	case plan.Window:
		return c.block(ctx, n.Input, func() (operator, error) { return window(env, n) })
	case plan.Latest:
		return c.block(ctx, n.Input, func() (operator, error) { return exec.NewLatest(env, n.Schema(), n.Keys, n.By) })
	case plan.Order:
		return c.order(ctx, n)
	case plan.Join:
		return c.join(ctx, n)
	case plan.Union:
		var all []exec.Pipeline
		for _, in := range n.Inputs {
			p, err := c.lower(ctx, in)
			if err != nil {
				return nil, err
			}
			all = append(all, p...)
		}
		return all, nil
	}
	return nil, fmt.Errorf("local: unknown plan node %T", n)
}

// step appends a step to the input's pipelines.
func (c *scope) step(ctx context.Context, in plan.Node, build func() (exec.Step, error)) ([]exec.Pipeline, error) {
	pipelines, err := c.lower(ctx, in)
	if err != nil {
		return nil, err
	}
	step, err := build()
	if err != nil {
		return nil, err
	}
	step = c.op.step(step)
	for i, p := range pipelines {
		pipelines[i].Steps = append(p.Steps[:len(p.Steps):len(p.Steps)], step)
	}
	return pipelines, nil
}

// operator takes all of its input before it gives rows.
type operator interface {
	exec.Sink
	exec.Source
}

// block runs the input into an operator, which is then the source of what follows.
func (c *scope) block(ctx context.Context, in plan.Node, build func() (operator, error)) ([]exec.Pipeline, error) {
	pipelines, err := c.lower(ctx, in)
	if err != nil {
		return nil, err
	}
	op, err := build()
	if err != nil {
		return nil, err
	}
	c.closers = append(c.closers, op.Close)
	if err := exec.Run(ctx, c.env(), c.op.sink(op), pipelines...); err != nil {
		return nil, err
	}
	return []exec.Pipeline{{Source: c.op.source(op)}}, nil
}

func window(env *exec.Env, n plan.Window) (*exec.Window, error) {
	w, err := exec.NewWindow(env, n.Input.Schema(), n.Funcs, n.Schema())
	if err != nil || n.Top <= 0 {
		return w, err
	}
	return w, w.KeepTop(n.TopBy, n.Top)
}

func (c *scope) order(ctx context.Context, n plan.Order) ([]exec.Pipeline, error) {
	return c.block(ctx, n.Input, func() (operator, error) { return exec.NewSort(c.env(), n.Schema(), n.Keys, n.Limit, n.Offset) })
}

// join builds one side's table, then probes it with the other.
func (c *scope) join(ctx context.Context, n plan.Join) ([]exec.Pipeline, error) {
	build, read := n.Right, c.read
	if n.BuildLeft {
		build = n.Left
	}
	c.read = nil
	rows, err := c.lower(ctx, build)
	if err != nil {
		return nil, err
	}
	j, err := exec.NewJoin(c.env(), exec.JoinConfig{
		Kind: joinKind(n.Kind), Left: n.Left.Schema(), Right: n.Right.Schema(), LeftKeys: n.LeftKeys, RightKeys: n.RightKeys, Residual: n.Residual,
		Out: n.Schema(), BuildLeft: n.BuildLeft, CollectKeys: loses(n), Read: read,
	})
	if err != nil {
		return nil, err
	}
	c.closers = append(c.closers, j.Close)
	if err := exec.Run(ctx, c.env(), c.op.sink(j), rows...); err != nil {
		return nil, err
	}
	return c.step(ctx, c.probed(n, j), func() (exec.Step, error) { return j.Probe(), nil })
}

func joinKind(k plan.JoinKind) exec.JoinKind {
	return [...]exec.JoinKind{
		plan.Inner: exec.Inner, plan.LeftOuter: exec.LeftOuter, plan.RightOuter: exec.RightOuter, plan.FullOuter: exec.FullOuter,
		plan.LeftSemi: exec.LeftSemi, plan.LeftAnti: exec.LeftAnti, plan.Cross: exec.Cross,
	}[k]
}

func (c *scope) check(n plan.Check) (exec.Step, error) {
	s, err := newCheckStep(c.env(), n, c.aside)
	if err != nil {
		return nil, err
	}
	c.checks = append(c.checks, s)
	return s, nil
}
