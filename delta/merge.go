package delta

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/schema"
)

// MultipleMatchError says that several source rows match one target row and would each change it, so that the outcome is not defined: Databricks'
// DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE.
type MultipleMatchError struct {
	Table string
	On    string // the merge condition
	Rows  int64  // target rows that are matched more than once, among those looked at
}

// Error says what to do.
func (e *MultipleMatchError) Error() string {
	return fmt.Sprintf("delta: merge into %s ON %s: %d target rows are each matched by more than one source row: keep one source row per key "+
		"(DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE)", e.Table, e.On, e.Rows)
}

// Merge is a MERGE INTO that is being put together. Clauses apply in the order in which they are added: of each kind, the first whose condition is TRUE.
// Conditions and values are SQL; the table's columns are target.x, the source's source.x, unless As names them otherwise.
type Merge struct {
	table          *Table
	source         exec.Source
	on             string
	target, origin string // aliases
	clauses        []*mergeClause
	evolves        bool
	err            error
}

// Merge starts a MERGE of the source's rows into the table; on, in SQL, says which rows match. NULL keys match nothing.
func (t *Table) Merge(source exec.Source, on string) *Merge {
	return &Merge{table: t, source: source, on: on, target: "target", origin: "source"}
}

// As gives the table and the source other aliases than target and source.
func (m *Merge) As(target, source string) *Merge {
	m.target, m.origin = target, source
	return m
}

// WithSchemaEvolution adds columns, and fields of structs, to the table that the source has and it does not: all of them where a clause sets all columns, else
// those that a clause sets by name. UPDATE SET * and INSERT * then leave out the table's columns that the source does not have.
func (m *Merge) WithSchemaEvolution() *Merge {
	m.evolves = true
	return m
}

// Matched is WHEN MATCHED [AND condition].
type Matched struct {
	m    *Merge
	cond string
}

// NotMatched is WHEN NOT MATCHED [BY TARGET] [AND condition].
type NotMatched struct {
	m    *Merge
	cond string
}

// NotMatchedBySource is WHEN NOT MATCHED BY SOURCE [AND condition].
type NotMatchedBySource struct {
	m    *Merge
	cond string
}

// WhenMatched is about target rows that a source row matches; the condition (empty: none) may read both.
func (m *Merge) WhenMatched(condition string) Matched { return Matched{m, condition} }

// WhenNotMatched is about source rows that match no target row.
func (m *Merge) WhenNotMatched(condition string) NotMatched { return NotMatched{m, condition} }

// WhenNotMatchedBySource is about target rows that no source row matches.
func (m *Merge) WhenNotMatchedBySource(condition string) NotMatchedBySource {
	return NotMatchedBySource{m, condition}
}

// Update sets columns to expressions over both rows.
func (w Matched) Update(set map[string]string) *Merge {
	return w.m.add(&mergeClause{on: whenMatched, action: doUpdate, cond: w.cond, set: set})
}

// UpdateAll sets every column to the source's column of that name (UPDATE SET *).
func (w Matched) UpdateAll() *Merge {
	return w.m.add(&mergeClause{on: whenMatched, action: doUpdate, cond: w.cond, all: true})
}

// Delete removes the target row.
func (w Matched) Delete() *Merge {
	return w.m.add(&mergeClause{on: whenMatched, action: doDelete, cond: w.cond})
}

// Insert adds a row with these columns; the others are NULL.
func (w NotMatched) Insert(set map[string]string) *Merge {
	return w.m.add(&mergeClause{on: whenNotMatched, action: doInsert, cond: w.cond, set: set})
}

// InsertAll adds a row with the source's columns of the same names (INSERT *).
func (w NotMatched) InsertAll() *Merge {
	return w.m.add(&mergeClause{on: whenNotMatched, action: doInsert, cond: w.cond, all: true})
}

// Update sets columns to expressions over the target row.
func (w NotMatchedBySource) Update(set map[string]string) *Merge {
	return w.m.add(&mergeClause{on: whenNotMatchedBySource, action: doUpdate, cond: w.cond, set: set})
}

// Delete removes the target row.
func (w NotMatchedBySource) Delete() *Merge {
	return w.m.add(&mergeClause{on: whenNotMatchedBySource, action: doDelete, cond: w.cond})
}

// add appends a clause. Behind one without a condition, a further one of its kind could never apply.
func (m *Merge) add(c *mergeClause) *Merge {
	for _, before := range m.clauses {
		if before.on == c.on && before.cond == "" {
			m.err = errors.Join(m.err, fmt.Errorf("delta: merge into %s: a %s clause follows one without a condition, which applies to all rows", m.table.Name(), c.on))
		}
	}
	m.clauses = append(m.clauses, c)
	return m
}

// Run merges and commits. Only files that hold rows to be changed are rewritten. The source is read once and held, in spill files where the memory budget
// of o.Env is too small for it.
func (m *Merge) Run(ctx context.Context, o WriteOptions) (*Result, error) {
	if m.err != nil {
		return nil, m.err
	}
	if len(m.clauses) == 0 {
		return nil, fmt.Errorf("delta: merge into %s has no WHEN clause", m.table.Name())
	}
	s, err := o.base(ctx, m.table.Snapshot)
	if err != nil {
		return nil, err
	}
	if o.doneAt(s) {
		return &Result{Version: s.version, Metrics: map[string]int64{}}, nil
	}
	return m.run(ctx, m.table.Begin(s, m.operation()), o)
}

// run merges in a transaction of its own.
func (m *Merge) run(ctx context.Context, tx *Transaction, o WriteOptions) (res *Result, err error) {
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	if _, err := tx.startWrite(o); err != nil {
		return nil, err
	}
	if err := m.MergeInto(ctx, tx, o); err != nil {
		return nil, err
	}
	res = &Result{Version: tx.base.version, Metrics: tx.metrics}
	if len(tx.adds) == 0 && len(tx.removes) == 0 && tx.metadata == nil && o.AppID == "" {
		return res, nil
	}
	res.Version, err = tx.commitOnce(ctx, o)
	return res, err
}

// MergeInto merges as part of a transaction that the caller commits: into the files of its snapshot, with the schema that it sets.
func (m *Merge) MergeInto(ctx context.Context, tx *Transaction, o WriteOptions) error {
	if m.err != nil {
		return m.err
	}
	known := tx.Schema()
	if known == nil {
		return fmt.Errorf("delta: merge into %s: %w", m.table.Name(), ErrNotTable)
	}
	if m.evolves {
		if err := m.evolve(tx); err != nil {
			return err
		}
	}
	s, err := tx.view()
	if err != nil {
		return err
	}
	r, err := newMergeRun(m, s, known.NumFields(), o)
	if err != nil {
		return fmt.Errorf("delta: merge into %s: %w", m.table.Name(), err)
	}
	r.tx = tx
	return r.execute(ctx)
}

// evolve adds to the table what clauses set and it does not have.
func (m *Merge) evolve(tx *Transaction) error {
	all, named := false, make(map[string]string)
	for _, c := range m.clauses {
		all = all || c.all
		maps.Copy(named, c.set)
	}
	source := m.source.Schema().Fields()
	rows := source
	if !all {
		rows = nil
		for _, name := range slices.Sorted(maps.Keys(named)) {
			if i := schema.Find(source, name); i >= 0 && !slices.ContainsFunc(rows, func(f arrow.Field) bool { return f.Name == source[i].Name }) {
				rows = append(rows, source[i])
			}
		}
	}
	return tx.growSchema(rows, true)
}

// operation describes the merge for the table's history, as Spark does.
func (m *Merge) operation() Operation {
	list := func(on clauseKind) string {
		out := []byte{'['}
		for _, c := range m.clauses {
			if c.on != on {
				continue
			}
			if len(out) > 1 {
				out = append(out, ',')
			}
			entry := map[string]string{"actionType": c.action.String()}
			if c.cond != "" {
				entry["predicate"] = c.cond
			}
			out = appendStringMap(out, entry)
		}
		return string(append(out, ']'))
	}
	return Operation{Name: opMerge, Parameters: map[string]string{
		"predicate": jsonList([]string{m.on}), "matchedPredicates": list(whenMatched), "notMatchedPredicates": list(whenNotMatched),
		"notMatchedBySourcePredicates": list(whenNotMatchedBySource),
	}}
}

// elapsed is the milliseconds since a moment of the table's clock.
func (t *Table) elapsed(since time.Time) int64 { return t.config.Clock().Sub(since).Milliseconds() }
