package plan_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/plan"
)

// TestRulesAreWhereTheirNamesSay holds each rule of the optimizer to the package's order: a file and printed plans of its name, and a line in the package's
// comment.
func TestRulesAreWhereTheirNamesSay(t *testing.T) {
	t.Parallel()
	rules := rulesInOrder(t)
	for _, rule := range rules {
		name := strings.ToLower(rule)
		source, err := os.ReadFile(name + ".go")
		if err != nil {
			t.Errorf("rule %s: %v", rule, err)
		} else if !strings.Contains(string(source), "\nfunc "+rule+"(") {
			t.Errorf("rule %s is not in %s.go", rule, name)
		}
		if plan.Rewrites[name] == nil {
			t.Errorf("rule %s has no printed plans: want it in Rewrites and in testdata/%s.txt", rule, name)
		}
	}
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, m := range regexp.MustCompile(`(?m)^//   - (\w+) `).FindAllStringSubmatch(string(doc), -1) {
		told = append(told, m[1])
	}
	if diff := cmp.Diff(rules, told); diff != "" {
		t.Errorf("doc.go has other rules than optimize.go, or another order: -optimize.go +doc.go\n%s", diff)
	}
}

// rulesInOrder are the names in the list that rewrites gives, each once.
func rulesInOrder(t *testing.T) (rules []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "optimize.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	rewrites := file.Scope.Lookup("rewrites").Decl.(*ast.FuncDecl)
	list := rewrites.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.CompositeLit)
	for _, rule := range list.Elts {
		if call, ok := rule.(*ast.CallExpr); ok { // of a rule that needs statistics
			rule = call.Args[1]
		}
		if name := rule.(*ast.Ident).Name; !slices.Contains(rules, name) {
			rules = append(rules, name)
		}
	}
	return rules
}
