package sql

import (
	"slices"
	"strings"

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
	values [][]expr.Node      // for each value, what the columns are equal to
}

func (r *resolver) pivot(v pivot, with *withScope) (scope, error) {
	before := with.selfReferences()
	in, err := r.relation(v.input, with)
	if err != nil {
		return scope{}, err
	}
	if err := with.refuseSince(before, true); err != nil {
		return scope{}, err
	}
	p := &pivoting{pivot: v, in: in}
	for _, step := range []func() error{p.bindColumns, p.takeValues, p.findGroups} {
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

// takeValues takes the values apart.
func (p *pivoting) takeValues() error {
	for _, v := range p.pivot.values {
		parts := []expr.Node{v.node}
		if row, ok := v.node.(expr.Call); ok && row.Func == "struct" && len(p.keys) > 1 {
			parts = row.Args
		}
		if len(parts) != len(p.keys) {
			return fault("PIVOT_VALUE_DATA_TYPE_MISMATCH", "42K09", v.node.Position(), "the value %s has %d parts, and PIVOT is by %d columns",
				v.node, len(parts), len(p.keys))
		}
		for i, part := range parts {
			if err := p.checkValue(part, p.keys[i].Typ); err != nil {
				return err
			}
		}
		p.values = append(p.values, parts)
	}
	return nil
}

// checkValue checks that a value is a constant which can be cast to the type of its column.
func (p *pivoting) checkValue(n expr.Node, to arrow.DataType) error {
	b, err := oneRow().bind(n)
	if isUnresolved(err) {
		if _, columnErr := p.in.bind(n); columnErr == nil {
			return fault("NON_LITERAL_PIVOT_VALUES", "42K08", n.Position(), "the value %s of PIVOT is no constant", n)
		}
	}
	if err != nil {
		return err
	}
	if _, ok := expr.CommonType(b.Type(), to); !ok {
		return fault("PIVOT_VALUE_DATA_TYPE_MISMATCH", "42K09", n.Position(), "the value %s is %s, and the column of PIVOT is %s",
			n, expr.TypeSQL(b.Type()), expr.TypeSQL(to))
	}
	_, err = oneRow().bind(expr.Cast{Pos: n.Position(), Arg: n, Type: to})
	return err
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
	parts := make([]string, len(p.values[v]))
	for i, n := range p.values[v] {
		b, err := oneRow().bind(n)
		if err != nil {
			return "", err
		}
		if l, ok := expr.Convert(b, schema.String).(expr.BoundLiteral); ok {
			b = l
		}
		l, ok := b.(expr.BoundLiteral)
		switch {
		case !ok || l.Typ.ID() == arrow.TIMESTAMP:
			return "", fault("UNSUPPORTED_FEATURE", "0A000", n.Position(), "the value %s of PIVOT needs an alias", n)
		case l.Value == nil:
			parts[i] = "null"
		default:
			parts[i] = literalText(expr.Literal{Value: l.Value, Type: l.Typ})
		}
	}
	if len(parts) > 1 {
		return "{" + strings.Join(parts, ", ") + "}", nil
	}
	return parts[0], nil
}
