package plan

// buildMargin is how much smaller the left side of a join has to be for the table to be built of it: as it is written, the right side is.
const buildMargin = 0.7

// chooseBuild lets joins build their table of the side with fewer rows by the statistics.
func chooseBuild(n Node, s Statistics) Node {
	n, _ = buildChooser{estimator{s}}.node(n)
	return n
}

type buildChooser struct{ estimator estimator }

// node gives n with its joins decided, and the estimate of n.
func (b buildChooser) node(n Node) (Node, estimate) {
	children := n.Children()
	inputs := make([]estimate, len(children))
	for i, c := range children {
		children[i], inputs[i] = b.node(c)
	}
	n = WithChildren(n, children...)
	if j, ok := n.(Join); ok {
		j.BuildLeft = inputs[0].rows < buildMargin*inputs[1].rows
		n = j
	}
	return n, b.estimator.over(n, inputs)
}
