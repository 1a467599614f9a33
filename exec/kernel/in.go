package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"
)

// membership are IN, greatest and least.
func membership() map[string]builder {
	return map[string]builder{"in": in, "greatest": extreme(1), "least": extreme(-1)}
}

// in compares the first argument with each of the others: TRUE where one is equal, else NULL where one is NULL.
func in(c *site) (kernel, error) {
	values, null, constant := c.members()
	if constant && isText(c.args[0]) {
		return inTexts(values, null), nil
	}
	if constant && isInteger(c.args[0]) {
		return inIntegers(c, values, null)
	}
	return inAny(c)
}

// members are the constant values to look for and whether NULL is among them; ok is false where one depends on the row.
func (c *site) members() (values []vec, null, ok bool) {
	for i := 1; i < len(c.args); i++ {
		switch v := c.consts[i]; {
		case v == nil:
			return nil, false, false
		case v.IsNull(0) || v.DataType().ID() == arrow.NULL:
			null = true
		default:
			values = append(values, vec{arr: v, one: true})
		}
	}
	return values, null, true
}

// isInteger tells the types that are integers inside.
func isInteger(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.DATE32, arrow.TIMESTAMP:
		return true
	}
	return false
}

// found is a membership test; where NULL is among the members, rows that are not found are NULL.
func found(null bool, member func(args []vec) predicate) kernel {
	if !null {
		return kernel{pred: func(_ *frame, args []vec) (predicate, error) { return member(args), nil }}
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		p := member(args)
		for i := range k.rows() {
			if !p.test(i) {
				k.setNull(i)
			}
		}
		return k.test(func(int) bool { return true }), nil
	}}
}

func inTexts(values []vec, null bool) kernel {
	set := make(map[string]struct{}, len(values))
	for _, v := range values {
		set[string(textsOf(v).at(0))] = struct{}{}
	}
	return withFirst(found(null, func(args []vec) predicate {
		a := textsOf(args[0])
		return predicate{test: func(i int) bool {
			_, ok := set[string(a.at(i))]
			return ok
		}}
	}))
}

func inIntegers(c *site, values []vec, null bool) (kernel, error) {
	switch c.args[0].ID() {
	case arrow.INT8:
		return inSet[int8](values, null), nil
	case arrow.INT16:
		return inSet[int16](values, null), nil
	case arrow.INT32, arrow.DATE32:
		return inSet[int32](values, null), nil
	default:
		return inSet[int64](values, null), nil
	}
}

// inSet goes through few members one by one, and looks up many.
func inSet[T signed](values []vec, null bool) kernel {
	const few = 8
	list := make([]T, len(values))
	set := make(map[T]struct{}, len(values))
	for i, v := range values {
		list[i] = valuesOf[T](v).v[0]
		set[list[i]] = struct{}{}
	}
	return withFirst(found(null, func(args []vec) predicate {
		a := valuesOf[T](args[0])
		if len(list) <= few && a.mask != 0 {
			return anyOf(a.v, list)
		}
		return predicate{test: func(i int) bool {
			_, ok := set[a.at(i)]
			return ok
		}}
	}))
}

// anyOf compares with a few values, word by word.
func anyOf[T signed](v, list []T) predicate {
	equal := make([]predicate, len(list))
	for i, x := range list {
		equal[i] = inRange(v, eq, x)
	}
	return predicate{
		test: func(i int) bool {
			hit := false
			for _, x := range list {
				hit = hit || v[i] == x
			}
			return hit
		},
		word: func(i, m int) (w uint64) {
			for _, p := range equal {
				w |= p.word(i, m)
			}
			return w
		},
	}
}

// withFirst makes a kernel blind to all arguments but the first, so that NULL among the others is not taken for a NULL result.
func withFirst(k kernel) kernel {
	k.first = true
	return k
}

// inAny compares row by row with members of any type.
func inAny(c *site) (kernel, error) {
	compare := make([]func(r relation, a, b vec) predicate, len(c.args)-1)
	for j := range compare {
		var err error
		if compare[j], err = comparer(c.args[0], c.args[j+1]); err != nil {
			return kernel{}, err
		}
	}
	return kernel{first: true, run: func(k *frame, args []vec) (vec, error) {
		equal := make([]predicate, len(compare))
		for j, f := range compare {
			if !args[j+1].allNull() {
				equal[j] = f(eq, args[0], args[j+1])
			}
			if same := equal[j]; args[0].one && args[j+1].one && same.test != nil { // compared once, for all rows
				equal[j] = always(same.test(0))
			}
		}
		buf := k.zeroed(bitmapSize(k.n))
		out := buf.Bytes()
		for i := range k.rows() {
			hit, null := false, false
			for j, p := range equal {
				if args[j+1].isNull(i) {
					null = true
					continue
				}
				hit = hit || p.test(i)
			}
			switch {
			case hit:
				out[i>>3] |= 1 << (i & 7)
			case null:
				k.setNull(i)
			}
		}
		return k.fixed(buf), nil
	}}, nil
}

// extreme is the greatest or the least argument that is not NULL.
func extreme(sign int) builder {
	return func(c *site) (kernel, error) {
		if _, err := ordering(c.typ); err != nil {
			return kernel{}, err
		}
		return kernel{null: true, run: func(k *frame, args []vec) (vec, error) { return k.best(args, sign) }}, nil
	}
}

// best keeps for each row which argument leads, and then combines the arguments.
func (k *frame) best(args []vec, sign int) (vec, error) {
	rows := make([][]int32, len(args))
	compare := make([][]order, len(args))
	for j, a := range args {
		compare[j] = make([]order, j)
		for h := range j {
			compare[j][h] = orderingOf(a.arr, args[h].arr)
		}
	}
	for i := range k.rows() {
		lead := -1
		for j, a := range args {
			if a.isNull(i) {
				continue
			}
			if lead < 0 || sign*compare[j][lead](i&a.mask(), i&args[lead].mask()) > 0 {
				lead = j
			}
		}
		rows[max(lead, 0)] = append(rows[max(lead, 0)], int32(i))
	}
	parts := make([]part, 0, len(args))
	for j, r := range rows {
		if len(r) > 0 {
			parts = append(parts, part{rows: r, v: args[j]})
		}
	}
	return k.combine(k.call.typ, k.n, parts)
}
