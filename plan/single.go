package plan

// atMostOne tells whether n has one row at most, whatever is in its tables.
func atMostOne(n Node) bool {
	switch n := n.(type) {
	case Order:
		return n.Limit == 0 || n.Limit == 1 || atMostOne(n.Input)
	case Filter:
		return atMostOne(n.Input)
	case Aggregate:
		return len(n.Groups) == 0 || atMostOne(n.Input)
	case Project:
		return atMostOne(n.Input)
	case Window:
		return atMostOne(n.Input)
	case Latest:
		return atMostOne(n.Input)
	case Join:
		return atMostOne(n.Left) && (n.leftOnly() || n.Kind != FullOuter && atMostOne(n.Right))
	case Values:
		return len(n.Rows) <= 1
	case Scan, Generate, Union, Check, Map:
	}
	return false
}

// exactlyOne tells whether n has one row, whatever is in its tables.
func exactlyOne(n Node) bool {
	switch n := n.(type) {
	case Aggregate:
		return len(n.Groups) == 0
	case Project:
		return exactlyOne(n.Input)
	case Window:
		return exactlyOne(n.Input)
	case Order:
		return n.Limit != 0 && n.Offset == 0 && exactlyOne(n.Input)
	case Join:
		return n.Kind == Cross && exactlyOne(n.Left) && exactlyOne(n.Right)
	case Values:
		return len(n.Rows) == 1
	case Filter, Latest, Scan, Generate, Union, Check, Map:
	}
	return false
}

// someRow is a query that has a row if and only if n has: what only orders and limits its rows, or computes their columns, is left out.
func someRow(n Node) Node {
	switch x := n.(type) {
	case Order:
		if x.Limit != 0 && x.Offset == 0 {
			return someRow(x.Input)
		}
	case Project:
		return someRow(x.Input)
	default: // everything else can matter
	}
	return n
}
