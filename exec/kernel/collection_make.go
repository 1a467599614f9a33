package kernel

import "github.com/apache/arrow-go/v18/arrow"

// laid is the arguments' arrays end to end without dictionaries, and where each begins.
func (k *frame) laid(args []vec) (all arrow.Array, base []int32, err error) {
	arrays, at := make([]arrow.Array, len(args)), int32(0)
	base = make([]int32, len(args))
	for j, a := range args {
		if arrays[j], err = k.plain(a.arr); err != nil {
			return nil, nil, err
		}
		base[j] = at
		at += int32(a.arr.Len())
	}
	all, err = k.concat(arrays)
	return all, base, err
}

// woven takes, for each row to compute, that row of every argument in turn; offsets gets where each row begins.
func (k *frame) woven(args []vec, offsets *listOut) (arrow.Array, error) {
	all, base, err := k.laid(args)
	if err != nil {
		return nil, err
	}
	var index []int32
	for i := range k.rows() {
		offsets.row(i, len(index))
		for j, a := range args {
			index = append(index, base[j]+int32(i&a.mask()))
		}
	}
	offsets.row(k.n, len(index))
	return k.take(all, index)
}

func makeArray(c *site) (kernel, error) {
	if len(c.args) == 0 {
		return kernel{run: func(k *frame, _ []vec) (vec, error) {
			return k.newList().done(k.nullArray(c.typ.(*arrow.ListType).Elem(), 0))
		}}, nil
	}
	return kernel{null: true, run: func(k *frame, args []vec) (vec, error) {
		l := k.newList()
		elements, err := k.woven(args, l)
		if err != nil {
			return vec{}, err
		}
		return l.done(elements)
	}}, nil
}

// makeStruct takes names and values in turn; the names are in the type.
func makeStruct(c *site) (kernel, error) {
	return kernel{null: true, run: func(k *frame, args []vec) (vec, error) {
		fields := make([]arrow.Array, len(args)/2)
		for f := range fields {
			v := args[2*f+1]
			var err error
			if v.one {
				fields[f], err = k.take(v.arr, make([]int32, k.n))
			} else {
				fields[f], err = k.plain(v.arr)
			}
			if err != nil {
				return vec{}, err
			}
		}
		return vec{arr: k.newArray(k.call.typ, k.n, nil, nil, fields...)}, nil
	}}, nil
}

// makeMap takes keys and values in turn.
func makeMap(c *site) (kernel, error) {
	t, ok := c.typ.(*arrow.MapType)
	if !ok {
		return c.unsupported()
	}
	return kernel{null: true, unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		var sides [2][]vec
		for j, a := range args {
			sides[j%2] = append(sides[j%2], a)
		}
		l := k.newList()
		if len(args) == 0 {
			return l.entries(t, k.nullArray(t.KeyType(), 0), k.nullArray(t.ItemType(), 0))
		}
		keys, err := k.woven(sides[0], l)
		if err != nil {
			return vec{}, err
		}
		values, err := k.woven(sides[1], l)
		if err != nil {
			return vec{}, err
		}
		return l.keyed(c.pos, t, l.k.positiveZeros(keys), values)
	}}, nil
}

// entries makes a MAP over its keys and values.
func (l *listOut) entries(t *arrow.MapType, keys, values arrow.Array) (vec, error) {
	return l.done(l.k.newArray(t.Elem(), keys.Len(), nil, nil, keys, values))
}
