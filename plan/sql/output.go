package sql

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// output is one column of a select list, stars taken apart.
type output struct {
	node    expr.Node // from expand on over FROM's columns, from rewritten on over those of the last stage
	pos     expr.Pos
	name    string
	aliased bool     // the name is an alias: later items may use it
	key     string   // the name under which expressions refer to this output, once one does: unique among all that they can refer to
	group   int      // the group that this output is; -1: none
	names   []string // the names of the columns that a generator gives, as written
	// generated says that it is a column of the select list's generator.
	generated bool
	bound     expr.Bound // once it is known, over the columns of the last stage
}

// expand takes the stars of a select list apart and names every column.
func expand(items []item, in scope) ([]output, error) {
	names := namer{qualifier: in.isQualifier}
	outputs := make([]output, 0, len(items))
	for _, it := range items {
		if star, ok := it.node.(expr.Star); ok {
			columns, err := in.star(star)
			if err != nil {
				return nil, err
			}
			outputs = append(outputs, columns...)
			continue
		}
		o := output{node: it.node, pos: it.node.Position(), name: it.alias, aliased: it.alias != "", names: it.names, group: -1}
		if !o.aliased {
			o.name = names.name(it.node)
		}
		outputs = append(outputs, o)
	}
	return outputs, nil
}

// star lists the columns that *, t.* or struct.* stands for.
func (s scope) star(star expr.Star) ([]output, error) {
	outputs := make([]output, 0, len(s.visible))
	switch {
	case star.Qualifier == "":
		for _, v := range s.visible {
			outputs = append(outputs, s.starColumn(star, s.labels[v]))
		}
	case s.isQualifier(star.Qualifier):
		for _, l := range s.labels {
			if strings.EqualFold(l.qualifier, star.Qualifier) {
				outputs = append(outputs, s.starColumn(star, l))
			}
		}
	default:
		fields, err := s.starFields(star)
		if err != nil {
			return nil, err
		}
		outputs = fields
	}
	return without(outputs, star)
}

// starColumn is bound already: a plain name might be ambiguous.
func (s scope) starColumn(star expr.Star, l label) output {
	f := s.node.Schema().Field(l.column)
	o := output{pos: star.Pos, name: l.name, group: -1}
	if l.shown != "" {
		o.name = l.shown
	}
	path := []string{l.name}
	if l.qualifier != "" {
		path = []string{l.qualifier, l.name}
	}
	o.node = expr.Column{Pos: star.Pos, Path: path}
	o.bound = expr.BoundColumn{Index: l.column, Name: f.Name, Typ: f.Type, Null: f.Nullable}
	return o
}

// starFields takes a struct column apart.
func (s scope) starFields(star expr.Star) ([]output, error) {
	path := []string{star.Qualifier}
	b, err := s.bind(expr.Column{Pos: star.Pos, Path: path})
	if err != nil {
		return nil, fault("CANNOT_RESOLVE_STAR_EXPAND", "42704", star.Pos, "%s.* names no table or struct column of the query", star.Qualifier)
	}
	t, ok := b.Type().(*arrow.StructType)
	if !ok {
		return nil, fault("CANNOT_RESOLVE_STAR_EXPAND", "42704", star.Pos, "%s.* needs a table or a STRUCT, %s is %s", star.Qualifier, star.Qualifier,
			expr.TypeSQL(b.Type()))
	}
	outputs := make([]output, t.NumFields())
	for i, f := range t.Fields() {
		outputs[i] = output{node: expr.Column{Pos: star.Pos, Path: append(slices.Clip(path), f.Name)}, pos: star.Pos, name: f.Name, group: -1}
	}
	return outputs, nil
}

// without leaves out the columns that EXCEPT names, each of which must be there.
func without(outputs []output, star expr.Star) ([]output, error) {
	for _, name := range star.Except {
		kept := slices.DeleteFunc(slices.Clone(outputs), func(o output) bool { return strings.EqualFold(o.name, name) })
		if len(kept) == len(outputs) {
			err := fault("UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", star.Pos, "EXCEPT names %s, which is not among the columns", name)
			names := make([]string, len(outputs))
			for i, o := range outputs {
				names[i] = o.name
			}
			err.Hint = "the columns are " + strings.Join(names, ", ")
			return nil, err
		}
		outputs = kept
	}
	return outputs, nil
}
