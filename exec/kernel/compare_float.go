package kernel

// compareFloats compares as Spark does: NaN equals NaN and is greater than everything else, -0.0 equals 0.0.
func compareFloats[T floating](r relation, a, b vec) predicate {
	switch x, y := valuesOf[T](a), valuesOf[T](b); {
	case b.one:
		return floatConstant(x.v, r, y.v[0])
	case a.one:
		return floatConstant(y.v, r.flip(), x.v[0])
	default:
		return predicate{test: func(i int) bool { return r.holds(compareFloat(x.v[i], y.v[i])) }}
	}
}

func compareFloat[T floating](x, y T) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	case x == y:
		return 0
	default: // a NaN on at least one side
		return b2i(x != x) - b2i(y != y)
	}
}

// floatConstant compares a column with c. Where c is a number, a NaN in the column fails < <= = and so passes their opposites, as it should.
func floatConstant[T floating](v []T, r relation, c T) predicate {
	if c != c {
		return nanConstant(v, r)
	}
	switch r {
	case ne:
		return floatConstant(v, eq, c).not()
	case gt:
		return floatConstant(v, le, c).not()
	case ge:
		return floatConstant(v, lt, c).not()
	case lt:
		return predicate{
			test: func(i int) bool { return v[i] < c },
			word: func(i, m int) (w uint64) {
				for j, x := range v[i : i+m] {
					w |= b2u(x < c) << (j & 63)
				}
				return w
			},
		}
	case le:
		return predicate{
			test: func(i int) bool { return v[i] <= c },
			word: func(i, m int) (w uint64) {
				for j, x := range v[i : i+m] {
					w |= b2u(x <= c) << (j & 63)
				}
				return w
			},
		}
	default:
		return predicate{
			test: func(i int) bool { return v[i] == c },
			word: func(i, m int) (w uint64) {
				for j, x := range v[i : i+m] {
					w |= b2u(x == c) << (j & 63)
				}
				return w
			},
		}
	}
}

// nanConstant compares with NaN, the greatest value.
func nanConstant[T floating](v []T, r relation) predicate {
	switch r {
	case le:
		return always(true)
	case gt:
		return always(false)
	case ne, lt:
		return isNaN(v).not()
	default:
		return isNaN(v)
	}
}

func isNaN[T floating](v []T) predicate {
	return predicate{test: func(i int) bool { return v[i] != v[i] }}
}
