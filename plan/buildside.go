package plan

// buildMargin is how much smaller the left side of a join has to be for the table to be built of it: as it is written, the right side is.
const buildMargin = 0.7

// tune decides what only takes an estimate of each node's inputs: it puts the conjuncts of filters into the order in which they cost least together, and lets
// joins build their table of the side with fewer rows.
func tune(n Node, s Statistics) Node {
	n, _ = tuner{estimator{s}}.node(n)
	return n
}

type tuner struct{ estimator estimator }

// node gives n tuned, and the estimate of n.
func (t tuner) node(n Node) (Node, estimate) {
	children := n.Children()
	inputs := make([]estimate, len(children))
	for i, c := range children {
		children[i], inputs[i] = t.node(c)
	}
	switch x := WithChildren(n, children...).(type) {
	case Scan:
		n = t.estimator.scanOrdered(x)
	case Filter:
		x.Cond = inputs[0].ordered(x.Cond)
		n = x
	case Join:
		x.BuildLeft = inputs[0].rows < buildMargin*inputs[1].rows
		n = x
	default:
		n = x
	}
	return n, t.estimator.over(n, inputs)
}
