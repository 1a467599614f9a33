package local

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// coverage is the share of a side's rows up to which it pays to look for a row's key before the row comes to the join.
const coverage = 0.7

// probed is the side of a join that is looked up in j, whose other side is complete, without rows that would find no partner: the keys are a filter, which
// goes as far down as filters go, and lets scans leave out files, row groups and pages.
func (c *scope) probed(n plan.Join, j *exec.Join) plan.Node {
	side, keys := n.Left, n.LeftKeys
	if n.BuildLeft {
		side, keys = n.Right, n.RightKeys
	}
	if !loses(n) {
		return side
	}
	var conds []expr.Bound
	for i, set := range j.KeySets() {
		if set == nil || plan.MayFail(keys[i]) || plan.KeyCoverage(side, keys[i], float64(set.Keys()), c.inputs.statistics()) > coverage {
			continue
		}
		conds = append(conds, within(set, keys[i])...)
		conds = append(conds, kernel.MightContainCall(c.share(set), keys[i]))
	}
	return plan.Restrict(side, conds...)
}

// loses tells whether rows of the side that is looked up are gone where they have no partner.
func loses(n plan.Join) bool {
	switch n.Kind {
	case plan.Inner, plan.LeftSemi:
		return true
	case plan.RightOuter:
		return !n.BuildLeft
	case plan.LeftOuter, plan.LeftAnti:
		return n.BuildLeft
	case plan.FullOuter, plan.Cross:
	}
	return false
}

// share makes a set known to the run's expressions until the scope is closed.
func (c *scope) share(set *kernel.KeySet) (name string) {
	sets := c.session.env.Kernel.KeySets
	c.session.sets++
	name = fmt.Sprintf("keys %d", c.session.sets)
	sets.Put(name, set)
	c.closers = append(c.closers, func() error {
		sets.Drop(name)
		return nil
	})
	return name
}

// within says that key lies between the set's least and greatest, which statistics understand.
func within(set *kernel.KeySet, key expr.Bound) []expr.Bound {
	low, high, ok := set.Range()
	if !ok {
		return nil
	}
	compare := func(op string, v int64) expr.Bound {
		return expr.BoundCall{Func: op, Args: []expr.Bound{key, word(v, key.Type())}, Typ: arrow.FixedWidthTypes.Boolean, Null: key.Nullable()}
	}
	return []expr.Bound{compare(">=", low), compare("<=", high)}
}

// word is the literal of an integer, date or timestamp type that v stands for.
func word(v int64, t arrow.DataType) expr.BoundLiteral {
	lit := expr.BoundLiteral{Value: v, Typ: t}
	switch t.ID() {
	case arrow.INT8:
		lit.Value = int8(v)
	case arrow.INT16:
		lit.Value = int16(v)
	case arrow.INT32:
		lit.Value = int32(v)
	case arrow.DATE32:
		lit.Value = arrow.Date32(v)
	case arrow.TIMESTAMP:
		lit.Value = arrow.Timestamp(v)
	default: // BIGINT
	}
	return lit
}
