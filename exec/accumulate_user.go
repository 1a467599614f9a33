package exec

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// userStates is the state of a user's aggregate.
type userStates struct {
	env    *Env
	agg    expr.BoundAggregate
	states expr.Accumulator
	groups int
}

func newUserStates(env *Env, a expr.BoundAggregate) (accumulator, error) {
	states, err := a.User.NewAccumulator(env.Alloc)
	if err != nil {
		return nil, a.User.Failed(a.Pos, err)
	}
	return &userStates{env: env, agg: a, states: states}, nil
}

func (u *userStates) grow(n int) {
	if n > u.groups {
		u.groups = n
		u.states.Grow(n)
	}
}

// update hands over the rows that the function is to see: without NULLs in the parameters that take none.
func (u *userStates) update(groups []uint32, rows []int32, args []arrow.Array) error {
	var strict []arrow.Array
	for i, p := range u.agg.User.Params {
		if !p.TakesNulls {
			strict = append(strict, args[i])
		}
	}
	null := anyNull(strict)
	shown, of := make([]int32, 0, len(groups)), make([]uint32, 0, len(groups))
	for i, g := range groups {
		if r := at(rows, i); null == nil || !null(r) {
			shown, of = append(shown, int32(r)), append(of, g)
		}
	}
	if len(shown) == 0 {
		return nil
	}
	dense, err := u.dense(args, shown)
	if err != nil {
		return err
	}
	defer releaseAll(dense)
	if err := u.states.Update(of, dense); err != nil {
		return u.agg.User.Failed(u.agg.Pos, err)
	}
	return nil
}

// dense are plain arrays of those rows.
func (u *userStates) dense(args []arrow.Array, rows []int32) ([]arrow.Array, error) {
	taken, err := vector.TakeAll(u.env.Alloc, args, rows)
	if err != nil {
		return nil, err
	}
	for i, a := range taken {
		flat, err := vector.Flat(u.env.Alloc, a)
		if err != nil {
			releaseAll(taken)
			return nil, err
		}
		a.Release()
		taken[i] = flat
	}
	return taken, nil
}

func (u *userStates) absorb(groups []uint32, state []arrow.Array) error {
	if err := u.states.Absorb(groups, state); err != nil {
		return u.agg.User.Failed(u.agg.Pos, err)
	}
	return nil
}

func (u *userStates) state(picked []uint32) ([]arrow.Array, error) {
	state, err := u.states.State(picked)
	if err != nil {
		return nil, u.agg.User.Failed(u.agg.Pos, err)
	}
	return state, nil
}

func (u *userStates) stateTypes() []arrow.DataType { return u.agg.User.State }

func (u *userStates) result(picked []uint32) (arrow.Array, error) {
	out, err := u.states.Result(picked)
	if err == nil {
		if err = u.agg.User.CheckResult(out, pickedLen(picked, u.groups)); err == nil {
			return out, nil
		}
		if out != nil {
			out.Release()
		}
	}
	return nil, u.agg.User.Failed(u.agg.Pos, err)
}

func (u *userStates) size() int64 { return u.states.Size() }

func (u *userStates) release() { u.states.Release() }
