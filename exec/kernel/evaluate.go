package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// Expr is a compiled expression. It is immutable and safe for concurrent use.
type Expr struct {
	root node
	typ  arrow.DataType
	vars int // how many lambda parameters the expression has
}

// Compile prepares b for evaluation. It fails for functions that have no kernel and for constant patterns and formats that are not valid.
func Compile(b expr.Bound) (*Expr, error) {
	c := &compiler{slots: map[int]int{}}
	root, err := c.compile(b)
	if err != nil {
		return nil, err
	}
	return &Expr{root: root, typ: b.Type(), vars: c.vars}, nil
}

// Type is the expression's type. A STRING or BINARY result may be a dictionary over that type.
func (e *Expr) Type() arrow.DataType { return e.typ }

// MayFail tells whether some row may be an error, so that it matters which rows the expression is evaluated for.
func (e *Expr) MayFail() bool { return e.root.fails() }

// Eval computes the expression for the rows in sel (ascending; nil means all n). The result has length n; what it holds at other positions is not
// specified. Only selected rows raise errors, which are *expr.Error. The caller releases the result.
func (e *Expr) Eval(env *Env, cols []arrow.Array, n int, sel []int32) (arrow.Array, error) {
	if n == 0 || sel != nil && len(sel) == 0 {
		return vector.AllNull(env.Alloc, e.typ, n), nil
	}
	s := e.scope(env, cols, n)
	defer s.release()
	v, err := e.root.eval(s, sel)
	if err != nil {
		return nil, err
	}
	out, err := s.spread(v)
	if err != nil {
		return nil, err
	}
	out.Retain()
	return out, nil
}

// Select appends to dst the positions in sel (ascending; nil means all n) for which the BOOLEAN expression is TRUE, in order. A row that the left side of
// an AND makes FALSE or NULL is out, and its right side raises no error, as in Spark's filters; Eval spares only rows where the left side is FALSE. dst
// and sel may share memory only when dst is sel[:0].
func (e *Expr) Select(env *Env, cols []arrow.Array, n int, sel, dst []int32) ([]int32, error) {
	if n == 0 || sel != nil && len(sel) == 0 {
		return dst, nil
	}
	s := e.scope(env, cols, n)
	defer s.release()
	return filter(e.root, s, sel, dst)
}

func (e *Expr) scope(env *Env, cols []arrow.Array, n int) *scope {
	s := &scope{env: env, cols: cols, n: n}
	if e.vars > 0 {
		s.vars = make([]vec, e.vars)
	}
	return s
}
