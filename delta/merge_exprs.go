package delta

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// mergeExprs is expressions of a merge, compiled over batches in which the target columns lie as a layout says, with the source's columns behind them.
// It is immutable.
type mergeExprs struct {
	width      int            // columns of the target in the batch
	sources    int            // columns of the source
	targetKeys []*kernel.Expr // with a layout
	targetCond *kernel.Expr   // nil: none
	residual   *pairExpr      // nil: none
	matched    []*clauseExprs
	bySource   []*clauseExprs
	sourceKeys []*kernel.Expr // without one
	nullSafe   []bool         // mergePlan.nullSafe
	sourceCond *kernel.Expr   // nil: none
	notMatched []*clauseExprs
}

// clauseExprs is a clause, compiled.
type clauseExprs struct {
	action clauseAction
	cond   *pairExpr   // nil: no condition
	values []*pairExpr // nil unless asked for
	reads  []int       // columns that the values read
}

// pairExpr is an expression and the columns that it reads.
type pairExpr struct {
	*kernel.Expr
	reads []int
}

// compileSource compiles what reads the source alone, over the source's columns.
func (p *mergePlan) compileSource() (*mergeExprs, error) {
	e := &mergeExprs{sources: p.source.NumFields(), nullSafe: p.nullSafe}
	c := exprCompiler{move: func(i int) int { return i - p.target.NumFields() }}
	e.sourceKeys, e.sourceCond = c.list(p.sourceKeys), c.one(p.sourceCond)
	for _, clause := range p.of(whenNotMatched) {
		e.notMatched = append(e.notMatched, c.clause(clause, true))
	}
	return e, c.err
}

// compileTarget compiles the rest over batches that have these target columns; what updates compute, too, if asked for, which needs all of them.
func (p *mergePlan) compileTarget(layout []int, values bool) (*mergeExprs, error) {
	e := &mergeExprs{width: len(layout), sources: p.source.NumFields()}
	c := exprCompiler{move: func(i int) int {
		if i >= p.target.NumFields() {
			return i - p.target.NumFields() + len(layout)
		}
		return slices.Index(layout, i)
	}}
	e.targetKeys, e.targetCond, e.residual = c.list(p.targetKeys), c.one(p.targetCond), c.pair(p.residual)
	for _, clause := range p.of(whenMatched) {
		e.matched = append(e.matched, c.clause(clause, values))
	}
	for _, clause := range p.of(whenNotMatchedBySource) {
		e.bySource = append(e.bySource, c.clause(clause, values))
	}
	return e, c.err
}

// exprCompiler compiles expressions over moved columns and keeps the first error.
type exprCompiler struct {
	move func(int) int
	err  error
}

func (c *exprCompiler) one(b expr.Bound) *kernel.Expr {
	if b == nil || c.err != nil {
		return nil
	}
	e, err := kernel.Compile(expr.MapColumns(b, c.move))
	c.err = err
	return e
}

func (c *exprCompiler) list(bs []expr.Bound) []*kernel.Expr {
	var out []*kernel.Expr
	for _, b := range bs {
		out = append(out, c.one(b))
	}
	return out
}

func (c *exprCompiler) pair(b expr.Bound) *pairExpr {
	if b == nil {
		return nil
	}
	e := c.one(b)
	if e == nil {
		return nil
	}
	return &pairExpr{e, expr.Columns(expr.MapColumns(b, c.move))}
}

func (c *exprCompiler) clause(clause *mergeClause, values bool) *clauseExprs {
	x := &clauseExprs{action: clause.action, cond: c.pair(clause.bound)}
	if !values {
		return x
	}
	for _, v := range clause.values {
		if e := c.pair(v); e != nil {
			x.values = append(x.values, e)
			x.reads = append(x.reads, e.reads...)
		}
	}
	return x
}

// beside is a target batch's columns with room for the source's behind them.
func (e *mergeExprs) beside(target []arrow.Array) []arrow.Array {
	wide := make([]arrow.Array, e.width+e.sources)
	copy(wide, target[:e.width])
	return wide
}

// gather takes, for each pair, the columns that are read; the others are nil. The caller releases the result.
func (e *mergeExprs) gather(env *kernel.Env, reads []int, target, source []arrow.Array, targetRows, sourceRows []int32) ([]arrow.Array, error) {
	wide := make([]arrow.Array, e.width+e.sources)
	for _, i := range reads {
		if wide[i] != nil {
			continue
		}
		var err error
		if i < e.width {
			wide[i], err = vector.Take(env.Alloc, target[i], targetRows)
		} else {
			wide[i], err = vector.Take(env.Alloc, source[i-e.width], sourceRows)
		}
		if err != nil {
			releaseAll(wide)
			return nil, err
		}
	}
	return wide, nil
}

// filter keeps the pairs for which the condition is TRUE, and gives the others too.
func (e *mergeExprs) filter(env *kernel.Env, cond *pairExpr, target, source []arrow.Array, targetRows, sourceRows []int32) (kept, rest rowPairs, err error) {
	all := rowPairs{targetRows, sourceRows}
	if cond == nil {
		return all, rowPairs{}, nil
	}
	wide, err := e.gather(env, cond.reads, target, source, targetRows, sourceRows)
	if err != nil {
		return rowPairs{}, rowPairs{}, err
	}
	defer releaseAll(wide)
	hits, err := cond.Select(env, wide, len(targetRows), nil, make([]int32, 0, len(targetRows)))
	if err != nil {
		return rowPairs{}, rowPairs{}, err
	}
	next := 0
	for i := range targetRows {
		to := &rest
		if next < len(hits) && int(hits[next]) == i {
			to = &kept
			next++
		}
		to.target = append(to.target, targetRows[i])
		if sourceRows != nil {
			to.source = append(to.source, sourceRows[i])
		}
	}
	return kept, rest, nil
}

// rowPairs is target rows and the source rows that go with them; source is nil where there are none.
type rowPairs struct{ target, source []int32 }
