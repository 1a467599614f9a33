package sql

import (
	"slices"
	"strings"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

type (
	// lateralView is LATERAL VIEW [OUTER] generator alias AS columns, behind the relations of a FROM clause.
	lateralView struct {
		expr.Pos
		outer   bool
		call    expr.Call
		alias   string
		columns []string
	}
	// tableFunction is a generator as a relation. A lateral one may read the columns of the relations before it.
	tableFunction struct {
		expr.Pos
		lateral bool
		call    expr.Call
		alias   string
		columns []string
	}
)

func (tableFunction) isRelation() {}

// generated is s with a generator's columns behind its own, under an alias. Columns, where given, are their names.
func (s scope) generated(g expr.BoundGenerator, alias string, columns []string, pos expr.Pos) (scope, error) {
	names := columnNames(g)
	n, err := plan.NewGenerate(s.node, g, names)
	if err != nil {
		return scope{}, at(err, pos)
	}
	width := s.node.Schema().NumFields()
	rows := s.over(n)
	rows.labels, rows.visible = slices.Clip(s.labels), slices.Clip(s.visible)
	if columns != nil {
		names = columns
	}
	for i, name := range names {
		rows.visible = append(rows.visible, len(rows.labels))
		rows.labels = append(rows.labels, label{qualifier: alias, name: name, column: width + i})
	}
	return rows, nil
}

func columnNames(g expr.BoundGenerator) []string {
	names := make([]string, len(g.Columns))
	for i, f := range g.Columns {
		names[i] = f.Name
	}
	return names
}

// generator resolves a call of a generator.
func (s scope) generator(c expr.Call) (expr.BoundGenerator, error) {
	if err := refuseNestedGenerator(c); err != nil {
		return expr.BoundGenerator{}, err
	}
	c, _ = s.canonical(c).(expr.Call)
	g, err := expr.BindGenerator(c, s.words())
	g.Args = s.plainAll(g.Args)
	return g, err
}

// refuseNestedGenerator fails where a generator stands inside of n, which may be one itself.
func refuseNestedGenerator(n expr.Node) error {
	var found expr.Node
	if _, ok := n.(expr.Over); ok {
		found = generatorIn(n) // also the call itself is inside of the window function
	}
	_, _ = mapChildren(n, func(child expr.Node) (expr.Node, error) {
		if found == nil {
			found = generatorIn(child)
		}
		return child, nil
	})
	if found == nil {
		return nil
	}
	if c, _ := asGenerator(found); expr.IsTableFunction(c.Func) {
		return notInFrom(found)
	}
	err := fault("UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS", "42K0E", found.Position(), "the generator %s stands inside of an expression", found)
	err.Hint = "generate the rows in a sub-query, or in a LATERAL VIEW"
	return err
}

// notInFrom is the error for a table function that is no relation.
func notInFrom(n expr.Node) error {
	return fault("NOT_A_SCALAR_FUNCTION", "42887", n.Position(), "%s gives a table: it may stand in FROM only", n)
}

// generatorIn is the first call of a generator in n.
func generatorIn(n expr.Node) (found expr.Node) {
	expr.WalkNode(n, func(part expr.Node) bool {
		if c, ok := asGenerator(part); ok && found == nil {
			found = c
		}
		return found == nil
	})
	return found
}

// asGenerator is n where it is a call of a generator.
func asGenerator(n expr.Node) (expr.Call, bool) {
	c, ok := n.(expr.Call)
	return c, ok && expr.IsGenerator(c.Func)
}

// lateralViews resolves the LATERAL VIEWs of a SELECT, each of which may read the columns of those before it.
func (s scope) lateralViews(views []lateralView) (scope, error) {
	for _, v := range views {
		if expr.IsTableFunction(v.call.Func) {
			return scope{}, fault("ROUTINE_NOT_FOUND", "42883", v.call.Pos, "LATERAL VIEW does not take %s, which may stand in FROM only", v.call.Func)
		}
		g, err := s.generator(v.call)
		if err != nil {
			return scope{}, err
		}
		g.Outer = g.Outer || v.outer
		if v.columns != nil && len(v.columns) != len(g.Columns) {
			return scope{}, fault("UDTF_ALIAS_NUMBER_MISMATCH", "42802", v.Pos, "%s gives %d columns, and there are %d names for them",
				v.call, len(g.Columns), len(v.columns))
		}
		if s, err = s.generated(g, v.alias, v.columns, v.Pos); err != nil {
			return scope{}, err
		}
	}
	return s, nil
}

// tableFunction resolves a generator in FROM over the columns of s: those of the relations before it, or none.
func (s scope) tableFunction(f tableFunction) (scope, error) {
	if !expr.IsGenerator(f.call.Func) {
		if expr.IsFunction(f.call.Func) {
			return scope{}, fault("NOT_A_TABLE_FUNCTION", "42887", f.Pos, "%s gives one value, not rows", f.call.Func)
		}
		err := fault("UNRESOLVABLE_TABLE_VALUED_FUNCTION", "42883", f.Pos, "%s is no function that gives rows", f.call.Func)
		if near := nearest(f.call.Func, tableFunctions()); near != "" {
			err.Hint = "did you mean " + near + "?"
		}
		return scope{}, err
	}
	g, err := s.generator(f.call)
	if err != nil {
		return scope{}, err
	}
	if f.columns != nil && len(f.columns) != len(g.Columns) {
		return scope{}, fault("NUM_TABLE_VALUE_ALIASES_MISMATCH", "42826", f.Pos, "%s gives %d columns, and there are %d names for them",
			f.call, len(g.Columns), len(f.columns))
	}
	return s.generated(g, f.alias, f.columns, f.Pos)
}

func tableFunctions() []string {
	var names []string
	for _, f := range expr.Functions() {
		if f.Kind == expr.GeneratorFunction {
			names = append(names, f.Name)
		}
	}
	return names
}

// lateralJoin joins left to a table function that reads its columns.
func lateralJoin(left scope, j join, f tableFunction) (scope, error) {
	always := j.on == nil
	if l, ok := j.on.(expr.Literal); ok {
		always = l.Value == true
	}
	switch {
	case j.kind == plan.Inner || j.kind == plan.Cross:
		rows, err := left.tableFunction(f)
		if err != nil || j.on == nil {
			return rows, err
		}
		return rows.filtered(j.on)
	case j.kind == plan.LeftOuter && always:
		f.call.Func = strings.TrimSuffix(strings.ToLower(f.call.Func), "_outer")
		if expr.IsGenerator(f.call.Func + "_outer") {
			f.call.Func += "_outer"
		}
		return left.tableFunction(f)
	}
	return scope{}, fault("UNSUPPORTED_FEATURE.LATERAL_JOIN_USING", "0A000", j.Pos, "a %s join with LATERAL %s is supported without a condition, or ON TRUE, only as "+
		"an inner, cross or left join", j.kind, f.call)
}
