package kernel

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// arrayEdits are the functions that add elements to arrays, take them out and look for them.
func arrayEdits() map[string]builder {
	return map[string]builder{
		"array_append": arrayAppend, "array_prepend": arrayPrepend, "array_insert": arrayInsert,
		"array_compact": arrayCompact, "array_remove": arrayRemove, "array_position": arrayPosition,
		"array_repeat": arrayRepeat, "arrays_zip": arraysZip, "array_sort": rearranged(sortedNullsLast),
	}
}

// mostElements is how many elements an array of Spark's may have.
const mostElements = 1<<31 - 1 - 15

// besides is the elements of an array with the values of another argument behind them, and how to find the value of a row.
func (k *frame) besides(list, value vec) (all arrow.Array, at func(i int) int32, err error) {
	all, base, err := k.laid([]vec{{arr: elementsOf(list)}, {arr: value.arr}})
	if err != nil {
		return nil, nil, err
	}
	mask := value.mask()
	return all, func(i int) int32 { return base[1] + int32(i&mask) }, nil
}

func arrayAppend(*site) (kernel, error) {
	return kernel{first: true, run: func(k *frame, args []vec) (vec, error) {
		s := spansOf(args[0])
		all, value, err := k.besides(args[0], args[1])
		if err != nil {
			return vec{}, err
		}
		return k.gathered(all, func(i int, add func(int32)) {
			for j, end := s.at(i); j < end; j++ {
				add(j)
			}
			add(value(i))
		})
	}}, nil
}

func arrayPrepend(*site) (kernel, error) {
	return kernel{first: true, run: func(k *frame, args []vec) (vec, error) {
		s := spansOf(args[0])
		all, value, err := k.besides(args[0], args[1])
		if err != nil {
			return vec{}, err
		}
		return k.gathered(all, func(i int, add func(int32)) {
			add(value(i))
			for j, end := s.at(i); j < end; j++ {
				add(j)
			}
		})
	}}, nil
}

// arrayInsert puts a value at a position from 1, or from the end for negative ones, where -1 is behind the last element; NULLs fill what lies between.
func arrayInsert(c *site) (kernel, error) {
	return kernel{null: true, unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		if args[0].allNull() || args[1].allNull() {
			return k.nothing(), nil
		}
		k.valid = k.present(args[:2])
		s, pos := spansOf(args[0]), valuesOf[int32](args[1])
		for i := range k.rows() {
			if err := c.checkInsert(int64(s.len(i)), int64(pos.at(i))); err != nil {
				return vec{}, err
			}
		}
		all, value, err := k.besides(args[0], args[2])
		if err != nil {
			return vec{}, err
		}
		return k.gathered(all, func(i int, add func(int32)) {
			start, end := s.at(i)
			insertInto(start, end, pos.at(i), value(i), add)
		})
	}}, nil
}

func (c *site) checkInsert(length, pos int64) error {
	if pos == 0 {
		return fault(c.pos, "INVALID_INDEX_OF_ZERO", "22003", "the first element is 1, the last -1", "the index 0 is invalid")
	}
	if size := max(length+1, pos, -pos); size > mostElements {
		return fault(c.pos, "COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER", "54000", "", "%s cannot make an array of %d elements", c.name, size)
	}
	return nil
}

// insertInto lists the elements from start to end with one more at a position.
func insertInto(start, end, pos, value int32, add func(int32)) {
	length := end - start
	at := pos - 1 // before which element
	if pos < 0 {
		at = length + pos + 1
	}
	if at < 0 {
		add(value)
		for range -at {
			add(-1)
		}
	}
	for j := range length {
		if j == at {
			add(value)
		}
		add(start + j)
	}
	if at >= length {
		for range at - length {
			add(-1)
		}
		add(value)
	}
}

// kept makes an array of the elements that keep tells of.
func (k *frame) kept(list vec, keep func(i int, element int32) bool) (vec, error) {
	s := spansOf(list)
	return k.gathered(elementsOf(list), func(i int, add func(int32)) {
		for j, end := s.at(i); j < end; j++ {
			if keep(i, j) {
				add(j)
			}
		}
	})
}

func arrayCompact(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		elements := vec{arr: elementsOf(args[0])}
		return k.kept(args[0], func(_ int, j int32) bool { return !elements.isNull(int(j)) })
	}}, nil
}

// arrayRemove keeps NULLs: whether they equal the value is not known.
func arrayRemove(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		elements, mask := vec{arr: elementsOf(args[0])}, args[1].mask()
		same := orderingOf(elements.arr, args[1].arr)
		return k.kept(args[0], func(i int, j int32) bool { return elements.isNull(int(j)) || same(int(j), i&mask) != 0 })
	}}, nil
}

// arrayPosition counts from 1; 0 is nowhere.
func arrayPosition(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		elements, s, mask := vec{arr: elementsOf(args[0])}, spansOf(args[0]), args[1].mask()
		same := orderingOf(elements.arr, args[1].arr)
		return mapped(k, func(i int) int64 {
			start, end := s.at(i)
			for j := start; j < end; j++ {
				if !elements.isNull(int(j)) && same(int(j), i&mask) == 0 {
					return int64(j-start) + 1
				}
			}
			return 0
		}), nil
	}}, nil
}

func arrayRepeat(c *site) (kernel, error) {
	return kernel{null: true, unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		if args[1].allNull() {
			return k.nothing(), nil
		}
		k.valid = k.present(args[1:])
		count, mask, total := valuesOf[int32](args[1]), args[0].mask(), int64(0)
		for i := range k.rows() {
			if count.at(i) > mostElements {
				return vec{}, fault(c.pos, "COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER", "54000", "", "array_repeat cannot make an array of %d elements", count.at(i))
			}
			total += int64(max(count.at(i), 0))
		}
		if total > mostElements {
			return vec{}, fault(c.pos, "COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER", "54000", "", "array_repeat cannot make %d elements for one batch", total)
		}
		values, err := k.plain(args[0].arr)
		if err != nil {
			return vec{}, err
		}
		return k.gathered(values, func(i int, add func(int32)) {
			for range max(count.at(i), 0) {
				add(int32(i & mask))
			}
		})
	}}, nil
}

// arraysZip makes structs of the elements at each position, NULL where an array is too short.
func arraysZip(c *site) (kernel, error) {
	t, ok := c.typ.(*arrow.ListType)
	if !ok {
		return c.unsupported()
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		in := make([]spans, len(args))
		for f, a := range args {
			in[f] = spansOf(a)
		}
		l, index := k.newList(), make([][]int32, len(args))
		length := 0
		for i := range k.rows() {
			l.row(i, length)
			longest := int32(0)
			for _, s := range in {
				longest = max(longest, s.len(i))
			}
			for f, s := range in {
				index[f] = appendSpan(index[f], s, i, longest)
			}
			length += int(longest)
		}
		fields := make([]arrow.Array, len(args))
		for f, a := range args {
			var err error
			if fields[f], err = k.take(elementsOf(a), index[f]); err != nil {
				return vec{}, err
			}
		}
		return l.done(k.newArray(t.Elem(), length, nil, []*memory.Buffer{}, fields...))
	}}, nil
}

// appendSpan lists a row's elements, and -1 for those that it lacks.
func appendSpan(dst []int32, s spans, i int, length int32) []int32 {
	start, end := s.at(i)
	for j := range length {
		if start+j < end {
			dst = append(dst, start+j)
		} else {
			dst = append(dst, -1)
		}
	}
	return dst
}

// sortedNullsLast is in ascending order with NULLs behind.
func sortedNullsLast(elements arrow.Array, compare order, at []int32) []int32 {
	of := vec{arr: elements}
	slices.SortStableFunc(at, func(a, b int32) int {
		x, y := of.isNull(int(a)), of.isNull(int(b))
		if x || y {
			return b2i(x) - b2i(y)
		}
		return compare(int(a), int(b))
	})
	return at
}
