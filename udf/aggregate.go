package udf

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/expr"
)

// Fold says how an aggregate goes. S is the state of one group: a value of a column's type, or a struct of exported fields of such types. Its zero value is the
// state of no rows. States move between goroutines and to disk as columns, so that all that counts must be in them.
type Fold[S, A, R any] struct {
	Add    func(state *S, value A) error
	Merge  func(state *S, other S) error // as if other's rows had been added
	Result func(state S) (R, error)
	// Size is how many bytes a state holds outside of S itself, in slices, maps and strings, so that memory is counted. Default: none.
	Size func(state *S) int
}

// Agg1 is an aggregate function of one argument.
type Agg1[A, R any] struct{ definition *expr.UserFunction }

// Aggregate1 makes an aggregate function of one argument.
func Aggregate1[S, A, R any](name string, f Fold[S, A, R]) Agg1[A, R] {
	type args struct{ A A }
	return Agg1[A, R]{aggregate(name, f, func(s *S, x *args) error { return f.Add(s, x.A) })}
}

// Definition is the function erased of its types.
func (f Agg1[A, R]) Definition() *expr.UserFunction { return f.definition }

// Call is the function of an expression.
func (f Agg1[A, R]) Call(a expr.Typed) expr.Col[R] { return expr.CallUser[R](f.definition, a) }

// Pair is the argument of a Fold of two columns.
type Pair[A, B any] struct {
	A A
	B B
}

// Agg2 is an aggregate function of two arguments.
type Agg2[A, B, R any] struct{ definition *expr.UserFunction }

// Aggregate2 makes an aggregate function of two arguments, which Add gets as a Pair.
func Aggregate2[S, A, B, R any](name string, f Fold[S, Pair[A, B], R]) Agg2[A, B, R] {
	return Agg2[A, B, R]{aggregate(name, f, func(s *S, x *Pair[A, B]) error { return f.Add(s, *x) })}
}

// Definition is the function erased of its types.
func (f Agg2[A, B, R]) Definition() *expr.UserFunction { return f.definition }

// Call is the function of two expressions.
func (f Agg2[A, B, R]) Call(a, b expr.Typed) expr.Col[R] { return expr.CallUser[R](f.definition, a, b) }

// aggregate makes a function of the fields of In.
func aggregate[S, In, A, R any](name string, f Fold[S, A, R], add func(*S, *In) error) *expr.UserFunction {
	u := &expr.UserFunction{Name: name}
	if f.Add == nil || f.Merge == nil || f.Result == nil {
		u.Fault = errors.New("its Fold needs Add, Merge and Result")
		return u
	}
	in, err := rowsOf[In]()
	if err != nil {
		u.Fault = err
		return u
	}
	state, err := rowsOf[cell[S]]()
	if err != nil {
		u.Fault = fmt.Errorf("its state: %w", err)
		return u
	}
	out, err := rowsOf[cell[R]]()
	if err != nil {
		u.Fault = err
		return u
	}
	u.Params, u.Result, u.Nullable = in.params(), out.schema.Field(0).Type, out.schema.Field(0).Nullable
	u.State = []arrow.DataType{state.schema.Field(0).Type}
	width := int(reflect.TypeFor[cell[S]]().Size())
	u.NewAccumulator = func(alloc memory.Allocator) (expr.Accumulator, error) {
		return &states[S, In, A, R]{alloc: alloc, fold: f, add: add, in: in, state: state, out: out, width: width}, nil
	}
	return u
}

// states are the states of all groups.
type states[S, In, A, R any] struct {
	alloc memory.Allocator
	fold  Fold[S, A, R]
	add   func(*S, *In) error
	in    *rows[In]
	state *rows[cell[S]]
	out   *rows[cell[R]]
	of    []cell[S]
	width int // bytes of a cell
	held  int // bytes outside of the cells
}

var _ expr.Accumulator = (*states[int64, cell[int64], int64, int64])(nil)

func (s *states[S, In, A, R]) Grow(n int) {
	if n > len(s.of) {
		s.of = append(s.of, make([]cell[S], n-len(s.of))...)
	}
}

func (s *states[S, In, A, R]) Update(groups []uint32, args []arrow.Array) error {
	values, err := s.in.decode(args, len(groups))
	if err != nil {
		return err
	}
	for i, g := range groups {
		if err := s.change(g, func(state *S) error { return s.add(state, &values[i]) }); err != nil {
			return err
		}
	}
	return nil
}

// change changes a group's state and notes its size.
func (s *states[S, In, A, R]) change(group uint32, f func(*S) error) error {
	state := &s.of[group].V
	if s.fold.Size == nil {
		return f(state)
	}
	before := s.fold.Size(state)
	err := f(state)
	s.held += s.fold.Size(state) - before
	return err
}

func (s *states[S, In, A, R]) Absorb(groups []uint32, columns []arrow.Array) error {
	others, err := s.state.decode(columns, len(groups))
	if err != nil {
		return err
	}
	for i, g := range groups {
		if err := s.change(g, func(state *S) error { return s.fold.Merge(state, others[i].V) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *states[S, In, A, R]) State(picked []uint32) ([]arrow.Array, error) {
	column, err := s.state.encode(s.alloc, s.pick(picked))
	if err != nil {
		return nil, err
	}
	return []arrow.Array{column}, nil
}

func (s *states[S, In, A, R]) pick(picked []uint32) []cell[S] {
	if picked == nil {
		return s.of
	}
	list := make([]cell[S], len(picked))
	for i, g := range picked {
		list[i] = s.of[g]
	}
	return list
}

func (s *states[S, In, A, R]) Result(picked []uint32) (arrow.Array, error) {
	list := s.pick(picked)
	results := make([]cell[R], len(list))
	for i := range list {
		var err error
		if results[i].V, err = s.fold.Result(list[i].V); err != nil {
			return nil, err
		}
	}
	return s.out.encode(s.alloc, results)
}

func (s *states[S, In, A, R]) Size() int64 {
	return int64(cap(s.of)*s.width + s.held)
}

func (s *states[S, In, A, R]) Release() { s.of, s.held = nil, 0 }
