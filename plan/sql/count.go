package sql

import (
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// count is the number of a LIMIT or OFFSET: a constant expression.
type count struct {
	clause string
	rows   expr.Node
}

// limits reads LIMIT and OFFSET.
func (p *parser) limits(q *query) (err error) {
	if p.Accept("LIMIT") {
		if q.limitAll = p.Accept("ALL"); !q.limitAll {
			q.limit, err = p.count("LIMIT")
		}
		if err != nil {
			return err
		}
	}
	if p.Accept("OFFSET") {
		q.offset, err = p.count("OFFSET")
	}
	return err
}

// count reads a number of rows. What can be seen to be none before parameters have their values is refused at once.
func (p *parser) count(clause string) (*count, error) {
	n, err := p.ParseExpr()
	if err != nil {
		return nil, err
	}
	c := &count{clause: clause, rows: n}
	if parametersIn(n) {
		return c, nil
	}
	_, err = c.number(0)
	return c, err
}

func parametersIn(n expr.Node) bool {
	found := false
	expr.WalkNode(n, func(part expr.Node) bool {
		_, ok := part.(expr.Parameter)
		found = found || ok
		return !found
	})
	return found
}

// number is the number of rows; none is for a clause that is not there.
func (c *count) number(none int64) (int64, error) {
	if c == nil {
		return none, nil
	}
	b, err := oneRow().bind(c.rows)
	if isUnresolved(err) {
		return 0, c.fault("IS_UNFOLDABLE", "a constant")
	}
	if err != nil {
		return 0, err
	}
	value, ok := folded(b)
	if !ok {
		return 0, c.fault("IS_UNFOLDABLE", "a constant")
	}
	switch n := value.(type) {
	case nil:
		return 0, c.fault("IS_NULL", "one that is not NULL")
	case int8:
		return c.positive(int64(n))
	case int16:
		return c.positive(int64(n))
	case int32:
		return c.positive(int64(n))
	case int64:
		return c.positive(n)
	}
	return 0, c.fault("DATA_TYPE", "an INT")
}

func (c *count) positive(n int64) (int64, error) {
	if n < 0 {
		return 0, c.fault("IS_NEGATIVE", "one that is not negative")
	}
	return n, nil
}

func (c *count) fault(class, want string) error {
	err := fault("INVALID_LIMIT_LIKE_EXPRESSION."+class, "42K0E", c.rows.Position(), "the number of rows %s of %s must be %s", c.rows, c.clause, want)
	err.Hint = "write an integer from 0 on"
	return err
}

// folded is the value of an expression without columns, where the rules of plan come down to it.
func folded(b expr.Bound) (any, bool) {
	p, err := plan.NewProject(plan.OneRow(), []expr.Bound{b}, []string{"value"})
	if err != nil {
		return nil, false
	}
	v, ok := plan.Optimize(p).(plan.Values)
	if !ok || len(v.Rows) != 1 {
		return nil, false
	}
	return v.Rows[0][0].Value, true
}
