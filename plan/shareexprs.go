package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// shareExprs computes what a Project or an Aggregate needs several times once, in a Project below it: coalesce(f(x), 0) is a CASE that holds f(x) twice.
func shareExprs(n Node) Node {
	return rewrite(n, func(n Node) (Node, bool) {
		switch x := n.(type) {
		case Project:
			s := newSharing(x.Input)
			for _, e := range x.Exprs {
				s.add(e, true)
			}
			if s.extract() {
				x.Exprs, x.Input = s.exprs, s.project(x.Input)
				return x, true
			}
		case Aggregate:
			return shareAggregate(x)
		default: // the others have no expressions that are worth it
		}
		return n, false
	})
}

// shareAggregate takes the arguments of aggregates with a FILTER as conditional: the other rows do not evaluate them.
func shareAggregate(n Aggregate) (Node, bool) {
	s := newSharing(n.Input)
	for _, g := range n.Groups {
		s.add(g, true)
	}
	for _, a := range n.Aggs {
		for _, part := range a.Args {
			s.add(part, a.Filter == nil)
		}
		if a.Filter != nil {
			s.add(a.Filter, true)
		}
	}
	if !s.extract() {
		return n, false
	}
	n.Groups, n.Aggs, n.Input = s.take(len(n.Groups)), slices.Clone(n.Aggs), s.project(n.Input)
	for i, a := range n.Aggs {
		n.Aggs[i].Args = s.take(len(a.Args))
		if a.Filter != nil {
			n.Aggs[i].Filter = s.take(1)[0]
		}
	}
	return n, true
}

// maxShared bounds the expressions that are looked through: finding what is equal compares all with all.
const maxShared = 2000

// sharing is expressions over one input on their way to ones that compute nothing twice.
type sharing struct {
	width    int // columns of the input
	exprs    []expr.Bound
	always   []bool // whether every row evaluates it
	extracts []expr.Bound
}

func newSharing(in Node) *sharing { return &sharing{width: in.Schema().NumFields()} }

func (s *sharing) add(b expr.Bound, always bool) {
	s.exprs, s.always = append(s.exprs, b), append(s.always, always)
}

// take removes the first n expressions.
func (s *sharing) take(n int) []expr.Bound {
	first := s.exprs[:n:n]
	s.exprs = s.exprs[n:]
	return first
}

// extract replaces repeated parts by columns behind the input's until there are none, the largest first.
func (s *sharing) extract() bool {
	for {
		shared := s.repeated()
		if shared == nil {
			return len(s.extracts) > 0
		}
		column := expr.BoundColumn{Index: s.width + len(s.extracts), Name: shared.String(), Typ: shared.Type(), Null: shared.Nullable()}
		for i, e := range s.exprs {
			s.exprs[i], _ = expr.Replace(e, func(part expr.Bound) (expr.Bound, bool) {
				if expr.Equal(part, shared) {
					return column, true
				}
				return part, false
			})
		}
		s.extracts = append(s.extracts, shared)
	}
}

// project computes the extracts behind the columns of in.
func (s *sharing) project(in Node) Node {
	exprs, names := ColumnsOf(in), fieldNames(in)
	for _, e := range s.extracts {
		names = append(names, e.String())
	}
	return project(in, append(exprs, s.extracts...), names)
}

// repeated is the largest part that occurs twice and that may be computed for every row; nil for none.
func (s *sharing) repeated() expr.Bound {
	var found occurrences
	for i, e := range s.exprs {
		found.collect(e, s.always[i], s.width)
	}
	var best expr.Bound
	size := 0
	for _, o := range found.list {
		if o.times > 1 && o.size > size && (o.always || !MayFail(o.part)) {
			best, size = o.part, o.size
		}
	}
	return best
}

// occurrences counts the parts of expressions that are worth sharing.
type occurrences struct {
	list    []occurrence
	byShape map[exprShape][]int
	seen    int
}

// exprShape is what tells most expressions apart at a glance: the function that is called, how many parts there are, and the first and the last column.
type exprShape struct {
	function          string
	size, first, last int
}

type occurrence struct {
	part        expr.Bound
	times, size int
	always      bool // at least one occurrence is evaluated for every row
}

// collect counts b and its parts and returns b's size. What depends on a lambda's parameters is left alone, and so is what reads an extract.
func (f *occurrences) collect(b expr.Bound, always bool, width int) int {
	size := 1
	if f.seen++; f.seen > maxShared {
		return size
	}
	switch x := b.(type) {
	case expr.BoundCall:
		for i, a := range x.Args {
			size += f.collect(a, always && (i == 0 || x.Func != "and" && x.Func != "or"), width)
		}
	case expr.BoundCast:
		size += f.collect(x.Arg, always, width)
	case expr.BoundField:
		size += f.collect(x.Arg, always, width)
	case expr.BoundCase:
		for i, w := range x.Whens {
			size += f.collect(w.Cond, always && i == 0, width) + f.collect(w.Result, false, width)
		}
		size += f.collect(x.Else, false, width)
	case expr.BoundColumn, expr.BoundLiteral, expr.BoundVar, expr.BoundLambda:
		return size
	}
	if cheap(b) {
		return size
	}
	if columns := expr.Columns(b); overInput(columns, width) {
		shape := exprShape{size: size, first: columns[0], last: columns[len(columns)-1]}
		if c, ok := b.(expr.BoundCall); ok {
			shape.function = c.Func
		}
		f.count(b, shape, always)
	}
	return size
}

func (f *occurrences) count(b expr.Bound, shape exprShape, always bool) {
	if f.byShape == nil {
		f.byShape = map[exprShape][]int{}
	}
	for _, i := range f.byShape[shape] {
		if known := f.list[i].part; expr.Equal(known, b) && known.String() == b.String() { // lambdas keep the names of their parameters
			f.list[i].times++
			f.list[i].always = f.list[i].always || always
			return
		}
	}
	f.byShape[shape] = append(f.byShape[shape], len(f.list))
	f.list = append(f.list, occurrence{b, 1, shape.size, always})
}

// overInput tells whether an expression with these columns reads the input alone, and at least one column of it.
func overInput(columns []int, width int) bool {
	return len(columns) > 0 && columns[len(columns)-1] < width
}
