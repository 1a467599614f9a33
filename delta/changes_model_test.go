package delta_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

// TestChangesAddUp does random operations to tables and takes, for each version, what the feed tells of it from the rows of the version before: what is left are
// the version's rows. A row ID stands for one row, for good: while the row is as it was its version is, too, and else it is the commit's.
func TestChangesAddUp(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		properties := map[string]string{
			"delta.enableChangeDataFeed": "true", "delta.enableRowTracking": "true", "delta.enableDeletionVectors": fmt.Sprint(seed%2 == 0),
		}
		if seed%3 == 0 {
			properties["delta.columnMapping.mode"] = "name"
		}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			c := testConfig()
			c.Alloc = checked(t)
			m := &feedModel{t: t, config: c, table: delta.Open(memory.New(), "t", c), rand: rand.New(rand.NewPCG(seed, 1)), restores: seed >= 6}
			if _, err := m.table.Create(t.Context(), delta.Definition{Schema: ddl(t, feedColumns), PartitionBy: []string{"p"}, Properties: properties}); err != nil {
				t.Fatal(err)
			}
			for range 30 {
				m.step()
			}
			m.check()
		})
	}
}

const feedColumns = "id BIGINT, v BIGINT, p STRING"

// feedModel is a table to which random operations are done.
type feedModel struct {
	t      *testing.T
	config delta.Config
	table  *delta.Table
	rand   *rand.Rand
	next   int
	did    []string

	restores bool // rows come back, so that IDs that are not those of the version before may have been given long ago
}

// step does one operation. Rows are few, so that they are often met again.
func (m *feedModel) step() {
	m.t.Helper()
	ctx, none := m.t.Context(), delta.WriteOptions{}
	where := fmt.Sprintf("id %% %d = %d", 2+m.rand.IntN(5), m.rand.IntN(3))
	var err error
	switch n := m.rand.IntN(10); {
	case n < 3:
		m.did = append(m.did, "append")
		_, err = m.table.Append(ctx, m.rows(1+m.rand.IntN(6), ""), none)
	case n == 3:
		m.did = append(m.did, "delete "+where)
		_, err = m.table.Delete(ctx, where, none)
	case n < 6:
		m.did = append(m.did, "update "+where)
		_, err = m.table.Update(ctx, map[string]string{"v": "v + 1", "p": "CASE WHEN v % 4 = 0 THEN 'moved' ELSE p END"}, where, none)
	case n < 8:
		m.did = append(m.did, "merge")
		merge := m.table.Merge(m.rows(3, ""), "target.id = source.id + 3").WhenMatched("target.v % 3 = 1").Delete().
			WhenMatched("").Update(map[string]string{"v": "source.v"}).WhenNotMatched("").InsertAll().WhenNotMatchedBySource("target.id % 7 = 0").Delete()
		_, err = merge.Run(ctx, none)
	case n == 8:
		m.did = append(m.did, "optimize")
		_, err = m.table.Optimize(ctx, "", delta.OptimizeOptions{})
	case m.restores && m.rand.IntN(2) == 0:
		err = m.restore()
	default:
		m.did = append(m.did, "replace")
		_, err = m.table.ReplaceWhere(ctx, "p = 'x'", m.rows(2, "x"), none)
	}
	if err != nil {
		m.t.Fatalf("%v: %v", m.did, err)
	}
}

// restore goes back to any version. Rows that come back have their IDs and versions again.
func (m *feedModel) restore() error {
	newest, err := m.table.Snapshot(m.t.Context())
	if err != nil || newest.Version() == 0 {
		return err
	}
	v := m.rand.Int64N(newest.Version())
	m.did = append(m.did, fmt.Sprint("restore ", v))
	old, err := m.table.SnapshotAt(m.t.Context(), v)
	if err == nil {
		_, err = m.table.Restore(m.t.Context(), old, delta.RestoreOptions{})
	}
	return err
}

// rows are new rows with IDs that count up, in a partition or, for "", in any.
func (m *feedModel) rows(n int, partition string) exec.Source {
	m.t.Helper()
	text := "["
	for i := range n {
		p := partition
		if p == "" {
			p = []string{"x", "y", "a b"}[m.rand.IntN(3)]
		}
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(`{"id": %d, "v": %d, "p": %q}`, m.next, m.rand.IntN(10), p)
		m.next++
	}
	return rows(m.t, m.config.Alloc, feedColumns, text+"]")
}

// check goes over the versions.
func (m *feedModel) check() {
	m.t.Helper()
	newest, err := m.table.Snapshot(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	before := map[string]trackedRow{}
	ids := map[string]bool{}
	for v := range newest.Version() + 1 {
		after := m.version(v)
		want, told := bag(before), map[string]int{}
		changes, err := m.table.Changes(m.t.Context(), delta.ChangesConfig{From: v, To: &v})
		if err != nil {
			m.t.Fatal(err)
		}
		for _, line := range changed(m.t, changes, delta.ScanConfig{Columns: []int{3, 0, 1, 2}}) {
			how, row, _ := strings.Cut(strings.TrimPrefix(line, `{"_change_type":"`), `",`)
			told[how]++
			if how == "delete" || how == "update_preimage" {
				want["{"+row]--
			} else {
				want["{"+row]++
			}
			if how == "update_postimage" {
				told["{"+row]++
			}
		}
		maps.DeleteFunc(want, func(_ string, n int) bool { return n == 0 })
		if diff := cmp.Diff(want, bag(after)); diff != "" {
			m.t.Fatalf("version %d: rows (-by the feed +in the table):\n%s\n%v", v, diff, m.did)
		}
		if !m.restores {
			m.checkIDs(v, before, after, ids, told)
		}
		before = after
	}
}

// trackedRow is a row as JSON, and the version that changed it last.
type trackedRow struct{ text, version string }

// version reads the rows of a version by their IDs.
func (m *feedModel) version(v int64) map[string]trackedRow {
	m.t.Helper()
	s, err := m.table.SnapshotAt(m.t.Context(), v)
	if err != nil {
		m.t.Fatal(err)
	}
	scan, err := s.Scan(delta.ScanConfig{RowTracking: true})
	if err != nil {
		m.t.Fatal(err)
	}
	found := map[string]trackedRow{}
	for rec, err := range scan.Records(m.t.Context()) {
		if err != nil {
			m.t.Fatal(err)
		}
		own := array.NewRecordBatch(s.Schema(), rec.Columns()[:s.Schema().NumFields()], rec.NumRows())
		last := int(rec.NumCols()) - 1
		for i := range int(rec.NumRows()) {
			id := rec.Column(last - 1).ValueStr(i)
			if other, twice := found[id]; twice {
				m.t.Errorf("version %d: row ID %s is that of %s, too", v, id, other.text)
			}
			found[id] = trackedRow{string(schema.AppendRowJSON(nil, own, i)), rec.Column(last).ValueStr(i)}
		}
		own.Release()
	}
	return found
}

// bag counts rows.
func bag(rows map[string]trackedRow) map[string]int {
	counts := map[string]int{}
	for _, r := range rows {
		counts[r.text]++
	}
	return counts
}

// checkIDs compares the rows that two versions have with one ID; told counts the kinds of change and the rows that were updated.
func (m *feedModel) checkIDs(v int64, before, after map[string]trackedRow, ids map[string]bool, told map[string]int) {
	m.t.Helper()
	fresh := 0
	for id, row := range after {
		was, stayed := before[id]
		switch {
		case !stayed && ids[id]:
			m.t.Errorf("version %d: row ID %s is given to a second row, %s", v, id, row.text)
		case stayed && was == row:
		case row.version != fmt.Sprint(v):
			m.t.Errorf("version %d: row %s, which is new or changed, is of version %s", v, row.text, row.version)
		case stayed && told[row.text] == 0:
			m.t.Errorf("version %d: row %s stayed as it was, but of version %s", v, row.text, was.version)
		}
		if ids[id] = true; !stayed {
			fresh++
		}
	}
	if fresh != told["insert"] {
		m.t.Errorf("version %d: %d row IDs are new, %d rows were inserted: %v", v, fresh, told["insert"], m.did)
	}
}
