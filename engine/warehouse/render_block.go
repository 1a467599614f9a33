package warehouse

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// block is one SELECT, or the UNION ALL of several.
type block struct {
	from          []source // none: one row without columns
	outputs       []*output
	fields        []arrow.Field // the columns as the plan has them
	where         []expr.Node
	groups        []expr.Node
	shape         shape
	order         []expr.BoundSort // over sorted
	sorted        []*output
	limit, offset int64
	union         []*block
	qualified     bool   // columns are written with their table's alias
	called        string // what its rows are, as its alias where it is a sub-query
}

// shape is how far a SELECT has come: what comes after a WHERE can have no further WHERE.
type shape uint8

const (
	rows     shape = iota // as they come from the sources
	windowed              // with window functions
	grouped               // one per group
)

// output is one expression of the select list. A simple one, a column or a constant, may stand wherever the output is read.
type output struct {
	node   expr.Node
	simple bool
}

// source is what one part of FROM reads: a relation's text, a view, or a sub-query.
type source struct {
	join    string // LEFT OUTER JOIN …; empty for the first
	on      expr.Node
	text    string
	view    *view
	query   *block
	names   []string // of the sub-query's columns
	columns []string // of VALUES, named behind the alias
	alias   string
	aliased bool   // the alias is written
	lateral string // of a LATERAL VIEW: what it calls; columns are what that gives
}

func newBlock(fields []arrow.Field) *block { return &block{fields: fields, limit: -1} }

// over is a block that gives the columns of one source, called names. Where there are structs, columns are qualified: the field x of the column t and the
// column x of the table t are both t.x.
func over(s source, fields []arrow.Field, names []string) *block {
	b := newBlock(fields)
	b.qualified = slices.ContainsFunc(fields, func(f arrow.Field) bool { return f.Type.ID() == arrow.STRUCT })
	s.aliased = s.aliased || b.qualified
	b.from = []source{s}
	for _, name := range names {
		path := []string{name}
		if b.qualified {
			path = []string{s.alias, name}
		}
		b.outputs = append(b.outputs, &output{node: expr.Column{Path: path}, simple: true})
	}
	return b
}

// wrap reads b as a sub-query.
func (r *renderer) wrap(b *block) *block {
	names := uniqueNames(b)
	r.release(b)
	outer := over(source{query: b, names: names, alias: r.alias(b.called), aliased: true}, b.fields, names)
	outer.called = b.called
	return outer
}

// lift reads b as a sub-query and keeps its order: by the sub-query's columns, or where these lack what it is sorted by, inside of it.
func (r *renderer) lift(b *block) *block {
	order, sorted := b.order, b.sorted
	at := make([]int, len(sorted)) // where in b's outputs what it is sorted by is
	for i, o := range sorted {
		at[i] = slices.Index(b.outputs, o)
	}
	for _, k := range order {
		for _, i := range expr.Columns(k.Arg) {
			if at[i] < 0 {
				return r.wrap(b)
			}
		}
	}
	if !b.limited() {
		b.order, b.sorted = nil, nil
	}
	outer := r.wrap(b)
	outer.order, outer.sorted = order, make([]*output, len(sorted))
	for i, n := range at {
		if n >= 0 {
			outer.sorted[i] = outer.outputs[n]
		}
	}
	return outer
}

func (b *block) limited() bool { return b.limit >= 0 || b.offset > 0 }

// node writes an expression over b's outputs.
func (b *block) node(e expr.Bound) expr.Node {
	return unbind(e, func(c expr.BoundColumn) expr.Node { return b.outputs[c.Index].node })
}

func (b *block) nodes(list []expr.Bound) []expr.Node {
	nodes := make([]expr.Node, len(list))
	for i, e := range list {
		nodes[i] = b.node(e)
	}
	return nodes
}

// simple tells whether all outputs that the expressions read are simple.
func (b *block) simple(list ...expr.Bound) bool {
	for _, e := range list {
		for _, i := range expr.Columns(e) {
			if !b.outputs[i].simple {
				return false
			}
		}
	}
	return true
}

// plainRows tells whether b's rows are those of its sources, so that all clauses are still to come.
func (b *block) plainRows() bool {
	return b.shape == rows && len(b.order) == 0 && !b.limited() && b.union == nil
}

// bare tells whether b is nothing but its sources, some of their columns chosen, so that it can be a part of a FROM clause.
func (b *block) bare() bool {
	return b.plainRows() && len(b.where) == 0 && len(b.from) > 0 && !slices.ContainsFunc(b.outputs, func(o *output) bool {
		_, column := o.node.(expr.Column)
		return !column
	})
}

// qualify writes the columns of a bare block of one source with their table's alias.
func (b *block) qualify() {
	if b.qualified {
		return
	}
	alias := b.from[0].alias
	b.from[0].aliased, b.qualified = true, true
	for i, o := range b.outputs {
		b.outputs[i] = &output{node: qualified(o.node, alias), simple: true}
	}
}

func qualified(n expr.Node, alias string) expr.Node {
	if c, ok := n.(expr.Column); ok {
		return expr.Column{Path: append([]string{alias}, c.Path...)}
	}
	return n
}

// sortedByName tells whether the order reads what the select list computes, which ORDER BY can only name.
func (b *block) sortedByName() bool {
	return slices.ContainsFunc(b.sortedOutputs(), func(o *output) bool { return !o.sourced() })
}

// sortedOutputs are the outputs that the order reads.
func (b *block) sortedOutputs() []*output {
	var read []*output
	for _, k := range b.order {
		for _, i := range expr.Columns(k.Arg) {
			read = append(read, b.sorted[i])
		}
	}
	return read
}

// sourced tells whether ORDER BY can read the output from the source. A constant there would be a position in the select list.
func (o *output) sourced() bool {
	_, column := o.node.(expr.Column)
	return o.simple && column
}

// longestAlias is how long an alias may be.
const longestAlias = 32

// aliasOf is the last part of a relation's name, if that is a word of a bearable length.
func aliasOf(name string) string {
	name = strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	word := name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_0123456789") == "" && !strings.ContainsAny(name[:1], "_0123456789")
	if !word || len(name) > longestAlias || expr.Reserved(name) {
		return "input"
	}
	return name
}
