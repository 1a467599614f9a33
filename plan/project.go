package plan

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// NewProject computes exprs, over in's columns, as columns called names.
func NewProject(in Node, exprs []expr.Bound, names []string) (Project, error) {
	if err := counted("projected expressions", len(exprs), len(names)); err != nil {
		return Project{}, err
	}
	if err := allFit(exprs, in.Schema()); err != nil {
		return Project{}, err
	}
	return project(in, exprs, names), nil
}

func project(in Node, exprs []expr.Bound, names []string) Project {
	fields := make([]arrow.Field, len(exprs))
	for i, e := range exprs {
		fields[i] = column(names[i], e.Type(), e.Nullable())
	}
	return Project{Input: in, Exprs: exprs, schema: arrow.NewSchema(fields, nil)}
}

// Schema has one column per expression.
func (p Project) Schema() *arrow.Schema { return p.schema }

// Children is the input.
func (p Project) Children() []Node { return appendInputs(nil, p) }

// ColumnsOf returns one expression per column of n that is that column, to build projections from.
func ColumnsOf(n Node) []expr.Bound {
	columns := make([]expr.Bound, n.Schema().NumFields())
	for i := range columns {
		columns[i] = ColumnOf(n, i)
	}
	return columns
}

// ColumnOf is n's column at a position, to build projections from.
func ColumnOf(n Node, i int) expr.BoundColumn {
	f := n.Schema().Field(i)
	return expr.BoundColumn{Index: i, Name: f.Name, Typ: f.Type, Null: f.Nullable}
}
