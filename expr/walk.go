package expr

import "slices"

// Walk calls visit on b and everything inside it, parents first and in reading order. Where visit returns false it does not go deeper.
func Walk(b Bound, visit func(Bound) bool) {
	if b == nil || !visit(b) {
		return
	}
	switch b := b.(type) {
	case BoundColumn, BoundLiteral, BoundVar:
	case BoundCall:
		for _, a := range b.Args {
			Walk(a, visit)
		}
	case BoundCast:
		Walk(b.Arg, visit)
	case BoundCase:
		for _, w := range b.Whens {
			Walk(w.Cond, visit)
			Walk(w.Result, visit)
		}
		Walk(b.Else, visit)
	case BoundField:
		Walk(b.Arg, visit)
	case BoundLambda:
		Walk(b.Body, visit)
	}
}

// Rewrite builds b anew from the leaves up: change gets each expression after its children have been changed, and returns what stands in its place,
// which must have the same type. b itself is not modified.
func Rewrite(b Bound, change func(Bound) Bound) Bound {
	b, _ = Replace(b, func(part Bound) (Bound, bool) { return change(part), true })
	return b
}

// Replace is Rewrite for changes to a few expressions: change also says whether something else stands in the place of what it got, and parts without such
// a change are not built anew. Replace says that of b.
func Replace(b Bound, change func(Bound) (Bound, bool)) (Bound, bool) {
	if b == nil {
		return nil, false
	}
	b, below := replaceChildren(b, change)
	b, here := change(b)
	return b, below || here
}

func replaceChildren(b Bound, change func(Bound) (Bound, bool)) (Bound, bool) {
	changed := false
	switch x := b.(type) {
	case BoundColumn, BoundLiteral, BoundVar:
	case BoundCall:
		if x.Args, changed = replaceAll(x.Args, change); changed {
			return x, true
		}
	case BoundCast:
		if x.Arg, changed = Replace(x.Arg, change); changed {
			return x, true
		}
	case BoundCase:
		return replaceCase(x, change)
	case BoundField:
		if x.Arg, changed = Replace(x.Arg, change); changed {
			return x, true
		}
	case BoundLambda:
		if x.Body, changed = Replace(x.Body, change); changed {
			return x, true
		}
	}
	return b, false
}

func replaceCase(c BoundCase, change func(Bound) (Bound, bool)) (Bound, bool) {
	whens, changed := slices.Clone(c.Whens), false
	for i := range whens {
		var cond, result bool
		whens[i].Cond, cond = Replace(whens[i].Cond, change)
		whens[i].Result, result = Replace(whens[i].Result, change)
		changed = changed || cond || result
	}
	otherwise, last := Replace(c.Else, change)
	if !changed && !last {
		return c, false
	}
	c.Whens, c.Else = whens, otherwise
	return c, true
}

// replaceAll is Replace for each of a list, which stays as it is.
func replaceAll(list []Bound, change func(Bound) (Bound, bool)) ([]Bound, bool) {
	var out []Bound
	for i, b := range list {
		replaced, changed := Replace(b, change)
		if changed && out == nil {
			out = slices.Clone(list)
		}
		if changed {
			out[i] = replaced
		}
	}
	if out == nil {
		return list, false
	}
	return out, true
}

// Columns lists the positions of the columns that b reads, ascending, each once.
func Columns(b Bound) []int {
	var indexes []int
	Walk(b, func(b Bound) bool {
		if c, ok := b.(BoundColumn); ok {
			indexes = append(indexes, c.Index)
		}
		return true
	})
	slices.Sort(indexes)
	return slices.Compact(indexes)
}

// MapColumns gives every column that b reads the position that at returns for its present one.
func MapColumns(b Bound, at func(index int) int) Bound {
	b, _ = Replace(b, func(b Bound) (Bound, bool) {
		c, ok := b.(BoundColumn)
		if !ok {
			return b, false
		}
		i := at(c.Index)
		if i == c.Index {
			return b, false
		}
		c.Index = i
		return c, true
	})
	return b
}

// Conjuncts takes a condition apart at its outer ANDs: a row passes b if it passes all of them. TRUE has none, and nor has nil.
func Conjuncts(b Bound) []Bound { return appendConjuncts(nil, b) }

func appendConjuncts(all []Bound, b Bound) []Bound {
	switch b := b.(type) {
	case nil:
		return all
	case BoundCall:
		if b.Func != "and" {
			break
		}
		for _, a := range b.Args {
			all = appendConjuncts(all, a)
		}
		return all
	case BoundLiteral:
		if b.Value == true {
			return all
		}
	default: // a condition of its own
	}
	return append(all, b)
}

// And joins conditions; nil ones are left out. Of none it is nil, which everywhere means no condition.
func And(conditions ...Bound) Bound {
	var all Bound
	for _, c := range conditions {
		switch {
		case c == nil:
		case all == nil:
			all = c
		default:
			all = BoundCall{Func: "and", Args: []Bound{all, c}, Typ: typeBoolean, Null: all.Nullable() || c.Nullable()}
		}
	}
	return all
}

// Deterministic reports whether b gives the same value for the same row at any time. current_date and its kin, fixed for one statement only, do not.
func Deterministic(b Bound) bool {
	fixed := true
	Walk(b, func(b Bound) bool {
		if c, ok := b.(BoundCall); ok && (c.Func == "current_date" || c.Func == "current_timestamp") {
			fixed = false
		}
		return fixed
	})
	return fixed && !Volatile(b)
}

// Volatile reports whether b calls a user's function that may give another result for the same arguments: it is to be evaluated once for each row.
func Volatile(b Bound) bool {
	found := false
	Walk(b, func(b Bound) bool {
		c, ok := b.(BoundCall)
		found = found || ok && c.User != nil && c.User.Volatile
		return !found
	})
	return found
}
