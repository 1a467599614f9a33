package plan

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
	children, below := n.Children(), false
	for i, c := range children {
		child, changed := rewritten(c, rule)
		children[i], below = child, below || changed
	}
	if below {
		n = WithChildren(n, children...)
	}
	n, here := rule(n)
	return n, below || here
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
		n.Inputs = children
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
	for _, c := range n.Children() {
		Walk(c, f)
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
