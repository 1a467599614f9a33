package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// user compiles a call of a user's function.
func (c *compiler) user(b expr.BoundCall) (node, error) {
	args, err := c.all(b.Args)
	if err != nil {
		return nil, err
	}
	run := userKernel{fn: b.User, pos: b.Pos}.run
	return fold(&call{pos: b.Pos, name: b.Func, typ: b.Typ, args: args, kernel: kernel{run: run, null: true, unsafe: true, now: b.User.Volatile, each: b.User.Volatile}}), nil
}

// userKernel calls a user's function for the rows that it is to see: those selected, without NULLs in the parameters that take none.
type userKernel struct {
	fn  *expr.UserFunction
	pos expr.Pos
}

func (u userKernel) run(k *frame, args []vec) (vec, error) {
	rows := u.rows(k, args)
	if len(rows) == 0 {
		return k.nothing(), nil
	}
	dense := make([]arrow.Array, len(args))
	for i, a := range args {
		var err error
		if dense[i], err = u.argument(k, a, rows); err != nil {
			return vec{}, err
		}
	}
	out, err := u.fn.Eval(k.env.Alloc, dense, len(rows))
	if out != nil {
		k.own(out)
	}
	if err == nil {
		err = u.fn.CheckResult(out, len(rows))
	}
	if err != nil {
		return vec{}, u.fn.Failed(u.pos, err)
	}
	if len(rows) == k.n {
		return vec{arr: out}, nil
	}
	spread, err := k.take(out, places(rows, k.n))
	return vec{arr: spread}, err
}

// rows are the positions that the function sees.
func (u userKernel) rows(k *frame, args []vec) []int32 {
	for i, p := range u.fn.Params {
		if p.TakesNulls {
			continue
		}
		if args[i].one && args[i].isNull(0) {
			return nil
		}
		if !args[i].one && args[i].arr.NullN() > 0 {
			k.valid = k.and(k.valid, args[i].nulls(), args[i].arr.Data().Buffers()[0])
		}
	}
	rows := make([]int32, 0, k.n)
	for i := range k.rows() {
		rows = append(rows, int32(i))
	}
	return rows
}

// argument is an argument's values in those rows, as a plain array.
func (u userKernel) argument(k *frame, a vec, rows []int32) (arrow.Array, error) {
	arr := a.arr
	switch {
	case a.one:
		taken, err := k.take(arr, make([]int32, len(rows)))
		if err != nil {
			return nil, err
		}
		arr = taken
	case len(rows) < arr.Len():
		taken, err := k.take(arr, rows)
		if err != nil {
			return nil, err
		}
		arr = taken
	}
	return k.plain(arr)
}

// places is where each of n rows finds its value among those of rows; -1: nowhere.
func places(rows []int32, n int) []int32 {
	at := make([]int32, n)
	for i := range at {
		at[i] = -1
	}
	for i, r := range rows {
		at[r] = int32(i)
	}
	return at
}
