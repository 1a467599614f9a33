package plan

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// NewAggregate groups in by groups and computes aggs per group. The output columns are called groupNames, then aggNames.
func NewAggregate(in Node, groups []expr.Bound, groupNames []string, aggs []expr.BoundAggregate, aggNames []string) (Aggregate, error) {
	if err := counted("groups", len(groups), len(groupNames)); err != nil {
		return Aggregate{}, err
	}
	if err := counted("aggregates", len(aggs), len(aggNames)); err != nil {
		return Aggregate{}, err
	}
	if err := groupsFit(groups, in.Schema()); err != nil {
		return Aggregate{}, err
	}
	for _, a := range aggs {
		if err := aggregateFits(a, in.Schema()); err != nil {
			return Aggregate{}, err
		}
	}
	return aggregate(in, groups, groupNames, aggs, aggNames), nil
}

func aggregateFits(a expr.BoundAggregate, in *arrow.Schema) error {
	if err := allFit(a.Args, in); err != nil {
		return err
	}
	if a.Filter == nil {
		return nil
	}
	return predicateFits(a.Filter, in, "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN")
}

func aggregate(in Node, groups []expr.Bound, groupNames []string, aggs []expr.BoundAggregate, aggNames []string) Aggregate {
	fields := make([]arrow.Field, 0, len(groups)+len(aggs))
	for i, g := range groups {
		fields = append(fields, column(groupNames[i], g.Type(), g.Nullable()))
	}
	for i, a := range aggs {
		fields = append(fields, column(aggNames[i], a.Typ, a.Null))
	}
	return Aggregate{Input: in, Groups: groups, Aggs: aggs, schema: arrow.NewSchema(fields, nil)}
}

// Schema has the groups, then the aggregates.
func (a Aggregate) Schema() *arrow.Schema { return a.schema }

// Children is the input.
func (a Aggregate) Children() []Node { return appendInputs(nil, a) }

// aggregateParts are the expressions that a is computed from.
func aggregateParts(a expr.BoundAggregate) []expr.Bound {
	if a.Filter == nil {
		return a.Args
	}
	return append(slices.Clone(a.Args), a.Filter)
}
