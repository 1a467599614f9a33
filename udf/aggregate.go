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
	a, err := columnOf[A]()
	read := func(args []arrow.Array, n int) (func(*S, int) error, error) {
		as, err := a.read(args[0], n)
		return func(s *S, i int) error { return f.Add(s, as[i]) }, err
	}
	return Agg1[A, R]{aggregate(name, f, read, err, a.field)}
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
	a, errA := columnOf[A]()
	b, errB := columnOf[B]()
	read := func(args []arrow.Array, n int) (func(*S, int) error, error) {
		as, errA := a.read(args[0], n)
		bs, errB := b.read(args[1], n)
		return func(s *S, i int) error { return f.Add(s, Pair[A, B]{as[i], bs[i]}) }, errors.Join(errA, errB)
	}
	return Agg2[A, B, R]{aggregate(name, f, read, errors.Join(errA, errB), a.field, b.field)}
}

// Definition is the function erased of its types.
func (f Agg2[A, B, R]) Definition() *expr.UserFunction { return f.definition }

// Call is the function of two expressions.
func (f Agg2[A, B, R]) Call(a, b expr.Typed) expr.Col[R] { return expr.CallUser[R](f.definition, a, b) }

// adder reads arguments of n rows, and gives how row i of them is added to a state.
type adder[S any] func(args []arrow.Array, n int) (add func(state *S, i int) error, err error)

// aggregate declares a function of the parameters.
func aggregate[S, A, R any](name string, f Fold[S, A, R], read adder[S], fault error, params ...arrow.Field) *expr.UserFunction {
	if f.Add == nil || f.Merge == nil || f.Result == nil {
		fault = errors.Join(fault, errors.New("its Fold needs Add, Merge and Result"))
	}
	state, err := columnOf[S]()
	if err != nil {
		fault = errors.Join(fault, fmt.Errorf("its state: %w", err))
	}
	out, err := columnOf[R]()
	u := newScalar(name, out, errors.Join(fault, err), params...)
	u.State = []arrow.DataType{state.field.Type}
	width := int(reflect.TypeFor[S]().Size())
	u.NewAccumulator = func(alloc memory.Allocator) (expr.Accumulator, error) {
		return &states[S, A, R]{alloc: alloc, fold: f, read: read, state: state, out: out, width: width}, nil
	}
	return u
}

// states are the states of all groups.
type states[S, A, R any] struct {
	alloc memory.Allocator
	fold  Fold[S, A, R]
	read  adder[S]
	state column[S]
	out   column[R]
	of    []S
	width int // bytes of an S
	held  int // bytes outside of them
}

var _ expr.Accumulator = (*states[int64, int64, int64])(nil)

func (s *states[S, A, R]) Grow(n int) {
	if n > len(s.of) {
		s.of = append(s.of, make([]S, n-len(s.of))...)
	}
}

func (s *states[S, A, R]) Update(groups []uint32, args []arrow.Array) error {
	add, err := s.read(args, len(groups))
	if err != nil {
		return err
	}
	for i, g := range groups {
		if err := s.change(g, func(state *S) error { return add(state, i) }); err != nil {
			return err
		}
	}
	return nil
}

// change changes a group's state and notes its size.
func (s *states[S, A, R]) change(group uint32, f func(*S) error) error {
	state := &s.of[group]
	if s.fold.Size == nil {
		return f(state)
	}
	before := s.fold.Size(state)
	err := f(state)
	s.held += s.fold.Size(state) - before
	return err
}

func (s *states[S, A, R]) Absorb(groups []uint32, columns []arrow.Array) error {
	others, err := s.state.read(columns[0], len(groups))
	if err != nil {
		return err
	}
	for i, g := range groups {
		if err := s.change(g, func(state *S) error { return s.fold.Merge(state, others[i]) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *states[S, A, R]) State(picked []uint32) ([]arrow.Array, error) {
	written, err := s.state.write(s.alloc, s.pick(picked))
	if err != nil {
		return nil, err
	}
	return []arrow.Array{written}, nil
}

func (s *states[S, A, R]) pick(picked []uint32) []S {
	if picked == nil {
		return s.of
	}
	list := make([]S, len(picked))
	for i, g := range picked {
		list[i] = s.of[g]
	}
	return list
}

func (s *states[S, A, R]) Result(picked []uint32) (arrow.Array, error) {
	list := s.pick(picked)
	values, err := each(len(list), func(i int) (R, error) { return s.fold.Result(list[i]) })
	if err != nil {
		return nil, err
	}
	return s.out.write(s.alloc, values)
}

func (s *states[S, A, R]) Size() int64 { return int64(cap(s.of)*s.width + s.held) }

func (s *states[S, A, R]) Release() { s.of, s.held = nil, 0 }
