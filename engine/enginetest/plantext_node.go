package enginetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

func (r *nodeReader) aggregate() (plan.Node, error) {
	var aggs []expr.BoundAggregate
	var names []string
	for !r.Is("GROUP", "BY") && r.Peek().Kind != expr.TokenEOF {
		item, err := r.ParseItem()
		if err != nil {
			return nil, err
		}
		arg, name := unalias(item)
		call, ok := arg.(expr.Call)
		if !ok {
			return nil, fmt.Errorf("%s is no aggregate", arg)
		}
		a, err := expr.BindAggregate(call, r.scope())
		if err != nil {
			return nil, err
		}
		aggs, names = append(aggs, a), append(names, name)
		r.Accept(",")
	}
	if !r.Accept("GROUP", "BY") {
		return plan.NewAggregate(r.inputs[0], nil, nil, aggs, names)
	}
	groups, groupNames, err := r.named()
	if err != nil {
		return nil, err
	}
	return plan.NewAggregate(r.inputs[0], groups, groupNames, aggs, names)
}

func (r *nodeReader) window() (plan.Node, error) {
	var funcs []expr.BoundWindow
	var names []string
	for {
		item, err := r.ParseItem()
		if err != nil {
			return nil, err
		}
		arg, name := unalias(item)
		over, ok := arg.(expr.Over)
		if !ok {
			return nil, fmt.Errorf("%s is no window function", arg)
		}
		f, err := expr.BindWindow(over, r.scope())
		if err != nil {
			return nil, err
		}
		funcs, names = append(funcs, f), append(names, name)
		if !r.Accept(",") {
			return plan.NewWindow(r.inputs[0], funcs, names)
		}
	}
}

func (r *nodeReader) latest() (plan.Node, error) {
	if err := r.Expect("BY"); err != nil {
		return nil, err
	}
	nodes, err := r.ParseExprs()
	if err != nil {
		return nil, err
	}
	keys := make([]expr.Bound, len(nodes))
	for i, n := range nodes {
		if keys[i], err = expr.Bind(n, r.scope()); err != nil {
			return nil, err
		}
	}
	if err := r.Expect("ORDER", "BY"); err != nil {
		return nil, err
	}
	by, err := r.sorts()
	if err != nil {
		return nil, err
	}
	return plan.NewLatest(r.inputs[0], keys, by)
}

func (r *nodeReader) sorts() ([]expr.BoundSort, error) {
	sorts, err := r.ParseSorts()
	if err != nil {
		return nil, err
	}
	return expr.BindSorts(sorts, r.scope())
}

func (r *nodeReader) order() (_ plan.Node, err error) {
	var keys []expr.BoundSort
	if r.Accept("BY") {
		if keys, err = r.sorts(); err != nil {
			return nil, err
		}
	}
	limit, offset := int64(-1), int64(0)
	if r.Accept("LIMIT") {
		limit, err = r.count()
	}
	if err == nil && r.Accept("OFFSET") {
		offset, err = r.count()
	}
	if err != nil {
		return nil, err
	}
	return plan.NewOrder(r.inputs[0], keys, limit, offset)
}

func (r *nodeReader) count() (n int64, err error) {
	_, err = fmt.Sscan(r.Next().Text, &n)
	return n, err
}

// joinKinds are the kinds by their words.
var joinKinds = []plan.JoinKind{plan.Inner, plan.LeftOuter, plan.RightOuter, plan.FullOuter, plan.LeftSemi, plan.LeftAnti, plan.Cross}

func (r *nodeReader) join() (plan.Node, error) {
	i := slices.IndexFunc(joinKinds, func(k plan.JoinKind) bool { return r.Accept(strings.Fields(k.String())...) })
	if i < 0 {
		return nil, fmt.Errorf("no join is called %q", r.Peek().Text)
	}
	buildLeft := r.Accept("BUILD", "LEFT")
	var left, right []expr.Bound
	for more := r.Accept("ON"); more; more = r.Accept(",") {
		l, k, err := r.keys()
		if err != nil {
			return nil, err
		}
		left, right = append(left, l), append(right, k)
	}
	var residual expr.Bound
	if r.Accept("IF") {
		var err error
		if residual, err = r.predicate(r.scope()); err != nil {
			return nil, err
		}
	}
	j, err := plan.NewJoin(joinKinds[i], r.inputs[0], r.inputs[1], left, right, residual)
	j.BuildLeft = buildLeft
	return j, err
}

// keys reads left = right, each over its own input.
func (r *nodeReader) keys() (left, right expr.Bound, err error) {
	n, err := r.ParseExpr()
	if err != nil {
		return nil, nil, err
	}
	equal, ok := n.(expr.Call)
	if !ok || equal.Func != "=" {
		return nil, nil, fmt.Errorf("%s is no equality", n)
	}
	if left, err = expr.Bind(equal.Args[0], expr.NewScope(r.inputs[0].Schema())); err != nil {
		return nil, nil, err
	}
	right, err = expr.Bind(equal.Args[1], expr.NewScope(r.inputs[1].Schema()))
	return left, right, err
}

func (r *nodeReader) check() (plan.Node, error) {
	var rules []plan.Rule
	for {
		rule, err := r.rule()
		if err != nil {
			return nil, err
		}
		if rules = append(rules, rule); !r.Accept(",") {
			break
		}
	}
	if !r.Accept("QUARANTINE", "AS") {
		return plan.NewCheck(r.inputs[0], rules, nil, nil)
	}
	exprs, names, err := r.named()
	if err != nil {
		return nil, err
	}
	return plan.NewCheck(r.inputs[0], rules, exprs, names)
}

// rule reads name action (predicate).
func (r *nodeReader) rule() (rule plan.Rule, err error) {
	if rule.Name, err = r.Name("a rule's name"); err != nil {
		return rule, err
	}
	actions := []plan.Action{plan.Warn, plan.Drop, plan.Quarantine, plan.Fail}
	i := slices.IndexFunc(actions, func(a plan.Action) bool { return r.Accept(a.String()) })
	if i < 0 {
		return rule, fmt.Errorf("no action is called %q", r.Peek().Text)
	}
	if err := r.Expect("("); err != nil {
		return rule, err
	}
	from := r.Mark()
	if rule.Predicate, err = r.predicate(r.scope()); err != nil {
		return rule, err
	}
	rule.Action, rule.SQL = actions[i], r.Text(from, r.Mark())
	return rule, r.Expect(")")
}
