// Package dataset declares typed relations: queries in Databricks SQL or in Go over tables, sources and other datasets.
//
// A Dataset is a declaration. Building one does no I/O and cannot fail; faults are reported, with the line of the declaration, by Pipeline.Validate,
// Explain and Run. Relations are wired as Go values: SQL text sees only the names that In gives, so the graph has no dangling names and no cycles.
package dataset

import (
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source"
)

// Dataset is a relation whose rows are R.
type Dataset[R any] struct {
	site    plan.Site
	what    string
	resolve func(*Resolver) (plan.Node, error)
}

// New declares a dataset by how it resolves. It is for packages that define new kinds of stages; what names it in errors.
func New[R any](site plan.Site, what string, resolve func(*Resolver) (plan.Node, error)) *Dataset[R] {
	return &Dataset[R]{site: site, what: what, resolve: resolve}
}

// Resolve checks the dataset and gives its plan.
func (d *Dataset[R]) Resolve(r *Resolver) (plan.Node, error) {
	n, err := d.resolve(r)
	if err != nil {
		return nil, within(d.site, d.what, err)
	}
	return n, nil
}

// RowType ties R to the dataset.
func (d *Dataset[R]) RowType() (row R) { return row }

// within adds the place, unless an inner declaration has already said its own.
func within(site plan.Site, what string, err error) error {
	var inner *DeclarationError
	if errors.As(err, &inner) {
		return err
	}
	return &DeclarationError{Site: site, What: what, Err: err}
}

// Input is what SQL text reads: a relation under the name by which the text knows it, or the value of a parameter.
type Input struct {
	alias    string
	relation Relation
	value    expr.Typed // of the parameter alias; nil: a relation
}

// In names a relation for the SQL text.
func In(alias string, relation Relation) Input { return Input{alias: alias, relation: relation} }

// Arg is the value of the parameter :name in the SQL text, or of the next ? where the name is empty; of the types that expr.Lit takes. It never becomes text, so
// that nothing in it can be read as SQL.
func Arg[T any](name string, value T) Input { return Input{alias: name, value: expr.Lit(value)} }

// SQL is a query in Databricks SQL. Its columns must be R's by name, in any order, with types that ANSI store assignment takes to R's.
func SQL[R any](query string, inputs ...Input) *Dataset[R] {
	return New[R](Caller(0), "dataset.SQL", func(r *Resolver) (plan.Node, error) {
		n, err := resolveSQL(r, query, inputs)
		if err != nil {
			return nil, err
		}
		return Conform[R](n)
	})
}

// View names a dataset that several tables read. Tables refreshed together compute it once. Checks do not belong in it: their counts are part of a table's
// commit, and a view has none.
func View[R any](name string, of Rows[R]) *Dataset[R] {
	return New[R](Caller(0), "view "+name, func(r *Resolver) (plan.Node, error) {
		n, err := r.Node(of)
		if err != nil {
			return nil, err
		}
		if len(plan.Checks(n)) > 0 {
			return nil, errors.New("it checks rows, and what a check counts and sets aside is part of a table's commit: check the rows in the tables that read the view, or make it a table")
		}
		return plan.NewScan(&plan.View{Ident: name, Query: n}), nil
	})
}

// Latest keeps one row per key: the greatest in the order of by. Both are SQL expression lists: "order_id", "updated_at, seq". Rows that tie in all of by
// are taken for copies of each other and any one of them is kept.
func Latest[R any](in Rows[R], keys, by string) *Dataset[R] {
	return New[R](Caller(0), "dataset.Latest", func(r *Resolver) (plan.Node, error) {
		n, err := r.Node(in)
		if err != nil {
			return nil, err
		}
		k, err := BindList(r, n.Schema(), keys)
		if err != nil {
			return nil, fmt.Errorf("keys: %w", err)
		}
		b, err := BindList(r, n.Schema(), by)
		if err != nil {
			return nil, fmt.Errorf("order: %w", err)
		}
		order := make([]expr.BoundSort, len(b))
		for i := range b {
			order[i] = expr.BoundSort{Arg: b[i], Descending: true}
		}
		return plan.NewLatest(n, k, order)
	})
}

// Source is a source's new rows, typed. A flow over it processes each row once; R may have the columns that the source offers beside its data, such as
// _metadata, _rescued_data and _corrupt_record of files.
func Source[R any](src source.Source) *Dataset[R] {
	return SourceAt[R](Caller(0), src)
}

// SourceAt is Source of a declaration that stands elsewhere: that of a table, by bronze.Ingest.
func SourceAt[R any](site plan.Site, src source.Source) *Dataset[R] {
	return New[R](site, "source "+src.Name(), func(r *Resolver) (plan.Node, error) {
		rel, err := SourceRelation[R](r, src)
		if err != nil {
			return nil, err
		}
		return plan.NewScan(rel), nil
	})
}

// SourceRelation asks the source for rows of R; for schema.Row, whose schema is known only at run time, it takes the source's own.
func SourceRelation[R any](r *Resolver, src source.Source) (*plan.SourceRelation, error) {
	want, err := RowSchema[R]()
	if err != nil {
		return nil, err
	}
	if typed, ok := src.(source.Typed); ok && want != nil {
		src = typed.As(want)
	}
	rows, err := src.Schema(r.Context())
	if err != nil {
		return nil, err
	}
	limits := source.Limits{}
	if l, ok := src.(source.Limiter); ok {
		limits = l.Limits()
	}
	return &plan.SourceRelation{Source: src, Limits: limits, Rows: rows}, nil
}

// RowSchema is R's schema, or nil for schema.Row.
func RowSchema[R any]() (*arrow.Schema, error) {
	var row R
	if _, ok := any(row).(schema.Row); ok {
		return nil, nil
	}
	return schema.Of[R]()
}

// Conform makes the node's rows R's: columns matched by name without case, cast where ANSI store assignment allows it, in R's order. NULLs are not looked
// at: a rule further on may still take them out.
func Conform[R any](n plan.Node) (plan.Node, error) {
	want, err := RowSchema[R]()
	if err != nil || want == nil {
		return n, err
	}
	return conform(n, want)
}

func conform(n plan.Node, want *arrow.Schema) (plan.Node, error) {
	have := n.Schema()
	exprs := make([]expr.Bound, 0, want.NumFields())
	names := make([]string, 0, want.NumFields())
	same := have.NumFields() == want.NumFields()
	for i, f := range want.Fields() {
		at := schema.Find(have.Fields(), f.Name)
		if at < 0 {
			return nil, &expr.Error{
				Class: "UNRESOLVED_COLUMN.WITH_SUGGESTION", SQLState: "42703",
				Message: fmt.Sprintf("the row type has column %s, but the query gives only %s", f.Name, strings.Join(columnNames(have), ", ")),
				Hint:    "select it, or take the field out of the row type",
			}
		}
		g := have.Field(at)
		col := expr.Bound(expr.BoundColumn{Index: at, Name: g.Name, Typ: g.Type, Null: g.Nullable})
		if !schema.Equal(g.Type, f.Type) {
			if err := expr.CanAssign(g.Type, f.Type); err != nil {
				return nil, fmt.Errorf("column %s: %w", f.Name, err)
			}
			col = expr.Convert(col, f.Type)
		}
		same = same && at == i && g.Name == f.Name && schema.Equal(g.Type, f.Type)
		exprs, names = append(exprs, col), append(names, f.Name)
	}
	for _, g := range have.Fields() {
		if schema.Find(want.Fields(), g.Name) < 0 {
			return nil, &expr.Error{
				Class: "INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS", SQLState: "21S01",
				Message: fmt.Sprintf("the query gives column %s, which the row type has no field for", g.Name),
				Hint:    "leave it out of the query, or add a field with the tag `delta:\"" + g.Name + "\"`",
			}
		}
	}
	if same {
		return n, nil
	}
	return plan.NewProject(n, exprs, names)
}

func columnNames(s *arrow.Schema) []string {
	names := make([]string, s.NumFields())
	for i, f := range s.Fields() {
		names[i] = f.Name
	}
	return names
}
