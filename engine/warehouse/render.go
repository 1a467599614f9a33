package warehouse

import (
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// A plan becomes SQL in two steps. Each node is built into a block, which is one SELECT: a node joins the block of its input as far as SQL's order of
// clauses allows, and otherwise reads it as a sub-query. Then the blocks are written down, views first, as a WITH clause. Expressions refer to columns by
// position in the plan, so that columns between two SELECTs may be called anything: they keep the user's names where these are unique.
//
// The types are those of the plan. Implicit conversions are written out, literals have the suffix of their type, and only an interval, of which Spark tells
// DAY from DAY TO SECOND where the plan does not, is converted where a SELECT computes it.

// Render is the query that gives a plan's rows: columns by the plan's names, in order. The error is an *engine.UnsupportedError for what SQL cannot say: Go
// functions, and queries without columns; relations that names refuses are refused with its error.
func Render(n plan.Node, names Names) (string, error) {
	if functions := plan.UserFunctions(n); len(functions) > 0 {
		return "", unsupported(fmt.Sprintf("the Go function %s runs in this process only", functions[0]))
	}
	r := &renderer{names: names, aliases: map[string]bool{}, views: map[*plan.View]*view{}, rounds: map[*plan.Recursion]*view{}}
	r.reserve(n)
	b, err := r.node(n)
	if err != nil {
		return "", err
	}
	columns, err := finalNames(n)
	if err != nil {
		return "", err
	}
	if b.sortedByName() && !distinct(columns) {
		b = r.lift(b)
	}
	text := r.write(b, columns)
	if strings.Contains(text, "${") {
		return "", unsupported("a name with ${ in it, which the server takes for a variable: rename it")
	}
	return text, nil
}

// renderer is one Render call.
type renderer struct {
	names   Names
	aliases map[string]bool // what no further alias may be called, in lower case: columns, and the aliases so far
	words   []string        // the SQL texts of the relations
	views   map[*plan.View]*view
	order   []*view                   // each behind those that it reads
	rounds  map[*plan.Recursion]*view // recursive ones that are being built
}

// view is a view as an entry of the WITH clause.
type view struct {
	ident     string
	name      string // unique in the statement
	query     *block
	names     []string        // of its columns
	recursion *plan.Recursion // nil: it does not read itself
}

// reserve keeps the names of all columns from becoming aliases, as t.x is a field of the column t before it is the column x of the table t.
func (r *renderer) reserve(n plan.Node) {
	for _, f := range n.Schema().Fields() {
		r.aliases[strings.ToLower(f.Name)] = true
	}
	if s, ok := n.(plan.Scan); ok {
		for _, f := range s.Relation.Schema().Fields() {
			r.aliases[strings.ToLower(f.Name)] = true
		}
		if v, ok := s.Relation.(*plan.View); ok {
			r.reserve(v.Query)
		}
	}
	for _, c := range n.Children() {
		r.reserve(c)
	}
}

// alias is a name for a table, as near to the wish as there is.
func (r *renderer) alias(wish string) string {
	name := unique(wish, r.aliases)
	r.aliases[strings.ToLower(name)] = true
	return name
}

// release lets the aliases of a finished block be used again: nothing outside of it sees them.
func (r *renderer) release(b *block) {
	for _, s := range b.from {
		delete(r.aliases, strings.ToLower(s.alias))
	}
}

// unique is the name, with a number behind it if it is taken. The keys of taken are in lower case.
func unique(name string, taken map[string]bool) string {
	free := name
	for i := 2; taken[strings.ToLower(free)]; i++ {
		free = fmt.Sprintf("%s_%d", name, i)
	}
	return free
}

// uniqueNames are the names of a block's columns where others read it.
func uniqueNames(b *block) []string {
	names, taken := make([]string, len(b.fields)), make(map[string]bool, len(b.fields))
	for i, f := range b.fields {
		name := f.Name
		if name == "" || strings.Contains(name, "${") {
			name = "column"
		}
		names[i] = unique(name, taken)
		taken[strings.ToLower(names[i])] = true
	}
	return names
}

func distinct(names []string) bool {
	seen := make(map[string]bool, len(names))
	for _, n := range names {
		seen[strings.ToLower(n)] = true
	}
	return len(seen) == len(names)
}

// finalNames are the plan's column names.
func finalNames(n plan.Node) ([]string, error) {
	fields := n.Schema().Fields()
	if len(fields) == 0 {
		return nil, unsupported("a query without columns")
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		if f.Name == "" {
			return nil, unsupported(fmt.Sprintf("a query whose column %d has no name", i+1))
		}
		names[i] = f.Name
	}
	return names, nil
}

func unsupported(what string) error {
	return &engine.UnsupportedError{Engine: "warehouse", Table: "the query", What: what}
}

// nameViews gives the views names that are no part of a relation's text, as a name in WITH would hide the relation.
func (r *renderer) nameViews() {
	taken := map[string]bool{}
	for _, text := range r.words {
		tokens, err := expr.Tokens(text)
		if err != nil {
			continue // the server will say what is wrong with it
		}
		for _, t := range tokens {
			if t.Name() {
				taken[strings.ToLower(t.Text)] = true
			}
		}
	}
	for _, v := range r.order {
		v.name = unique(v.ident, taken)
		taken[strings.ToLower(v.name)] = true
	}
}
