package warehouse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/medallion-go/medallion/expr"
)

const (
	// width is how long a line may become before a list is broken into one item a line.
	width = 120
	// placeholder is the column of rows without columns.
	placeholder = "one"
)

// writer writes blocks down.
type writer struct{ text strings.Builder }

// write is the text of the whole query, its columns called names.
func (r *renderer) write(b *block, names []string) string {
	r.nameViews()
	w := &writer{}
	for i, v := range r.order {
		if i == 0 {
			w.text.WriteString(r.withWord())
		} else {
			w.text.WriteString(", ")
		}
		w.text.WriteString(expr.Column{Path: []string{v.name}}.String() + v.levels() + " AS ")
		w.nested(v.query, v.names, 0)
		if i == len(r.order)-1 {
			w.line(0)
		}
	}
	w.block(b, names, 0)
	return w.text.String()
}

func (w *writer) line(depth int) {
	w.text.WriteByte('\n')
	for range depth {
		w.text.WriteString("  ")
	}
}

// nested writes a block in parentheses, of which the closing one is at the given depth.
func (w *writer) nested(b *block, names []string, depth int) {
	w.text.WriteByte('(')
	w.line(depth + 1)
	w.block(b, names, depth+1)
	w.line(depth)
	w.text.WriteByte(')')
}

func (w *writer) block(b *block, names []string, depth int) {
	if b.union == nil {
		w.selection(b, names, depth)
		return
	}
	for i, part := range b.union {
		if i > 0 {
			w.line(depth)
			w.text.WriteString("UNION ALL")
			w.line(depth)
		}
		if part.union != nil || len(part.order) > 0 || part.limited() {
			w.nested(part, names, depth)
		} else {
			w.block(part, names, depth)
		}
	}
}

func (w *writer) selection(b *block, names []string, depth int) {
	order := b.orderItems(names) // makes FROM write the aliases that it needs
	w.items("SELECT ", b.selectItems(names), ", ", depth)
	for i, s := range b.from {
		w.line(depth)
		if s.isLateral() {
			w.text.WriteString(s.lateralView())
			continue
		}
		if i == 0 {
			w.text.WriteString("FROM ")
		} else {
			w.text.WriteString(s.join + " ")
		}
		w.source(s, depth)
	}
	if len(b.where) > 0 {
		w.line(depth)
		w.items("WHERE ", conditions(b.where), " AND ", depth)
	}
	if len(b.groups) > 0 {
		w.line(depth)
		w.items("GROUP BY ", printed(b.groups), ", ", depth)
	}
	if len(order) > 0 {
		w.line(depth)
		w.items("ORDER BY ", order, ", ", depth)
	}
	if b.limit >= 0 {
		w.line(depth)
		fmt.Fprintf(&w.text, "LIMIT %d", b.limit)
	}
	if b.offset > 0 {
		w.line(depth)
		fmt.Fprintf(&w.text, "OFFSET %d", b.offset)
	}
}

// items writes a clause, on one line if it fits.
func (w *writer) items(word string, items []string, separator string, depth int) {
	length := 2*depth + len(word)
	for _, item := range items {
		length += len(item) + len(separator)
	}
	if length <= width || len(items) == 1 {
		w.text.WriteString(word + strings.Join(items, separator))
		return
	}
	w.text.WriteString(strings.TrimRight(word, " "))
	for i, item := range items {
		w.line(depth + 1)
		if separator == " AND " && i > 0 {
			w.text.WriteString("AND ")
		}
		w.text.WriteString(item)
		if separator == ", " && i < len(items)-1 {
			w.text.WriteByte(',')
		}
	}
}

func (w *writer) source(s source, depth int) {
	switch {
	case s.query != nil:
		w.nested(s.query, s.names, depth)
	case s.view != nil:
		w.text.WriteString(expr.Column{Path: []string{s.view.name}}.String())
	default:
		w.text.WriteString(s.text)
	}
	if s.aliased {
		w.text.WriteString(" AS " + expr.Column{Path: []string{s.alias}}.String())
	}
	if s.columns != nil {
		w.text.WriteString("(" + identifiers(s.columns) + ")")
	}
	if s.on != nil {
		w.text.WriteString(" ON " + s.on.String())
	}
}

func identifiers(names []string) string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = expr.Column{Path: []string{n}}.String()
	}
	return strings.Join(list, ", ")
}

// selectItems are the outputs under their names; a column that has the name already needs no AS.
func (b *block) selectItems(names []string) []string {
	if len(b.outputs) == 0 {
		return []string{b.rowItem() + " AS " + placeholder}
	}
	items := make([]string, len(b.outputs))
	plain := 1
	if b.qualified {
		plain = 2
	}
	for i, o := range b.outputs {
		c, ok := o.node.(expr.Column)
		if ok && len(c.Path) == plain && c.Path[plain-1] == names[i] {
			items[i] = o.node.String()
			continue
		}
		items[i] = expr.Alias{Arg: o.node, Name: names[i]}.String()
	}
	return items
}

// rowItem is something to select where no column is wanted but the rows are.
func (b *block) rowItem() string {
	if b.shape == grouped && len(b.groups) == 0 {
		return "count(*)"
	}
	return "1"
}

// orderItems are the sort keys. One reads a column of the select list by its name, which comes before all others in ORDER BY, and any other qualified. A
// constant, which would be a position in the select list, sorts nothing and is left out.
func (b *block) orderItems(names []string) []string {
	var items []string
	byName := distinct(names)
	for _, k := range b.order {
		node := unbind(k.Arg, func(c expr.BoundColumn) expr.Node {
			o := b.sorted[c.Index]
			if at := slices.Index(b.outputs, o); at >= 0 && (byName || !o.sourced()) {
				return expr.Column{Path: []string{names[at]}}
			}
			if b.qualified {
				return o.node
			}
			b.from[0].aliased = true
			return qualified(o.node, b.from[0].alias)
		})
		if _, constant := node.(expr.Literal); !constant {
			items = append(items, expr.Sort{Arg: node, Descending: k.Descending, NullsFirst: k.NullsFirst}.String())
		}
	}
	return items
}

func printed(nodes []expr.Node) []string {
	list := make([]string, len(nodes))
	for i, n := range nodes {
		list[i] = n.String()
	}
	return list
}

// conditions are printed so that AND can stand between them.
func conditions(nodes []expr.Node) []string {
	list := printed(nodes)
	for i, n := range nodes {
		if c, ok := n.(expr.Call); ok && c.Func == "or" && len(nodes) > 1 {
			list[i] = "(" + list[i] + ")"
		}
	}
	return list
}
