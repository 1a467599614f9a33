package delta_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	arrowmem "github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

// lakeRow is a row of the model: its partition, and the values of the other columns by the number that the column was given. What is not there is NULL.
type lakeRow struct {
	p      string // "": NULL
	values map[string]int64
}

func (r lakeRow) json(id int64, columns []string) string {
	p := "null"
	if r.p != "" {
		p = fmt.Sprintf("%q", r.p)
	}
	text := fmt.Sprintf(`{"id":%d,"p":%s`, id, p)
	for _, c := range columns {
		value := "null"
		if v, ok := r.values[columnNumber(c)]; ok {
			value = fmt.Sprint(v)
		}
		text += fmt.Sprintf(`,"%s":%s`, c, value)
	}
	return text + "}"
}

// columnNumber is the number of a column, which it keeps when it is renamed: x3 and y3 are one.
func columnNumber(name string) string { return name[1:] }

// with is the row with another value.
func (r lakeRow) with(name string, v int64) lakeRow {
	values := maps.Clone(r.values)
	values[columnNumber(name)] = v
	return lakeRow{r.p, values}
}

// lakeModel is a table and what it should hold.
type lakeModel struct {
	kind   kindOfTable
	config delta.Config
	store  *memory.Store
	table  *delta.Table
	random *rand.Rand

	rows      map[int64]lakeRow // never changed: each operation makes another
	columns   []string          // besides id and p
	versions  map[int64]map[int64]lakeRow
	columnsAt map[int64][]string
	oldest    int64 // version whose files are there
	next      int64 // highest ID given
	added     int   // columns
	app       int64 // version of the application
}

// schema is the table's.
func (m *lakeModel) schema() *arrow.Schema {
	fields := []arrow.Field{{Name: "id", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, {Name: "p", Type: schema.String, Nullable: true}}
	for _, c := range m.columns {
		fields = append(fields, arrow.Field{Name: c, Type: arrow.PrimitiveTypes.Int64, Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

// source is rows as a source.
func (m *lakeModel) source(rows map[int64]lakeRow) (exec.Source, error) {
	texts := make([]string, 0, len(rows))
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		texts = append(texts, rows[id].json(id, m.columns))
	}
	s := m.schema()
	rec, _, err := array.RecordFromJSON(arrowmem.DefaultAllocator, s, strings.NewReader("["+strings.Join(texts, ",")+"]"))
	if err != nil {
		return nil, err
	}
	return exec.NewBatches(s, rec), nil
}

// fresh are rows with new IDs.
func (m *lakeModel) fresh(n int) map[int64]lakeRow {
	out := make(map[int64]lakeRow)
	for range n {
		m.next++
		r := lakeRow{p: []string{"", "a", "b/c", "é d"}[m.random.IntN(4)], values: make(map[string]int64)}
		for _, c := range m.columns {
			if m.random.IntN(5) > 0 {
				r.values[columnNumber(c)] = m.random.Int64N(100)
			}
		}
		out[m.next] = r
	}
	return out
}

// condition is a predicate in SQL and in Go.
func (m *lakeModel) condition() (string, func(id int64, r lakeRow) bool) {
	c := m.columns[m.random.IntN(len(m.columns))]
	switch low := m.random.Int64N(m.next + 1); m.random.IntN(5) {
	case 0:
		return "p = 'a'", func(_ int64, r lakeRow) bool { return r.p == "a" }
	case 1:
		return "p IS NULL", func(_ int64, r lakeRow) bool { return r.p == "" }
	case 2:
		return fmt.Sprintf("id BETWEEN %d AND %d", low, low+9), func(id int64, _ lakeRow) bool { return id >= low && id <= low+9 }
	case 3:
		return fmt.Sprintf("`%s` IS NULL OR id %% 3 = 0", c), func(id int64, r lakeRow) bool {
			_, there := r.values[columnNumber(c)]
			return !there || id%3 == 0
		}
	default:
		return fmt.Sprintf("`%s` < 40", c), func(_ int64, r lakeRow) bool {
			v, there := r.values[columnNumber(c)]
			return there && v < 40
		}
	}
}

// changed is the model's rows with one function's outcome for each: false takes the row away.
func (m *lakeModel) changed(f func(id int64, r lakeRow) (lakeRow, bool)) map[int64]lakeRow {
	out := make(map[int64]lakeRow, len(m.rows))
	for id, r := range m.rows {
		if n, stays := f(id, r); stays {
			out[id] = n
		}
	}
	return out
}

// do is one operation, on the table and on the model.
func (m *lakeModel) do(ctx context.Context, o operation) error {
	operations := map[string]func(context.Context) error{
		"append": m.append, "overwrite": m.overwrite, "replaceWhere": m.replaceWhere, "dynamic": m.dynamic, "update": m.update, "delete": m.delete, "merge": m.merge,
		"optimize": m.optimize, "zorder": m.zorder, "vacuum": m.vacuum, "checkpoint": m.checkpoint, "addColumn": m.addColumn, "renameColumn": m.renameColumn,
		"dropColumn": m.dropColumn, "toggle": m.toggle, "reopen": m.reopen, "restore": m.restore, "once": m.once,
		"purge": m.purge, "compactLog": m.compactLog, "recluster": m.recluster,
	}
	return operations[o.kind](ctx)
}

func (m *lakeModel) append(ctx context.Context) error {
	rows := m.fresh(1 + m.random.IntN(30))
	source, err := m.source(rows)
	if err != nil {
		return err
	}
	m.rows = m.changed(func(_ int64, r lakeRow) (lakeRow, bool) { return r, true })
	maps.Copy(m.rows, rows)
	_, err = m.table.Append(ctx, source, delta.WriteOptions{})
	return err
}

// once appends under an application's version, which may have been there before.
func (m *lakeModel) once(ctx context.Context) error {
	rows, version := m.fresh(5), max(1, m.app+m.random.Int64N(2))
	source, err := m.source(rows)
	if err != nil {
		return err
	}
	if version > m.app {
		m.rows = m.changed(func(_ int64, r lakeRow) (lakeRow, bool) { return r, true })
		maps.Copy(m.rows, rows)
		m.app = version
	}
	_, err = m.table.Append(ctx, source, delta.WriteOptions{AppID: "app", AppVersion: version})
	return err
}

func (m *lakeModel) overwrite(ctx context.Context) error {
	rows := m.fresh(m.random.IntN(20))
	source, err := m.source(rows)
	if err != nil {
		return err
	}
	m.rows = rows
	_, err = m.table.Overwrite(ctx, source, delta.WriteOptions{})
	return err
}

func (m *lakeModel) replaceWhere(ctx context.Context) error {
	k := 2 + m.random.Int64N(4)
	rows := m.fresh(15)
	maps.DeleteFunc(rows, func(id int64, _ lakeRow) bool { return id%k != 0 })
	source, err := m.source(rows)
	if err != nil {
		return err
	}
	m.rows = m.changed(func(id int64, r lakeRow) (lakeRow, bool) { return r, id%k != 0 })
	maps.Copy(m.rows, rows)
	_, err = m.table.ReplaceWhere(ctx, fmt.Sprintf("id %% %d = 0", k), source, delta.WriteOptions{})
	return err
}

func (m *lakeModel) dynamic(ctx context.Context) error {
	rows := m.fresh(1 + m.random.IntN(3))
	source, err := m.source(rows)
	if err != nil {
		return err
	}
	partitions := make(map[string]bool)
	for _, r := range rows {
		partitions[r.p] = true
	}
	m.rows = m.changed(func(_ int64, r lakeRow) (lakeRow, bool) { return r, len(m.kind.partitionBy) > 0 && !partitions[r.p] })
	maps.Copy(m.rows, rows)
	_, err = m.table.OverwritePartitions(ctx, source, delta.WriteOptions{})
	return err
}

func (m *lakeModel) update(ctx context.Context) error {
	where, is := m.condition()
	c := m.columns[m.random.IntN(len(m.columns))]
	m.rows = m.changed(func(id int64, r lakeRow) (lakeRow, bool) {
		if is(id, r) {
			return r.with(c, id+1), true
		}
		return r, true
	})
	_, err := m.table.Update(ctx, map[string]string{c: "id + 1"}, where, delta.WriteOptions{})
	return err
}

func (m *lakeModel) delete(ctx context.Context) error {
	where, is := m.condition()
	m.rows = m.changed(func(id int64, r lakeRow) (lakeRow, bool) { return r, !is(id, r) })
	_, err := m.table.Delete(ctx, where, delta.WriteOptions{})
	return err
}

func (m *lakeModel) merge(ctx context.Context) error {
	rows := m.fresh(m.random.IntN(10))
	for _, id := range slices.Sorted(maps.Keys(m.rows)) {
		if m.random.IntN(5) == 0 {
			r := m.fresh(1)[m.next]
			r.p = m.rows[id].p
			rows[id] = r
		}
	}
	source, err := m.source(rows)
	if err != nil {
		return err
	}
	bySource := m.random.IntN(2) == 0
	m.rows = m.changed(func(id int64, r lakeRow) (lakeRow, bool) {
		n, matched := rows[id]
		switch {
		case matched && id%4 == 1:
			return r, false
		case matched:
			return n, true
		default:
			return r, !bySource || id%6 != 2
		}
	})
	for id, r := range rows {
		if _, matched := m.versions[m.newest()][id]; !matched && id%3 != 0 {
			m.rows[id] = r
		}
	}
	merge := m.table.Merge(source, "target.id = source.id").WhenMatched("source.id % 4 = 1").Delete().WhenMatched("").UpdateAll().WhenNotMatched("source.id % 3 <> 0").InsertAll()
	if bySource {
		merge = merge.WhenNotMatchedBySource("target.id % 6 = 2").Delete()
	}
	_, err = merge.Run(ctx, delta.WriteOptions{})
	return err
}

// newest is the newest version that was compared.
func (m *lakeModel) newest() int64 { return slices.Max(slices.Collect(maps.Keys(m.versions))) }
