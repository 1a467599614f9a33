package plan

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// NewCheck evaluates rules over in's columns. A row that violates a Quarantine rule is written as quarantine, over in's columns, under names; both nil
// write in's columns as they are. Rule names are unique within a check, without case.
func NewCheck(in Node, rules []Rule, quarantine []expr.Bound, names []string) (Check, error) {
	if err := counted("quarantine columns", len(quarantine), len(names)); err != nil {
		return Check{}, err
	}
	if err := allFit(quarantine, in.Schema()); err != nil {
		return Check{}, err
	}
	for i, r := range rules {
		if err := ruleFits(r, rules[:i], in.Schema()); err != nil {
			return Check{}, err
		}
	}
	return Check{Input: in, Rules: rules, Quarantine: quarantine, QuarantineNames: names, schema: checked(in.Schema(), rules)}, nil
}

func ruleFits(r Rule, before []Rule, in *arrow.Schema) error {
	if r.Action > Fail {
		return misuse("rule %s has the unknown action %d", r.Name, r.Action)
	}
	if slices.ContainsFunc(before, func(b Rule) bool { return strings.EqualFold(b.Name, r.Name) }) {
		return misuse("two rules are called %s", r.Name)
	}
	return predicateFits(r.Predicate, in, "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN")
}

// checked is the schema of the rows that satisfy every rule that lets no violating row pass.
func checked(in *arrow.Schema, rules []Rule) *arrow.Schema {
	for _, r := range rules {
		if r.Action != Warn {
			in = proven(in, r.Predicate)
		}
	}
	return in
}

// Schema is the input's; columns that a Drop, Quarantine or Fail rule proves NOT NULL are not nullable.
func (c Check) Schema() *arrow.Schema { return c.schema }

// Children is the input.
func (c Check) Children() []Node { return appendInputs(nil, c) }

// Quarantines tells whether a rule of c writes rows to the quarantine.
func (c Check) Quarantines() bool {
	return slices.ContainsFunc(c.Rules, func(r Rule) bool { return r.Action == Quarantine })
}

// QuarantineSchema is the schema of the quarantined rows, before engines add what they stamp on them.
func (c Check) QuarantineSchema() *arrow.Schema {
	if c.Quarantine == nil {
		return c.Input.Schema()
	}
	return project(c.Input, c.Quarantine, c.QuarantineNames).schema
}

// Stamps are what an engine knows of a quarantined row beside its columns, as the variables that quarantine expressions use: the names of the rules that it
// violates, in the order of declaration; the flow that it was meant for, which is the table where that has one flow; the number of the flow's batch; and
// when it was set aside.
func Stamps() []expr.BoundVar {
	return []expr.BoundVar{
		{ID: -1, Name: "_rules", Typ: schema.ArrayOf(schema.String, true)},
		{ID: -2, Name: "_source", Typ: schema.String},
		{ID: -3, Name: "_batch", Typ: schema.BigInt},
		{ID: -4, Name: "_quarantined_at", Typ: schema.Timestamp},
	}
}

// String is the action in the words of the quality package.
func (a Action) String() string {
	switch a {
	case Warn:
		return "warn"
	case Drop:
		return "drop"
	case Quarantine:
		return "quarantine"
	case Fail:
		return "fail"
	}
	return "unknown"
}
