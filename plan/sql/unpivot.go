package sql

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

type (
	// unpivot makes a row of each set of columns: what the set is called, and the values of its columns. Rows whose values are all NULL are left out
	// unless nulls is set.
	unpivot struct {
		expr.Pos
		input  relation
		nulls  bool
		values []string
		name   string
		sets   []unpivotSet
		alias  string
		names  []string // of all columns, behind the alias
	}
	unpivotSet struct {
		expr.Pos
		columns []expr.Column
		alias   string
	}
)

func (unpivot) isRelation() {}

func (r *resolver) unpivot(u unpivot, with *withScope) (scope, error) {
	in, err := r.relation(u.input, with)
	if err != nil {
		return scope{}, err
	}
	sets := make([][]expr.Bound, len(u.sets))
	taken := map[int]bool{}
	for i, set := range u.sets {
		for _, c := range set.columns {
			b, err := in.unpivoted(c)
			if err != nil {
				return scope{}, err
			}
			sets[i], taken[b.Index] = append(sets[i], b), true
		}
	}
	gen, err := u.generator(sets)
	if err != nil {
		return scope{}, err
	}
	n, err := plan.NewGenerate(in.node, gen, append([]string{u.name}, u.values...))
	if err != nil {
		return scope{}, at(err, u.Pos)
	}
	rows, err := in.remaining(n, taken).withValues(u, in.node.Schema().NumFields())
	if err != nil || u.alias == "" {
		return rows, err
	}
	return renamed(rows, u.alias, u.names, u.Pos)
}

// unpivoted is a column of s itself.
func (s scope) unpivoted(c expr.Column) (expr.BoundColumn, error) {
	b, err := s.bind(c)
	if err != nil {
		return expr.BoundColumn{}, err
	}
	column, ok := b.(expr.BoundColumn)
	if !ok {
		return column, fault("UNPIVOT_REQUIRES_ATTRIBUTES", "42K0A", c.Pos, "UNPIVOT takes columns, and %s is none", c)
	}
	return column, nil
}

// generator is the sets as rows, each behind its name. Columns that come into one have the least type that holds them all.
func (u unpivot) generator(sets [][]expr.Bound) (expr.BoundGenerator, error) {
	gen := expr.BoundGenerator{Pos: u.Pos, Func: "stack", Columns: []arrow.Field{{Name: u.name, Type: schema.String}}}
	for k, name := range u.values {
		f := arrow.Field{Name: name, Type: sets[0][k].Type()}
		for _, set := range sets {
			t, ok := expr.CommonType(f.Type, set[k].Type())
			if !ok || isText(f.Type) != isText(set[k].Type()) {
				return gen, fault("UNPIVOT_VALUE_DATA_TYPE_MISMATCH", "42K09", u.Pos, "%s would hold %s and %s", name, expr.TypeSQL(f.Type), expr.TypeSQL(set[k].Type()))
			}
			f.Type, f.Nullable = t, f.Nullable || set[k].Nullable()
		}
		gen.Columns = append(gen.Columns, f)
	}
	for i, set := range sets {
		gen.Args = append(gen.Args, expr.BoundLiteral{Value: u.sets[i].called(), Typ: schema.String})
		for k, b := range set {
			gen.Args = append(gen.Args, expr.Convert(b, gen.Columns[k+1].Type))
		}
	}
	return gen, nil
}

// isText tells whether a type is STRING, which UNPIVOT does not convert.
func isText(t arrow.DataType) bool { return t.ID() == arrow.STRING }

// called is the alias of the set, or the names of its columns.
func (s unpivotSet) called() string {
	if s.alias != "" {
		return s.alias
	}
	names := make([]string, len(s.columns))
	for i, c := range s.columns {
		names[i] = c.Path[len(c.Path)-1]
	}
	return strings.Join(names, "_")
}

// remaining is s over n, which has the columns of s and more behind them, without those that are taken.
func (s scope) remaining(n plan.Node, taken map[int]bool) scope {
	rows := scope{node: n, outer: s.outer}
	for _, v := range s.visible {
		if l := s.labels[v]; !taken[l.column] {
			rows.visible, rows.labels = append(rows.visible, len(rows.labels)), append(rows.labels, l)
		}
	}
	return rows
}

// withValues adds the generated columns, from position at on, and leaves out what is not wanted of rows and columns.
func (s scope) withValues(u unpivot, at int) (scope, error) {
	cond := expr.Node(nil)
	for i, name := range append([]string{u.name}, u.values...) {
		s.visible = append(s.visible, len(s.labels))
		s.labels = append(slices.Clip(s.labels), label{name: name, column: at + i})
	}
	marks := scope{node: s.node, labels: []label{}}
	for i := range u.values {
		name := "value" + string(rune('a'+i%26)) + strings.Repeat("_", i/26)
		marks.labels = append(marks.labels, label{name: name, column: at + 1 + i})
		cond = or(cond, expr.Call{Pos: u.Pos, Func: "isnotnull", Args: []expr.Node{expr.Column{Pos: u.Pos, Path: []string{name}}}})
	}
	if !u.nulls {
		kept, err := marks.filtered(cond)
		if err != nil {
			return scope{}, err
		}
		s = s.over(kept.node)
	}
	return s.projected(u.Pos)
}

func or(a, b expr.Node) expr.Node {
	if a == nil {
		return b
	}
	return expr.Call{Pos: b.Position(), Func: "or", Args: []expr.Node{a, b}}
}

// projected is s over the columns that its labels mean alone, in their order.
func (s scope) projected(pos expr.Pos) (scope, error) {
	columns := plan.ColumnsOf(s.node)
	exprs, names := make([]expr.Bound, len(s.labels)), make([]string, len(s.labels))
	s.labels = slices.Clone(s.labels)
	for i, l := range s.labels {
		exprs[i], names[i] = columns[l.column], l.name
		s.labels[i].column = i
	}
	p, err := plan.NewProject(s.node, exprs, names)
	if err != nil {
		return scope{}, at(err, pos)
	}
	return s.over(p), nil
}
