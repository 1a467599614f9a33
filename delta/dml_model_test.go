package delta_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	arrowmem "github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/storage/memory"
)

const modelColumns = "id BIGINT, p STRING, v STRING, n INT"

// model is a table beside what it should hold. Rows are known by their ID.
type model struct {
	t      *testing.T
	alloc  arrowmem.Allocator
	table  *delta.Table
	random *rand.Rand
	rows   map[int64]modelRow
	next   int64
	told   []string // what the last operation changed, as the feed should tell it
}

type modelRow struct {
	p, v string
	n    int64
}

func (r modelRow) json(id int64) string {
	return fmt.Sprintf(`{"id": %d, "p": %q, "v": %q, "n": %d}`, id, r.p, r.v, r.n)
}

func newModel(t *testing.T, seed uint64, partitionBy []string, properties map[string]string) *model {
	t.Helper()
	c := testConfig()
	c.Alloc = checked(t)
	m := &model{t: t, alloc: c.Alloc, table: delta.Open(memory.New(), "t", c), random: rand.New(rand.NewPCG(seed, 1)), rows: make(map[int64]modelRow)}
	if _, err := m.table.Create(t.Context(), delta.Definition{Schema: ddl(t, modelColumns), PartitionBy: partitionBy, Properties: properties}); err != nil {
		t.Fatal(err)
	}
	return m
}

// put changes a row of the model, or makes it.
func (m *model) put(id int64, r modelRow) {
	before, there := m.rows[id]
	m.rows[id] = r
	if !there {
		m.tell("insert", id, r)
		return
	}
	m.tell("update_preimage", id, before)
	m.tell("update_postimage", id, r)
}

func (m *model) remove(id int64) {
	m.tell("delete", id, m.rows[id])
	delete(m.rows, id)
}

func (m *model) tell(kind string, id int64, r modelRow) {
	m.told = append(m.told, fmt.Sprintf(`{"id":%d,"p":%q,"v":%q,"n":%d,"_change_type":%q}`, id, r.p, r.v, r.n, kind))
}

// fresh are rows with new IDs.
func (m *model) fresh(count int) map[int64]modelRow {
	list := make(map[int64]modelRow)
	for range count {
		m.next++
		list[m.next] = modelRow{p: string('a' + rune(m.next%3)), v: fmt.Sprint("v", m.random.IntN(1000)), n: int64(m.random.IntN(100))}
	}
	return list
}

func (m *model) source(list map[int64]modelRow) exec.Source {
	var texts []string
	for id, r := range list {
		texts = append(texts, r.json(id))
	}
	return rows(m.t, m.alloc, modelColumns, "["+strings.Join(texts, ",")+"]")
}

// ids are the model's rows for which the condition holds.
func (m *model) ids(is func(id int64, r modelRow) bool) (list []int64) {
	for id, r := range m.rows {
		if is(id, r) {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	return list
}

func (m *model) append(ctx context.Context) (string, error) {
	list := m.fresh(1 + m.random.IntN(60))
	for id, r := range list {
		m.put(id, r)
	}
	_, err := m.table.Append(ctx, m.source(list), delta.WriteOptions{})
	return "append", err
}

// condition is a predicate in SQL and in Go.
func (m *model) condition() (string, func(id int64, r modelRow) bool) {
	switch k := int64(2 + m.random.IntN(7)); m.random.IntN(5) {
	case 0:
		return "p = 'b'", func(_ int64, r modelRow) bool { return r.p == "b" }
	case 1:
		low := m.random.Int64N(m.next + 1)
		return fmt.Sprintf("id > %d AND id <= %d", low, low+20), func(id int64, _ modelRow) bool { return id > low && id <= low+20 }
	default:
		return fmt.Sprintf("id %% %d = 1 AND n < 60", k), func(id int64, r modelRow) bool { return id%k == 1 && r.n < 60 }
	}
}

func (m *model) delete(ctx context.Context) (string, error) {
	where, is := m.condition()
	ids := m.ids(is)
	for _, id := range ids {
		m.remove(id)
	}
	r, err := m.table.Delete(ctx, where, delta.WriteOptions{})
	if err == nil && r.Metrics["numDeletedRows"] != int64(len(ids)) {
		m.t.Errorf("DELETE WHERE %s: %d rows, want %d", where, r.Metrics["numDeletedRows"], len(ids))
	}
	return "delete where " + where, err
}

func (m *model) update(ctx context.Context) (string, error) {
	where, is := m.condition()
	ids := m.ids(is)
	for _, id := range ids {
		r := m.rows[id]
		m.put(id, modelRow{r.p, r.v + "'", r.n + 1})
	}
	r, err := m.table.Update(ctx, map[string]string{"v": `concat(v, "'")`, "n": "n + 1"}, where, delta.WriteOptions{})
	if err == nil && r.Metrics["numUpdatedRows"] != int64(len(ids)) {
		m.t.Errorf("UPDATE WHERE %s: %d rows, want %d", where, r.Metrics["numUpdatedRows"], len(ids))
	}
	return "update where " + where, err
}

func (m *model) merge(ctx context.Context) (string, error) {
	source := m.fresh(m.random.IntN(10))
	for id, r := range m.rows {
		if m.random.IntN(6) == 0 {
			source[id] = modelRow{r.p, fmt.Sprint("m", m.random.IntN(1000)), int64(m.random.IntN(100))}
		}
	}
	bySource := m.random.IntN(3) == 0
	for id, r := range m.rows {
		if _, matched := source[id]; !matched && bySource && id%7 == 3 {
			m.put(id, modelRow{r.p, "gone", r.n})
		}
	}
	for id, r := range source {
		_, there := m.rows[id]
		switch {
		case there && r.n%5 == 0:
			m.remove(id)
		case there || r.n%2 == 0:
			m.put(id, r)
		}
	}
	merge := m.table.Merge(m.source(source), "target.id = source.id").WhenMatched("source.n % 5 = 0").Delete().WhenMatched("").UpdateAll().
		WhenNotMatched("source.n % 2 = 0").InsertAll()
	if bySource {
		merge = merge.WhenNotMatchedBySource("target.id % 7 = 3").Update(map[string]string{"v": "'gone'"})
	}
	_, err := merge.Run(ctx, delta.WriteOptions{})
	return fmt.Sprintf("merge of %d rows, by source %v", len(source), bySource), err
}

func (m *model) replace(ctx context.Context) (string, error) {
	for _, id := range m.ids(func(id int64, _ modelRow) bool { return id%4 == 0 }) {
		m.remove(id)
	}
	list := m.fresh(12)
	for id, r := range list {
		if id%4 != 0 {
			delete(list, id)
		} else {
			m.put(id, r)
		}
	}
	_, err := m.table.ReplaceWhere(ctx, "id % 4 = 0", m.source(list), delta.WriteOptions{})
	return "replace where id % 4 = 0", err
}

func (m *model) optimize(ctx context.Context) (string, error) {
	_, err := m.table.Optimize(ctx, "", delta.OptimizeOptions{})
	return "optimize", err
}

// step does something at random and compares.
func (m *model) step(ctx context.Context, feed bool) string {
	m.t.Helper()
	before := snapshot(m.t, m.table).Version()
	m.told = []string{}
	what, err := []func(context.Context) (string, error){m.append, m.delete, m.update, m.merge, m.replace, m.append, m.delete, m.optimize}[m.random.IntN(8)](ctx)
	if err != nil {
		m.t.Fatalf("%s: %v", what, err)
	}
	m.compare(what)
	if s := snapshot(m.t, m.table); feed && s.Version() > before {
		changes, err := m.table.Changes(ctx, delta.ChangesConfig{From: s.Version()})
		if err != nil {
			m.t.Fatalf("%s: %v", what, err)
		}
		got := changed(m.t, changes, delta.ScanConfig{Columns: []int{0, 1, 2, 3, 4}})
		slices.Sort(got)
		slices.Sort(m.told)
		if diff := cmp.Diff(m.told, got); diff != "" {
			m.t.Fatalf("%s: changes (-want +got):\n%s", what, diff)
		}
	}
	return what
}

// compare reads the table in several ways.
func (m *model) compare(what string) {
	m.t.Helper()
	s := snapshot(m.t, m.table)
	if n, exact := s.NumRows(); n != int64(len(m.rows)) || !exact {
		m.t.Fatalf("%s: statistics tell of %d rows (exactly: %v), want %d", what, n, exact, len(m.rows))
	}
	want, few, count := []string{}, []string{}, []string{}
	for id, r := range m.rows {
		want = append(want, fmt.Sprintf("%d %q %q %d", id, r.p, r.v, r.n))
		if r.n < 20 {
			few = append(few, fmt.Sprintf("%d %q %q %d", id, r.p, r.v, r.n))
		}
		count = append(count, "")
	}
	slices.Sort(want)
	slices.Sort(few)
	if diff := cmp.Diff(want, lines(m.t, scan(m.t, m.table, delta.ScanConfig{}))); diff != "" {
		m.t.Fatalf("%s: rows (-want +got):\n%s", what, diff)
	}
	filter, err := s.Predicate("n < 20")
	if err != nil {
		m.t.Fatal(err)
	}
	if diff := cmp.Diff(few, lines(m.t, scan(m.t, m.table, delta.ScanConfig{Filter: filter, KeepDictionary: true}))); diff != "" {
		m.t.Fatalf("%s: rows with n < 20 (-want +got):\n%s", what, diff)
	}
	if diff := cmp.Diff(count, lines(m.t, scan(m.t, m.table, delta.ScanConfig{Columns: []int{}}))); diff != "" {
		m.t.Fatalf("%s: rows without columns (-want +got):\n%s", what, diff)
	}
}

// TestModel holds random operations against a model in memory: with deletion vectors and without, with a change feed and without.
func TestModel(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		vectors, feed, mapped bool
		partitionBy           []string
	}{
		{vectors: true},
		{feed: true},
		{vectors: true, feed: true, partitionBy: []string{"p"}},
		{feed: true, partitionBy: []string{"p"}},
		{vectors: true, feed: true, mapped: true, partitionBy: []string{"p"}},
		{feed: true, mapped: true},
		{partitionBy: []string{"p"}},
	} {
		properties := map[string]string{"delta.enableDeletionVectors": fmt.Sprint(c.vectors), "delta.enableChangeDataFeed": fmt.Sprint(c.feed)}
		if c.mapped {
			properties["delta.columnMapping.mode"] = "name"
		}
		t.Run(fmt.Sprintf("vectors %v, feed %v, mapped %v, partitions %v", c.vectors, c.feed, c.mapped, len(c.partitionBy)), func(t *testing.T) {
			t.Parallel()
			m := newModel(t, uint64(i), c.partitionBy, properties)
			var done []string
			defer func() {
				if t.Failed() {
					t.Log(strings.Join(done, "\n"))
				}
			}()
			for range 40 {
				done = append(done, m.step(t.Context(), c.feed))
			}
		})
	}
}
