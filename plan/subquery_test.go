package plan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/plan"
)

// TestSubqueriesAgree joins each row of orders with a random query that reads the row's columns, and compares that with running the query once per row,
// the columns replaced by what they are in the row.
func TestSubqueriesAgree(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	reference := newReference(randomData(rng))
	ran := 0
	for range 60 {
		if once, perRow, ok := lateral(reference, randomSubquery(rng, 2), rng.IntN(2) == 0); ok {
			ran++
			compareSubquery(t, reference, once, perRow)
		}
	}
	if ran < 40 {
		t.Errorf("only %d queries ran: the others failed once per row", ran)
	}
}

// TestSubqueryConditionsAgree does the same with EXISTS and IN, as conditions and as values, and with scalar sub-queries.
func TestSubqueryConditionsAgree(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 10))
	reference := newReference(randomData(rng))
	ran := 0
	for range 60 {
		if once, perRow, ok := condition(rng, reference, randomSubquery(rng, 1)); ok {
			ran++
			compareSubquery(t, reference, once, perRow)
		}
	}
	if ran < 40 {
		t.Errorf("only %d queries ran: the others failed once per row", ran)
	}
}

func compareSubquery(t *testing.T, reference *reference, query string, want []string) {
	t.Helper()
	n := resolve(t, query)
	for _, n := range []plan.Node{n, plan.Optimize(n)} {
		got, err := reference.run(n)
		if err != nil {
			t.Errorf("%s\n%s%v", query, plan.Print(n), err)
			return
		}
		if diff := cmp.Diff(want, got.texts()); diff != "" {
			t.Errorf("%s\n%s-once per row +joined\n%s", query, plan.Print(n), diff)
		}
	}
}

// lateral is a query that joins orders with inner, as a left join or else an inner one, and its rows; not ok where inner fails on some row.
func lateral(r *reference, inner string, outer bool) (query string, want []string, ok bool) {
	want = []string{}
	for i := range r.data["orders"].n {
		found, err := r.around(i, inner)
		if err != nil {
			return "", nil, false
		}
		if found.n == 0 && outer {
			want = append(want, r.data["orders"].columns[4].ValueStr(i)+"|"+array.NullValueStr)
		}
		for k := range found.n {
			want = append(want, r.data["orders"].columns[4].ValueStr(i)+"|"+found.text(k))
		}
	}
	slices.Sort(want)
	if outer {
		return "SELECT o.seq, t.* FROM orders o LEFT JOIN LATERAL (" + inner + ") t", want, true
	}
	return "SELECT o.seq, t.* FROM orders o, LATERAL (" + inner + ") t", want, true
}

// condition asks something of inner's rows for each of orders.
func condition(rng *rand.Rand, r *reference, inner string) (query string, want []string, ok bool) {
	want = []string{}
	kind := rng.IntN(9)
	values := []string{"EXISTS (Q)", "NOT EXISTS (Q)", "o.amount IN (Q)", "o.amount NOT IN (Q)", "(Q)"}
	for i := range r.data["orders"].n {
		found, err := r.around(i, inner)
		if err != nil || kind == 4 && found.n > 1 {
			return "", nil, false
		}
		seq, value := r.data["orders"].columns[4].ValueStr(i), found.answer(r.data["orders"].columns[3].ValueStr(i), kind%5)
		switch {
		case kind < 5:
			want = append(want, seq+"|"+value)
		case value == "true":
			want = append(want, seq)
		}
	}
	slices.Sort(want)
	value := strings.Replace(values[kind%5], "Q", inner, 1)
	if kind < 5 {
		return "SELECT o.seq, " + value + " AS v FROM orders o", want, true
	}
	return "SELECT o.seq FROM orders o WHERE " + value, want, true
}

// answer is what a condition of the given kind says of the rows, or the value of the only one.
func (in rows) answer(left string, kind int) string {
	equal, unknown := false, in.n > 0 && left == array.NullValueStr
	for k := range in.n {
		v := in.columns[0].ValueStr(k)
		equal = equal || v == left && v != array.NullValueStr
		unknown = unknown || v == array.NullValueStr
	}
	switch kind {
	case 0:
		return strconv.FormatBool(in.n > 0)
	case 1:
		return strconv.FormatBool(in.n == 0)
	case 2:
		return strconv.FormatBool(equal)
	case 3:
		return strconv.FormatBool(!equal && !unknown)
	}
	if in.n == 0 {
		return array.NullValueStr
	}
	return in.columns[0].ValueStr(0)
}

// around runs inner for row i of orders.
func (r *reference) around(i int, inner string) (rows, error) {
	orders := r.data["orders"]
	for k, f := range relations()["orders"].Schema().Fields() {
		value := orders.columns[k].ValueStr(i)
		switch {
		case orders.columns[k].IsNull(i):
			value = "NULL"
		case f.Name == "country" || f.Name == "note":
			value = "'" + value + "'"
		}
		types := map[string]string{"id": "BIGINT", "customer": "BIGINT", "seq": "INT", "amount": "DOUBLE", "country": "STRING", "note": "STRING"}
		inner = strings.ReplaceAll(inner, "o."+f.Name, "CAST("+value+" AS "+types[f.Name]+")")
	}
	return r.runText(inner)
}

// randomSubquery reads columns of o. Its one column is a DOUBLE.
func randomSubquery(rng *rand.Rand, depth int) string {
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	where := func() string {
		terms := make([]string, 1+rng.IntN(3))
		for i := range terms {
			terms[i] = pick("c.country = o.country", "c.id = o.customer", "c.limit_ > o.amount", "c.country <=> o.country", "c.limit_ < 3", "o.seq > 5",
				"c.id + 1 = o.seq", "c.limit_ <> o.amount OR o.country = 'PL'", "c.name IS NOT NULL", "EXISTS (SELECT 1 FROM lines k WHERE k.id = c.id)",
				"EXISTS (SELECT 1 FROM lines k WHERE k.id = c.id AND k.quantity < o.seq)", "o.amount IN (SELECT d.limit_ FROM customers d WHERE d.id = c.id)",
				"c.limit_ > (SELECT avg_.v FROM (SELECT max(d.limit_) - 1 AS v FROM customers d WHERE d.country = c.country) avg_)")
		}
		return strings.Join(terms, " AND ")
	}
	from := pick("customers c", "customers c", "(SELECT * FROM customers c WHERE "+where()+") c",
		"customers c JOIN lines l ON l.id = c.id AND l.quantity < o.seq", "customers c LEFT JOIN lines l ON l.id = c.id AND l.quantity = o.seq",
		"customers c LEFT JOIN (SELECT * FROM lines l WHERE l.id = o.customer) l ON l.quantity = c.id",
		"lines l RIGHT JOIN customers c ON l.id = c.id AND l.id < o.id", "customers c FULL JOIN (SELECT * FROM lines l WHERE l.quantity < o.seq) l ON l.id = c.id",
		"customers c ANTI JOIN (SELECT * FROM lines l WHERE l.quantity < o.seq) l ON l.id = c.id",
		"customers c LEFT JOIN (SELECT max(l.id) AS id, count(*) AS n FROM lines l WHERE l.id = o.id) l ON l.n > c.id")
	column := pick("c.limit_", "c.limit_ + o.amount", "o.amount", "coalesce(c.limit_, o.amount, -1)", "CAST(c.id AS DOUBLE)")
	single := pick("max(c.limit_)", "sum(c.limit_ + o.seq)", "CAST(count(*) AS DOUBLE)", "coalesce(min(c.limit_), 7)", "CAST(count(c.name) + o.seq AS DOUBLE)")
	query := fmt.Sprintf("FROM %s WHERE %s", from, where())
	switch kind := rng.IntN(9); {
	case kind < 2:
		return "SELECT " + column + " AS v " + query
	case kind < 4:
		return "SELECT " + single + " AS v " + query
	case kind == 4:
		return "SELECT " + single + " AS v " + query + " HAVING " + pick("count(*) > 1", "max(c.limit_) > o.amount", "count(*) < 2")
	case kind == 5:
		return "SELECT max(c.limit_) AS v " + query + " GROUP BY " + pick("c.country", "c.country, o.country", "c.id")
	case kind == 6:
		return "SELECT c.limit_ AS v " + query + " ORDER BY c.limit_ DESC" + pick(" LIMIT 1", " LIMIT 2 OFFSET 1", "")
	case kind == 7:
		return "SELECT CAST(row_number() OVER (PARTITION BY c.country ORDER BY c.limit_) AS DOUBLE) AS v " + query
	case depth == 0:
		return "SELECT DISTINCT c.limit_ AS v " + query
	}
	return fmt.Sprintf("SELECT v FROM (%s UNION ALL %s) u", randomSubquery(rng, depth-1), randomSubquery(rng, depth-1))
}
