package flow

import (
	"fmt"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// Merge is what a flow merges into its table, as queries and as SQL over the aliases target and source.
type Merge struct {
	Changes plan.Node // the flow's rows as they are applied
	NotNull []string  // columns of Changes that say what a row is about and when: NULL in them is a *NullKeyError
	Unique  []string  // columns of which Changes has each combination once, or it is a *DuplicateKeyError; nil: no such condition
	// Source makes the rows that are merged of the changes; nil: they are merged as they are. It may scan the target too, which is then Job.BaseInput.
	Source  func(changes plan.Node) (plan.Node, error)
	Rescans bool // Source reads the changes more than once
	On      string
	Clauses []Clause
}

// Clause is WHEN MATCHED or WHEN NOT MATCHED. Of the clauses whose kind and condition fit a row, the first is taken.
type Clause struct {
	Matched bool
	When    string       // empty: always
	Set     []Assignment // what UPDATE or INSERT sets; nil: DELETE
}

// Assignment sets a column of the target.
type Assignment struct{ Column, Value string }

// Merge is how the flow's rows get into its table. The flow's effect is Upsert or ApplyChanges. It does no harm to merge the same batch twice.
func (j *Job) Merge() (*Merge, error) {
	switch e := j.Flow.Effect.(type) {
	case plan.Upsert:
		return j.upsert(e), nil
	case plan.ApplyChanges:
		return j.applyChanges(e)
	case plan.Replace, plan.Append, plan.Once:
	}
	return nil, fmt.Errorf("%s does not merge", plan.EffectName(j.Flow.Effect))
}

// upsert merges the query's rows by key.
func (j *Job) upsert(e plan.Upsert) *Merge {
	var set []Assignment
	for _, f := range j.Query.Schema().Fields() {
		set = append(set, fromSource(f.Name))
	}
	return &Merge{
		Changes: j.Query, NotNull: e.Keys, Unique: e.Keys,
		On:      pairs(e.Keys, "target", "source"),
		Clauses: []Clause{{Matched: true, Set: set}, {Set: set}},
	}
}

func fromSource(column string) Assignment {
	return Assignment{column, "source." + expr.Quote(column)}
}
