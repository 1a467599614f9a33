package plan

// mergeLimits joins a bare LIMIT with the ORDER BY … LIMIT below it, also below a projection, so that sorting keeps only the rows that are wanted.
func mergeLimits(n Node) Node {
	return rewrite(n, func(n Node) (Node, bool) {
		outer, ok := n.(Order)
		if !ok || len(outer.Keys) > 0 {
			return n, false
		}
		switch in := outer.Input.(type) {
		case Order:
			return mergedLimit(outer, in), true
		case Project:
			if inner, ok := in.Input.(Order); ok {
				in.Input = mergedLimit(outer, inner)
				return in, true
			}
		default: // no limit below
		}
		return n, false
	})
}

// mergedLimit takes outer's rows out of inner's.
func mergedLimit(outer, inner Order) Order {
	merged := Order{Input: inner.Input, Keys: inner.Keys, Limit: outer.Limit, Offset: inner.Offset + outer.Offset}
	if merged.Offset < inner.Offset {
		return Order{Input: inner.Input, Keys: inner.Keys, Limit: 0}
	}
	if inner.Limit < 0 {
		return merged
	}
	left := max(inner.Limit-outer.Offset, 0)
	if outer.Limit < 0 || left < outer.Limit {
		merged.Limit = left
	}
	return merged
}
