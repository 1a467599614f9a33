package enginetest

import (
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// parsePlan reads a plan as plan.Print writes it: a node a line, its inputs below it, indented. A Scan reads one of tables. Columns go by their names, so
// that a join's sides must have different ones. Values and Map are not read: nor are they printed in full.
func parsePlan(text string, tables map[string]plan.Node) (plan.Node, error) {
	r := planReader{lines: strings.Split(strings.TrimRight(text, "\n"), "\n"), tables: tables}
	n, err := r.node(0)
	if err == nil && len(r.lines) > 0 {
		err = fmt.Errorf("a line too many: %q", r.lines[0])
	}
	return n, err
}

type planReader struct {
	lines  []string // still to be read
	tables map[string]plan.Node
}

// node reads the node at a depth, and its inputs.
func (r *planReader) node(depth int) (plan.Node, error) {
	if len(r.lines) == 0 {
		return nil, fmt.Errorf("the plan ends where a node of depth %d is wanted", depth)
	}
	line := r.lines[0]
	text, ok := strings.CutPrefix(line, strings.Repeat("  ", depth))
	if !ok || strings.HasPrefix(text, " ") {
		return nil, fmt.Errorf("%q is not at depth %d", line, depth)
	}
	r.lines = r.lines[1:]
	var inputs []plan.Node
	for len(r.lines) > 0 && strings.HasPrefix(r.lines[0], strings.Repeat("  ", depth+1)) {
		in, err := r.node(depth + 1)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, in)
	}
	p, err := expr.NewParser(text)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", text, err)
	}
	line, _, _ = strings.Cut(text, " ")
	n, err := (&nodeReader{Parser: p, tables: r.tables, inputs: inputs}).read(p.Next().Text)
	if err == nil {
		err = p.ExpectEnd()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", line, err)
	}
	return n, nil
}

// nodeReader reads one line.
type nodeReader struct {
	*expr.Parser
	tables map[string]plan.Node
	inputs []plan.Node
}

// inputsOf is how many inputs a node has; Union has any number.
var inputsOf = map[string]int{"Scan": 0, "Join": 2, "Project": 1, "Filter": 1, "Aggregate": 1, "Generate": 1, "Window": 1, "Latest": 1, "Order": 1, "Check": 1}

func (r *nodeReader) read(kind string) (plan.Node, error) {
	if want, ok := inputsOf[kind]; ok && len(r.inputs) != want {
		return nil, fmt.Errorf("%d inputs, want %d", len(r.inputs), want)
	}
	switch kind {
	case "Scan":
		return r.scan()
	case "Join":
		return r.join()
	case "Union":
		return plan.NewUnion(r.inputs...)
	case "Project":
		exprs, names, err := r.named()
		if err != nil {
			return nil, err
		}
		return plan.NewProject(r.inputs[0], exprs, names)
	case "Filter":
		cond, err := r.predicate(r.scope())
		if err != nil {
			return nil, err
		}
		return plan.NewFilter(r.inputs[0], cond)
	case "Aggregate":
		return r.aggregate()
	case "Generate":
		return r.generate()
	case "Window":
		return r.window()
	case "Latest":
		return r.latest()
	case "Order":
		return r.order()
	case "Check":
		return r.check()
	}
	return nil, fmt.Errorf("no node is called %q", kind)
}

// scope is the input's columns; a join's are those of both.
func (r *nodeReader) scope() expr.Scope {
	s := expr.NewScope(r.inputs[0].Schema())
	if len(r.inputs) == 2 {
		s = s.Join(expr.NewScope(r.inputs[1].Schema()), r.inputs[0].Schema().NumFields())
	}
	return s
}

func (r *nodeReader) predicate(s expr.Scope) (expr.Bound, error) {
	n, err := r.ParseExpr()
	if err != nil {
		return nil, err
	}
	return expr.BindPredicate(n, s)
}

func (r *nodeReader) scan() (plan.Node, error) {
	name, err := r.Name("a table")
	if err != nil {
		return nil, err
	}
	n, ok := r.tables[name]
	if !ok {
		return nil, fmt.Errorf("there is no table %s", name)
	}
	if !r.Accept("WHERE") {
		return n, nil
	}
	cond, err := r.predicate(expr.NewScope(n.Schema()))
	if err != nil {
		return nil, err
	}
	return where(n, cond)
}

// where filters a table: in the scan itself, if it is one.
func where(n plan.Node, cond expr.Bound) (plan.Node, error) {
	if s, ok := n.(plan.Scan); ok {
		return s.Where(cond)
	}
	return plan.NewFilter(n, cond)
}

// named reads a select list; what is no column has a name.
func (r *nodeReader) named() (exprs []expr.Bound, names []string, err error) {
	for {
		item, err := r.ParseItem()
		if err != nil {
			return nil, nil, err
		}
		arg, name := unalias(item)
		b, err := expr.Bind(arg, r.scope())
		if err != nil {
			return nil, nil, err
		}
		exprs, names = append(exprs, b), append(names, name)
		if !r.Accept(",") {
			return exprs, names, nil
		}
	}
}

func unalias(item expr.Node) (arg expr.Node, name string) {
	switch n := item.(type) {
	case expr.Alias:
		return n.Arg, n.Name
	case expr.Column:
		return n, n.Path[len(n.Path)-1]
	default:
		return n, n.String()
	}
}
