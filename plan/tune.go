package plan

import "github.com/apache/arrow-go/v18/arrow"

// buildMargin is how much cheaper a table of the left side of a join has to be for it to be built of that: as it is written, it is built of the right side.
const buildMargin = 0.7

// What a row costs a join, in words of 8 bytes that are moved: to enter its key into a table, and to look it up.
const (
	enterWords  = 4
	lookUpWords = 2
)

// tune decides what only takes an estimate of each node's inputs: it puts the conjuncts of filters into the order in which they cost least together, and lets
// joins build their table of the side that makes for less work.
func tune(n Node, s Statistics) Node {
	n, _ = tuner{estimator{s}}.node(n)
	return n
}

type tuner struct{ estimator estimator }

// node gives n tuned, and the estimate of n.
func (t tuner) node(n Node) (Node, estimate) {
	var room [2]estimate
	inputs := room[:0]
	n, _ = overInputs(n, func(in Node) (Node, bool) {
		tuned, e := t.node(in)
		inputs = append(inputs, e)
		return tuned, true
	})
	switch x := n.(type) {
	case Scan:
		n = t.estimator.scanOrdered(x)
	case Filter:
		x.Cond = inputs[0].ordered(x.Cond)
		n = x
	case Join:
		x.BuildLeft = buildsLeft(x, inputs[0], inputs[1])
		n = x
	default:
		n = x
	}
	return n, t.estimator.over(n, inputs)
}

// buildsLeft weighs tables of the two sides of a join. The columns of the side that the table holds are kept until the end, and gathered from all over it for
// each pair, where those of the other side are read in order, at half the cost: few wide rows may cost more than many narrow ones.
func buildsLeft(j Join, left, right estimate) bool {
	pairs := joinedEstimate(j, left, right).rows
	leftWords, rightWords := rowWords(j.Left.Schema()), rowWords(j.Right.Schema())
	if j.leftOnly() {
		rightWords = 0 // but for the key
	}
	ofLeft := left.rows*(enterWords+leftWords) + right.rows*lookUpWords + pairs*(leftWords+rightWords/2)
	ofRight := right.rows*(enterWords+rightWords) + left.rows*lookUpWords + pairs*(rightWords+leftWords/2)
	return ofLeft < buildMargin*ofRight
}

// rowWords is about how many words a row of a schema takes.
func rowWords(s *arrow.Schema) float64 {
	words := 0.0
	for _, f := range s.Fields() {
		switch t := f.Type.(type) {
		case arrow.BinaryDataType:
			words += 3
		case arrow.NestedType:
			words += 3 + unknownElements*float64(len(t.Fields()))
		case arrow.FixedWidthDataType:
			words += float64((t.BitWidth() + 63) / 64)
		}
	}
	return words
}
