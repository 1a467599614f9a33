package enginetest_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRandomSubqueries holds that the cases of queries/randomsubqueries.txt are the queries that these seeds give: their rows are Spark's.
func TestRandomSubqueries(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/queries/randomsubqueries.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range strings.Split(string(text), "====\n") {
		query, _, _ := strings.Cut(c, "---- rows")
		got = append(got, strings.TrimSpace(query))
	}
	var want []string
	for seed := range uint64(3) {
		g := subqueries{rand.New(rand.NewPCG(seed, 7))}
		for range 20 {
			want = append(want, g.query())
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-generated +cases\n%s", diff)
	}
}

// subqueries writes random queries with sub-queries in all their places, which may read the rows around them.
type subqueries struct{ *rand.Rand }

func (g subqueries) pick(list ...string) string { return list[g.IntN(len(list))] }

// query selects from orders o by one to three conditions.
func (g subqueries) query() string {
	conds := make([]string, 1+g.IntN(3))
	for i := range conds {
		conds[i] = g.condition("o", 2)
	}
	q := "SELECT o.id, " + g.pick("o.country", "o.customer", g.scalar("o", 2), g.scalar("o", 1)) + " AS x FROM orders o"
	if g.IntN(3) == 0 {
		q += " " + g.pick("JOIN", "LEFT JOIN") + " customers k ON o.customer = k.id"
	}
	return q + " WHERE " + strings.Join(conds, g.pick(" AND ", " OR "))
}

// condition is one on the rows of orders around, with sub-queries nested as deep as that.
func (g subqueries) condition(around string, depth int) string {
	if depth == 0 {
		return around + "." + g.pick("country = 'PL'", "amount > 20", "customer IS NOT NULL", "id % 2 = 0")
	}
	not := g.pick("", "NOT ")
	switch g.IntN(5) {
	case 0:
		return fmt.Sprintf("%sEXISTS (%s)", not, g.rows(around, "*", depth-1))
	case 1:
		return fmt.Sprintf("%s.customer %sIN (%s)", around, not, g.rows(around, g.inner(depth)+".customer", depth-1))
	case 2:
		return fmt.Sprintf("(%s.country, %s.customer) %sIN (%s)", around, around, not, g.rows(around, g.inner(depth)+".country, "+g.inner(depth)+".customer", depth-1))
	case 3:
		return fmt.Sprintf("%s.id %s %s", around, g.pick("<", "=", ">="), g.scalar(around, depth))
	}
	return fmt.Sprintf("(%s %s %s)", g.condition(around, 0), g.pick("AND", "OR"), g.condition(around, depth-1))
}

// inner is the alias of the rows of a sub-query, which depth tells apart.
func (g subqueries) inner(depth int) string { return fmt.Sprint("i", depth) }

// rows is a sub-query over orders, most often one that depends on the rows around.
func (g subqueries) rows(around, columns string, depth int) string {
	i := g.inner(depth + 1)
	conds := []string{g.condition(i, depth)}
	if g.IntN(4) > 0 {
		conds = append(conds, strings.NewReplacer("A.", around+".", "I.", i+".").Replace(g.pick(
			"I.customer = A.customer", "I.country = A.country", "I.country <=> A.country", "I.id < A.id", "I.customer = A.customer AND I.id <> A.id",
		)))
	}
	return fmt.Sprintf("SELECT %s FROM orders %s WHERE %s", columns, i, strings.Join(conds, " AND "))
}

// scalar is a sub-query of one value.
func (g subqueries) scalar(around string, depth int) string {
	i := g.inner(depth)
	value := strings.ReplaceAll(g.pick("count(*)", "max(I.id)", "min(I.id) + 1", "sum(I.customer)", "count(DISTINCT I.country)", "coalesce(max(I.id), -1)"), "I.", i+".")
	return "(" + g.rowsOf(around, value, depth) + ")"
}

// rowsOf are rows whose correlation is by equality alone, as aggregates need it.
func (g subqueries) rowsOf(around, value string, depth int) string {
	i := g.inner(depth)
	q := fmt.Sprintf("SELECT %s FROM orders %s WHERE %s", value, i, g.condition(i, 0))
	if g.IntN(4) > 0 {
		q += fmt.Sprintf(" AND %s.%s = %s.%[2]s", i, g.pick("customer", "country"), around)
	}
	return q
}
