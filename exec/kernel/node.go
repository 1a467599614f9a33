package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/expr"
)

// node is one part of a compiled expression. eval is never called with an empty selection, so a part that no row reaches can raise no error. It
// computes the rows of sel (nil: all of the scope's), and registers what it allocates with the scope.
type node interface {
	eval(s *scope, sel []int32) (vec, error)
	fails() bool // whether evaluation may raise an error or is costly: then it is run for no row that does not need it
}

// selector is a BOOLEAN node that finds its TRUE rows without making a boolean array.
type selector interface {
	node
	filter(s *scope, sel, dst []int32) ([]int32, error)
}

// scope is what one evaluation sees: the batch, the lambda parameters, and everything allocated so far, which it owns.
type scope struct {
	env   *Env
	cols  []arrow.Array
	n     int
	vars  []vec
	owned []releaser
}

type releaser interface{ Release() }

// own hands a reference over to the scope.
func (s *scope) own(r releaser) { s.owned = append(s.owned, r) }

// keep releases everything registered since mark except v.
func (s *scope) keep(mark int, v vec) vec {
	v.arr.Retain()
	s.releaseTo(mark)
	s.own(v.arr)
	return v
}

func (s *scope) release() { s.releaseTo(0) }

func (s *scope) releaseTo(mark int) {
	for _, r := range s.owned[mark:] {
		r.Release()
	}
	s.owned = s.owned[:mark]
}

// buffer allocates size bytes, which live until the node that runs now has its result. What they hold at first is not specified.
func (s *scope) buffer(size int) *memory.Buffer {
	b := memory.NewResizableBuffer(s.env.Alloc)
	s.own(b)
	b.Resize(size)
	return b
}

// zeroed is a buffer of zeros: bitmaps and codes, which must be valid also where no row is computed.
func (s *scope) zeroed(size int) *memory.Buffer {
	b := s.buffer(size)
	clear(b.Bytes())
	return b
}

// inner is a scope for other rows, sharing the environment and the variables.
func (s *scope) inner(cols []arrow.Array, n int) *scope {
	return &scope{env: s.env, cols: cols, n: n, vars: append([]vec(nil), s.vars...)}
}

// column reads a column of the batch.
type column struct {
	index int
	name  string
}

func (c column) eval(s *scope, _ []int32) (vec, error) { return vec{arr: s.cols[c.index]}, nil }
func (c column) fails() bool                           { return false }

// variable reads a lambda's parameter.
type variable struct{ slot int }

func (v variable) eval(s *scope, _ []int32) (vec, error) { return s.vars[v.slot], nil }
func (v variable) fails() bool                           { return false }

// constant is a literal or a folded part; its array has one row and lives as long as the Expr.
type constant struct{ value arrow.Array }

func (c constant) eval(*scope, []int32) (vec, error) { return vec{arr: c.value, one: true}, nil }
func (c constant) fails() bool                       { return false }

// call runs a kernel over its arguments.
type call struct {
	pos  expr.Pos
	name string
	typ  arrow.DataType
	args []node
	kernel
}

// kernel is the body of a scalar function for certain argument types: run, or pred for a BOOLEAN function.
type kernel struct {
	run    func(k *frame, args []vec) (vec, error)
	pred   func(k *frame, args []vec) (predicate, error)
	null   bool    // sees NULL arguments; otherwise a NULL argument makes the result NULL and those rows are skipped
	first  bool    // a NULL argument counts so only in the first place
	unsafe bool    // may raise errors, or is costly
	now    bool    // depends on the environment, so that it cannot be folded
	each   bool    // gives each row a value of its own, also for constant arguments
	lane   *laneOp // the operation in lanes; nil: there is none
}

func (c *call) fails() bool {
	if c.unsafe {
		return true
	}
	for _, a := range c.args {
		if a.fails() {
			return true
		}
	}
	return false
}

func (c *call) eval(s *scope, sel []int32) (vec, error) {
	mark := len(s.owned)
	args, one, err := c.arguments(s, sel)
	if err != nil {
		return vec{}, err
	}
	v, err := c.apply(s, args, sel, one && !c.each)
	if err != nil {
		return vec{}, err
	}
	return s.keep(mark, v), nil
}

// arguments evaluates the arguments; one tells that none depends on the row. As in Spark, an argument that may fail is evaluated only where the arguments
// before it are not NULL, if NULL among them makes the result NULL. Of a division it is the divisor that comes first, of trim the text.
func (c *call) arguments(s *scope, sel []int32) (args []vec, one bool, err error) {
	args, one = make([]vec, len(c.args)), true
	narrowed := 0 // how many arguments' NULLs are out of sel
	for n := range c.args {
		i := c.turn(n)
		if !c.null && c.name != "concat" && c.args[i].fails() {
			for ; narrowed < n && (narrowed == 0 || !c.first); narrowed++ {
				sel = present(s.n, sel, args[c.turn(narrowed)])
			}
			if sel != nil && len(sel) == 0 {
				return c.allNull(s), true, nil
			}
		}
		if args[i], err = c.args[i].eval(s, sel); err != nil {
			return nil, false, err
		}
		one = one && args[i].one
	}
	return args, one, nil
}

// turn is the argument that is evaluated as the n-th.
func (c *call) turn(n int) int {
	switch c.name {
	case "/", "try_divide", "div", "%", "try_mod", "pmod":
		return 1 - n
	case "trim", "ltrim", "rtrim":
		return len(c.args) - 1 - n
	}
	return n
}

// allNull are arguments of which the result is NULL in all rows.
func (c *call) allNull(s *scope) []vec {
	null := array.NewNull(1)
	s.own(null)
	args := make([]vec, len(c.args))
	for i := range args {
		args[i] = vec{arr: null, one: true}
	}
	return args
}

// present are the rows of sel in which v is not NULL; sel itself where that is all of them.
func present(n int, sel []int32, v vec) []int32 {
	if v.arr.NullN() == 0 {
		return sel
	}
	rows := make([]int32, 0, count(n, sel))
	if sel == nil {
		for i := range n {
			if !v.isNull(i) {
				rows = append(rows, int32(i))
			}
		}
		return rows
	}
	for _, i := range sel {
		if !v.isNull(int(i)) {
			rows = append(rows, i)
		}
	}
	return rows
}

// frame prepares a run for the rows of sel, or for a single row; none tells that a NULL argument decides all of them.
func (c *call) frame(s *scope, args []vec, sel []int32, one bool) (k *frame, none bool) {
	k = &frame{scope: s, call: c, n: s.n, sel: sel}
	if one {
		k.n, k.sel = 1, nil
	}
	if c.null {
		return k, false
	}
	strict := args
	if c.first {
		strict = args[:1]
	}
	for _, a := range strict {
		none = none || a.allNull()
	}
	if !none {
		k.valid = k.present(strict)
	}
	return k, none
}

func (c *call) apply(s *scope, args []vec, sel []int32, one bool) (vec, error) {
	k, none := c.frame(s, args, sel, one)
	if none {
		return k.nothing(), nil
	}
	if c.pred != nil {
		p, err := c.pred(k, args)
		if err != nil {
			return vec{}, err
		}
		return vec{arr: p.boolean(k).arr, one: one}, nil
	}
	v, err := c.run(k, args)
	v.one = v.one || one
	return v, err
}
