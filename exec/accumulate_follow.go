package exec

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// follower is an aggregate that is worked out of the state of another one, as avg is beside sum of the same rows. It has no state of its own.
type follower struct {
	value func(picked []uint32) (arrow.Array, error)
}

// follow returns a follower for the last of aggs, nil if none of the others, whose accumulators are given, has the state that it takes.
func follow(aggs []expr.BoundAggregate, accs []accumulator) accumulator {
	last := aggs[len(aggs)-1]
	if !adds(last) {
		return nil
	}
	for i, a := range aggs[:len(accs)] {
		if !adds(a) || !expr.Equal(a.Args[0], last.Args[0]) || !expr.Equal(a.Filter, last.Filter) {
			continue
		}
		switch of := accs[i].(type) {
		case *totals:
			return &follower{func(picked []uint32) (arrow.Array, error) {
				t := *of
				t.agg, t.avg = last, averages(last.Func)
				return t.result(picked)
			}}
		case *floatTotals:
			return &follower{func(picked []uint32) (arrow.Array, error) {
				t := *of
				t.avg = averages(last.Func)
				return t.result(picked)
			}}
		}
	}
	return nil
}

// adds tells of a plain sum or average.
func adds(a expr.BoundAggregate) bool {
	return a.User == nil && !a.Distinct && len(a.Args) == 1 && (a.Func == "sum" || a.Func == "avg" || a.Func == "mean")
}

func (f *follower) grow(int) {}

func (f *follower) update([]uint32, []int32, []arrow.Array) error { return nil }

func (f *follower) absorb([]uint32, []arrow.Array) error { return nil }

func (f *follower) merge([]uint32, []uint32, accumulator) error { return nil }

func (f *follower) state([]uint32) ([]arrow.Array, error) { return nil, nil }

func (f *follower) stateTypes() []arrow.DataType { return nil }

func (f *follower) result(picked []uint32) (arrow.Array, error) { return f.value(picked) }

func (f *follower) size() int64 { return 0 }

func (f *follower) release() {}
