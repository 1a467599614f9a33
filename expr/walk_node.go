package expr

// WalkNode calls visit on n and everything inside it, parents first and in reading order; of a sub-query, on what stands before IN and on Outer. Where visit
// returns false it does not go deeper.
func WalkNode(n Node, visit func(Node) bool) {
	if n == nil || !visit(n) {
		return
	}
	switch n := n.(type) {
	case Column, Literal, Parameter, Star:
	case Call:
		walkCall(n, visit)
	case Cast:
		WalkNode(n.Arg, visit)
	case Case:
		for _, w := range n.Whens {
			WalkNode(w.Cond, visit)
			WalkNode(w.Result, visit)
		}
		WalkNode(n.Else, visit)
	case Field:
		WalkNode(n.Arg, visit)
	case Lambda:
		WalkNode(n.Body, visit)
	case Over:
		WalkNode(n.Call, visit)
		walkWindow(n.Window, visit)
	case Subquery:
		walkNodes(n.Left, visit)
		walkNodes(n.Outer, visit)
	case Alias:
		WalkNode(n.Arg, visit)
	}
}

func walkNodes(nodes []Node, visit func(Node) bool) {
	for _, n := range nodes {
		WalkNode(n, visit)
	}
}

func walkCall(c Call, visit func(Node) bool) {
	walkNodes(c.Args, visit)
	WalkNode(c.Filter, visit)
}

func walkWindow(w Window, visit func(Node) bool) {
	walkNodes(w.PartitionBy, visit)
	for _, s := range w.OrderBy {
		WalkNode(s.Arg, visit)
	}
	WalkNode(w.Frame.Start.Offset, visit)
	WalkNode(w.Frame.End.Offset, visit)
}

// RewriteNode builds n anew from the leaves up: change gets each node after its children have been changed, and returns what stands in its place. An
// Over's Call is offered as part of the Over, not by itself.
func RewriteNode(n Node, change func(Node) Node) Node {
	if n == nil {
		return nil
	}
	switch x := n.(type) {
	case Column, Literal, Parameter, Star:
	case Call:
		n = rewriteCall(x, change)
	case Cast:
		x.Arg = RewriteNode(x.Arg, change)
		n = x
	case Case:
		whens := make([]When, len(x.Whens))
		for i, w := range x.Whens {
			whens[i] = When{Cond: RewriteNode(w.Cond, change), Result: RewriteNode(w.Result, change)}
		}
		x.Whens, x.Else = whens, RewriteNode(x.Else, change)
		n = x
	case Field:
		x.Arg = RewriteNode(x.Arg, change)
		n = x
	case Lambda:
		x.Body = RewriteNode(x.Body, change)
		n = x
	case Over:
		x.Call, x.Window = rewriteCall(x.Call, change), rewriteWindow(x.Window, change)
		n = x
	case Subquery:
		x.Left, x.Outer = rewriteNodes(x.Left, change), rewriteNodes(x.Outer, change)
		n = x
	case Alias:
		x.Arg = RewriteNode(x.Arg, change)
		n = x
	}
	return change(n)
}

func rewriteCall(c Call, change func(Node) Node) Call {
	c.Args = rewriteNodes(c.Args, change)
	c.Filter = RewriteNode(c.Filter, change)
	return c
}

func rewriteWindow(w Window, change func(Node) Node) Window {
	w.PartitionBy = rewriteNodes(w.PartitionBy, change)
	if w.OrderBy != nil {
		sorts := make([]Sort, len(w.OrderBy))
		for i, s := range w.OrderBy {
			s.Arg = RewriteNode(s.Arg, change)
			sorts[i] = s
		}
		w.OrderBy = sorts
	}
	w.Frame.Start.Offset = RewriteNode(w.Frame.Start.Offset, change)
	w.Frame.End.Offset = RewriteNode(w.Frame.End.Offset, change)
	return w
}

func rewriteNodes(nodes []Node, change func(Node) Node) []Node {
	if nodes == nil {
		return nil
	}
	out := make([]Node, len(nodes))
	for i, n := range nodes {
		out[i] = RewriteNode(n, change)
	}
	return out
}
