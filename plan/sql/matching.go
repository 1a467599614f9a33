package sql

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// HasSubquery reports whether there is a query inside the expression.
func HasSubquery(n expr.Node) bool { return n != nil && hasSubquery(n) }

// MatchingRows is the query SELECT DISTINCT columns, values FROM table AS alias WHERE where: which rows a statement is about, by the values of columns, and what
// it makes of them.
func MatchingRows(table Table, alias string, columns []NamedColumn, values []Named, where expr.Node) *Query {
	at := table.Pos
	b := selectBody{Pos: at, distinct: true, where: where, from: []relation{tableName{Table: table, alias: alias}}}
	for _, c := range columns {
		b.items = append(b.items, item{node: expr.Column{Pos: at, Path: []string{alias, c.Of}}, alias: c.Name})
	}
	if len(columns)+len(values) == 0 {
		b.items = append(b.items, item{node: expr.Literal{Pos: at, Value: true, Type: schema.Boolean}, alias: "any"})
	}
	for _, v := range values {
		b.items = append(b.items, item{node: v.Value, alias: v.Name})
	}
	return &Query{root: query{Pos: at, body: b}}
}

// Named is an expression with a name.
type Named struct {
	Name  string
	Value expr.Node
}

// NamedColumn is a column with another name.
type NamedColumn struct{ Name, Of string }

// Mentions reports whether an expression, or a query inside it, may name the column or table: its text has the name, as a word.
func Mentions(n expr.Node, name string) bool {
	if n == nil {
		return false
	}
	text, name := strings.ToLower(strings.ReplaceAll(n.String(), "``", "`")), strings.ToLower(name)
	for at := 0; ; at++ {
		next := strings.Index(text[at:], name)
		if next < 0 {
			return false
		}
		at += next
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		behind, _ := utf8.DecodeRuneInString(text[at+len(name):])
		if !isWord(before) && !isWord(behind) {
			return true
		}
	}
}

func isWord(r rune) bool {
	return r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
