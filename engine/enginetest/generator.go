package enginetest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// generator makes random plans over the suite's tables, out of every kind of node and every function of the catalogue. What a plan gives is certain: what
// depends on the order of rows stands where their order is total, aggregates are of values whose sums are exact, and functions whose last digit may differ
// are rounded to a FLOAT.
//
// Plans are of two sorts. Half of them compute nothing that may fail, by plan.MayFail, in any node: two engines must give the same rows, whatever order they
// evaluate in. The others are one projection of one row, whose expressions may fail: there is nothing to leave out or to do in another order, so that the
// error's class must be the same too.
type generator struct {
	rng    *rand.Rand
	calls  *signatures
	tables []plan.Scan
	names  int  // columns named so far
	strict bool // constants are not NULL: Spark knows before it evaluates anything that what is computed from NULL is NULL, and so cannot fail
}

// placeholder is a table of the suite, wherever its rows are; onTables puts them in its place.
type placeholder struct {
	name string
	rows *arrow.Schema
}

func (p placeholder) Name() string { return p.name }

func (p placeholder) Schema() *arrow.Schema { return p.rows }

func newGenerator(seed uint64, all []table) *generator {
	g := &generator{rng: rand.New(rand.NewPCG(seed, 0)), calls: learned()}
	for _, t := range all {
		g.tables = append(g.tables, plan.NewScan(placeholder{name: t.name, rows: t.node.Schema()}))
	}
	return g
}

// onTables is n with the tables' rows in the place of the placeholders.
func onTables(n plan.Node, tables map[string]plan.Node) plan.Node {
	return plan.Transform(n, func(n plan.Node) plan.Node {
		s, ok := n.(plan.Scan)
		if !ok {
			return n
		}
		rows := tables[s.Relation.Name()]
		if s.Filter == nil {
			return rows
		}
		filtered, err := where(rows, s.Filter)
		if err != nil {
			return n // an engine refuses to read a placeholder
		}
		return filtered
	})
}

// plan is the next plan.
func (g *generator) plan() plan.Node {
	if g.rng.IntN(2) == 0 {
		return g.fallible()
	}
	return g.relation(1 + g.rng.IntN(5))
}

// name is a new column name.
func (g *generator) name() string {
	g.names++
	return fmt.Sprintf("c%d", g.names)
}

func (g *generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

func pick[T any](g *generator, list []T) T { return list[g.rng.IntN(len(list))] }

// must is for nodes that are valid by how they were made; a fault of the generator is best seen at once.
func must[T plan.Node](n T, err error) plan.Node {
	if err != nil {
		panic(fmt.Sprintf("the generator made an invalid %T: %v", n, err))
	}
	return n
}

// relation is a plan that cannot fail, of about depth nodes on top of each other.
func (g *generator) relation(depth int) plan.Node {
	if depth == 0 {
		return g.leaf()
	}
	if g.chance(30) {
		return g.pair(depth)
	}
	in := g.relation(depth - 1)
	switch g.rng.IntN(9) {
	case 0, 1:
		return g.project(in)
	case 2:
		return must(plan.NewFilter(in, g.predicate(in)))
	case 3:
		return g.aggregate(in)
	case 4:
		return g.window(in)
	case 5:
		return g.latest(in)
	case 6:
		return g.order(in)
	case 7:
		return g.generate(in)
	default:
		return g.check(in)
	}
}

// leaf is a table under new column names, often filtered in the scan.
func (g *generator) leaf() plan.Node {
	s := pick(g, g.tables)
	if g.chance(30) {
		filtered, err := s.Where(g.predicate(s))
		if err == nil {
			s = filtered
		}
	}
	return g.renamed(s)
}

func (g *generator) renamed(n plan.Node) plan.Node {
	columns := plan.ColumnsOf(n)
	names := make([]string, len(columns))
	for i := range names {
		names[i] = g.name()
	}
	return must(plan.NewProject(n, columns, names))
}

// project computes some columns and keeps some.
func (g *generator) project(in plan.Node) plan.Node {
	var exprs []expr.Bound
	for _, c := range plan.ColumnsOf(in) {
		if g.chance(50) {
			exprs = append(exprs, c)
		}
	}
	for range 1 + g.rng.IntN(4) {
		exprs = append(exprs, g.total(in.Schema()))
	}
	names := make([]string, len(exprs))
	for i := range names {
		names[i] = g.name()
	}
	return must(plan.NewProject(in, exprs, names))
}

// latest orders by everything, so that rows which tie are equal.
func (g *generator) latest(in plan.Node) plan.Node {
	in = g.ordered(in)
	columns := plan.ColumnsOf(in)
	return must(plan.NewLatest(in, g.some(columns), g.everything(columns)))
}

func (g *generator) order(in plan.Node) plan.Node {
	in = g.ordered(in)
	limit, offset := int64(-1), int64(0)
	if g.chance(70) {
		limit = int64(g.rng.IntN(12))
	}
	if g.chance(30) {
		offset = int64(g.rng.IntN(4))
	}
	return must(plan.NewOrder(in, g.everything(plan.ColumnsOf(in)), limit, offset))
}

// ordered is in without the columns that cannot be ordered; at least one remains.
func (g *generator) ordered(in plan.Node) plan.Node {
	var exprs []expr.Bound
	var names []string
	for _, c := range plan.ColumnsOf(in) {
		if orderable(c.Type()) {
			exprs, names = append(exprs, c), append(names, c.(expr.BoundColumn).Name)
		}
	}
	if len(exprs) == len(plan.ColumnsOf(in)) {
		return in
	}
	if len(exprs) == 0 {
		exprs, names = []expr.Bound{expr.BoundLiteral{Value: int32(1), Typ: arrow.PrimitiveTypes.Int32}}, []string{g.name()}
	}
	return must(plan.NewProject(in, exprs, names))
}

func orderable(t arrow.DataType) bool {
	_, err := expr.BindSorts([]expr.Sort{{Arg: column("c")}}, expr.NewScope(arrow.NewSchema([]arrow.Field{{Name: "c", Type: t}}, nil)))
	return err == nil
}

// some are one to three of the columns, each once.
func (g *generator) some(columns []expr.Bound) []expr.Bound {
	chosen := slices.Clone(columns)
	g.rng.Shuffle(len(chosen), func(i, k int) { chosen[i], chosen[k] = chosen[k], chosen[i] })
	return chosen[:min(len(chosen), 1+g.rng.IntN(3))]
}

// everything orders by all columns, in any order and direction.
func (g *generator) everything(columns []expr.Bound) []expr.BoundSort {
	keys := make([]expr.BoundSort, len(columns))
	for i, at := range g.rng.Perm(len(columns)) {
		keys[i] = expr.BoundSort{Arg: columns[at], Descending: g.chance(50), NullsFirst: g.chance(50)}
	}
	return keys
}

func (g *generator) check(in plan.Node) plan.Node {
	rules := make([]plan.Rule, 1+g.rng.IntN(3))
	for i := range rules {
		p := g.predicate(in)
		rules[i] = plan.Rule{
			Name: fmt.Sprintf("r%d", i+1), Predicate: p, SQL: p.String(),
			Action: pick(g, []plan.Action{plan.Warn, plan.Drop, plan.Quarantine}), // what a Fail rule proves holds of what is committed, and not of a query
		}
	}
	return must(plan.NewCheck(in, rules, nil, nil))
}

// predicate is a condition over the node's columns that cannot fail.
func (g *generator) predicate(n plan.Node) expr.Bound {
	return g.totalOf(n.Schema(), typeBoolean)
}

// fallible is a projection of one row, with expressions that may fail, each in all engines or in none.
func (g *generator) fallible() plan.Node {
	g.strict = true
	defer func() { g.strict = false }()
	s := g.oneRow()
	exprs := make([]expr.Bound, 1+g.rng.IntN(2))
	names := make([]string, len(exprs))
	for i := range exprs {
		exprs[i], names[i] = g.expression(s.Schema(), failsAlike, 3), g.name()
	}
	return must(plan.NewProject(s, exprs, names))
}

// failsAlike leaves out what Spark computes although it is not needed, the constants in a lambda that is called for no element, and what it does not compute: what
// is never NULL, to tell whether it is NULL. Nor does a warehouse send values of VARIANT.
func failsAlike(b expr.Bound) bool {
	alike := !arrow.TypeEqual(b.Type(), schema.VariantType)
	expr.Walk(b, func(part expr.Bound) bool {
		switch p := part.(type) {
		case expr.BoundLambda:
			alike = alike && !plan.ConstantMayFail(p.Body)
		case expr.BoundCall:
			if p.Func == "isnull" || p.Func == "isnotnull" {
				alike = alike && (p.Args[0].Nullable() || !plan.MayFail(p.Args[0]))
			}
		case expr.BoundColumn, expr.BoundLiteral, expr.BoundVar, expr.BoundCast, expr.BoundCase, expr.BoundField:
		}
		return alike
	})
	return alike
}

// oneRow is a row that a table has: what is computed from constants alone may fail in Spark before it finds that there is no row.
func (g *generator) oneRow() plan.Scan {
	ids := []struct{ table, first, last int32 }{{0, 1, 10}, {1, 1, 6}, {2, 1, 10}, {3, 10, 14}}
	from := pick(g, ids)
	s := g.tables[from.table]
	key := expr.BoundLiteral{Value: from.first + g.rng.Int32N(from.last-from.first+1), Typ: schema.Int}
	id := expr.BoundColumn{Name: "id", Typ: schema.Int, Null: true} // the first column of each table
	s, err := s.Where(expr.BoundCall{Func: "=", Args: []expr.Bound{id, key}, Typ: typeBoolean, Null: true})
	must(s, err)
	return s
}
