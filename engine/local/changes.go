package local

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
)

// The columns that change events carry beside those that the table stores.
const (
	sequenceColumn = "__medallion_sequence"
	deleteColumn   = "__medallion_delete"
	nextColumn     = "__medallion_next" // the sequence at which the next event of the key ends this one
	openColumn     = "__medallion_open" // the row is the table's own present version of the key
)

// events are the flow's rows as change events: the stored columns, the sequence and whether the event deletes. Keys and sequence are never NULL.
func (j *job) events(a plan.ApplyChanges) (plan.Node, error) {
	in := j.query.Schema()
	var exprs []expr.Bound
	var names []string
	for _, i := range a.Columns {
		f := in.Field(i)
		exprs = append(exprs, expr.BoundColumn{Index: i, Name: f.Name, Typ: f.Type, Null: f.Nullable})
		names = append(names, f.Name)
	}
	deletes := expr.Bound(expr.BoundLiteral{Value: false, Typ: arrow.FixedWidthTypes.Boolean})
	if a.Delete != nil {
		deletes = expr.BoundCase{
			Whens: []expr.BoundWhen{{Cond: a.Delete, Result: expr.BoundLiteral{Value: true, Typ: arrow.FixedWidthTypes.Boolean}}},
			Else:  deletes, Typ: arrow.FixedWidthTypes.Boolean,
		}
	}
	n, err := plan.NewProject(j.query, append(exprs, a.Sequence, deletes), append(names, sequenceColumn, deleteColumn))
	if err != nil {
		return nil, err
	}
	guard := guardNotNull{flow: j.flow.ID, names: append(append([]string{}, a.Keys...), sequenceColumn)}
	return plan.NewMap(n, "keys and sequence are not NULL", guard.run, n.Schema())
}

// guardNotNull fails on the first event whose key or sequence is NULL: its place among the key's events cannot be told.
type guardNotNull struct {
	flow  string
	names []string
}

func (g guardNotNull) run(_ context.Context, in arrow.RecordBatch, yield func(arrow.RecordBatch) error) error {
	for _, name := range g.names {
		for _, at := range in.Schema().FieldIndices(name) {
			if n := in.Column(at).NullN(); n > 0 {
				return &NullKeyError{Flow: g.flow, Column: name, Rows: int64(n)}
			}
		}
	}
	return yield(in)
}

// NullKeyError says that change events have a NULL key or sequence.
type NullKeyError struct {
	Flow, Column string
	Rows         int64 // within the batch of rows where it was met first
}

// Error names the column and the remedy.
func (e *NullKeyError) Error() string {
	what := "key column " + e.Column
	if e.Column == sequenceColumn {
		what = "SequenceBy"
	}
	return fmt.Sprintf("local: %s: %s is NULL in %d events: quarantine them with a rule such as %q before they are applied", e.Flow, what, e.Rows, e.Column+" IS NOT NULL")
}

// lastEvents are the last event of each key (SCD type 1).
func (j *job) lastEvents(a plan.ApplyChanges) (plan.Node, error) {
	events, err := j.events(a)
	if err != nil {
		return nil, err
	}
	return j.sql(fmt.Sprintf(`
		SELECT * FROM events
		QUALIFY row_number() OVER (PARTITION BY %s ORDER BY %s DESC, %s DESC) = 1`, list("", a.Keys), sequenceColumn, deleteColumn),
		map[string]plan.Node{"events": events})
}

// versions are the rows that bring the table's history up to date (SCD type 2): a row for each version that begins, and one for each present version that
// ends. The table's present version of a key is put before the key's events; an event that changes nothing, or deletes what is not there, is passed over;
// what is left ends where the next one begins.
func (j *job) versions(a plan.ApplyChanges, events *plan.View) (plan.Node, error) {
	tables := map[string]plan.Node{"events": plan.NewScan(events)}
	stored := j.storedNames(a)
	present := ""
	if j.snapshot != nil {
		tables["history"] = plan.NewScan(j.table)
		present = fmt.Sprintf(`
			UNION ALL SELECT %s, h.%s, false, true FROM history h LEFT SEMI JOIN events e ON %s WHERE h.%s IS NULL`,
			list("h.", stored), schema.Quote(a.History.Start), pairs(a.Keys, "h", "e"), schema.Quote(a.History.End))
	}
	query := fmt.Sprintf(`
		WITH timeline AS (SELECT %[1]s, %[3]s, %[4]s, false AS %[5]s FROM events%[7]s),
		marked AS (
			SELECT *, row_number() OVER w AS __n, lag(%[4]s) OVER w AS __deleted%[8]s
			FROM timeline WINDOW w AS (PARTITION BY %[2]s ORDER BY %[3]s, %[5]s DESC, %[4]s)),
		changed AS (
			SELECT * FROM marked
			WHERE CASE WHEN __n = 1 OR __deleted THEN NOT %[4]s ELSE %[4]s%[9]s END),
		spans AS (
			SELECT *, lead(%[3]s) OVER (PARTITION BY %[2]s ORDER BY %[3]s, %[5]s DESC, %[4]s) AS %[6]s FROM changed)
		SELECT %[1]s, %[3]s, %[6]s, %[5]s FROM spans
		WHERE NOT %[4]s AND CASE WHEN %[5]s THEN %[6]s IS NOT NULL ELSE %[6]s IS NULL OR %[6]s > %[3]s END`,
		list("", stored), list("", a.Keys), sequenceColumn, deleteColumn, openColumn, nextColumn, present, j.before(a), j.differs(a))
	return j.sql(query, tables)
}

// before selects the previous event's values of the columns that are not keys.
func (j *job) before(a plan.ApplyChanges) string {
	var b strings.Builder
	for i, c := range j.tracked(a) {
		fmt.Fprintf(&b, ", lag(%s) OVER w AS __before_%d", schema.Quote(c), i)
	}
	return b.String()
}

// differs is SQL that is TRUE when a value is not the previous event's.
func (j *job) differs(a plan.ApplyChanges) string {
	var b strings.Builder
	for i, c := range j.tracked(a) {
		fmt.Fprintf(&b, " OR NOT %s <=> __before_%d", schema.Quote(c), i)
	}
	return b.String()
}

func (j *job) storedNames(a plan.ApplyChanges) []string {
	names := make([]string, len(a.Columns))
	for i, at := range a.Columns {
		names[i] = j.query.Schema().Field(at).Name
	}
	return names
}

// tracked are the stored columns whose change begins a version: all but the keys.
func (j *job) tracked(a plan.ApplyChanges) []string {
	var names []string
	for _, n := range j.storedNames(a) {
		key := false
		for _, k := range a.Keys {
			key = key || strings.EqualFold(k, n)
		}
		if !key {
			names = append(names, n)
		}
	}
	return names
}

// sql resolves a query of the engine's own.
func (j *job) sql(text string, tables map[string]plan.Node) (plan.Node, error) {
	q, err := sql.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("local: %w in %s", err, text)
	}
	n, err := q.Resolve(tables)
	if err != nil {
		return nil, fmt.Errorf("local: %w in %s", err, text)
	}
	return plan.Optimize(n), nil
}

// pairs is SQL that equates the keys of two aliases.
func pairs(keys []string, left, right string) string {
	p := make([]string, len(keys))
	for i, k := range keys {
		p[i] = fmt.Sprintf("%s.%s = %s.%s", left, schema.Quote(k), right, schema.Quote(k))
	}
	return strings.Join(p, " AND ")
}

func list(prefix string, names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = prefix + schema.Quote(n)
	}
	return strings.Join(q, ", ")
}
