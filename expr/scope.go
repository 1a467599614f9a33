package expr

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

const (
	unresolved     = "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION"
	unresolvedNear = "UNRESOLVED_COLUMN.WITH_SUGGESTION"
)

// Scope is the columns that an expression may name. The zero Scope has none.
type Scope struct {
	Columns []ScopeColumn
	Outer   Outer // who knows what no column has the name of; nil: nobody
}

// Outer is what is around the query of a sub-query: the columns of its rows are variables inside the sub-query.
type Outer interface {
	// Variable finds what a path begins with, as Resolve does.
	Variable(c Column) (v BoundVar, fields []string, err error)
}

// ScopeColumn is one column of the input. Index is its position there; several entries may name the same position.
type ScopeColumn struct {
	Qualifier string // the relation's alias, or ""
	Name      string
	Type      arrow.DataType
	Nullable  bool
	Index     int
}

// NewScope has the schema's fields, in order and unqualified. A dictionary field counts as what it encodes.
func NewScope(schema *arrow.Schema) Scope {
	s := Scope{Columns: make([]ScopeColumn, schema.NumFields())}
	for i, f := range schema.Fields() {
		if d, ok := f.Type.(*arrow.DictionaryType); ok {
			f.Type = d.ValueType
		}
		s.Columns[i] = ScopeColumn{Name: f.Name, Type: f.Type, Nullable: f.Nullable, Index: i}
	}
	return s
}

// Qualify gives every column the alias as its qualifier.
func (s Scope) Qualify(alias string) Scope {
	columns := slices.Clone(s.Columns)
	for i := range columns {
		columns[i].Qualifier = alias
	}
	return Scope{Columns: columns, Outer: s.Outer}
}

// Join puts the columns of two inputs beside each other, as in the output of a join; other's positions are moved up by width, the number of s's input
// columns.
func (s Scope) Join(other Scope, width int) Scope {
	columns := slices.Clone(s.Columns)
	for _, c := range other.Columns {
		c.Index += width
		columns = append(columns, c)
	}
	return Scope{Columns: columns, Outer: s.Outer}
}

// lookup finds a column, or else one of the queries around. Of two that do not find it the inner scope says what is near.
func (s Scope) lookup(c Column) (Bound, []string, error) {
	if s.Outer != nil && !s.Has(c) {
		v, fields, err := s.Outer.Variable(c)
		if err == nil || !errors.Is(err, &Error{Class: unresolvedNear}) && !errors.Is(err, &Error{Class: unresolved}) {
			return v, fields, err
		}
	}
	return s.Resolve(c)
}

// Resolve finds the column that a path begins with, [qualifier.]name, and returns what is left of the path: struct fields. Names are compared without
// case. The error is UNRESOLVED_COLUMN with the nearest names, or AMBIGUOUS_REFERENCE.
func (s Scope) Resolve(c Column) (column BoundColumn, fields []string, err error) {
	first, count, fields := s.find(c.Path)
	switch count {
	case 0:
		return BoundColumn{}, nil, s.unresolved(c)
	case 1:
		f := &s.Columns[first]
		return BoundColumn{Index: f.Index, Name: f.Name, Typ: f.Type, Null: f.Nullable}, fields, nil
	default:
		return BoundColumn{}, nil, s.ambiguous(c, c.Path[:len(c.Path)-len(fields)])
	}
}

// Has reports whether a column, or several of them, have the name that c's path begins with.
func (s Scope) Has(c Column) bool {
	_, count, _ := s.find(c.Path)
	return count > 0
}

// find is the first of the columns that a path begins with, and how many there are. It prefers the qualified reading: o.id is column id of o before it is
// field id of column o.
func (s Scope) find(path []string) (first, count int, fields []string) {
	if len(path) > 1 {
		if first, count = s.count(path[:2]); count > 0 {
			return first, count, path[2:]
		}
	}
	first, count = s.count(path[:1])
	return first, count, path[1:]
}

// count is the first of the columns that have the name [qualifier.]name, and how many do.
func (s Scope) count(name []string) (first, count int) {
	for i := range s.Columns {
		if !s.Columns[i].is(name) {
			continue
		}
		if count++; count == 1 {
			first = i
		}
	}
	return first, count
}

func (c *ScopeColumn) is(name []string) bool {
	if len(name) == 1 {
		return strings.EqualFold(c.Name, name[0])
	}
	return c.Qualifier != "" && strings.EqualFold(c.Name, name[1]) && strings.EqualFold(c.Qualifier, name[0])
}

func (s Scope) ambiguous(c Column, name []string) *Error {
	var names []string
	for i := range s.Columns {
		if s.Columns[i].is(name) {
			names = append(names, s.Columns[i].show())
		}
	}
	return &Error{
		Class: "AMBIGUOUS_REFERENCE", SQLState: "42704", Line: c.Line, Column: c.Pos.Column,
		Message: fmt.Sprintf("%s could be any of %s", c, strings.Join(names, ", ")), Hint: "qualify it with the table's alias",
	}
}

func (s Scope) unresolved(c Column) *Error {
	e := &Error{
		Class: unresolved, SQLState: "42703", Line: c.Line, Column: c.Pos.Column,
		Message: fmt.Sprintf("no column or parameter has the name %s", c),
	}
	names := make([]string, len(s.Columns))
	for i, column := range s.Columns {
		names[i] = column.show()
	}
	if near := nearest(c.String(), names); len(near) > 0 {
		e.Class, e.Hint = unresolvedNear, "did you mean "+strings.Join(near, ", ")+"?"
	}
	return e
}

func (c ScopeColumn) show() string {
	if c.Qualifier == "" {
		return Quote(c.Name)
	}
	return Quote(c.Qualifier) + "." + Quote(c.Name)
}

// nearest gives up to five of the names, those first that take the fewest edits to become name. A qualifier that name lacks costs nothing.
func nearest(name string, names []string) []string {
	distance := func(candidate string) int {
		d := EditDistance(strings.ToLower(name), strings.ToLower(candidate))
		if _, plain, ok := strings.Cut(candidate, "."); ok {
			d = min(d, EditDistance(strings.ToLower(name), strings.ToLower(plain)))
		}
		return d
	}
	sorted := slices.Clone(names)
	slices.SortStableFunc(sorted, func(a, b string) int { return distance(a) - distance(b) })
	return sorted[:min(len(sorted), 5)]
}

// EditDistance is how many bytes must be put in, taken out or changed to make b of a (Levenshtein): hints name what is nearest to an unknown name.
func EditDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
