// Package gold declares tables at business grain: aggregates, rankings and measures that people and programs read.
//
// A table is equal to its query over everything that its inputs, silver tables and other gold ones, hold; how it is kept so is the engine's choice. Programs
// read it as a Delta table, or have it delivered through package sink.
package gold

import (
	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/plan"
)

// Table declares a table that equals its query over everything that the inputs hold.
func Table[R any](name string, rows dataset.Rows[R], options ...medallion.TableOption) *medallion.Table[R] {
	return medallion.NewTable[R](medallion.Declaration{
		Name: name, Site: dataset.Caller(0), Options: options,
		Flows: []medallion.Flow{{Resolve: func(r *dataset.Resolver) (plan.Node, plan.Effect, error) {
			n, err := r.Node(rows)
			return n, plan.Replace{}, err
		}}},
	})
}
