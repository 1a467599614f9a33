package enginetest

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/storage/memory"
)

var sets = flag.Uint64("sets", 3, "sets of random rows over which queries for the optimizer's rules are run")

// TestRulesAgree runs random queries of the shapes that the optimizer's rules look for: as they are written, with Go code between all nodes; as the engine
// optimizes them by what it knows of the tables; and as it would if it were told otherwise of them, so that rules take what does not pay as well.
func TestRulesAgree(t *testing.T) {
	t.Parallel()
	for set := range *sets {
		t.Run(fmt.Sprint(set), func(t *testing.T) {
			t.Parallel()
			g, err := newRuleQueries(*seed, set)
			if err != nil {
				t.Fatal(err)
			}
			rulesAgree(t, g, *plans/3)
		})
	}
}

func rulesAgree(t *testing.T, g *ruleQueries, queries int) {
	lake := engine.Lake{Store: memory.New()}
	s := open(t, local.New(local.Config{}), newRun(lake))
	tables := randomTables(t, s, lake, g)
	ran := 0
	for range queries {
		query := g.query(1 + g.IntN(3))
		n := resolved(t, query, tables)
		want := run(t.Context(), s, fenced(inSteps(n)))
		if want.class != "" {
			if strings.HasPrefix(want.class, noClass) {
				t.Errorf("%s\n%s", query, want.detail())
			}
			continue
		}
		ran++
		lies := &lies{seed: g.Uint64()}
		for i, n := range []plan.Node{n, plan.OptimizeFor(n, lies)} {
			got := run(t.Context(), s, n)
			if classed(got) && got.class != "" && len(want.rows) == 0 {
				continue // some part without rows may have kept the engine from what fails
			}
			if !same(n, want, got) {
				t.Errorf("%s\noptimized %d times: %s\nas written\n%soptimized\n%s", query, i+1, plan.Print(plan.OptimizeFor(n, lies)), show(n, want), show(n, got))
			}
		}
	}
	if ran < queries/3 {
		t.Errorf("only %d of %d queries ran as they are written", ran, queries)
	}
}

// inSteps has one filter per condition, so that they are evaluated in the order in which they are written.
func inSteps(n plan.Node) plan.Node {
	return plan.Transform(n, func(n plan.Node) plan.Node {
		f, ok := n.(plan.Filter)
		if !ok {
			return n
		}
		in := f.Input
		for _, c := range expr.Conjuncts(f.Cond) {
			in = must(plan.NewFilter(in, c))
		}
		return in
	})
}

// randomTables are t0, of several files and with deleted rows, t1 and t2, which is often empty.
func randomTables(t *testing.T, s engine.Session, lake engine.Lake, g *ruleQueries) map[string]plan.Node {
	t.Helper()
	tables := map[string]plan.Node{}
	for i, appends := range [][]int{{12, 9, 7}, {11}, {g.IntN(4)}} {
		stored := &plan.Table{Ident: fmt.Sprint("t", i), Rows: randomRows(t, g, 0).Schema()}
		to := delta.Open(lake.Store, lake.Path(stored.Ident), delta.Config{})
		if _, err := to.Create(t.Context(), delta.Definition{Schema: stored.Rows, Properties: map[string]string{"delta.enableDeletionVectors": "true"}}); err != nil {
			t.Fatal(err)
		}
		for _, n := range appends {
			if err := insert(t.Context(), s, to, randomRows(t, g, n)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := to.Delete(t.Context(), g.from("[v = 2|k IS NULL|s = 'a']", 0), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		tables[stored.Ident] = plan.NewScan(stored)
	}
	return tables
}

// randomRows are n rows of few values, many of them NULL.
func randomRows(t *testing.T, g *ruleQueries, n int) plan.Node {
	t.Helper()
	rows := make([]string, n)
	for i := range rows {
		rows[i] = g.from("([NULL|0|1|2|3], [NULL|1|2|3], [NULL|'a'|'ab'|'b'|'1'|''], [NULL|1|2|3|4|5], [NULL|0.00|1.50|2.25|3.00], [NULL|0D|-0D|1.5D|'NaN'])", 0)
	}
	text := "SELECT CAST(k AS BIGINT) AS k, CAST(g AS BIGINT) AS g, CAST(s AS STRING) AS s, CAST(v AS BIGINT) AS v, CAST(p AS DECIMAL(8,2)) AS p, CAST(x AS DOUBLE) AS x FROM "
	if n == 0 {
		text += "(VALUES (NULL, NULL, NULL, NULL, NULL, NULL)) t(k, g, s, v, p, x) WHERE FALSE"
	} else {
		text += "VALUES " + strings.Join(rows, ", ") + " AS t(k, g, s, v, p, x)"
	}
	return resolved(t, text, nil)
}

func resolved(t *testing.T, query string, tables map[string]plan.Node) plan.Node {
	t.Helper()
	q, err := sql.Parse(query)
	if err != nil {
		t.Fatalf("%s\n%v", query, err)
	}
	n, err := q.Resolve(tables)
	if err != nil {
		t.Fatalf("%s\n%v", query, err)
	}
	return n
}

// lies are statistics that any relation and any column may have.
type lies struct{ seed uint64 }

func (l *lies) of(name string) *rand.Rand {
	h := fnv.New64()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(l.seed, h.Sum64()))
}

func (l *lies) Rows(r plan.Relation) (rows float64, known bool) {
	rng := l.of(r.Name())
	return math.Pow(10, float64(rng.IntN(7))), rng.IntN(8) > 0
}

func (l *lies) Column(r plan.Relation, i int) plan.ColumnStatistics {
	rng := l.of(fmt.Sprint(r.Name(), i))
	c := plan.ColumnStatistics{Bounded: rng.IntN(4) > 0, Max: float64(rng.IntN(10)), Nulls: rng.Float64() / 2}
	if rng.IntN(4) > 0 {
		c.Distinct = math.Pow(10, float64(rng.IntN(6)))
	}
	return c
}
