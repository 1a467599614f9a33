package silver

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// Changes says how change events are applied, in the words of Databricks' AUTO CDC.
type Changes struct {
	Keys       []string // the columns that identify a row; never NULL
	SequenceBy string   // SQL over the events' columns: the order of a key's events; orderable, never NULL
	DeleteWhen string   // SQL: an event for which it is TRUE deletes; empty: none does
	SCD        SCD      // default: SCD1{}
}

// SCD is the type of slowly changing dimension: SCD1 or SCD2.
type SCD interface{ history() *plan.History }

// SCD1 keeps one row per key, as its last event left it.
type SCD1 struct{}

// SCD2 keeps one row per version of a key, and names the columns that say when it held. Start and End have the type of SequenceBy; a version ends where the
// key's next version starts or where a delete comes, and End is NULL while it holds. An event that changes nothing starts no version.
type SCD2 struct {
	Start, End string // default: __START_AT and __END_AT
	Current    string // BOOLEAN column, TRUE while the version holds; empty: no such column
}

func (SCD1) history() *plan.History { return nil }

func (s SCD2) history() *plan.History {
	h := plan.History{Start: s.Start, End: s.End, Current: s.Current}
	if h.Start == "" {
		h.Start = "__START_AT"
	}
	if h.End == "" {
		h.End = "__END_AT"
	}
	return &h
}

// ApplyChanges applies change events to the table, each event once. The columns of R are taken from the events by name; the history's columns are filled in.
// Events must come in the order of SequenceBy from one batch to the next; within a batch any order will do.
func ApplyChanges[R, C any](events dataset.Rows[C], changes Changes) Flow[R] {
	return Flow[R]{name: "changes", rows: events, changes: &changes}
}

// effect binds the change rules over the events' columns and picks the columns that the table stores: want's, or all of them when want is nil.
func (c Changes) effect(r *dataset.Resolver, events, want *arrow.Schema) (plan.Effect, error) {
	scd := c.SCD
	if scd == nil {
		scd = SCD1{}
	}
	e := plan.ApplyChanges{Keys: c.Keys, History: scd.history()}
	var faults []error
	var err error
	if e.Sequence, err = bindOne(r, events, c.SequenceBy); err != nil {
		faults = append(faults, fmt.Errorf("silver.Changes.SequenceBy: %w", err))
	}
	if c.DeleteWhen != "" {
		if e.Delete, err = bindCondition(r, events, c.DeleteWhen); err != nil {
			faults = append(faults, fmt.Errorf("silver.Changes.DeleteWhen: %w", err))
		}
	}
	if e.Columns, err = storedColumns(events, want, e.History); err != nil {
		faults = append(faults, err)
	}
	return e, errors.Join(append(faults, keysExist(events, e))...)
}

func bindOne(r *dataset.Resolver, s *arrow.Schema, text string) (expr.Bound, error) {
	bound, err := dataset.BindList(r, s, text)
	if err != nil {
		return nil, err
	}
	if len(bound) != 1 {
		return nil, fmt.Errorf("%q must be one expression: use struct(a, b) to order by several columns", text)
	}
	return bound[0], nil
}

func bindCondition(r *dataset.Resolver, s *arrow.Schema, text string) (expr.Bound, error) {
	n, err := r.Functions().Parse(text)
	if err != nil {
		return nil, err
	}
	return expr.BindPredicate(n, expr.NewScope(s))
}

// storedColumns are the positions in events of the columns that the table stores beside the history's.
func storedColumns(events, want *arrow.Schema, h *plan.History) ([]int, error) {
	if want == nil {
		want = events
	}
	var at []int
	for _, f := range want.Fields() {
		if h != nil && slices.ContainsFunc([]string{h.Start, h.End, h.Current}, func(n string) bool { return strings.EqualFold(n, f.Name) }) {
			continue
		}
		i := slices.IndexFunc(events.Fields(), func(g arrow.Field) bool { return strings.EqualFold(f.Name, g.Name) })
		if i < 0 {
			return nil, fmt.Errorf("the table's column %s is not among the events' columns", f.Name)
		}
		at = append(at, i)
	}
	return at, nil
}

// keysExist refuses key columns that the rows do not have.
func keysExist(s *arrow.Schema, effect plan.Effect) error {
	var keys []string
	switch e := effect.(type) {
	case plan.Upsert:
		keys = e.Keys
	case plan.ApplyChanges:
		keys = e.Keys
	case plan.Replace, plan.Append, plan.Once:
		return nil
	}
	if len(keys) == 0 {
		return errors.New("no key column is named: name the columns that identify a row")
	}
	for _, k := range keys {
		if !slices.ContainsFunc(s.Fields(), func(f arrow.Field) bool { return strings.EqualFold(f.Name, k) }) {
			return fmt.Errorf("key column %s is not among the rows' columns", k)
		}
	}
	return nil
}
