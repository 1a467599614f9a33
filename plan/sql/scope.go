package sql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// scope is a node and what a query calls its columns. It is a value: what adds to it makes a new one.
type scope struct {
	node    plan.Node
	labels  []label
	visible []int             // what * stands for: positions in labels, in order
	merged  map[string]string // columns of USING, by their name in lower case: the label of the one column that the plain name means

	attached []attachment // sub-queries that are columns of node
	outer    expr.Outer   // the rows around, where s is within a sub-query; else nil
	memo     *memo        // what words and schema come to; nil: they are not kept
}

// memo keeps what is asked of a scope for every expression. A scope of another node or other labels needs a new one.
type memo struct {
	schema *arrow.Schema
	words  []expr.ScopeColumn
}

// label is a name for a column of the node. One column may have several.
type label struct {
	qualifier, name string
	column          int
	shown           string // what * calls the column, where that is not its name
}

// named is the scope of n's columns under an alias. Names, where given, replace the columns' own.
func named(n plan.Node, alias string, names []string) scope {
	s := scope{node: n, memo: &memo{schema: n.Schema()}}
	width := s.memo.schema.NumFields()
	s.labels, s.visible = make([]label, width), make([]int, width)
	for i := range s.labels {
		s.labels[i], s.visible[i] = label{qualifier: alias, name: s.memo.schema.Field(i).Name, column: i}, i
		if names != nil {
			s.labels[i].name = names[i]
		}
	}
	return s
}

// over is s for a node with the same columns and perhaps more behind them.
func (s scope) over(n plan.Node) scope {
	s.node, s.memo = n, &memo{}
	return s
}

// with is s with one label more, which * does not show.
func (s scope) with(name string, column int) scope {
	s.labels, s.memo = append(slices.Clip(s.labels), label{name: name, column: column}), &memo{schema: s.schema()}
	return s
}

// beside is s followed by r, as a join of the two has them.
func (s scope) beside(r scope, n plan.Node) scope {
	width, labels := s.schema().NumFields(), len(s.labels)
	joined := scope{node: n, merged: map[string]string{}, outer: s.outer, memo: &memo{}}
	joined.labels, joined.visible = slices.Concat(s.labels, r.labels), slices.Concat(s.visible, r.visible)
	joined.attached = slices.Concat(s.attached, r.attached)
	for i := range r.labels {
		joined.labels[labels+i].column += width
	}
	for i := range r.visible {
		joined.visible[len(s.visible)+i] += labels
	}
	for _, side := range []scope{s, r} {
		for name, l := range side.merged {
			joined.merged[name] = l
		}
	}
	return joined
}

// words is the scope as expressions are bound in it.
func (s scope) words() expr.Scope {
	if s.memo != nil && s.memo.words != nil {
		return expr.Scope{Columns: s.memo.words, Outer: s.outer}
	}
	schema := s.schema()
	columns := make([]expr.ScopeColumn, len(s.labels))
	for i, l := range s.labels {
		f := schema.Field(l.column)
		columns[i] = expr.ScopeColumn{Qualifier: l.qualifier, Name: l.name, Type: f.Type, Nullable: f.Nullable, Index: l.column}
	}
	if s.memo != nil {
		s.memo.words = columns
	}
	return expr.Scope{Columns: columns, Outer: s.outer}
}

// schema is the node's.
func (s scope) schema() *arrow.Schema {
	if s.memo == nil {
		return s.node.Schema()
	}
	if s.memo.schema == nil {
		s.memo.schema = s.node.Schema()
	}
	return s.memo.schema
}

// has tells whether a column is one of s itself, not of what is around.
func (s scope) has(c expr.Column) bool { return s.words().Has(s.canonicalColumn(c)) }

// isQualifier tells whether name is the alias of a relation in s.
func (s scope) isQualifier(name string) bool {
	return slices.ContainsFunc(s.labels, func(l label) bool { return l.qualifier != "" && strings.EqualFold(l.qualifier, name) })
}

// canonical replaces in n the plain names that USING gave to one of two columns, and the sub-queries that are columns.
func (s scope) canonical(n expr.Node) expr.Node {
	n = s.withAttached(n)
	if len(s.merged) == 0 {
		return n
	}
	m := columnMapper{change: func(c expr.Column) (expr.Node, error) { return s.canonicalColumn(c), nil }}
	n, _ = m.node(n)
	return n
}

func (s scope) canonicalColumn(c expr.Column) expr.Column {
	if l, ok := s.merged[strings.ToLower(c.Path[0])]; ok && !(len(c.Path) > 1 && s.isQualifier(c.Path[0])) {
		c.Path = append([]string{l}, c.Path[1:]...)
	}
	return c
}

// filteredBy keeps the rows of s for which n (nil: none), whose sub-queries are attached, is TRUE.
func (s scope) filteredBy(n expr.Node) (scope, error) {
	if n == nil {
		return s, nil
	}
	cond, err := s.predicate(n)
	if err != nil {
		return scope{}, err
	}
	f, err := plan.NewFilter(s.node, cond)
	if err != nil {
		return scope{}, at(err, n.Position())
	}
	return s.over(f), nil
}

// taken are names in use: those of labels, and others in lower case.
type taken struct {
	labels []label
	names  map[string]bool // with those of labels from the first question on
}

func takenBy(s scope) *taken { return &taken{labels: s.labels} }

// fresh is name, or name with a number behind it that makes it new, and takes it.
func (t *taken) fresh(name string) string {
	t.fill()
	unique := name
	for n := 1; t.names[strings.ToLower(unique)]; n++ {
		unique = fmt.Sprintf("%s_%d", name, n)
	}
	t.names[strings.ToLower(unique)] = true
	return unique
}

func (t *taken) fill() {
	if t.names != nil {
		return
	}
	t.names = map[string]bool{}
	for _, l := range t.labels {
		t.names[strings.ToLower(l.name)] = true
		t.names[strings.ToLower(l.qualifier)] = true
	}
}
