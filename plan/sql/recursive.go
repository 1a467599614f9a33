package sql

import (
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// recursive reads RECURSIVE, unless it is the name of a query.
func (p *parser) recursive() bool {
	next := p.PeekAt(1)
	return p.Is("RECURSIVE") && next.Name() && !next.Is("AS") && p.Accept("RECURSIVE")
}

// levels reads MAX RECURSION LEVEL n.
func (p *parser) levels(recursive bool) (int64, error) {
	start := p.Peek()
	if !p.Accept("MAX", "RECURSION", "LEVEL") {
		return plan.DefaultLevels, nil
	}
	if !recursive {
		return 0, p.Error(start, "MAX RECURSION LEVEL stands in WITH RECURSIVE", "a query that is not recursive has no levels")
	}
	t := p.Next()
	n, err := strconv.ParseInt(t.Text, 10, 32)
	if err != nil {
		return 0, p.Error(t, "expected a whole number", "the greatest number of levels of a recursion")
	}
	return n, nil
}

// selfReference is what a recursive query reads of itself: the rows of the round before.
type selfReference struct {
	in    *resolver // of the recursive query itself, not of a sub-query in an expression of it
	count int
	last  expr.Pos
}

// use notes a reference, at pos, and refuses those in sub-queries. Of what is no reference to itself s is nil.
func (s *selfReference) use(by *resolver, pos expr.Pos) error {
	if s == nil {
		return nil
	}
	s.count, s.last = s.count+1, pos
	if s.in != by {
		return s.misplaced()
	}
	return nil
}

func (s *selfReference) misplaced() error {
	return fault("INVALID_RECURSIVE_REFERENCE.PLACE", "42836", s.last, "a recursive query cannot read itself in aggregates, window functions, sorts and "+
		"sub-queries, nor on the side of an outer, semi or anti join that only adds to the other")
}

// selfReferences is how often the recursive queries in force have read themselves so far.
func (w *withScope) selfReferences() int {
	n := 0
	for ; w != nil; w = w.outer {
		if w.self != nil {
			n += w.self.count
		}
	}
	return n
}

// refuseSince fails where there are more of them than before.
func (w *withScope) refuseSince(before int, refused bool) error {
	if !refused || w.selfReferences() == before {
		return nil
	}
	for w.self == nil || w.self.count == 0 {
		w = w.outer
	}
	return w.self.misplaced()
}

// reads tells whether a query reads a table of that name.
func reads(b body, name string) bool {
	var t tableLister
	t.body(b, nil)
	return slices.ContainsFunc(t.found, func(f Table) bool { return strings.EqualFold(f.String(), name) })
}

// recursiveQuery resolves a query that reads itself.
func (r *resolver) recursiveQuery(c cte, with *withScope) (scope, error) {
	both, inner, err := recursion(c)
	if err != nil {
		return scope{}, err
	}
	own := &resolver{tables: r.tables, count: r.count}
	if r.outer != nil {
		own.outer = secluded{r.outer}
	}
	if with, err = own.with(inner, with); err != nil {
		return scope{}, err
	}
	first, err := own.body(both.left, with)
	if err != nil {
		return scope{}, err
	}
	if first, err = renamed(first, "", c.columns, c.Pos); err != nil {
		return scope{}, err
	}
	v, err := own.rounds(c, first, both, with)
	if err != nil {
		return scope{}, err
	}
	return named(plan.NewScan(v), "", nil), nil
}

// recursion takes a recursive query apart: the UNION ALL of its first round and of the others, and the WITH before them.
func recursion(c cte) (both setBody, with []cte, err error) {
	q := c.query
	for len(q.with) == 0 && q.plain() {
		inner, ok := q.body.(query)
		if !ok {
			break
		}
		q = inner
	}
	both, ok := q.body.(setBody)
	switch {
	case !ok || both.word != union || !q.plain() || reads(both.left, c.name) || slices.ContainsFunc(q.with, func(w cte) bool { return reads(w.query, c.name) }):
		return both, nil, fault("INVALID_RECURSIVE_CTE", "42836", c.Pos, "%s reads itself, so it has to be the UNION ALL of a query that does not and one that does",
			expr.Quote(c.name))
	case !both.all:
		return both, nil, fault("UNION_NOT_SUPPORTED_IN_RECURSIVE_CTE", "42836", both.Pos, "a recursive query needs UNION ALL, not UNION")
	}
	return both, q.with, nil
}

// plain tells that nothing orders or limits the query.
func (q query) plain() bool { return len(q.order) == 0 && q.limit == nil && q.offset == nil }

// rounds is the view of a recursive query, whose first round is resolved. A column that may be NULL in a later round may be so in all.
func (r *resolver) rounds(c cte, first scope, both setBody, with *withScope) (*plan.View, error) {
	name, fields := r.free(c.name), make([]arrow.Field, len(first.labels))
	for i, l := range first.labels {
		f := first.node.Schema().Field(l.column)
		fields[i] = arrow.Field{Name: l.name, Type: f.Type, Nullable: f.Nullable}
	}
	start, err := plan.NewProject(first.node, plan.ColumnsOf(first.node), fieldNames(fields))
	if err != nil {
		return nil, at(err, c.Pos)
	}
	for {
		self := &plan.Recursion{Pos: c.Pos, Ident: name, Rows: arrow.NewSchema(slices.Clone(fields), nil), Levels: c.levels}
		rows := named(plan.NewScan(self), "", nil)
		step, err := r.body(both.right, &withScope{name: c.name, rows: rows, self: &selfReference{in: r}, outer: with})
		if err != nil {
			return nil, err
		}
		next, err := roundOf(step.node, fields, both.Pos)
		if err != nil {
			return nil, err
		}
		if !widen(fields, next.Schema()) {
			v, err := plan.NewRecursiveView(self, start, next)
			return v, at(err, c.Pos)
		}
	}
}

// roundOf is a later round's query with the types of the first, which have to hold its values.
func roundOf(n plan.Node, fields []arrow.Field, pos expr.Pos) (plan.Node, error) {
	if got := n.Schema().NumFields(); got != len(fields) {
		return nil, fault("NUM_COLUMNS_MISMATCH", "42826", pos, "the recursive query begins with %d columns and goes on with %d", len(fields), got)
	}
	types := make([]arrow.DataType, len(fields))
	for i, f := range fields {
		has := n.Schema().Field(i).Type
		if t, ok := commonType(f.Type, has); !ok || !arrow.TypeEqual(t, f.Type) {
			return nil, fault("CANNOT_MERGE_INCOMPATIBLE_DATA_TYPE", "42825", pos, "column %s of the recursive query begins as %s and goes on as %s: cast either",
				expr.Quote(f.Name), expr.TypeSQL(f.Type), expr.TypeSQL(has))
		}
		types[i] = f.Type
	}
	return converted(n, types, pos)
}

// widen makes nullable what is so in the later rounds, and tells whether there was any.
func widen(fields []arrow.Field, later *arrow.Schema) bool {
	widened := false
	for i, f := range later.Fields() {
		if f.Nullable && !fields[i].Nullable {
			fields[i].Nullable, widened = true, true
		}
	}
	return widened
}

func fieldNames(fields []arrow.Field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}

// free is a name for a recursive view that no relation of the statement has.
func (r *resolver) free(name string) string {
	if r.count.views == nil {
		r.count.views = map[string]bool{}
		for _, n := range r.tables {
			for _, rel := range plan.Relations(n) {
				r.count.views[strings.ToLower(rel.Name())] = true
			}
		}
	}
	free := name
	for i := 2; r.count.views[strings.ToLower(free)]; i++ {
		free = name + "_" + strconv.Itoa(i)
	}
	r.count.views[strings.ToLower(free)] = true
	return free
}

// secluded is what is around a query that cannot read it: one whose rows are computed as a whole.
type secluded struct{ expr.Outer }

// Variable refuses what is found around.
func (s secluded) Variable(c expr.Column) (expr.BoundVar, []string, error) {
	v, path, err := s.Outer.Variable(c)
	if err == nil {
		err = fault("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.ACCESSING_OUTER_QUERY_COLUMN_IS_NOT_ALLOWED", "0A000", c.Pos,
			"a recursive query cannot read %s of the query around it", c)
	}
	return v, path, err
}
