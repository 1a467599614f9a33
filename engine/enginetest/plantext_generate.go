package enginetest

import (
	"fmt"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// generate reads call AS (names), all of the input's columns beside.
func (r *nodeReader) generate() (plan.Node, error) {
	n, err := r.ParseExpr()
	if err != nil {
		return nil, err
	}
	call, ok := n.(expr.Call)
	if !ok {
		return nil, fmt.Errorf("%s is no generator", n)
	}
	g, err := expr.BindGenerator(call, r.scope())
	if err != nil {
		return nil, err
	}
	if err := r.Expect("AS", "("); err != nil {
		return nil, err
	}
	var names []string
	for {
		name, err := r.Name("a column's name")
		if err != nil {
			return nil, err
		}
		if names = append(names, name); !r.Accept(",") {
			break
		}
	}
	if err := r.Expect(")"); err != nil {
		return nil, err
	}
	return plan.NewGenerate(r.inputs[0], g, names)
}
