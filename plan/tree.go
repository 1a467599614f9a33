package plan

import "slices"

// Transform rebuilds n from the leaves up: every node, its children already transformed, is replaced by what f returns for it.
func Transform(n Node, f func(Node) Node) Node {
	children := n.Children()
	for i, c := range children {
		children[i] = Transform(c, f)
	}
	return f(WithChildren(n, children...))
}

// rewrite is Transform for a rule that changes few nodes: it also says whether something else stands in the place of the node that it got, and parts of n
// without such a change are not built anew.
func rewrite(n Node, rule func(Node) (Node, bool)) Node {
	n, _ = rewritten(n, rule)
	return n
}

func rewritten(n Node, rule func(Node) (Node, bool)) (Node, bool) {
	n, below := overInputs(n, func(in Node) (Node, bool) { return rewritten(in, rule) })
	n, here := rule(n)
	return n, below || here
}

// overInputs is n over what f puts in the place of its inputs, and tells whether that is anything else than they were.
func overInputs(n Node, f func(Node) (Node, bool)) (Node, bool) {
	var room [2]Node
	inputs, changed := appendInputs(room[:0], n), false
	for i, in := range inputs {
		replaced, is := f(in)
		inputs[i], changed = replaced, changed || is
	}
	if !changed {
		return n, false
	}
	return WithChildren(n, inputs...), true
}

// appendInputs appends n's children to list: plans are walked many times, and most nodes' children have room on the stack.
func appendInputs(list []Node, n Node) []Node {
	switch n := n.(type) {
	case Scan, Values:
		return list
	case Project:
		return append(list, n.Input)
	case Filter:
		return append(list, n.Input)
	case Aggregate:
		return append(list, n.Input)
	case Join:
		return append(list, n.Left, n.Right)
	case Generate:
		return append(list, n.Input)
	case Window:
		return append(list, n.Input)
	case Latest:
		return append(list, n.Input)
	case Order:
		return append(list, n.Input)
	case Union:
		return append(list, n.Inputs...)
	case Check:
		return append(list, n.Input)
	case Map:
		return append(list, n.Input)
	}
	return list
}

// WithChildren is n over other children, as many as n.Children() has. Each has the columns of the one that it replaces, in order and type; n's
// expressions and schema stay. Anything else is a fault of the caller and panics or makes an invalid plan.
func WithChildren(n Node, children ...Node) Node {
	switch n := n.(type) {
	case Scan, Values:
		return n
	case Project:
		n.Input = children[0]
		return n
	case Filter:
		n.Input = children[0]
		return n
	case Aggregate:
		n.Input = children[0]
		return n
	case Join:
		n.Left, n.Right = children[0], children[1]
		return n
	case Generate:
		n.Input = children[0]
		return n
	case Window:
		n.Input = children[0]
		return n
	case Latest:
		n.Input = children[0]
		return n
	case Order:
		n.Input = children[0]
		return n
	case Union:
		n.Inputs = slices.Clone(children)
		return n
	case Check:
		n.Input = children[0]
		return n
	case Map:
		n.Input = children[0]
		return n
	}
	return n
}

// Walk calls f for n and all nodes below it, parents first; f returns false to leave out what is below a node.
func Walk(n Node, f func(Node) bool) {
	if !f(n) {
		return
	}
	var room [2]Node
	for _, in := range appendInputs(room[:0], n) {
		Walk(in, f)
	}
}

// Relations lists the relations that n scans, each name once, in the order in which they appear.
func Relations(n Node) []Relation {
	var found []Relation
	seen := map[string]bool{}
	Walk(n, func(n Node) bool {
		if s, ok := n.(Scan); ok && !seen[s.Relation.Name()] {
			seen[s.Relation.Name()] = true
			found = append(found, s.Relation)
		}
		return true
	})
	return found
}
