package expr_test

import (
	"errors"
	"testing"

	"github.com/medallion-go/medallion/expr"
)

// words is a query that is no more than its text.
type words string

func (w words) String() string { return string(w) }

// parseWithQueries reads an expression in which a query is whatever stands before the closing parenthesis.
func parseWithQueries(t *testing.T, text string) expr.Node {
	t.Helper()
	p, err := expr.NewParser(text)
	if err != nil {
		t.Fatal(err)
	}
	p.ReadQuery = func() (expr.Query, error) {
		from := p.Mark()
		for depth := 0; depth > 0 || !p.Is(")"); p.Next() {
			if p.Is("(") {
				depth++
			}
			if p.Is(")") {
				depth--
			}
		}
		return words(p.Text(from, p.Mark())), nil
	}
	n, err := p.ParseExpr()
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if err := p.ExpectEnd(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

func TestSubqueriesPrint(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a + (WITH x AS (SELECT 1) SELECT * FROM x)": "a + (WITH x AS (SELECT 1) SELECT * FROM x)",
		"exists (SELECT 1) AND NOT EXISTS(SELECT 2)": "EXISTS (SELECT 1) AND NOT EXISTS (SELECT 2)",

		"(select 1)":                  "(select 1)",
		"( SELECT a, (b) FROM t )":    "(SELECT a, (b) FROM t)",
		"a IN (SELECT 1)":             "a IN (SELECT 1)",
		"a not in (SELECT 1)":         "a NOT IN (SELECT 1)",
		"NOT a IN (SELECT 1)":         "NOT a IN (SELECT 1)",
		"NOT (a NOT IN (SELECT 1))":   "NOT a NOT IN (SELECT 1)",
		"(a, b + 1) IN (SELECT 1, 2)": "(a, b + 1) IN (SELECT 1, 2)",
		"struct(a, b) IN (SELECT s)":  "struct(a, b) IN (SELECT s)",
		"(a OR b) IN (SELECT 1)":      "(a OR b) IN (SELECT 1)",
		"(a IN (SELECT 1)) = b":       "(a IN (SELECT 1)) = b",
		"(SELECT 1) IN (SELECT 2)":    "(SELECT 1) IN (SELECT 2)",
		"exists(xs, x -> x > 1)":      "exists(xs, x -> x > 1)",
		"(SELECT s).field":            "(SELECT s).field",
	} {
		n := parseWithQueries(t, text)
		if got := n.String(); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
		if again := parseWithQueries(t, n.String()); !expr.EqualNode(n, again) {
			t.Errorf("%s prints as %s, which is read as something else", text, n)
		}
	}
}

func TestSubqueriesDiffer(t *testing.T) {
	t.Parallel()
	texts := []string{"(SELECT 1)", "(SELECT 2)", "EXISTS (SELECT 1)", "a IN (SELECT 1)", "a NOT IN (SELECT 1)", "b IN (SELECT 1)", "(a, b) IN (SELECT 1)"}
	for i, a := range texts {
		for k, b := range texts {
			if got := expr.EqualNode(parseWithQueries(t, a), parseWithQueries(t, b)); got != (i == k) {
				t.Errorf("%s and %s: got equal %t", a, b, got)
			}
		}
	}
}

func TestSubqueriesAreRefusedOutsideQueries(t *testing.T) {
	t.Parallel()
	unsupported := &expr.Error{Class: "UNSUPPORTED_FEATURE"}
	for _, text := range []string{"(SELECT 1)", "a IN (SELECT 1)", "EXISTS (SELECT 1)"} {
		if _, err := expr.Parse(text); !errors.Is(err, unsupported) {
			t.Errorf("parsing %s alone: got error %v, want %s", text, err, unsupported.Class)
		}
		if _, err := expr.Bind(parseWithQueries(t, text), expr.Scope{}); !errors.Is(err, unsupported) {
			t.Errorf("binding %s: got error %v, want %s", text, err, unsupported.Class)
		}
	}
}
