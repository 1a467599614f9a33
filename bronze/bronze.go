// Package bronze declares tables that hold data as it came: every input row exactly once, nothing corrected, nothing lost.
//
// Which files or offsets were read is decided by the table's own commits, so a process may be killed anywhere: the next run neither loses nor repeats a row.
package bronze

import (
	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/source"
)

// Ingest declares a table of a source's rows as they are. R names the columns that are kept, the source's own such as _metadata, _rescued_data and
// _corrupt_record among them; with medallion.Row the source's schema is taken, inferred if need be.
func Ingest[R any](name string, src source.Source, options ...medallion.TableOption) *medallion.Table[R] {
	site := dataset.Caller(0)
	return appendTable(name, dataset.SourceAt[R](site, src), site, options)
}

// Append declares a table to which a query's rows are added, each input row once: for columns computed on the way in, such as _metadata.file_name AS
// _source_file, and for quality.Check. The query may filter and compute row by row; what needs more than one row belongs in silver.
func Append[R any](name string, rows dataset.Rows[R], options ...medallion.TableOption) *medallion.Table[R] {
	return appendTable(name, rows, dataset.Caller(0), options)
}

func appendTable[R any](name string, rows dataset.Rows[R], site plan.Site, options []medallion.TableOption) *medallion.Table[R] {
	return medallion.NewTable[R](medallion.Declaration{
		Name: name, Site: site, Options: options,
		Flows: []medallion.Flow{{Resolve: func(r *dataset.Resolver) (plan.Node, plan.Effect, error) {
			n, err := r.Node(rows)
			return n, plan.Append{}, err
		}}},
	})
}
