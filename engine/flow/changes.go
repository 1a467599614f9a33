package flow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
)

// The columns that change events carry beside those that the table stores.
const (
	sequenceColumn = "__medallion_sequence"
	deleteColumn   = "__medallion_delete"
	nextColumn     = "__medallion_next" // the sequence at which the next event of the key ends this one
	openColumn     = "__medallion_open" // the row is the table's own present version of the key
)

// applyChanges merges change events: the last of each key, or the versions that they begin and end.
func (j *Job) applyChanges(a plan.ApplyChanges) (*Merge, error) {
	events, err := j.events(a)
	if err != nil {
		return nil, err
	}
	m := &Merge{Changes: events, NotNull: append(slices.Clone(a.Keys), sequenceColumn), On: pairs(a.Keys, "target", "source")}
	if a.History != nil {
		j.history(m, a)
		return m, nil
	}
	set := j.assignments(a)
	m.Source = func(changes plan.Node) (plan.Node, error) { return j.lastEvents(a, changes) }
	m.Clauses = []Clause{
		{Matched: true, When: "source." + deleteColumn},
		{Matched: true, Set: set},
		{When: "NOT source." + deleteColumn, Set: set},
	}
	return m, nil
}

// history ends present versions and adds those that begin. A row is about the version of its key that began at its sequence.
func (j *Job) history(m *Merge, a plan.ApplyChanges) {
	h := a.History
	m.Source, m.Rescans = func(changes plan.Node) (plan.Node, error) { return j.versions(a, changes) }, true
	m.On += fmt.Sprintf(" AND target.%s = source.%s", expr.Quote(h.Start), sequenceColumn)
	end := []Assignment{{h.End, "source." + nextColumn}}
	begin := append(j.assignments(a), Assignment{h.Start, "source." + sequenceColumn}, Assignment{h.End, "source." + nextColumn})
	if h.Current != "" {
		end = append(end, Assignment{h.Current, "false"})
		begin = append(begin, Assignment{h.Current, "source." + nextColumn + " IS NULL"})
	}
	m.Clauses = []Clause{
		{Matched: true, When: "source." + deleteColumn}, // a version that would last no time
		{Matched: true, When: "source." + openColumn, Set: end},
		{Matched: true, Set: begin},
		{When: fmt.Sprintf("NOT source.%s AND NOT source.%s", openColumn, deleteColumn), Set: begin},
	}
}

// assignments set the stored columns to the events'.
func (j *Job) assignments(a plan.ApplyChanges) []Assignment {
	var set []Assignment
	for _, name := range j.storedNames(a) {
		set = append(set, fromSource(name))
	}
	return set
}

// events are the flow's rows as change events: the stored columns, the sequence and whether the event deletes.
func (j *Job) events(a plan.ApplyChanges) (plan.Node, error) {
	in := j.Query.Schema()
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
	return plan.NewProject(j.Query, append(exprs, a.Sequence, deletes), append(names, sequenceColumn, deleteColumn))
}

// lastEvents are the last event of each key (SCD type 1).
func (j *Job) lastEvents(a plan.ApplyChanges, events plan.Node) (plan.Node, error) {
	return Query(fmt.Sprintf(`
		SELECT * FROM events
		QUALIFY row_number() OVER (PARTITION BY %s ORDER BY %s DESC, %s DESC) = 1`, list("", a.Keys), sequenceColumn, deleteColumn),
		map[string]plan.Node{"events": events})
}

// versions are the rows that bring the table's history up to date (SCD type 2): a row for each version that begins, and one for each present version that
// ends. The table's present version of a key is put before the key's events; an event that changes nothing, or deletes what is not there, is passed over;
// what is left ends where the next one begins. Of what happens to a key at one moment only the last counts.
func (j *Job) versions(a plan.ApplyChanges, events plan.Node) (plan.Node, error) {
	tables := map[string]plan.Node{"events": events}
	stored := j.storedNames(a)
	present := ""
	if j.Batch.Base == nil || *j.Batch.Base >= 0 {
		tables["history"] = plan.NewScan(j.Table)
		present = fmt.Sprintf(`
			UNION ALL SELECT %s, h.%s, false, true FROM history h LEFT SEMI JOIN events e ON %s WHERE h.%s IS NULL`,
			list("h.", stored), expr.Quote(a.History.Start), pairs(a.Keys, "h", "e"), expr.Quote(a.History.End))
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
		SELECT %[1]s, %[3]s, %[4]s, %[6]s, %[5]s FROM spans
		WHERE (%[6]s IS NULL OR %[6]s > %[3]s) AND NOT (%[5]s AND %[6]s IS NULL)`,
		list("", stored), list("", a.Keys), sequenceColumn, deleteColumn, openColumn, nextColumn, present, j.before(a), j.differs(a))
	return Query(query, tables)
}

// before selects the previous event's values of the columns that are not keys.
func (j *Job) before(a plan.ApplyChanges) string {
	var b strings.Builder
	for i, c := range j.tracked(a) {
		fmt.Fprintf(&b, ", lag(%s) OVER w AS __before_%d", expr.Quote(c), i)
	}
	return b.String()
}

// differs is SQL that is TRUE when a value is not the previous event's.
func (j *Job) differs(a plan.ApplyChanges) string {
	var b strings.Builder
	for i, c := range j.tracked(a) {
		fmt.Fprintf(&b, " OR NOT %s <=> __before_%d", expr.Quote(c), i)
	}
	return b.String()
}

func (j *Job) storedNames(a plan.ApplyChanges) []string {
	names := make([]string, len(a.Columns))
	for i, at := range a.Columns {
		names[i] = j.Query.Schema().Field(at).Name
	}
	return names
}

// tracked are the stored columns whose change begins a version: all but the keys.
func (j *Job) tracked(a plan.ApplyChanges) []string {
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

// Query is a plan of the engines' own, from SQL text.
func Query(text string, tables map[string]plan.Node) (plan.Node, error) {
	q, err := sql.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("flow: %w in %s", err, text)
	}
	n, err := q.Resolve(tables)
	if err != nil {
		return nil, fmt.Errorf("flow: %w in %s", err, text)
	}
	return plan.Optimize(n), nil
}

// pairs is SQL that equates the keys of two aliases.
func pairs(keys []string, left, right string) string {
	p := make([]string, len(keys))
	for i, k := range keys {
		p[i] = fmt.Sprintf("%s.%s = %s.%s", left, expr.Quote(k), right, expr.Quote(k))
	}
	return strings.Join(p, " AND ")
}

func list(prefix string, names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = prefix + expr.Quote(n)
	}
	return strings.Join(q, ", ")
}
