package plan

import "slices"

// dropEmpty puts constant rows, none, in the place of what yields none because of inputs without rows, and leaves such inputs out of unions. What only one
// of several branches is asked for is asked of the others in vain: they are not run.
func dropEmpty(n Node) Node {
	return rewrite(n, func(n Node) (Node, bool) {
		var room [2]Node
		children := appendInputs(room[:0], n)
		if !slices.ContainsFunc(children, isEmpty) || counts(n) {
			return n, false
		}
		if u, ok := n.(Union); ok {
			return unitedValues(u), true
		}
		if yieldsNothing(n, children) {
			return Values{schema: n.Schema()}, true
		}
		return n, false
	})
}

func isEmpty(n Node) bool {
	v, ok := n.(Values)
	return ok && len(v.Rows) == 0
}

// yieldsNothing tells of a node with an empty child whether it has no rows.
func yieldsNothing(n Node, children []Node) bool {
	switch n := n.(type) {
	case Aggregate:
		return len(n.Groups) > 0
	case Join:
		left, right := isEmpty(children[0]), isEmpty(children[1])
		switch n.Kind {
		case Inner, Cross, LeftSemi:
			return true
		case LeftOuter, LeftAnti:
			return left
		case RightOuter:
			return right
		case FullOuter:
			return left && right
		}
		return false
	case Project, Filter, Generate, Window, Latest, Order:
		return true
	case Scan, Union, Values, Check, Map:
	}
	return false
}
