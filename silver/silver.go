// Package silver declares tables of checked, typed data: one row per key, or one per version of a key.
//
// Table is equal to its query over everything that its inputs hold. Append processes each input row once. Merge has flows that bring changes in: a one-time
// load, rows by key, or change events.
package silver

import (
	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/plan"
)

// Table declares a table that equals its query over everything that the inputs hold. It is refreshed from new rows alone where that provably gives the same;
// otherwise it is recomputed, and the report says why.
func Table[R any](name string, rows dataset.Rows[R], options ...medallion.TableOption) *medallion.Table[R] {
	return table(name, dataset.Caller(0), []Flow[R]{{effect: plan.Replace{}, rows: rows}}, options)
}

// Append declares a table to which a query's rows are added, each input row once. Its inputs must only ever be appended to.
func Append[R any](name string, rows dataset.Rows[R], options ...medallion.TableOption) *medallion.Table[R] {
	return table(name, dataset.Caller(0), []Flow[R]{{effect: plan.Append{}, rows: rows}}, options)
}

// Merge declares a table that several flows bring rows into, each in its own commits, in the order given.
func Merge[R any](name string, flows []Flow[R], options ...medallion.TableOption) *medallion.Table[R] {
	return table(name, dataset.Caller(0), flows, options)
}

// Flow is one query into a table of rows R.
type Flow[R any] struct {
	name    string
	effect  plan.Effect
	rows    dataset.Relation
	changes *Changes
}

// Named gives the flow a name. Progress is kept under it, so a table with several flows of one kind needs names, and a flow keeps its name for life.
func (f Flow[R]) Named(name string) Flow[R] {
	f.name = name
	return f
}

// Once is a load that is made a single time, before the changes.
func Once[R any](rows dataset.Rows[R]) Flow[R] {
	return Flow[R]{name: "once", effect: plan.Once{}, rows: rows}
}

// Upsert merges rows by key, each input row once: a row replaces the one that has its key, or is inserted. Keys are never NULL, and a batch
// has one row of each.
func Upsert[R any](rows dataset.Rows[R], keys ...string) Flow[R] {
	return Flow[R]{name: "upsert", effect: plan.Upsert{Keys: keys}, rows: rows}
}

func table[R any](name string, site plan.Site, flows []Flow[R], options []medallion.TableOption) *medallion.Table[R] {
	d := medallion.Declaration{Name: name, Site: site, Options: options}
	for _, f := range flows {
		d.Flows = append(d.Flows, medallion.Flow{Name: f.name, Resolve: f.resolve})
	}
	return medallion.NewTable[R](d)
}

func (f Flow[R]) resolve(r *dataset.Resolver) (plan.Node, plan.Effect, error) {
	n, err := r.Node(f.rows)
	if err != nil {
		return nil, nil, err
	}
	if f.changes == nil {
		return n, f.effect, keysExist(n.Schema(), f.effect)
	}
	want, err := dataset.RowSchema[R]()
	if err != nil {
		return nil, nil, err
	}
	effect, err := f.changes.effect(r, n.Schema(), want)
	return n, effect, err
}
