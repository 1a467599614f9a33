package delta

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// bindAssignment resolves an expression and converts it to the column's type. DEFAULT is the column's default, NULL without one.
func bindAssignment(sql string, scope expr.Scope, to arrow.Field, a *aligner) (expr.Bound, error) {
	if strings.EqualFold(strings.TrimSpace(sql), "DEFAULT") {
		return defaultValue(to)
	}
	node, err := expr.Parse(sql)
	if err != nil {
		return nil, fmt.Errorf("column %s: %w", to.Name, err)
	}
	b, err := expr.Bind(node, scope)
	if err != nil {
		return nil, fmt.Errorf("column %s: %w", to.Name, err)
	}
	if b, err = a.align(b, to.Type, nil); err != nil {
		return nil, fmt.Errorf("column %s: %w", to.Name, err)
	}
	return b, nil
}

// bindDefault resolves a column's default value, a constant expression in SQL, in the column's type.
func bindDefault(sql string, f arrow.Field) (expr.Bound, error) {
	b, err := bindAssignment(sql, expr.Scope{}, f, &aligner{})
	if err != nil {
		return nil, fmt.Errorf("default %s: %w", sql, err)
	}
	return b, nil
}

func defaultValue(f arrow.Field) (expr.Bound, error) {
	if sql, ok := f.Metadata.GetValue(defaultKey); ok {
		return bindDefault(sql, f)
	}
	return expr.BoundLiteral{Typ: f.Type}, nil
}

// FillsIn reports whether a table gives a column's value where rows do not have the column: by its default, its expression or its identity.
func FillsIn(f arrow.Field) bool {
	return f.Metadata.FindKey(generationKey) >= 0 || f.Metadata.FindKey(defaultKey) >= 0 || isIdentity(f.Metadata)
}

// assigned is the values that an UPDATE, or a clause of a MERGE, gives the table's columns; given tells which of them the statement names.
type assigned struct {
	table  *arrow.Schema
	values []expr.Bound
	given  []bool
}

// updates gives generated columns that are not named the values that their expressions have over the new row. An identity cannot be named.
func (a assigned) updates() error {
	for i, f := range a.table.Fields() {
		if a.given[i] && isIdentity(f.Metadata) {
			return &SchemaError{f.Name, "its values are the table's: an identity column cannot be updated"}
		}
	}
	return a.generate()
}

// inserts gives the columns that are not named what the table has for them: defaults, generated values, and NULL, which an identity makes its next value.
func (a assigned) inserts() error {
	for i, f := range a.table.Fields() {
		switch allowed, _ := f.Metadata.GetValue(identityAllowKey); {
		case isIdentity(f.Metadata) && a.given[i] && allowed != "true":
			return errGeneratedAlways(f.Name)
		case !a.given[i]:
			var err error
			if a.values[i], err = defaultValue(f); err != nil {
				return err
			}
		}
	}
	return a.generate()
}

func (a assigned) generate() error {
	for i, f := range a.table.Fields() {
		sql, ok := f.Metadata.GetValue(generationKey)
		if !ok || a.given[i] {
			continue
		}
		b, err := bindGenerated(sql, f, a.table)
		if err != nil {
			return fmt.Errorf("column %s: %w", f.Name, err)
		}
		a.values[i] = expr.Rewrite(b, func(e expr.Bound) expr.Bound {
			if c, ok := e.(expr.BoundColumn); ok {
				return a.values[c.Index]
			}
			return e
		})
	}
	return nil
}

// DefaultOf is the SQL of what DEFAULT stands for in a column: NULL where it has no default. ok is false for a column whose values the table alone gives.
func DefaultOf(f arrow.Field) (sql string, ok bool) {
	if sql, ok := f.Metadata.GetValue(defaultKey); ok {
		return sql, true
	}
	return "NULL", !FillsIn(f)
}

func errGeneratedAlways(column string) error {
	return &SchemaError{column, "it is GENERATED ALWAYS AS IDENTITY: leave it out, its values are the table's"}
}

// setColumns resolves SET column = value of an UPDATE: what becomes of each of the table's columns.
func setColumns(s *arrow.Schema, set map[string]string) ([]expr.Bound, error) {
	fields := s.Fields()
	a := assigned{table: s, values: make([]expr.Bound, len(fields)), given: make([]bool, len(fields))}
	for i, f := range fields {
		a.values[i] = expr.BoundColumn{Index: i, Name: f.Name, Typ: f.Type, Null: f.Nullable}
	}
	for name, sql := range set {
		i := schema.Find(fields, name)
		if i < 0 {
			return nil, &SchemaError{name, "the table does not have it"}
		}
		value, err := bindAssignment(sql, expr.NewScope(s), fields[i], &aligner{})
		if err != nil {
			return nil, err
		}
		a.values[i], a.given[i] = value, true
	}
	return a.values, a.updates()
}
