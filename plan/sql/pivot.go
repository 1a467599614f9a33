package sql

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// pivot makes a column of each value of columns, for each aggregate. Rows are grouped by what neither the aggregates nor columns read.
type pivot struct {
	expr.Pos
	input   relation
	aggs    []item
	columns []expr.Column
	values  []item
	alias   string
	names   []string // of all columns, behind the alias
}

func (pivot) isRelation() {}

// pivoting is a pivot whose parts are bound.
type pivoting struct {
	pivot
	in     scope
	groups []label            // of in
	keys   []expr.BoundColumn // the pivot's columns
	values [][]expr.Bound     // for each value, what the columns are equal to
}

func (r *resolver) pivot(v pivot, with *withScope) (scope, error) {
	in, err := r.relation(v.input, with)
	if err != nil {
		return scope{}, err
	}
	p := &pivoting{pivot: v, in: in}
	for _, step := range []func() error{p.bindColumns, p.bindValues, p.findGroups} {
		if err := step(); err != nil {
			return scope{}, err
		}
	}
	rows, err := p.resolve()
	if err != nil || v.alias == "" {
		return rows, err
	}
	return renamed(rows, v.alias, v.names, v.Pos)
}

func (p *pivoting) bindColumns() error {
	for _, c := range p.columns {
		b, err := p.in.bind(c)
		if err != nil {
			return err
		}
		column, ok := b.(expr.BoundColumn)
		if !ok {
			return fault("UNSUPPORTED_FEATURE", "0A000", c.Pos, "PIVOT by %s, which is no column, is not supported", c)
		}
		p.keys = append(p.keys, column)
	}
	return nil
}

// bindValues binds the values as constants of the types of the columns.
func (p *pivoting) bindValues() error {
	for _, v := range p.pivot.values {
		parts := []expr.Node{v.node}
		if row, ok := v.node.(expr.Call); ok && row.Func == "struct" && len(p.keys) > 1 {
			parts = row.Args
		}
		if len(parts) != len(p.keys) {
			return fault("PIVOT_VALUE_DATA_TYPE_MISMATCH", "42K09", v.node.Position(), "the value %s has %d parts, and PIVOT is by %d columns",
				v.node, len(parts), len(p.keys))
		}
		var bound []expr.Bound
		for i, part := range parts {
			b, err := p.bindValue(part, p.keys[i].Typ)
			if err != nil {
				return err
			}
			bound = append(bound, b)
		}
		p.values = append(p.values, bound)
	}
	return nil
}

func (p *pivoting) bindValue(n expr.Node, to arrow.DataType) (expr.Bound, error) {
	b, err := oneRow().bind(n)
	if isUnresolved(err) {
		if _, bindErr := p.in.bind(n); bindErr == nil {
			return nil, fault("NON_LITERAL_PIVOT_VALUES", "42K08", n.Position(), "the value %s of PIVOT is no constant", n)
		}
	}
	if err != nil {
		return nil, err
	}
	if t, ok := expr.CommonType(b.Type(), to); !ok || !arrow.TypeEqual(t, to) {
		return nil, fault("PIVOT_VALUE_DATA_TYPE_MISMATCH", "42K09", n.Position(), "the value %s is %s, and the column of PIVOT is %s",
			n, expr.TypeSQL(b.Type()), expr.TypeSQL(to))
	}
	return expr.Convert(b, to), nil
}

// findGroups lists the columns that neither PIVOT's columns nor its aggregates read.
func (p *pivoting) findGroups() error {
	read := map[int]bool{}
	for _, k := range p.keys {
		read[k.Index] = true
	}
	for _, it := range p.aggs {
		columns, err := p.in.readBy(it.node)
		if err != nil {
			return err
		}
		for _, c := range columns {
			read[c] = true
		}
	}
	for _, v := range p.in.visible {
		if l := p.in.labels[v]; !read[l.column] {
			p.groups = append(p.groups, l)
		}
	}
	return nil
}

// readBy lists the columns that the aggregates of an expression read. Outside of aggregates it must read none.
func (s scope) readBy(n expr.Node) ([]int, error) {
	var columns []int
	found := false
	var walk func(n expr.Node) (expr.Node, error)
	walk = func(n expr.Node) (expr.Node, error) {
		c, ok := n.(expr.Call)
		if ok && c.IsAggregate() {
			found = true
			a, err := s.aggregate(c)
			for _, part := range append(a.Args, a.Filter) {
				if part != nil {
					columns = append(columns, expr.Columns(part)...)
				}
			}
			return n, err
		}
		if _, column := n.(expr.Column); column {
			return nil, missingAggregate(n)
		}
		return mapChildren(n, walk)
	}
	if _, err := walk(n); err != nil {
		return nil, err
	}
	if !found {
		return nil, missingAggregate(n)
	}
	return columns, nil
}

func missingAggregate(n expr.Node) error {
	return fault("AGGREGATE_FUNCTION_MISSING_FOR_PIVOT", "42K0E", n.Position(), "PIVOT takes aggregates, and %s stands outside of one", n)
}

// resolve groups and pivots. Where a group has no rows with a value there is NULL, unless an aggregate is of a type of which Spark cannot tell it from what
// the aggregate gives for no rows; it then has that.
func (p *pivoting) resolve() (scope, error) {
	exprs, err := p.bindAggregates()
	if err != nil {
		return scope{}, err
	}
	if slices.ContainsFunc(exprs, func(b expr.Bound) bool { return !plainNumber(b.Type()) }) {
		return p.filtered()
	}
	return p.picked()
}

// plainNumber tells whether Spark pivots results of the type after it has aggregated them.
func plainNumber(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.BOOL, arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.FLOAT32, arrow.FLOAT64, arrow.DECIMAL128:
		return true
	default:
		return false
	}
}

// columnName is what Spark calls the column of a value and an aggregate.
func (p *pivoting) columnName(v, agg int) (string, error) {
	name := p.pivot.values[v].alias
	if name == "" {
		var err error
		if name, err = p.valueText(v); err != nil {
			return "", err
		}
	}
	if len(p.aggs) == 1 {
		return name, nil
	}
	suffix := p.aggs[agg].alias
	if suffix == "" {
		suffix = namer{qualifier: p.in.isQualifier}.name(p.aggs[agg].node)
	}
	return name + "_" + suffix, nil
}

// valueText is a value as a STRING; several are a struct.
func (p *pivoting) valueText(v int) (string, error) {
	text := ""
	for i, b := range p.values[v] {
		l, ok := expr.Convert(b, schema.String).(expr.BoundLiteral)
		if !ok {
			return "", fault("UNSUPPORTED_FEATURE", "0A000", p.pivot.values[v].node.Position(), "the value %s of PIVOT needs an alias", p.pivot.values[v].node)
		}
		part := "null"
		if l.Value != nil {
			part = fmt.Sprint(l.Value)
		}
		if i > 0 {
			text += ", "
		}
		text += part
	}
	if len(p.values[v]) > 1 {
		return "{" + text + "}", nil
	}
	return text, nil
}
