package enginetest

import (
	"reflect"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// TestEveryFunctionHasACase fails for a function of the catalogue that no value or query calls.
func TestEveryFunctionHasACase(t *testing.T) {
	t.Parallel()
	cases, err := loadSuite()
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	for _, f := range cases.values {
		for _, c := range f.cases {
			n, err := expr.Parse(c.text)
			if err != nil {
				continue // a case of an error
			}
			expr.WalkNode(n, func(n expr.Node) bool {
				if call, ok := n.(expr.Call); ok {
					called[strings.ToLower(call.Func)] = true
				}
				return true
			})
		}
	}
	for _, list := range cases.queries {
		for _, c := range list {
			tokens, err := expr.Tokens(c.text)
			if err != nil {
				t.Fatalf("%s: %v", c.text, err)
			}
			for i, token := range tokens[1:] {
				if token.Is("(") {
					called[strings.ToLower(tokens[i].Text)] = true
				}
			}
		}
	}
	for _, f := range expr.Functions() {
		// The cases' own SQL cannot say what time it was when Spark ran them.
		if !called[f.Name] && !uncertain(f.Name) {
			t.Errorf("no case calls %s: add some to testdata/values or testdata/queries", f.Name)
		}
	}
}

// TestEveryNodeHasACase fails for a kind of node or of join that no case's plan has.
func TestEveryNodeHasACase(t *testing.T) {
	t.Parallel()
	cases, err := loadSuite()
	if err != nil {
		t.Fatal(err)
	}
	found, joins := map[reflect.Type]bool{}, map[plan.JoinKind]bool{}
	for _, list := range cases.plans {
		for _, c := range list {
			n, err := parsePlan(c.text, nodes(cases.tables))
			if err != nil {
				t.Fatalf("%v in\n%s", err, c.text)
			}
			plan.Walk(n, func(n plan.Node) bool {
				found[reflect.TypeOf(n)] = true
				if j, ok := n.(plan.Join); ok {
					joins[j.Kind] = true
				}
				return true
			})
		}
	}
	for _, n := range []plan.Node{
		plan.Project{}, plan.Filter{}, plan.Aggregate{}, plan.Join{}, plan.Generate{}, plan.Window{}, plan.Latest{}, plan.Order{}, plan.Union{}, plan.Values{}, plan.Check{},
	} {
		if !found[reflect.TypeOf(n)] {
			t.Errorf("no plan has a %T", n)
		}
	}
	for _, k := range joinKinds {
		if !joins[k] {
			t.Errorf("no plan has a %s join", k)
		}
	}
}
