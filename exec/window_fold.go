package exec

// foldFrames combines the leaves of each place's frame, in order, and sets the result by row. An empty frame gives the zero value, which combine must take
// as nothing. Frames that begin with their partition are combined along it; others by a tree.
func foldFrames[T any](p *arranged, fr frames, fromBegin bool, leaf func(place int32) T, combine func(a, b T) T, set func(row uint32, v T)) {
	if !fromBegin {
		t := newTree(p.n, leaf, combine)
		for i, r := range p.perm {
			set(r, t.fold(fr.low[i], fr.high[i]))
		}
		return
	}
	var v T
	done := int32(0)
	for i, r := range p.perm {
		if p.begin(i) == int32(i) {
			var zero T
			v, done = zero, int32(i)
		}
		for ; done < fr.high[i]; done++ {
			v = combine(v, leaf(done))
		}
		set(r, v)
	}
}

// tree is a segment tree: node i combines nodes 2i and 2i+1, leaves begin at n.
type tree[T any] struct {
	n       int
	nodes   []T
	combine func(a, b T) T
}

func newTree[T any](n int, leaf func(int32) T, combine func(a, b T) T) *tree[T] {
	t := &tree[T]{n: n, nodes: make([]T, 2*n), combine: combine}
	for i := range n {
		t.nodes[n+i] = leaf(int32(i))
	}
	for i := n - 1; i > 0; i-- {
		t.nodes[i] = combine(t.nodes[2*i], t.nodes[2*i+1])
	}
	return t
}

// fold combines the leaves from … to-1 in order.
func (t *tree[T]) fold(from, to int32) T {
	var left, right T
	for l, r := int(from)+t.n, int(to)+t.n; l < r; l, r = l/2, r/2 {
		if l%2 == 1 {
			left = t.combine(left, t.nodes[l])
			l++
		}
		if r%2 == 1 {
			r--
			right = t.combine(t.nodes[r], right)
		}
	}
	return t.combine(left, right)
}
