package delta

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/kernel"
)

// decider says for each target row of a batch what the merge does with it. It serves one goroutine.
type decider struct {
	env    *kernel.Env
	exprs  *mergeExprs
	table  *mergeTable
	unique bool     // a target row must not be acted on twice
	seen   []uint64 // source rows that matched, this worker's part

	hashes []uint64
	target []int32
	source []int32
	state  []rowState
}

// rowState is what is known of a target row.
type rowState uint8

const (
	rowMatched rowState = 1 << iota
	rowActed
)

// decision is what happens to a batch of target rows.
type decision struct {
	matched  []rowPairs // by WHEN MATCHED clause
	bySource []rowPairs // by WHEN NOT MATCHED BY SOURCE clause
	acted    int        // rows that some clause changes
	repeated int        // rows that more than one source row would change
}

func newDecider(env *kernel.Env, e *mergeExprs, t *mergeTable, unique bool) *decider {
	return &decider{env: env, exprs: e, table: t, unique: unique, seen: make([]uint64, len(t.matched))}
}

// decide looks at the selected rows of a batch of target columns.
func (d *decider) decide(columns []arrow.Array, n int, sel []int32) (*decision, error) {
	if cap(d.state) < n {
		d.state = make([]rowState, n)
		d.hashes = make([]uint64, n)
	}
	d.state = d.state[:n]
	clear(d.state)
	pairs, err := d.match(columns, n, sel)
	if err != nil {
		return nil, err
	}
	mark(d.seen, pairs.source)
	for _, row := range pairs.target {
		d.state[row] |= rowMatched
	}
	out := &decision{}
	for _, c := range d.exprs.matched {
		var hit rowPairs
		if hit, pairs, err = d.exprs.filter(d.env, c.cond, columns, d.table.columns, pairs.target, pairs.source); err != nil {
			return nil, err
		}
		out.matched = append(out.matched, d.act(out, hit))
	}
	return out, d.decideUnmatched(out, columns, n, sel)
}

// match gives the pairs of rows that ON makes TRUE, by target row.
func (d *decider) match(columns []arrow.Array, n int, sel []int32) (rowPairs, error) {
	wide := d.exprs.beside(columns)
	var err error
	if d.exprs.targetCond != nil {
		if sel, err = d.exprs.targetCond.Select(d.env, wide, n, sel, make([]int32, 0, n)); err != nil {
			return rowPairs{}, err
		}
	}
	keys, err := evalAll(d.env, d.exprs.targetKeys, wide, n, sel)
	if err != nil {
		return rowPairs{}, err
	}
	defer releaseAll(keys)
	if err := hashRows(keys, n, sel, d.hashes[:n]); err != nil {
		return rowPairs{}, err
	}
	d.target, d.source = d.table.pairs(keys, d.hashes, n, sel, d.target[:0], d.source[:0])
	target, source, err := equalPairs(keys, d.table.keys, d.table.safe, d.target, d.source)
	if err != nil {
		return rowPairs{}, err
	}
	kept, _, err := d.exprs.filter(d.env, d.exprs.residual, columns, d.table.columns, target, source)
	return kept, err
}

// act records the rows that a clause changes; a row that was changed already is not changed again.
func (d *decider) act(out *decision, hit rowPairs) rowPairs {
	kept := rowPairs{target: make([]int32, 0, len(hit.target)), source: make([]int32, 0, len(hit.source))}
	for i, row := range hit.target {
		if d.state[row]&rowActed != 0 {
			if d.unique {
				out.repeated++
			}
			continue
		}
		d.state[row] |= rowActed
		out.acted++
		kept.target = append(kept.target, row)
		if hit.source != nil {
			kept.source = append(kept.source, hit.source[i])
		}
	}
	return kept
}

// decideUnmatched applies the WHEN NOT MATCHED BY SOURCE clauses.
func (d *decider) decideUnmatched(out *decision, columns []arrow.Array, n int, sel []int32) error {
	if len(d.exprs.bySource) == 0 {
		return nil
	}
	var rows []int32
	count := n
	if sel != nil {
		count = len(sel)
	}
	for i := range count {
		if row := rowOf(sel, i); d.state[row]&rowMatched == 0 {
			rows = append(rows, int32(row))
		}
	}
	rest := rowPairs{target: rows}
	for _, c := range d.exprs.bySource {
		hit, left, err := d.exprs.filter(d.env, c.cond, columns, nil, rest.target, nil)
		if err != nil {
			return err
		}
		rest = left
		out.bySource = append(out.bySource, d.act(out, hit))
	}
	return nil
}

// untouched appends the selected rows that no clause changes.
func (d *decider) untouched(n int, sel, dst []int32) []int32 {
	if sel == nil {
		for row := range n {
			if d.state[row]&rowActed == 0 {
				dst = append(dst, int32(row))
			}
		}
		return dst
	}
	for _, row := range sel {
		if d.state[row]&rowActed == 0 {
			dst = append(dst, row)
		}
	}
	return dst
}
