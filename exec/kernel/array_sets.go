package kernel

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
)

// arraySets are the functions that take arrays as sets of their elements, in which NULL equals NULL.
func arraySets() map[string]builder {
	return map[string]builder{
		"array_union": setOperation(union), "array_intersect": setOperation(intersection), "array_except": setOperation(difference),
		"arrays_overlap": arraysOverlap,
	}
}

// bothSides are the elements of two arrays laid end to end, and where the rows of each have theirs.
type bothSides struct {
	elements    arrow.Array
	left, right spans
	base        int32 // of the right ones
	scratch     [2][]int32
}

func (k *frame) bothSides(args []vec) (*bothSides, error) {
	all, base, err := k.laid([]vec{{arr: elementsOf(args[0])}, {arr: elementsOf(args[1])}})
	if err != nil {
		return nil, err
	}
	return &bothSides{elements: k.positiveZeros(all), left: spansOf(args[0]), right: spansOf(args[1]), base: base[1]}, nil
}

// at gives the positions of a row's elements on both sides. They are good until the next row.
func (b *bothSides) at(i int) (left, right []int32) {
	left, right = b.scratch[0][:0], b.scratch[1][:0]
	for j, end := b.left.at(i); j < end; j++ {
		left = append(left, j)
	}
	for j, end := b.right.at(i); j < end; j++ {
		right = append(right, b.base+j)
	}
	b.scratch = [2][]int32{left, right}
	return left, right
}

// setOperation makes an array of what f chooses among the elements of both sides.
func setOperation(f func(left, right []int32, compare order) []int32) builder {
	return func(c *site) (kernel, error) {
		if c.args[0].ID() != arrow.LIST || c.args[1].ID() != arrow.LIST {
			return c.unsupported()
		}
		return kernel{run: func(k *frame, args []vec) (vec, error) {
			sides, err := k.bothSides(args)
			if err != nil {
				return vec{}, err
			}
			compare := comparison(sides.elements)
			return k.gathered(sides.elements, func(i int, add func(int32)) {
				left, right := sides.at(i)
				for _, j := range f(left, right, compare) {
					add(j)
				}
			})
		}}, nil
	}
}

func union(left, right []int32, compare order) []int32 {
	return distinctElements(compare, slices.Concat(left, right))
}

func intersection(left, right []int32, compare order) []int32 {
	in := membersOf(right, compare)
	return slices.DeleteFunc(distinctElements(compare, left), func(j int32) bool { return !in(j) })
}

func difference(left, right []int32, compare order) []int32 {
	return slices.DeleteFunc(distinctElements(compare, left), membersOf(right, compare))
}

// membersOf tells whether an element equals one of these, which it puts in order.
func membersOf(elements []int32, compare order) func(j int32) bool {
	slices.SortFunc(elements, func(a, b int32) int { return compare(int(a), int(b)) })
	return func(j int32) bool {
		_, found := slices.BinarySearchFunc(elements, j, func(a, b int32) int { return compare(int(a), int(b)) })
		return found
	}
}

// arraysOverlap is whether the arrays share an element that is not NULL; where they do not and one of them holds a NULL, that is not known, unless the other
// is empty.
func arraysOverlap(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		sides, err := k.bothSides(args)
		if err != nil {
			return vec{}, err
		}
		compare, isNull := comparison(sides.elements), vec{arr: sides.elements}.isNull
		buf := k.zeroed(bitmapSize(k.n))
		out := buf.Bytes()
		for i := range k.rows() {
			left, right := sides.at(i)
			if len(left) == 0 || len(right) == 0 {
				continue
			}
			missing := func(j int32) bool { return isNull(int(j)) }
			unknown := slices.ContainsFunc(left, missing) || slices.ContainsFunc(right, missing)
			in := membersOf(right, compare)
			switch {
			case slices.ContainsFunc(left, func(j int32) bool { return !missing(j) && in(j) }):
				out[i>>3] |= 1 << (i & 7)
			case unknown:
				k.setNull(i)
			}
		}
		return k.fixed(buf), nil
	}}, nil
}
