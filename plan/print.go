package plan

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// Print is n as people read it in EXPLAIN: one line per node, its inputs below it, indented by two spaces. Columns go by their names.
func Print(n Node) string {
	p := printer{shown: map[*View]bool{}}
	p.write(n, 0)
	return p.String()
}

// printer writes a plan. A shared part stands below the first scan of it, and so does a recursive view.
type printer struct {
	strings.Builder
	shown map[*View]bool
}

func (b *printer) write(n Node, depth int) {
	b.WriteString(strings.Repeat("  ", depth))
	b.WriteString(Line(n))
	b.WriteByte('\n')
	for _, c := range n.Children() {
		b.write(c, depth+1)
	}
	if v, ok := scannedView(n); ok && v.Own() && !b.shown[v] {
		b.shown[v] = true
		b.write(v.Query, depth+1)
	}
}

// Line is n alone as Print writes it.
func Line(n Node) string { return strings.TrimRight(line(n), " ") }

func line(n Node) string {
	switch n := n.(type) {
	case Scan:
		return "Scan " + n.Relation.Name() + scanColumns(n) + clause(" WHERE ", n.Filter)
	case Project:
		return "Project " + named(n.Exprs, n.schema.Fields())
	case Filter:
		return "Filter " + n.Cond.String()
	case Aggregate:
		return aggregateLine(n)
	case Join:
		return joinLine(n)
	case Generate:
		return generateLine(n)
	case Window:
		return windowLine(n)
	case Latest:
		return "Latest BY " + bounds(n.Keys) + " ORDER BY " + sorts(n.By)
	case Order:
		return orderLine(n)
	case Union:
		return "Union"
	case Values:
		return valuesLine(n)
	case Check:
		return checkLine(n)
	case Map:
		return "Map " + n.Name
	}
	return fmt.Sprintf("%T", n)
}

func scanColumns(s Scan) string {
	if s.Columns == nil && s.Paths == nil {
		return ""
	}
	var names []string
	for i, f := range s.schema.Fields() {
		if s.Paths == nil || s.Paths[i] == nil {
			names = append(names, f.Name)
			continue
		}
		for _, path := range s.Paths[i] {
			names = append(names, fieldName(f, path))
		}
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// fieldName is the name of a field within a column.
func fieldName(column arrow.Field, path []int) string {
	if len(path) == 0 {
		return column.Name
	}
	return column.Name + "." + fieldName(column.Type.(*arrow.StructType).Field(path[0]), path[1:])
}

func aggregateLine(a Aggregate) string {
	fields := a.schema.Fields()
	aggs := make([]string, len(a.Aggs))
	for i, g := range a.Aggs {
		aggs[i] = as(g.String(), fields[len(a.Groups)+i].Name)
	}
	var parts []string
	if len(aggs) > 0 {
		parts = append(parts, strings.Join(aggs, ", "))
	}
	if len(a.Groups) > 0 {
		parts = append(parts, "GROUP BY "+named(a.Groups, fields))
	}
	return "Aggregate " + strings.Join(parts, " ")
}

func joinLine(j Join) string {
	s := "Join " + j.Kind.String()
	if j.BuildLeft {
		s += " BUILD LEFT"
	}
	keys := make([]string, len(j.LeftKeys))
	for i, l := range j.LeftKeys {
		keys[i] = l.String() + " = " + j.RightKeys[i].String()
	}
	if len(keys) > 0 {
		s += " ON " + strings.Join(keys, ", ")
	}
	return s + clause(" IF ", j.Residual)
}

func windowLine(w Window) string {
	fields := w.schema.Fields()[len(w.schema.Fields())-len(w.Funcs):]
	funcs := make([]string, len(w.Funcs))
	for i, f := range w.Funcs {
		funcs[i] = as(f.String(), fields[i].Name)
	}
	s := "Window " + strings.Join(funcs, ", ")
	if w.Top > 0 {
		s += fmt.Sprintf(" TOP %d BY %s", w.Top, identifier(fields[w.TopBy].Name))
	}
	return s
}

func orderLine(o Order) string {
	var parts []string
	if len(o.Keys) > 0 {
		parts = append(parts, "BY "+sorts(o.Keys))
	}
	if o.Limit >= 0 {
		parts = append(parts, fmt.Sprintf("LIMIT %d", o.Limit))
	}
	if o.Offset > 0 {
		parts = append(parts, fmt.Sprintf("OFFSET %d", o.Offset))
	}
	return "Order " + strings.Join(parts, " ")
}

// valuesShown is how many constant rows Print spells out.
const valuesShown = 4

func valuesLine(v Values) string {
	rows := make([]string, 0, valuesShown+1)
	for i, row := range v.Rows {
		if i == valuesShown {
			rows = append(rows, fmt.Sprintf("… %d rows", len(v.Rows)))
			break
		}
		cells := make([]string, len(row))
		for k, c := range row {
			cells[k] = c.String()
		}
		rows = append(rows, "("+strings.Join(cells, ", ")+")")
	}
	if len(rows) == 0 {
		rows = append(rows, "no rows")
	}
	return "Values " + strings.Join(rows, ", ")
}

func checkLine(c Check) string {
	rules := make([]string, len(c.Rules))
	for i, r := range c.Rules {
		rules[i] = fmt.Sprintf("%s %s (%s)", r.Name, r.Action, r.Predicate)
	}
	s := "Check " + strings.Join(rules, ", ")
	if c.Quarantine != nil {
		s += " QUARANTINE AS " + named(c.Quarantine, c.QuarantineSchema().Fields())
	}
	return s
}

func clause(word string, b expr.Bound) string {
	if b == nil {
		return ""
	}
	return word + b.String()
}

func bounds(list []expr.Bound) string {
	parts := make([]string, len(list))
	for i, b := range list {
		parts[i] = b.String()
	}
	return strings.Join(parts, ", ")
}

func named(list []expr.Bound, fields []arrow.Field) string {
	parts := make([]string, len(list))
	for i, b := range list {
		parts[i] = as(b.String(), fields[i].Name)
	}
	return strings.Join(parts, ", ")
}

// as adds the output name where the text does not say it already.
func as(sql, name string) string {
	if quoted := identifier(name); sql != quoted {
		return sql + " AS " + quoted
	}
	return sql
}

// identifier is a column of that name as SQL writes it, back-quoted where it must be.
func identifier(name string) string { return expr.BoundColumn{Name: name}.String() }

func sorts(keys []expr.BoundSort) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = k.String()
	}
	return strings.Join(parts, ", ")
}
