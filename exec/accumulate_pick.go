package exec

import (
	"bytes"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// picker keeps one row's value per group: the first, the last, or the one whose ordering value is least or greatest. It stands behind first, last,
// any_value, min_by, max_by, and min and max over arrays and structs. Values are kept in arrays of their own type.
type picker struct {
	env         *Env
	typ         arrow.DataType
	ordered     bool // by a second argument
	greatest    bool
	ties        bool // of rows with equal ordering values the later one is kept, as in Spark
	last        bool
	ignoreNulls bool
	single      *expr.BoundAggregate // a second row is an error; nil: it is not

	ref    []int64  // where a group's value lies: chunk and row; -1: nowhere
	key    [][]byte // its ordering value, encoded, when ordered
	kept   []arrow.Array
	rows   int   // in kept
	bytes  int64 // of keys
	chosen []int32
	won    []uint32
}

func newPicker(env *Env, a expr.BoundAggregate) (accumulator, error) {
	p := &picker{env: env, typ: a.Args[0].Type()}
	switch a.Func {
	case "min_by", "max_by":
		if len(a.Args) != 2 {
			return nil, fmt.Errorf("exec: %s of %d arguments", a.Func, len(a.Args))
		}
		p.ordered, p.ties, p.greatest = true, true, a.Func == "max_by"
		return p, nil
	case "last", "last_value":
		p.last = true
	case "single_value":
		p.single = &a
	}
	if len(a.Args) > 1 {
		v, err := constantBool(env, a.Args[1])
		if err != nil {
			return nil, fmt.Errorf("exec: %s: ignore NULLs: %w", a.Func, err)
		}
		p.ignoreNulls = v
	}
	return p, nil
}

func (p *picker) grow(n int) {
	for len(p.ref) < n {
		p.ref = append(p.ref, -1)
		p.chosen = append(p.chosen, -1)
	}
	if p.ordered {
		p.key = growTo(p.key, n)
	}
}

func (p *picker) update(groups []uint32, rows []int32, args []arrow.Array) error {
	if p.ordered {
		by := args[len(args)-1] // min and max order values by themselves
		write, err := newOrderWriter(sortColumn{Array: by})
		if err != nil {
			return err
		}
		p.chooseBest(groups, rows, vector.RowNulls(by), write)
	} else if err := p.chooseFirst(groups, rows, vector.RowNulls(args[0])); err != nil {
		return err
	}
	return p.keep(args[0])
}

// chooseFirst notes each group's first or last row of the batch.
func (p *picker) chooseFirst(groups []uint32, rows []int32, null func(int) bool) error {
	for i, g := range groups {
		r := at(rows, i)
		seen := p.ref[g] >= 0 || p.chosen[g] >= 0
		if seen && p.single != nil {
			return errSecondRow(p.single.Pos)
		}
		if p.ignoreNulls && null != nil && null(r) || !p.last && seen {
			continue
		}
		p.choose(g, r)
	}
	return nil
}

// errSecondRow is the error of a sub-query that is to be one value and has two.
func errSecondRow(at expr.Pos) error {
	return &expr.Error{
		Class: "SCALAR_SUBQUERY_TOO_MANY_ROWS", SQLState: "21000", Message: "more than one row came from a sub-query that stands for one value",
		Line: at.Line, Column: at.Column, Hint: "aggregate it, or add LIMIT 1",
	}
}

// chooseBest notes each group's best row of the batch, if it beats the one that is kept. Rows whose ordering value is NULL do not count.
func (p *picker) chooseBest(groups []uint32, rows []int32, null func(int) bool, write rowWriter) {
	var buf []byte
	for i, g := range groups {
		r := at(rows, i)
		if null != nil && null(r) {
			continue
		}
		buf = write(buf[:0], r)
		if p.ref[g] < 0 && p.chosen[g] < 0 || p.beats(buf, p.key[g]) {
			p.choose(g, r)
			before := cap(p.key[g])
			p.key[g] = append(p.key[g][:0], buf...)
			p.bytes += int64(cap(p.key[g]) - before)
		}
	}
}

// beats tells whether a row takes the place of an earlier one, by their ordering values.
func (p *picker) beats(later, earlier []byte) bool {
	order := bytes.Compare(later, earlier)
	if order == 0 {
		return p.ties
	}
	return order > 0 == p.greatest
}

func (p *picker) choose(g uint32, row int) {
	if p.chosen[g] < 0 {
		p.won = append(p.won, g)
	}
	p.chosen[g] = int32(row)
}

// keep takes the chosen rows out of the batch.
func (p *picker) keep(values arrow.Array) error {
	if len(p.won) == 0 {
		return nil
	}
	idx := make([]int32, len(p.won))
	for i, g := range p.won {
		idx[i] = p.chosen[g]
		p.ref[g] = int64(len(p.kept))<<32 | int64(i)
		p.chosen[g] = -1
	}
	p.won = p.won[:0]
	flat, err := takeFlat(p.env, values, idx)
	if err != nil {
		return err
	}
	p.kept = append(p.kept, flat)
	p.rows += len(idx)
	if p.rows > 3*len(p.ref)+MaxRows {
		return p.compact()
	}
	return nil
}

// compact drops the values that were beaten.
func (p *picker) compact() error {
	all, err := p.result(nil)
	if err != nil {
		return err
	}
	p.release()
	p.kept, p.rows = []arrow.Array{all}, all.Len()
	for g, r := range p.ref {
		if r >= 0 {
			p.ref[g] = int64(g)
		}
	}
	return nil
}

func (p *picker) result(picked []uint32) (arrow.Array, error) {
	n := pickedLen(picked, len(p.ref))
	if len(p.kept) == 0 {
		return vector.AllNull(p.env.Alloc, p.typ, n), nil
	}
	refs := make([]int64, n)
	for i := range refs {
		refs[i] = p.ref[pick(picked, i)]
	}
	g, err := vector.NewGather(p.env.Alloc, p.kept)
	if err != nil {
		return nil, err
	}
	defer g.Release()
	return g.Take(refs)
}

// The state is the value, its encoded ordering value, and whether there is a value at all, since the value may be NULL.
func (p *picker) stateTypes() []arrow.DataType {
	return []arrow.DataType{p.typ, arrow.BinaryTypes.Binary, arrow.FixedWidthTypes.Boolean}
}

func (p *picker) state(picked []uint32) ([]arrow.Array, error) {
	values, err := p.result(picked)
	if err != nil {
		return nil, err
	}
	keys, seen := array.NewBinaryBuilder(p.env.Alloc, arrow.BinaryTypes.Binary), array.NewBooleanBuilder(p.env.Alloc)
	defer keys.Release()
	defer seen.Release()
	for i := range values.Len() {
		g := pick(picked, i)
		seen.Append(p.ref[g] >= 0)
		if p.ordered {
			keys.Append(p.key[g])
		} else {
			keys.AppendNull()
		}
	}
	return []arrow.Array{values, keys.NewArray(), seen.NewArray()}, nil
}

func (p *picker) absorb(groups []uint32, state []arrow.Array) error {
	seen := state[2].(*array.Boolean)
	rows, some := make([]int32, 0, len(groups)), make([]uint32, 0, len(groups))
	for i, g := range groups {
		if seen.Value(i) {
			rows, some = append(rows, int32(i)), append(some, g)
		}
	}
	if p.ordered {
		offs, data := vector.Strings(state[1])
		p.chooseBest(some, rows, nil, func(dst []byte, r int) []byte { return append(dst, data[offs[r]:offs[r+1]]...) })
	} else if err := p.chooseFirst(some, rows, vector.RowNulls(state[0])); err != nil {
		return err
	}
	return p.keep(state[0])
}

func (p *picker) size() int64 {
	n := 12*int64(cap(p.ref)) + 24*int64(cap(p.key)) + p.bytes
	for _, k := range p.kept {
		n += vector.Size(k)
	}
	return n
}

func (p *picker) release() {
	for _, k := range p.kept {
		k.Release()
	}
	p.kept, p.rows = nil, 0
}

// takeFlat copies rows of an array, without its dictionary.
func takeFlat(env *Env, values arrow.Array, idx []int32) (arrow.Array, error) {
	taken, err := vector.Take(env.Alloc, values, idx)
	if err != nil {
		return nil, err
	}
	defer taken.Release()
	return vector.Flat(env.Alloc, taken)
}
