package delta

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// The members of a column's metadata that say what it must hold, or holds where a row does not say (Delta protocol).
const (
	defaultKey       = "CURRENT_DEFAULT" // SQL, for rows to come
	existsDefaultKey = "EXISTS_DEFAULT"  // SQL, for rows that were there when the column was added
	generationKey    = "delta.generationExpression"
	invariantKey     = "delta.invariants"

	identityStartKey = "delta.identity.start"
	identityStepKey  = "delta.identity.step"
	identityHighKey  = "delta.identity.highWaterMark"
	identityAllowKey = "delta.identity.allowExplicitInsert"
)

// isIdentity reports whether a column has an identity's values.
func isIdentity(m arrow.Metadata) bool {
	return m.FindKey(identityStartKey) >= 0 || m.FindKey(identityStepKey) >= 0
}

// NotNullError says that rows to be written have NULL in a NOT NULL column.
type NotNullError struct {
	Table  string
	Column string // dotted path
	Rows   int64  // in the batch that was refused
}

// Error names the column and the number of rows.
func (e *NotNullError) Error() string {
	return fmt.Sprintf("delta: write to %s: column %s is NOT NULL, but %d rows of the batch have NULL in it", e.Table, e.Column, e.Rows)
}

// ConstraintError says that rows to be written break one of the table's constraints: for them it is FALSE or NULL.
type ConstraintError struct {
	Table string
	Name  string
	SQL   string
	Rows  int64 // in the batch that was refused
}

// Error names the constraint and the number of rows.
func (e *ConstraintError) Error() string {
	return fmt.Sprintf("delta: write to %s: %d rows of the batch violate constraint %s: %s", e.Table, e.Rows, e.Name, e.SQL)
}

// rule is a constraint that every row must make TRUE.
type rule struct {
	name string
	sql  string
	expr *kernel.Expr
}

// compileRules prepares what every row must meet: CHECK constraints, invariants, generated columns, the lengths of texts. What cannot be evaluated exactly
// refuses the write.
func (tx *Transaction) compileRules(m *tableMetadata) ([]*rule, error) {
	rules := append(m.allConstraints(), m.charRules()...)
	if tx.protocol().supports("generatedColumns") {
		rules = append(rules, m.generationRules()...)
	}
	var list []*rule
	for _, c := range rules {
		r, err := compileRule(c, m.schema)
		if err != nil {
			return nil, tx.unsupported(c.feature, fmt.Sprintf("%s: %s: %v", c.name, c.sql, err))
		}
		list = append(list, r)
	}
	return list, nil
}

func compileRule(c constraint, s *arrow.Schema) (*rule, error) {
	node, err := expr.Parse(c.sql)
	if err != nil {
		return nil, err
	}
	b, err := expr.BindPredicate(node, expr.NewScope(s))
	if err != nil {
		return nil, err
	}
	e, err := kernel.Compile(b)
	if err != nil {
		return nil, err
	}
	return &rule{c.name, c.sql, e}, nil
}

// allConstraints are the CHECK constraints and the invariants of columns and of fields of structs.
func (m *tableMetadata) allConstraints() []constraint {
	list := m.constraints()
	if !strings.Contains(m.SchemaString, invariantKey) {
		return list
	}
	eachField(m.schema.Fields(), func(path []string, f arrow.Field) {
		if raw, ok := f.Metadata.GetValue(invariantKey); ok {
			list = append(list, constraint{"invariant of " + strings.Join(path, "."), invariantSQL(raw), "invariants"})
		}
	})
	return list
}

// invariantSQL takes the expression out of {"expression":{"expression":"x > 3"}}; text of another form comes back as it is, and will not parse.
func invariantSQL(raw string) string {
	s := &scanner{text: raw}
	outer := s.looseMap()
	inner := (&scanner{text: outer["expression"]}).looseMap()
	if sql := inner["expression"]; sql != "" {
		return sql
	}
	return raw
}

// check refuses rows that the table's columns or constraints forbid.
func (w *Writer) check(columns []arrow.Array, n int, sel []int32) error {
	if w.config.moves {
		return nil
	}
	for i, f := range w.table.schema.Fields() {
		if path, rows := nullViolation(f, columns[i], n, sel); rows > 0 {
			return &NotNullError{Table: w.tx.table.Name(), Column: path, Rows: rows}
		}
	}
	want := n
	if sel != nil {
		want = len(sel)
	}
	var kept []int32
	for _, r := range w.rules {
		var err error
		if kept, err = r.expr.Select(w.env, columns, n, sel, kept[:0]); err != nil {
			return fmt.Errorf("delta: write to %s: constraint %s: %w", w.tx.table.Name(), r.name, err)
		}
		if len(kept) < want {
			return &ConstraintError{Table: w.tx.table.Name(), Name: r.name, SQL: r.sql, Rows: int64(want - len(kept))}
		}
	}
	return nil
}

// nullViolation counts the selected rows that are NULL where the field is NOT NULL; fields of structs and elements of arrays and maps count as rows.
func nullViolation(f arrow.Field, a arrow.Array, n int, sel []int32) (path string, rows int64) {
	nulls := vector.NullsOf(a)
	if !f.Nullable && !nulls.None() {
		if rows = countNulls(nulls, n, sel); rows > 0 {
			return f.Name, rows
		}
	}
	if !hasRequired(f.Type) {
		return "", 0
	}
	if !nulls.None() {
		sel = presentRows(nulls, n, sel)
	}
	var children []arrow.Field
	var arrays []arrow.Array
	switch t := f.Type.(type) {
	case *arrow.StructType:
		children = t.Fields()
		for i := range children {
			arrays = append(arrays, a.(*array.Struct).Field(i))
		}
	case *arrow.ListType:
		l := a.(*array.List)
		children, arrays, sel = []arrow.Field{t.ElemField()}, []arrow.Array{l.ListValues()}, elementRows(l, n, sel)
	case *arrow.MapType:
		m := a.(*array.Map)
		children, arrays, sel = []arrow.Field{t.ItemField()}, []arrow.Array{m.Items()}, elementRows(m.List, n, sel)
	}
	for i, child := range children {
		if inner, rows := nullViolation(child, arrays[i], arrays[i].Len(), sel); rows > 0 {
			return strings.Join([]string{f.Name, inner}, "."), rows
		}
	}
	return "", 0
}

// elementRows are the positions of the selected rows' elements; never nil.
func elementRows(l *array.List, n int, sel []int32) []int32 {
	rows := []int32{}
	if sel != nil {
		n = len(sel)
	}
	for i := range n {
		from, to := l.ValueOffsets(rowOf(sel, i))
		for e := from; e < to; e++ {
			rows = append(rows, int32(e))
		}
	}
	return rows
}

// hasRequired reports whether there is a NOT NULL part below the type itself.
func hasRequired(t arrow.DataType) bool {
	var parts []arrow.Field
	switch t := t.(type) {
	case *arrow.StructType:
		parts = t.Fields()
	case *arrow.ListType:
		parts = []arrow.Field{t.ElemField()}
	case *arrow.MapType:
		parts = []arrow.Field{t.ItemField()}
	}
	for _, f := range parts {
		if !f.Nullable || hasRequired(f.Type) {
			return true
		}
	}
	return false
}

func countNulls(nulls vector.Nulls, n int, sel []int32) int64 {
	count := int64(0)
	if sel == nil {
		for i := range n {
			if nulls.At(i) {
				count++
			}
		}
		return count
	}
	for _, i := range sel {
		if nulls.At(int(i)) {
			count++
		}
	}
	return count
}

// presentRows are the selected rows that are not NULL; never nil.
func presentRows(nulls vector.Nulls, n int, sel []int32) []int32 {
	rows := make([]int32, 0, n)
	if sel == nil {
		for i := range n {
			if nulls.Valid(i) {
				rows = append(rows, int32(i))
			}
		}
		return rows
	}
	for _, i := range sel {
		if nulls.Valid(int(i)) {
			rows = append(rows, i)
		}
	}
	return rows
}
