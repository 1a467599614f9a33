package plan

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// overGenerate is an aggregate over a Generate without the projection that may stand between them: what it computes of the input's rows is computed below.
func overGenerate(a Aggregate) (Aggregate, Generate, bool) {
	p, ok := a.Input.(Project)
	if !ok {
		g, ok := a.Input.(Generate)
		return a, g, ok
	}
	g, ok := p.Input.(Generate)
	if !ok {
		return a, g, false
	}
	width, inner := len(g.Keep), g.Input.Schema().NumFields()
	exprs, names := ColumnsOf(g.Input), fieldNames(g.Input)
	places := make([]int, len(p.Exprs)) // of p's columns among those of the new Generate
	keep := slices.Clone(g.Keep)
	for i, e := range p.Exprs {
		c, plain := e.(expr.BoundColumn)
		switch {
		case plain && c.Index >= width:
			places[i] = c.Index - width // of the generator: moved behind what is kept below
			continue
		case slices.ContainsFunc(expr.Columns(e), func(c int) bool { return c >= width }):
			return a, g, false
		}
		exprs, names = append(exprs, expr.MapColumns(e, func(c int) int { return g.Keep[c] })), append(names, p.schema.Field(i).Name)
		keep = append(keep, inner+len(keep)-width)
		places[i] = len(keep) - 1
	}
	for i, e := range p.Exprs {
		if c, plain := e.(expr.BoundColumn); plain && c.Index >= width {
			places[i] += len(keep)
		}
	}
	in := project(g.Input, exprs, names)
	fields := make([]arrow.Field, 0, len(keep)+len(g.Gen.Columns))
	for _, c := range keep {
		fields = append(fields, in.schema.Field(c))
	}
	g.schema = arrow.NewSchema(append(fields, g.schema.Fields()[width:]...), nil)
	g.Input, g.Keep = in, keep
	return a.over(g, func(c int) int { return places[c] }), g, true
}

// over is a over another input, in which column c stands at(c).
func (a Aggregate) over(in Node, at func(int) int) Aggregate {
	a.Input, a.Groups, a.Aggs = in, slices.Clone(a.Groups), slices.Clone(a.Aggs)
	for i, g := range a.Groups {
		a.Groups[i] = expr.MapColumns(g, at)
	}
	for i := range a.Aggs {
		a.Aggs[i] = aggregateAt(a.Aggs[i], at)
	}
	return a
}

// aggregateAt is a over columns that stand at(c) now.
func aggregateAt(a expr.BoundAggregate, at func(int) int) expr.BoundAggregate {
	a.Args = slices.Clone(a.Args)
	for i, arg := range a.Args {
		a.Args[i] = expr.MapColumns(arg, at)
	}
	if a.Filter != nil {
		a.Filter = expr.MapColumns(a.Filter, at)
	}
	return a
}
