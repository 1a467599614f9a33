package enginetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// Random says which random plans are run. The same seed makes the same plans.
type Random struct {
	Seed  uint64
	Plans int
}

// Compare runs random plans on two engines, of which the first reads constant rows and the second the tables of the lake, and fails where they give other
// rows, or errors of other classes. A plan that they differ on is made as small as it gets, and printed as a case for testdata/plans. The lake is as for Run,
// and may be the same one.
func Compare(t *testing.T, a, b engine.Engine, lake engine.Lake, r Random) {
	all, err := tables()
	if err != nil {
		t.Fatal(err)
	}
	run := newRun(lake)
	onLake, err := stored(t.Context(), lake, run, all)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, r, all,
		side{name: a.Name(), session: open(t, a, run), tables: nodes(all)},
		side{name: b.Name() + " on the lake", session: open(t, b, run), tables: onLake})
}

// side is one of two ways to run a plan.
type side struct {
	name    string
	session engine.Session
	tables  map[string]plan.Node
	rewrite func(plan.Node) plan.Node // nil: none
}

func (s side) run(ctx context.Context, n plan.Node) outcome {
	n = onTables(n, s.tables)
	if s.rewrite != nil {
		n = s.rewrite(n)
	}
	return run(ctx, s.session, n)
}

// mostDifferences is how many differing plans are shown.
const mostDifferences = 5

func compare(t *testing.T, r Random, all []table, a, b side) {
	g := newGenerator(r.Seed, all)
	failed, differences := 0, 0
	for range r.Plans {
		n := g.plan()
		x, y := a.run(t.Context(), n), b.run(t.Context(), n)
		if x.class != "" {
			failed++
		}
		if same(n, x, y) {
			continue
		}
		if differences++; differences <= mostDifferences {
			report(t, n, all, a, b)
		}
	}
	if differences > 0 {
		t.Errorf("seed %d: %d of %d plans differ", r.Seed, differences, r.Plans)
	}
	if failed > r.Plans/2 {
		t.Errorf("seed %d: %d of %d plans fail: their rows are not compared", r.Seed, failed, r.Plans)
	}
}

// same tells whether two outcomes of a plan are one. Where several calls may fail, which of them does first is the engine's choice.
func same(n plan.Node, x, y outcome) bool {
	switch {
	case !classed(x) || !classed(y):
		return false
	case x.class != "" && y.class != "":
		return x.class == y.class || mayFail(n) > 1
	case x.class != "" || y.class != "":
		return false
	}
	if _, ordered := n.(plan.Order); !ordered {
		x, y = x.sorted(), y.sorted()
	}
	return slices.Equal(x.columns, y.columns) && slices.EqualFunc(x.rows, y.rows, sameRow)
}

func classed(o outcome) bool { return !strings.HasPrefix(o.class, noClass) }

// sameRow takes the two zeros of a DOUBLE for one, as ordering and grouping do: which of them comes first, or is a group's, is the engine's choice.
func sameRow(a, b []string) bool {
	return slices.EqualFunc(a, b, func(a, b string) bool {
		return a == b || strings.ReplaceAll(a, `"-0.0"`, "0.0") == strings.ReplaceAll(b, `"-0.0"`, "0.0")
	})
}

// mayFail counts the calls and casts of a plan that may fail.
func mayFail(n plan.Node) int {
	count := 0
	plan.Walk(n, func(n plan.Node) bool {
		p, ok := n.(plan.Project)
		if !ok {
			return true
		}
		for _, e := range p.Exprs {
			expr.Walk(e, func(b expr.Bound) bool {
				if plan.MayFail(b) && !anyMayFail(parts(b)...) {
					count++
				}
				return true
			})
		}
		return true
	})
	return count
}

// parts are the expressions that b is made of.
func parts(b expr.Bound) []expr.Bound {
	var list []expr.Bound
	top := true
	expr.Walk(b, func(part expr.Bound) bool {
		if top {
			top = false
			return true
		}
		list = append(list, part)
		return false
	})
	return list
}

// report shrinks a plan that two sides differ on and prints it.
func report(t *testing.T, n plan.Node, all []table, a, b side) {
	t.Helper()
	small := shrink(n, all, func(n plan.Node) bool { return !same(n, a.run(t.Context(), n), b.run(t.Context(), n)) })
	x, y := a.run(t.Context(), small), b.run(t.Context(), small)
	if same(small, x, y) { // the difference comes and goes
		small = n
	}
	t.Errorf("%s\n%s%s:\n%s%s:\n%s", plan.Print(small), beforeRows, a.name, show(small, x), b.name, show(small, y))
}

// show is an outcome in an order that can be compared by eye.
func show(n plan.Node, o outcome) string {
	if _, ordered := n.(plan.Order); !ordered {
		o = o.sorted()
	}
	return fmt.Sprintln(strings.TrimRight(o.detail(), "\n"))
}
