package kernel

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// comparison is the order of an array's elements, NULLs first.
func comparison(elements arrow.Array) order {
	return nullable(elements, elements, orderingOf(elements, elements))
}

// arrayDistinct keeps the first of equal elements.
func arrayDistinct(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		elements, s := k.positiveZeros(elementsOf(args[0])), spansOf(args[0])
		compare := comparison(elements)
		var at []int32
		return k.gathered(elements, func(i int, add func(int32)) {
			at = appendSpan(at[:0], s, i, s.len(i))
			for _, j := range distinctElements(compare, at) {
				add(j)
			}
		})
	}}, nil
}

// rearranged makes an array of each row's elements: f says which, given their positions.
func rearranged(f func(elements arrow.Array, c order, at []int32) []int32) builder {
	return func(c *site) (kernel, error) {
		if c.args[0].ID() != arrow.LIST {
			return c.unsupported()
		}
		return kernel{run: func(k *frame, args []vec) (vec, error) {
			elements, s := elementsOf(args[0]), spansOf(args[0])
			compare := comparison(elements)
			var at []int32
			return k.gathered(elements, func(i int, add func(int32)) {
				at = at[:0]
				for j, end := s.at(i); j < end; j++ {
					at = append(at, j)
				}
				for _, j := range f(elements, compare, at) {
					add(j)
				}
			})
		}}, nil
	}
}

// distinctElements keeps the first of equal elements.
func distinctElements(compare order, at []int32) []int32 {
	byValue := slices.Clone(at)
	slices.SortStableFunc(byValue, func(a, b int32) int { return compare(int(a), int(b)) })
	byValue = slices.CompactFunc(byValue, func(a, b int32) bool { return compare(int(a), int(b)) == 0 })
	slices.Sort(byValue)
	return byValue
}

func reverseList(c *site) (kernel, error) {
	return rearranged(func(_ arrow.Array, _ order, at []int32) []int32 {
		slices.Reverse(at)
		return at
	})(c)
}

// sortArray puts NULLs first in ascending and last in descending order.
func sortArray(c *site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		elements, s := elementsOf(args[0]), spansOf(args[0])
		compare := comparison(elements)
		ascending := func(int) bool { return true }
		if len(args) == 2 {
			ascending = booleansOf(args[1]).at
		}
		var at []int32
		return k.gathered(elements, func(i int, add func(int32)) {
			at = at[:0]
			for j, end := s.at(i); j < end; j++ {
				at = append(at, j)
			}
			sign := 1
			if !ascending(i) {
				sign = -1
			}
			slices.SortStableFunc(at, func(a, b int32) int { return sign * compare(int(a), int(b)) })
			for _, j := range at {
				add(j)
			}
		})
	}}, nil
}

// arrayExtreme is the greatest or the least element, NULLs apart.
func arrayExtreme(sign int) builder {
	return func(c *site) (kernel, error) {
		if c.args[0].ID() != arrow.LIST {
			return c.unsupported()
		}
		return kernel{run: func(k *frame, args []vec) (vec, error) {
			elements, s := elementsOf(args[0]), spansOf(args[0])
			compare := orderingOf(elements, elements)
			return k.picked(elements, func(i int) (int32, error) {
				best := int32(-1)
				for j, end := s.at(i); j < end; j++ {
					if elements.IsValid(int(j)) && (best < 0 || sign*compare(int(j), int(best)) > 0) {
						best = j
					}
				}
				return best, nil
			})
		}}, nil
	}
}

// arrayContains is NULL where the value is not found among elements of which some are NULL.
func arrayContains(c *site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		elements, s, mask := elementsOf(args[0]), spansOf(args[0]), args[1].mask()
		same := orderingOf(elements, args[1].arr)
		buf := k.zeroed(bitmapSize(k.n))
		out := buf.Bytes()
		for i := range k.rows() {
			found, null := false, false
			for j, end := s.at(i); j < end && !found; j++ {
				if elements.IsNull(int(j)) {
					null = true
					continue
				}
				found = same(int(j), i&mask) == 0
			}
			switch {
			case found:
				out[i>>3] |= 1 << (i & 7)
			case null:
				k.setNull(i)
			}
		}
		return k.fixed(buf), nil
	}}, nil
}

// arrayJoin writes the elements with a separator, NULLs as a text of their own or not at all.
func arrayJoin(c *site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		elements, s := elementsOf(args[0]), spansOf(args[0])
		text, separator := textsOf(vec{arr: elements}), textsOf(args[1])
		var null texts
		if len(args) == 3 {
			null = textsOf(args[2])
		}
		return k.texted(text.size(), func(dst []byte, i int) []byte {
			first := true
			for j, end := s.at(i); j < end; j++ {
				missing := elements.IsNull(int(j))
				if missing && len(args) < 3 {
					continue
				}
				if !first {
					dst = append(dst, separator.at(i)...)
				}
				first = false
				if missing {
					dst = append(dst, null.at(i)...)
				} else {
					dst = append(dst, text.at(int(j))...)
				}
			}
			return dst
		})
	}}, nil
}

// slice takes elements from a position, from 1 or negative from the end; a start outside of the array gives an empty one.
func slice(c *site) (kernel, error) {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		s, from, count := spansOf(args[0]), valuesOf[int32](args[1]), valuesOf[int32](args[2])
		for i := range k.rows() {
			if from.at(i) == 0 {
				return vec{}, fault(c.pos, "INVALID_PARAMETER_VALUE.START", "22023", "positions count from 1, or -1 from the end", "slice cannot start at 0")
			}
			if count.at(i) < 0 {
				return vec{}, fault(c.pos, "INVALID_PARAMETER_VALUE.LENGTH", "22023", "", "the length %d of slice is negative", count.at(i))
			}
		}
		return k.gathered(elementsOf(args[0]), func(i int, add func(int32)) {
			start, end := s.at(i)
			first := int64(start) + int64(from.at(i)) - 1
			if from.at(i) < 0 {
				first = int64(end) + int64(from.at(i))
			}
			if first < int64(start) {
				return
			}
			stop := int32(first) - start + count.at(i) // beyond 2³¹ it is negative, as it is in Spark
			for j := first; j < min(int64(end), int64(start)+int64(stop)); j++ {
				add(int32(j))
			}
		})
	}}, nil
}

// concatLists lays arrays end to end, row by row.
func concatLists(c *site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		children, in := make([]vec, len(args)), make([]spans, len(args))
		for j, a := range args {
			children[j], in[j] = vec{arr: elementsOf(a)}, spansOf(a)
		}
		all, base, err := k.laid(children)
		if err != nil {
			return vec{}, err
		}
		return k.gathered(all, func(i int, add func(int32)) {
			for j, s := range in {
				for at, end := s.at(i); at < end; at++ {
					add(base[j] + at)
				}
			}
		})
	}}, nil
}

// concatWS joins texts and arrays of texts with the first argument between them, NULLs left out.
func concatWS(c *site) (kernel, error) {
	return kernel{null: true, run: func(k *frame, args []vec) (vec, error) {
		if args[0].allNull() {
			return k.nothing(), nil
		}
		k.valid = k.present(args[:1])
		separator := textsOf(args[0])
		parts := make([]joiner, len(args)-1)
		for j, a := range args[1:] {
			parts[j] = joinerOf(a)
		}
		return k.texted(16*k.n, func(dst []byte, i int) []byte {
			start := len(dst)
			written := false
			for _, p := range parts {
				dst = p(dst, i, func(dst []byte) []byte {
					if written {
						dst = append(dst, separator.at(i)...)
					}
					written = true
					return dst
				})
			}
			if !written {
				return dst[:start]
			}
			return dst
		})
	}}, nil
}

// joiner appends the texts of a row, each after what between appends.
type joiner func(dst []byte, i int, between func([]byte) []byte) []byte

func joinerOf(v vec) joiner {
	if v.allNull() {
		return func(dst []byte, _ int, _ func([]byte) []byte) []byte { return dst }
	}
	if _, ok := v.arr.(*array.List); !ok {
		text := textsOf(v)
		return func(dst []byte, i int, between func([]byte) []byte) []byte {
			if v.isNull(i) {
				return dst
			}
			return append(between(dst), text.at(i)...)
		}
	}
	elements, s := elementsOf(v), spansOf(v)
	text := textsOf(vec{arr: elements})
	return func(dst []byte, i int, between func([]byte) []byte) []byte {
		if v.isNull(i) {
			return dst
		}
		for j, end := s.at(i); j < end; j++ {
			if elements.IsValid(int(j)) {
				dst = append(between(dst), text.at(int(j))...)
			}
		}
		return dst
	}
}
