package sql_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/golden"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
)

// fault is an error without its words.
func fault(class, state string, line, column int) expr.Error {
	return expr.Error{Class: class, SQLState: state, Line: line, Column: column}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	syntax := func(line, column int) expr.Error { return fault("PARSE_SYNTAX_ERROR", "42601", line, column) }
	unsupported := func(line, column int) expr.Error { return fault("UNSUPPORTED_FEATURE", "0A000", line, column) }
	tests := []struct {
		name, text string
		want       expr.Error // without message and hint
		message    string     // a part of it
	}{
		{"nothing", "", syntax(1, 1), "a query cannot begin here"},
		{"no list", "SELECT\nFROM t", syntax(2, 1), "FROM"},
		{"trailing comma", "SELECT a, FROM t", syntax(1, 11), "FROM"},
		{"rest", "SELECT a FROM t WHERE a > 1 )", syntax(1, 29), ")"},
		{"clauses out of order", "SELECT a FROM t GROUP BY a WHERE a > 1", syntax(1, 28), "WHERE"},
		{"no table", "SELECT a FROM\n  WHERE a", syntax(2, 3), "WHERE"},
		{"join without a table", "SELECT 1 FROM a JOIN ON x", syntax(1, 22), "ON"},
		{
			"natural join with a condition", "SELECT 1 FROM a NATURAL JOIN b ON a.x = b.x",
			syntax(1, 32), "takes no such condition",
		},
		{"limit that is no number", "SELECT 1 LIMIT x", fault("INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE", "42K0E", 1, 16), "LIMIT"},
		{"negative offset", "SELECT 1 LIMIT 1 OFFSET -1", fault("INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE", "42K0E", 1, 26), "OFFSET"},
		{"union by name", "SELECT a FROM t UNION ALL BY NAME SELECT a FROM u", unsupported(1, 27), "UNION BY NAME"},
		{"pivot without values", "SELECT * FROM t PIVOT (sum(a) FOR b IN ())", syntax(1, 41), ")"},
		{"cluster by", "SELECT a FROM t CLUSTER BY a", unsupported(1, 17), "CLUSTER BY"},
		{"distribute by", "SELECT a FROM t DISTRIBUTE BY a", unsupported(1, 17), "DISTRIBUTE BY"},
		{"sample", "SELECT * FROM t TABLESAMPLE (10 ROWS)", unsupported(1, 17), "TABLESAMPLE"},
		{"sort by", "SELECT a FROM t SORT BY a", unsupported(1, 17), "SORT BY"},
		{"levels of what is not recursive", "WITH r MAX RECURSION LEVEL 3 AS (SELECT 1) SELECT * FROM r", syntax(1, 8), "has no levels"},
		{"levels that are no number", "WITH RECURSIVE r MAX RECURSION LEVEL x AS (SELECT 1) SELECT * FROM r", syntax(1, 38), "levels"},
		{"from first", "FROM t SELECT a", unsupported(1, 1), "begins with FROM"},
		{"window twice", "SELECT 1 FROM t WINDOW w AS (), W AS ()", fault("REPETITIVE_WINDOW_DEFINITION", "42602", 1, 33), "W"},
		{
			"deep", strings.Repeat("(", 200) + "SELECT 1" + strings.Repeat(")", 200),
			fault("STATEMENT_TOO_COMPLEX", "54001", 1, 101), "nested",
		},
		{
			"long", "SELECT 1" + strings.Repeat(" UNION SELECT 1", 1000),
			fault("STATEMENT_TOO_COMPLEX", "54001", 1, 15001), "parts",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := sql.Parse(tt.text)
			checkError(t, err, tt.want, tt.message)
		})
	}
}

// checkError compares everything but the words, of which message must be a part.
func checkError(t *testing.T, err error, want expr.Error, message string) {
	t.Helper()
	var e *expr.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want an *expr.Error of class %s", err, want.Class)
	}
	got := expr.Error{Class: e.Class, SQLState: e.SQLState, Line: e.Line, Column: e.Column}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("error %v: -want +got\n%s", err, diff)
	}
	if !strings.Contains(e.Message, message) {
		t.Errorf("message is %q, want %q in it", e.Message, message)
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	q, err := sql.Parse(`
		WITH c AS (SELECT * FROM a.b), d AS (SELECT * FROM c JOIN e)
		SELECT (SELECT max(h) FROM h) FROM d, (SELECT * FROM A.B UNION ALL SELECT * FROM f) x LEFT JOIN (g CROSS JOIN C) ON EXISTS (SELECT 1 FROM i)
		WHERE a IN (SELECT a FROM j WHERE b = (WITH d AS (SELECT 1 AS b) SELECT b FROM d))
		GROUP BY (SELECT 1 FROM k) HAVING (SELECT 1 FROM l) > 0 ORDER BY (SELECT 1 FROM m)`)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, table := range q.Tables() {
		names = append(names, table.Name)
	}
	if diff := cmp.Diff([]string{"a.b", "e", "f", "g", "i", "h", "j", "l", "k", "m"}, names); diff != "" {
		t.Errorf("Tables: -want +got\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"SELECT 1",
		"WITH a AS (SELECT x y FROM t WHERE x > 1) SELECT * EXCEPT (x), a.* FROM a JOIN b USING (x) GROUP BY ALL HAVING 1 = 1 ORDER BY 1 LIMIT 3 OFFSET 2",
		"VALUES (1, 'a'), (2, NULL)", "(SELECT 1) UNION ALL (VALUES 2) ORDER BY 1",
		"SELECT sum(a) OVER w FROM (t LEFT ANTI JOIN u ON t.a = u.a) WINDOW w AS (PARTITION BY b ORDER BY c DESC NULLS FIRST) QUALIFY row_number() OVER w = 1",
		"SELECT (SELECT 1) + a FROM t WHERE (a, b) NOT IN (SELECT 1, 2) OR EXISTS (SELECT 1 FROM u, LATERAL (SELECT t.a) v)",
		"SELECT", "SELECT * FROM ((((", "SELECT (((", "WITH", "SELECT a FROM t NATURAL", "SELECT 1;;",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := sql.Parse(text)
		var e *expr.Error
		if err != nil && (!errors.As(err, &e) || e.Line < 1 || e.Column < 1) {
			t.Fatalf("got error %v, want an *expr.Error with a place", err)
		}
		if err == nil {
			q.Tables()
		}
	})
}

// FuzzResolve checks that queries that parse either resolve and can be optimized, or fail with a place.
func FuzzResolve(f *testing.F) {
	for _, file := range []string{"aggregate", "join", "select", "set", "subquery", "window"} {
		for _, query := range golden.Queries(f, "testdata/"+file+".txt") {
			f.Add(query)
		}
	}
	inputs := tables(f)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := sql.Parse(text)
		if err != nil {
			return
		}
		n, err := q.Resolve(inputs)
		var e *expr.Error
		if err != nil {
			if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 || e.Class == "INTERNAL_ERROR" {
				t.Fatalf("%s: got error %v, want an *expr.Error with a place", text, err)
			}
			return
		}
		before, after := n.Schema().NumFields(), plan.Optimize(n).Schema().NumFields()
		if before != after {
			t.Fatalf("%s: got %d columns once it is optimized, want %d", text, after, before)
		}
	})
}
