package delta

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/exec/vector"
)

// mergeTable is source rows of a merge, findable by their keys. It is read by many workers at a time.
type mergeTable struct {
	columns []arrow.Array // the source's
	rows    int
	keys    []arrow.Array
	safe    []bool // of each key: NULL equals NULL
	hashes  []uint64
	heads   []int32 // by hash: the first row plus one; 0: none
	next    []int32 // the next row with the same head, plus one
	matched []uint64
}

// hashSeed begins the keys' hashes.
const hashSeed = 0x6D65726765

// newMergeTable takes over the columns. Rows that the condition does not keep, or that have NULL in a key that is not null-safe, are not findable.
func newMergeTable(env *kernel.Env, side *mergeExprs, columns []arrow.Array, rows int) (*mergeTable, error) {
	t := &mergeTable{columns: columns, rows: rows, safe: side.nullSafe, matched: make([]uint64, (rows+63)/64)}
	var sel []int32
	var err error
	if side.sourceCond != nil {
		if sel, err = side.sourceCond.Select(env, columns, rows, nil, []int32{}); err != nil {
			t.release()
			return nil, err
		}
	}
	if t.keys, err = evalAll(env, side.sourceKeys, columns, rows, sel); err == nil {
		t.hashes = make([]uint64, rows)
		err = hashRows(t.keys, rows, sel, t.hashes)
	}
	if err != nil {
		t.release()
		return nil, err
	}
	t.index(sel)
	return t, nil
}

// hashRows hashes the keys of the selected rows; the row's place in out is its position.
func hashRows(keys []arrow.Array, rows int, sel []int32, out []uint64) error {
	if sel == nil || len(keys) == 0 {
		if len(keys) == 0 {
			clear(out)
			return nil
		}
		return vector.Hash(keys, nil, hashSeed, out[:rows])
	}
	packed := make([]uint64, len(sel))
	if err := vector.Hash(keys, sel, hashSeed, packed); err != nil {
		return err
	}
	for i, row := range sel {
		out[row] = packed[i]
	}
	return nil
}

func (t *mergeTable) index(sel []int32) {
	n := t.rows
	if sel != nil {
		n = len(sel)
	}
	size := 16
	for size < 2*n {
		size *= 2
	}
	t.heads, t.next = make([]int32, size), make([]int32, t.rows)
	nulls := t.nullsOf(t.keys)
	for i := n - 1; i >= 0; i-- { // backwards, so that rows of one key are found in their order
		row := rowOf(sel, i)
		if anyNull(nulls, row) {
			continue
		}
		head := &t.heads[t.hashes[row]&uint64(size-1)]
		t.next[row] = *head
		*head = int32(row) + 1
	}
}

// nullsOf are the NULLs of keys that match nothing.
func (t *mergeTable) nullsOf(keys []arrow.Array) []vector.Nulls {
	var list []vector.Nulls
	for i, c := range keys {
		if n := vector.NullsOf(c); !n.None() && !t.safe[i] {
			list = append(list, n)
		}
	}
	return list
}

func anyNull(nulls []vector.Nulls, row int) bool {
	for _, n := range nulls {
		if n.At(row) {
			return true
		}
	}
	return false
}

// pairs appends, for each selected row of other keys, the rows here that have equal hashes: candidates, to be compared.
func (t *mergeTable) pairs(keys []arrow.Array, hashes []uint64, rows int, sel, target, source []int32) (_, _ []int32) {
	n := rows
	if sel != nil {
		n = len(sel)
	}
	nulls := t.nullsOf(keys)
	mask := uint64(len(t.heads) - 1)
	for i := range n {
		row := rowOf(sel, i)
		h := hashes[row]
		if t.heads[h&mask] == 0 || anyNull(nulls, row) {
			continue
		}
		for j := t.heads[h&mask]; j != 0; j = t.next[j-1] {
			if t.hashes[j-1] == h {
				target, source = append(target, int32(row)), append(source, j-1)
			}
		}
	}
	return target, source
}

// mark marks, in a worker's own set, source rows that have a partner.
func mark(set []uint64, rows []int32) {
	for _, r := range rows {
		set[r>>6] |= 1 << (r & 63)
	}
}

func isMarked(set []uint64, row int32) bool { return set[row>>6]>>(row&63)&1 != 0 }

// unmatched appends the rows in [from, to) that have no partner, relative to from.
func (t *mergeTable) unmatched(from, to int, dst []int32) []int32 {
	for r := from; r < to; r++ {
		if !isMarked(t.matched, int32(r)) {
			dst = append(dst, int32(r-from))
		}
	}
	return dst
}

func (t *mergeTable) release() {
	if t == nil {
		return
	}
	releaseAll(t.keys)
	releaseAll(t.columns)
	t.keys, t.columns = nil, nil
}

func evalAll(env *kernel.Env, exprs []*kernel.Expr, cols []arrow.Array, n int, sel []int32) ([]arrow.Array, error) {
	out := make([]arrow.Array, 0, len(exprs))
	for _, e := range exprs {
		a, err := e.Eval(env, cols, n, sel)
		if err != nil {
			releaseAll(out)
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}
