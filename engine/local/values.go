package local

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// values gives constant rows: each is a projection of literals over one row without columns. Where there are none there is still a pipeline, for the steps
// that follow may have rows of their own: those of the other side of an outer join.
func (c *scope) values(n plan.Values) ([]exec.Pipeline, error) {
	if len(n.Rows) == 0 {
		return []exec.Pipeline{{Source: exec.NewBatches(n.Schema())}}, nil
	}
	none := arrow.NewSchema(nil, nil)
	one := array.NewRecordBatch(none, nil, 1)
	defer one.Release()
	pipelines := make([]exec.Pipeline, 0, len(n.Rows))
	for _, row := range n.Rows {
		exprs := make([]expr.Bound, len(row))
		for i, v := range row {
			exprs[i] = v
		}
		p, err := exec.NewProject(c.env(), n.Schema(), exprs)
		if err != nil {
			return nil, err
		}
		pipelines = append(pipelines, exec.Pipeline{Source: exec.NewBatches(none, one), Steps: []exec.Step{c.op.step(p)}})
	}
	return pipelines, nil
}
