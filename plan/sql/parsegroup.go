package sql

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

const (
	maxGroupingSets = 1 << maxCubed
	maxCubed        = 12 // elements of a CUBE
)

// combination is ROLLUP or CUBE: how it makes sets of its elements, and how many of them at most.
type combination struct {
	sets func(elements [][]int) [][]int
	most int
}

var (
	rolledUp = combination{rollup, maxGroupingSets - 1}
	cubed    = combination{cube, maxCubed}
)

// groupClause reads GROUP BY.
func (p *parser) groupClause(s *selectBody) error {
	s.group.Pos = p.Peek().Pos
	if !p.Accept("GROUP", "BY") {
		return nil
	}
	s.group.present = true
	if p.Accept("ALL") {
		s.group.all = true
		return nil
	}
	g := groupReader{parser: p}
	sets, err := g.read()
	s.group.exprs, s.group.sets = g.exprs, sets
	return err
}

// groupReader reads the items of GROUP BY. Expressions are kept once each; sets are positions among them.
type groupReader struct {
	*parser
	exprs []expr.Node
	sets  bool // there are grouping sets, not expressions alone
}

// read gives the grouping sets, nil where there are expressions alone.
func (g *groupReader) read() ([][]int, error) {
	var items [][][]int
	for {
		sets, err := g.item()
		if err != nil {
			return nil, err
		}
		if items = append(items, sets); !g.Accept(",") {
			break
		}
	}
	t := g.Peek()
	switch {
	case g.Accept("WITH", "ROLLUP"):
		return g.whole(t, items, rolledUp)
	case g.Accept("WITH", "CUBE"):
		return g.whole(t, items, cubed)
	case g.Is("GROUPING", "SETS"):
		if g.sets {
			return nil, g.Error(t, "put a comma before it", "GROUPING SETS stands behind expressions only")
		}
		return g.item()
	case !g.sets:
		return nil, nil
	}
	return g.product(t, items)
}

// whole makes one ROLLUP or CUBE of a list of expressions.
func (g *groupReader) whole(at expr.Token, items [][][]int, combine combination) ([][]int, error) {
	if g.sets {
		return nil, g.Error(at, "write it around the expressions", "WITH ROLLUP and WITH CUBE stand behind expressions only")
	}
	elements := make([][]int, len(items))
	for i, sets := range items {
		elements[i] = sets[0]
	}
	return g.combined(at, elements, combine)
}

// item reads an expression, which is one set, or a ROLLUP, a CUBE or GROUPING SETS.
func (g *groupReader) item() ([][]int, error) {
	t := g.Peek()
	switch {
	case g.Accept("ROLLUP", "("):
		return g.elements(t, rolledUp)
	case g.Accept("CUBE", "("):
		return g.elements(t, cubed)
	case g.Accept("GROUPING", "SETS"):
		return g.groupingSets()
	}
	n, err := g.ParseExpr()
	if err != nil {
		return nil, err
	}
	return [][]int{{g.position(n)}}, nil
}

// elements reads the elements of a ROLLUP or CUBE.
func (g *groupReader) elements(at expr.Token, combine combination) ([][]int, error) {
	g.sets = true
	var elements [][]int
	for {
		e, err := g.element()
		if err != nil {
			return nil, err
		}
		if elements = append(elements, e); !g.Accept(",") {
			break
		}
	}
	if err := g.Expect(")"); err != nil {
		return nil, err
	}
	return g.combined(at, elements, combine)
}

// combined bounds what the elements multiply to.
func (g *groupReader) combined(at expr.Token, elements [][]int, combine combination) ([][]int, error) {
	if len(elements) > combine.most {
		return nil, tooComplex(at)
	}
	return combine.sets(elements), nil
}

// groupingSets reads the elements of GROUPING SETS, some of which may be ROLLUPs and CUBEs.
func (g *groupReader) groupingSets() ([][]int, error) {
	g.sets = true
	if err := g.Expect("("); err != nil {
		return nil, err
	}
	var all [][]int
	for {
		sets, err := g.setsOrElement()
		if err != nil {
			return nil, err
		}
		if all = append(all, sets...); !g.Accept(",") {
			return all, g.Expect(")")
		}
	}
}

func (g *groupReader) setsOrElement() ([][]int, error) {
	if g.Is("ROLLUP", "(") || g.Is("CUBE", "(") || g.Is("GROUPING", "SETS") {
		return g.item()
	}
	e, err := g.element()
	return [][]int{e}, err
}

// element reads an expression, or several in parentheses.
func (g *groupReader) element() ([]int, error) {
	if !g.Is("(") || !g.closesElement() {
		n, err := g.ParseExpr()
		return []int{g.position(n)}, err
	}
	g.Next()
	if g.Accept(")") {
		return nil, nil
	}
	nodes, err := g.ParseExprs()
	if err != nil {
		return nil, err
	}
	var e []int
	for _, n := range nodes {
		e = append(e, g.position(n))
	}
	return e, g.Expect(")")
}

// closesElement tells whether what the next parenthesis opens is an element, and not the beginning of an expression.
func (g *groupReader) closesElement() bool {
	for i, open := 0, 0; ; i++ {
		switch t := g.PeekAt(i); {
		case t.Kind == expr.TokenEOF:
			return false
		case t.Is("("):
			open++
		case t.Is(")"):
			if open--; open == 0 {
				after := g.PeekAt(i + 1)
				return after.Is(",") || after.Is(")")
			}
		}
	}
}

// position is where an expression is kept.
func (g *groupReader) position(n expr.Node) int {
	i := slices.IndexFunc(g.exprs, func(known expr.Node) bool { return expr.EqualNode(known, n) })
	if i < 0 {
		i, g.exprs = len(g.exprs), append(g.exprs, n)
	}
	return i
}

// product groups by one set of each item, in all ways.
func (g *groupReader) product(at expr.Token, items [][][]int) ([][]int, error) {
	all := [][]int{nil}
	for _, sets := range items {
		if len(all)*len(sets) > maxGroupingSets {
			return nil, tooComplex(at)
		}
		var next [][]int
		for _, before := range all {
			for _, s := range sets {
				next = append(next, slices.Concat(before, s))
			}
		}
		all = next
	}
	return all, nil
}

// rollup is all elements, and ever fewer of them down to none.
func rollup(elements [][]int) [][]int {
	var sets [][]int
	for n := len(elements); n >= 0; n-- {
		sets = append(sets, slices.Concat(elements[:n]...))
	}
	return sets
}

// cube is all choices of elements.
func cube(elements [][]int) [][]int {
	if len(elements) == 0 {
		return [][]int{nil}
	}
	rest := cube(elements[1:])
	var sets [][]int
	for _, s := range rest {
		sets = append(sets, slices.Concat(elements[0], s))
	}
	return append(sets, rest...)
}
