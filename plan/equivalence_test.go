package plan_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/golden"
	"github.com/medallion-go/medallion/plan"
)

// TestOptimizedPlansAgree runs random queries as they were written and optimized, over random rows full of NULLs, equal keys and texts that are no
// numbers. What runs before runs after, and gives the same rows.
func TestOptimizedPlansAgree(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	reference := newReference(randomData(rng))
	ran := 0
	for range 800 {
		if agree(t, reference, randomQuery(rng)) {
			ran++
		}
	}
	if ran < 300 {
		t.Errorf("only %d queries ran: the others failed before they were optimized", ran)
	}
}

// TestGoldenPlansAgree does the same with the queries of the golden files.
func TestGoldenPlansAgree(t *testing.T) {
	t.Parallel()
	reference := newReference(randomData(rand.New(rand.NewPCG(3, 4))))
	for name := range plan.Rewrites {
		for _, query := range golden.Queries(t, filepath.Join("testdata", name+".txt")) {
			if !strings.Contains(query, "LIMIT") && name != "bench" {
				agree(t, reference, query)
			}
		}
	}
}

// TestWindowedAggregatesAgree does the same with the queries of one golden file, and many sets of rows: few of them have rows that such a query chooses.
func TestWindowedAggregatesAgree(t *testing.T) {
	t.Parallel()
	queries := golden.Queries(t, filepath.Join("testdata", "windowaggregates.txt"))
	for seed := range uint64(60) {
		reference := newReference(randomData(rand.New(rand.NewPCG(seed, 7))))
		for _, query := range queries {
			if !agree(t, reference, query) {
				t.Errorf("%s\ndoes not run as it is written", query)
			}
		}
	}
}

// agree reports whether the query ran as it was written.
func agree(t *testing.T, reference *reference, query string) bool {
	t.Helper()
	n := resolve(t, query)
	want, err := reference.run(n)
	if err != nil {
		return false
	}
	guesses := struct{ plan.Statistics }{plan.Known} // nothing that it says of these rows is certain
	for _, optimized := range []plan.Node{plan.Optimize(n), plan.OptimizeFor(n, guesses)} {
		got, err := reference.run(optimized)
		if err != nil {
			t.Errorf("%s\nfails once it is optimized: %v\n%s", query, err, plan.Print(optimized))
			return true
		}
		if diff := cmp.Diff(want.texts(), got.texts()); diff != "" {
			t.Errorf("%s\n%s-as written +optimized\n%s", query, plan.Print(optimized), diff)
		}
		checkRewrite(t, n, optimized)
	}
	return true
}

// TestReorderedJoinsAgree does the same with queries that join several relations, as the standard benchmarks write them.
func TestReorderedJoinsAgree(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	reference := newReference(randomData(rng))
	ran := 0
	for range 150 {
		if agree(t, reference, randomJoins(rng)) {
			ran++
		}
	}
	if ran < 50 {
		t.Errorf("only %d queries ran: the others failed before they were optimized", ran)
	}
}

// randomJoins joins three or four relations on conditions of all kinds, in WHERE and in ON.
func randomJoins(rng *rand.Rand) string {
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	equal := []string{"o.id = l.id", "o.customer = c.id", "l.id = c.id", "o.country = c.country", "l.product = d.id", "c.country = d.country", "o.id = d.id"}
	other := []string{
		"o.amount > c.limit_", "(o.country = 'PL' AND c.country = 'DE' OR o.country = 'DE' AND c.country = 'PL')",
		"(o.id = l.id AND l.quantity > 1 OR l.id = o.id AND o.amount > 2)", "c.name IS NOT NULL", "l.quantity + o.seq = c.id", "10 / c.limit_ > 3",
		"CAST(o.note AS INT) = l.quantity", "o.id = o.customer", "l.quantity <> 2", "o.seq < 9",
	}
	var terms []string
	for range 2 + rng.IntN(4) {
		terms = append(terms, equal[rng.IntN(len(equal))])
	}
	for range rng.IntN(3) {
		terms = append(terms, other[rng.IntN(len(other))])
	}
	from := pick("orders o, customers c, lines l, customers d", "orders o JOIN customers c ON o.customer = c.id, lines l CROSS JOIN customers d",
		"(SELECT * FROM orders WHERE amount > 1) o, customers c LEFT JOIN lines l ON l.id = c.id, customers d",
		"lines l, (SELECT id, country, limit_, name FROM customers) c, orders o LEFT SEMI JOIN customers x ON o.customer = x.id, customers d")
	columns := pick("o.id, c.name, l.product, d.country", "d.*, l.quantity", "o.seq, c.id, count(*) OVER (PARTITION BY l.id) AS n")
	return fmt.Sprintf("SELECT %s FROM %s WHERE %s", columns, from, strings.Join(terms, " AND "))
}

func randomData(rng *rand.Rand) map[string]rows {
	data := map[string]rows{}
	add := func(name string, n int, columns ...func(array.Builder, int)) {
		out := rows{n: n}
		s := relations()[name].Schema()
		for i, f := range s.Fields() {
			b := array.NewBuilder(memory.DefaultAllocator, f.Type)
			for k := range n {
				if f.Nullable && rng.IntN(4) == 0 {
					b.AppendNull()
				} else {
					columns[i](b, k)
				}
			}
			out.columns = append(out.columns, b.NewArray())
		}
		data[name] = out
	}
	whole := func(n int) func(array.Builder, int) {
		return func(b array.Builder, _ int) { appendInt(b, int64(rng.IntN(n))) }
	}
	unique := func(b array.Builder, i int) { appendInt(b, int64(i)) }
	word := func(words ...string) func(array.Builder, int) {
		return func(b array.Builder, _ int) { b.(*array.StringBuilder).Append(words[rng.IntN(len(words))]) }
	}
	real := func(b array.Builder, _ int) { b.(*array.Float64Builder).Append(float64(rng.IntN(5))) }
	add("orders", 12, whole(6), whole(6), word("PL", "DE", "FR"), real, unique, word("1", "2", "x", ""))
	add("customers", 8, whole(6), word("ann", "bob", "1"), word("PL", "DE", "FR"), real)
	add("lines", 6, whole(6), whole(3), whole(4))
	return data
}

func appendInt(b array.Builder, v int64) {
	switch b := b.(type) {
	case *array.Int64Builder:
		b.Append(v)
	case *array.Int32Builder:
		b.Append(int32(v))
	}
}

// randomQuery nests a random FROM in random clauses.
func randomQuery(rng *rand.Rand) string {
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	condition := func(left, right string) string {
		terms := make([]string, 1+rng.IntN(3))
		for i := range terms {
			terms[i] = strings.NewReplacer("L.", left+".", "R.", right+".").Replace(pick(
				"L.amount > 1", "L.country = 'PL'", "R.country IS NOT NULL", "R.limit_ < 3", "L.amount < R.limit_", "L.country = R.country",
				"CAST(L.note AS INT) > 0", "L.note IN ('1', '2')", "R.name LIKE 'b%'", "10 / R.limit_ > 3", "R.limit_ <> 0",
				"L.country IS NULL OR L.amount > 2", "coalesce(R.limit_, L.amount, 0) > 0", "R.name IS NULL", "NOT (L.amount <=> R.limit_)",
				"upper(L.country) = 'DE'", "true", "1 = 2 OR L.seq > 3", "L.customer = 2", "R.id < 4"))
		}
		return strings.Join(terms, pick(" AND ", " AND ", " OR "))
	}
	kind := pick("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN", "CROSS JOIN")
	left := pick("orders", "(SELECT * FROM orders WHERE amount IS NOT NULL)", "(SELECT id, customer, country, amount + 0 AS amount, seq, note FROM orders)",
		"(SELECT * FROM orders QUALIFY row_number() OVER (PARTITION BY id ORDER BY seq DESC) = 1)",
		"(SELECT * FROM orders UNION ALL SELECT id, id, country, limit_, -1, name FROM customers)",
		"(SELECT *, sum(amount) OVER (PARTITION BY country) AS total FROM orders)",
		"(SELECT customer AS id, customer, country, sum(amount) AS amount, count(*) AS seq, note FROM orders GROUP BY customer, country, note)")
	from := fmt.Sprintf("%s AS o %s customers AS c", left, kind)
	if kind != "CROSS JOIN" {
		from += " ON o.customer = c.id"
		if rng.IntN(2) == 0 {
			from += " AND " + condition("o", "c")
		}
	}
	columns, above := "o.id, o.country, o.amount, o.note, o.seq, c.id AS customer, c.name, c.limit_", condition("o", "c")
	if kind == "SEMI JOIN" || kind == "ANTI JOIN" {
		columns, above = "o.id, o.country, o.amount, o.note, o.seq, o.seq AS customer, o.note AS name, o.amount AS limit_", condition("o", "o")
		above = strings.NewReplacer("o.limit_", "o.amount", "o.name", "o.note").Replace(above)
	}
	query := fmt.Sprintf("SELECT %s FROM %s WHERE %s", columns, from, above)
	switch rng.IntN(4) {
	case 0:
		return fmt.Sprintf("SELECT id, country, limit_ FROM (%s) WHERE %s", query,
			pick("limit_ > 1", "name IS NOT NULL AND CAST(note AS INT) > 0", "country = 'PL'"))
	case 1:
		return fmt.Sprintf("SELECT country, count(*) AS n, sum(limit_) AS s FROM (%s) GROUP BY country HAVING %s", query,
			pick("n > 1", "country <> 'PL'", "s > 1 OR s IS NULL"))
	case 2:
		return fmt.Sprintf("SELECT id, n FROM (SELECT *, count(*) OVER (PARTITION BY id) AS n FROM (%s)) WHERE %s", query,
			pick("n > 1", "id > 1", "id = n AND country = 'PL'"))
	}
	return query
}
