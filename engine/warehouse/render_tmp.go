package warehouse

import (
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

func Render(n plan.Node, names Names) (string, error) {
	r := tmp{names}
	t, err := r.node(n)
	if err != nil {
		return "", err
	}
	var l []string
	for i, f := range n.Schema().Fields() {
		l = append(l, fmt.Sprintf("c%d AS %s", i, schema.Quote(f.Name)))
	}
	return "SELECT " + strings.Join(l, ", ") + " FROM (" + t + ")", nil
}

type tmp struct{ names Names }

func cols(b expr.Bound, alias string, split int) string {
	return expr.Rewrite(b, func(p expr.Bound) expr.Bound {
		if c, ok := p.(expr.BoundColumn); ok {
			a, i := alias, c.Index
			if split >= 0 {
				a = "l"
				if i >= split {
					a, i = "r", i-split
				}
			}
			c.Name = fmt.Sprintf("%sc%d", a, i)
			return c
		}
		return p
	}).String()
}

func sorts(list []expr.BoundSort) string {
	var l []string
	for _, s := range list {
		t := cols(s.Arg, "", -1)
		if s.Descending {
			t += " DESC"
		}
		if s.NullsFirst {
			t += " NULLS FIRST"
		} else {
			t += " NULLS LAST"
		}
		l = append(l, t)
	}
	return strings.Join(l, ", ")
}

func (r tmp) node(n plan.Node) (string, error) {
	var in []string
	for _, c := range n.Children() {
		t, err := r.node(c)
		if err != nil {
			return "", err
		}
		in = append(in, t)
	}
	all := func(w int) string {
		var l []string
		for i := range w {
			l = append(l, fmt.Sprintf("c%d", i))
		}
		return strings.Join(l, ", ")
	}
	out := func(list []expr.Bound) string {
		var l []string
		for i, e := range list {
			l = append(l, cols(e, "", -1)+fmt.Sprintf(" AS c%d", i))
		}
		return strings.Join(l, ", ")
	}
	switch n := n.(type) {
	case plan.Scan:
		var l []string
		for i := range n.Schema().Fields() {
			l = append(l, fmt.Sprintf("%s AS c%d", schema.Quote(n.Relation.Schema().Field(n.Position(i)).Name), i))
		}
		if len(l) == 0 {
			l = []string{"1 AS none"}
		}
		var src string
		var err error
		if v, ok := n.Relation.(*plan.View); ok {
			src, err = Render(plan.Optimize(v.Query), r.names)
			src = "(" + src + ")"
		} else {
			src, err = r.names(n.Relation)
		}
		t := "SELECT " + strings.Join(l, ", ") + " FROM " + src
		if n.Filter != nil {
			t = "SELECT * FROM (" + t + ") WHERE " + cols(n.Filter, "", -1)
		}
		return t, err
	case plan.Project:
		if len(n.Exprs) == 0 {
			return "SELECT 1 AS none FROM (" + in[0] + ")", nil
		}
		return "SELECT " + out(n.Exprs) + " FROM (" + in[0] + ")", nil
	case plan.Filter:
		return "SELECT * FROM (" + in[0] + ") WHERE " + cols(n.Cond, "", -1), nil
	case plan.Aggregate:
		l := []string{}
		if len(n.Groups) > 0 {
			l = append(l, out(n.Groups))
		}
		for i, a := range n.Aggs {
			a.Args = rens(a.Args)
			for j := range a.Args {
				_ = j
			}
			if a.Filter != nil {
				a.Filter = expr.Rewrite(a.Filter, ren)
			}
			l = append(l, fmt.Sprintf("%s AS c%d", a.String(), i+len(n.Groups)))
		}
		t := "SELECT " + strings.Join(l, ", ") + " FROM (" + in[0] + ")"
		if len(n.Groups) > 0 {
			var g []string
			for _, e := range n.Groups {
				g = append(g, cols(e, "", -1))
			}
			t += " GROUP BY " + strings.Join(g, ", ")
		}
		return t, nil
	case plan.Join:
		w := n.Left.Schema().NumFields()
		var on []string
		for i := range n.LeftKeys {
			on = append(on, cols(n.LeftKeys[i], "l", -1)+" = "+cols(n.RightKeys[i], "r", -1))
		}
		if n.Residual != nil {
			on = append(on, cols(n.Residual, "", w))
		}
		kinds := []string{"INNER", "LEFT OUTER", "RIGHT OUTER", "FULL OUTER", "LEFT SEMI", "LEFT ANTI", "CROSS"}
		side := func(a, t string, w int) string {
			var l []string
			for i := range w {
				l = append(l, fmt.Sprintf("c%d AS %sc%d", i, a, i))
			}
			return "(SELECT " + strings.Join(l, ", ") + " FROM (" + t + "))"
		}
		rw := n.Right.Schema().NumFields()
		var l []string
		for i := range w {
			l = append(l, fmt.Sprintf("lc%d AS c%d", i, i))
		}
		if n.Kind != plan.LeftSemi && n.Kind != plan.LeftAnti {
			for i := range rw {
				l = append(l, fmt.Sprintf("rc%d AS c%d", i, i+w))
			}
		}
		t := "SELECT " + strings.Join(l, ", ") + " FROM " + side("l", in[0], w) + " " + kinds[n.Kind] + " JOIN " + side("r", in[1], rw)
		if len(on) > 0 {
			t += " ON " + strings.Join(on, " AND ")
		}
		return t, nil
	case plan.Window:
		w := n.Input.Schema().NumFields()
		l := []string{all(w)}
		for i, f := range n.Funcs {
			f.Args, f.PartitionBy, f.OrderBy = rens(f.Args), rens(f.PartitionBy), rensort(f.OrderBy)
			l = append(l, fmt.Sprintf("%s AS c%d", f.String(), w+i))
		}
		return "SELECT " + strings.Join(l, ", ") + " FROM (" + in[0] + ")", nil
	case plan.Latest:
		w := n.Schema().NumFields()
		var k []string
		for _, e := range n.Keys {
			k = append(k, cols(e, "", -1))
		}
		return "SELECT " + all(w) + " FROM (SELECT *, row_number() OVER (PARTITION BY " + strings.Join(k, ", ") + " ORDER BY " + sorts(n.By) + ") AS rn FROM (" + in[0] + ")) WHERE rn = 1", nil
	case plan.Union:
		return strings.Join(in, " UNION ALL "), nil
	case plan.Values:
		var rows []string
		for _, row := range n.Rows {
			var l []string
			for i, v := range row {
				l = append(l, fmt.Sprintf("CAST(%s AS %s) AS c%d", v.String(), schema.TypeDDL(n.Schema().Field(i).Type), i))
			}
			rows = append(rows, "SELECT "+strings.Join(l, ", "))
		}
		if len(rows) == 0 {
			var l []string
			for i, f := range n.Schema().Fields() {
				l = append(l, fmt.Sprintf("CAST(NULL AS %s) AS c%d", schema.TypeDDL(f.Type), i))
			}
			return "SELECT " + strings.Join(l, ", ") + " WHERE FALSE", nil
		}
		return strings.Join(rows, " UNION ALL "), nil
	}
	return "", fmt.Errorf("tmp: %T", n)
}

func ren(p expr.Bound) expr.Bound {
	if c, ok := p.(expr.BoundColumn); ok {
		c.Name = fmt.Sprintf("c%d", c.Index)
		return c
	}
	return p
}

func rens(l []expr.Bound) []expr.Bound {
	out := make([]expr.Bound, len(l))
	for i := range l {
		out[i] = expr.Rewrite(l[i], ren)
	}
	return out
}

func rensort(l []expr.BoundSort) []expr.BoundSort {
	out := append([]expr.BoundSort{}, l...)
	for i := range l {
		out[i].Arg = expr.Rewrite(l[i].Arg, ren)
	}
	return out
}
