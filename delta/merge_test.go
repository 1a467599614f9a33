package delta_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	arrowmem "github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/storage/memory"
)

// filled is a table with rows, one append for each text.
func filled(t testing.TB, alloc arrowmem.Allocator, columns string, partitionBy []string, texts ...string) *delta.Table {
	t.Helper()
	return fill(t, alloc, delta.Definition{Schema: ddl(t, columns), PartitionBy: partitionBy}, columns, texts...)
}

// filledWith is filled for a table with properties.
func filledWith(t testing.TB, alloc arrowmem.Allocator, properties map[string]string, columns string, texts ...string) *delta.Table {
	t.Helper()
	return fill(t, alloc, delta.Definition{Schema: ddl(t, columns), Properties: properties}, columns, texts...)
}

func fill(t testing.TB, alloc arrowmem.Allocator, d delta.Definition, columns string, texts ...string) *delta.Table {
	t.Helper()
	c := testConfig()
	c.Alloc = alloc
	table := delta.Open(memory.New(), "t", c)
	if _, err := table.Create(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if _, err := table.Append(t.Context(), rows(t, alloc, columns, text), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return table
}

func TestMergeClauses(t *testing.T) {
	t.Parallel()
	const target = `[{"id": 1, "v": "a"}, {"id": 2, "v": "b"}, {"id": 3, "v": "c"}, {"id": null, "v": "n"}]`
	const source = `[{"id": 2, "v": "B", "op": "U"}, {"id": 3, "v": null, "op": "D"}, {"id": 4, "v": "D", "op": "U"}, {"id": 5, "v": null, "op": "D"}, {"id": null, "v": "N", "op": "U"}]`
	tests := []struct {
		name  string
		on    string
		build func(*delta.Merge) *delta.Merge
		want  []string
		count map[string]int64
	}{
		{
			"upsert with deletes", "target.id = source.id", func(m *delta.Merge) *delta.Merge {
				return m.WhenMatched("source.op = 'D'").Delete().WhenMatched("").UpdateAll().WhenNotMatched("source.op <> 'D'").InsertAll()
			},
			[]string{`1 "a"`, `2 "B"`, `4 "D"`, `null "N"`, `null "n"`},
			map[string]int64{"numTargetRowsUpdated": 1, "numTargetRowsDeleted": 1, "numTargetRowsInserted": 2, "numTargetRowsCopied": 2, "numSourceRows": 5, "numOutputRows": 5},
		},
		{"expressions over both rows", "target.id = source.id", func(m *delta.Merge) *delta.Merge {
			return m.WhenMatched("target.v = 'b'").Update(map[string]string{"v": "CASE WHEN target.v < source.v THEN target.v ELSE source.v END"}).WhenNotMatched("source.id = 4").Insert(map[string]string{"id": "source.id * 10"})
		}, []string{`1 "a"`, `2 "B"`, `3 "c"`, `40 null`, `null "n"`}, map[string]int64{"numTargetRowsUpdated": 1, "numTargetRowsInserted": 1}},
		{"NULL equals NULL", "target.id <=> source.id", func(m *delta.Merge) *delta.Merge {
			return m.WhenMatched("").UpdateAll()
		}, []string{`1 "a"`, `2 "B"`, `3 null`, `null "N"`}, map[string]int64{"numTargetRowsUpdated": 3}},
		{"not matched by source", "target.id = source.id", func(m *delta.Merge) *delta.Merge {
			return m.WhenNotMatchedBySource("target.id IS NULL").Delete().WhenNotMatchedBySource("").Update(map[string]string{"v": "'gone'"})
		}, []string{`1 "gone"`, `2 "b"`, `3 "c"`}, map[string]int64{"numTargetRowsNotMatchedBySourceUpdated": 1, "numTargetRowsNotMatchedBySourceDeleted": 1}},
		{
			"conditions on one side and on both in ON", "target.id = source.id AND target.v > 'b' AND source.op = 'D' AND target.v <> coalesce(source.v, '')",
			func(m *delta.Merge) *delta.Merge {
				return m.WhenMatched("").Delete().WhenNotMatched("source.id = 2").InsertAll()
			},
			[]string{`1 "a"`, `2 "B"`, `2 "b"`, `null "n"`},
			map[string]int64{"numTargetRowsDeleted": 1, "numTargetRowsInserted": 1},
		},
		{"no equality in ON", "target.id < source.id AND source.id = 2", func(m *delta.Merge) *delta.Merge {
			return m.WhenMatched("").Update(map[string]string{"v": "source.v"})
		}, []string{`1 "B"`, `2 "b"`, `3 "c"`, `null "n"`}, map[string]int64{"numTargetRowsUpdated": 1}},
		{
			"ON FALSE appends", "false", func(m *delta.Merge) *delta.Merge {
				return m.WhenNotMatched("source.id = 5").Insert(map[string]string{"id": "source.id"})
			},
			[]string{`1 "a"`, `2 "b"`, `3 "c"`, `5 null`, `null "n"`},
			map[string]int64{"numTargetRowsInserted": 1},
		},
		{
			"nothing to do", "target.id = source.id", func(m *delta.Merge) *delta.Merge { return m.WhenMatched("false").Delete() },
			[]string{`1 "a"`, `2 "b"`, `3 "c"`, `null "n"`},
			map[string]int64{"numTargetFilesRemoved": 0, "numTargetFilesAdded": 0},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			alloc := checked(t)
			table := filled(t, alloc, "id BIGINT, v STRING", nil, target)
			m := tt.build(table.Merge(rows(t, alloc, "id BIGINT, v STRING, op STRING", source), tt.on))
			result, err := m.Run(t.Context(), delta.WriteOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			for name, want := range tt.count {
				if got := result.Metrics[name]; got != want {
					t.Errorf("%s = %d, want %d", name, got, want)
				}
			}
		})
	}
}

func TestMergeRefusesRepeatedMatches(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		build func(*delta.Merge) *delta.Merge
		fails bool
	}{
		{"two updates", func(m *delta.Merge) *delta.Merge { return m.WhenMatched("").UpdateAll() }, true},
		{"update and delete", func(m *delta.Merge) *delta.Merge {
			return m.WhenMatched("source.v = 'x'").Delete().WhenMatched("").UpdateAll()
		}, true},
		{"only one of them applies", func(m *delta.Merge) *delta.Merge { return m.WhenMatched("source.v = 'x'").UpdateAll() }, false},
		{"an unconditional delete", func(m *delta.Merge) *delta.Merge { return m.WhenMatched("").Delete() }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			alloc := checked(t)
			table := filled(t, alloc, "id BIGINT, v STRING", nil, `[{"id": 1, "v": "a"}, {"id": 2, "v": "b"}]`)
			m := tt.build(table.Merge(rows(t, alloc, "id BIGINT, v STRING", `[{"id": 1, "v": "x"}, {"id": 1, "v": "y"}]`), "target.id = source.id"))
			_, err := m.Run(t.Context(), delta.WriteOptions{})
			var repeated *delta.MultipleMatchError
			if got := errors.As(err, &repeated); got != tt.fails || (!tt.fails && err != nil) {
				t.Errorf("Run = %v, want a *MultipleMatchError: %v", err, tt.fails)
			}
		})
	}
}

func TestMergeRewritesOnlyTouchedFiles(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	table := filled(t, alloc, "id BIGINT, v STRING", nil, `[{"id": 1, "v": "a"}]`, `[{"id": 2, "v": "b"}, {"id": 4, "v": "d"}]`, `[{"id": 3, "v": "c"}]`)
	before := paths(snapshot(t, table))
	result, err := table.Merge(rows(t, alloc, "id INT, v STRING", `[{"id": 3, "v": "C"}, {"id": 2, "v": "no"}]`), "target.id = source.id").
		WhenMatched("source.v <> 'no'").UpdateAll().Run(t.Context(), delta.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	after := paths(snapshot(t, table))
	if !slices.Equal(before[:2], after[:2]) || slices.Contains(after, before[2]) || len(after) != 3 {
		t.Errorf("files %v became %v, want only the last to be replaced", before, after)
	}
	if got := result.Metrics["numTargetFilesRemoved"]; got != 1 {
		t.Errorf("numTargetFilesRemoved = %d, want 1", got)
	}
}

func TestMergeFaults(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	table := filled(t, alloc, "id BIGINT, v STRING", nil)
	source := rows(t, alloc, "id BIGINT, w STRING", `[{"id": 1, "w": "x"}]`)
	tests := []struct {
		name  string
		merge *delta.Merge
		want  any
	}{
		{"no clause", table.Merge(source, "target.id = source.id"), nil},
		{"unknown column", table.Merge(source, "target.nope = source.id").WhenMatched("").Delete(), new(*expr.Error)},
		{"ON is no condition", table.Merge(source, "target.id + source.id").WhenMatched("").Delete(), new(*expr.Error)},
		{"all columns, one missing", table.Merge(source, "target.id = source.id").WhenMatched("").UpdateAll(), new(*delta.SchemaError)},
		{"unknown target column", table.Merge(source, "target.id = source.id").WhenMatched("").Update(map[string]string{"x": "1"}), new(*delta.SchemaError)},
		{"source column in a clause that has none", table.Merge(source, "target.id = source.id").WhenNotMatchedBySource("source.id = 1").Delete(), new(*expr.Error)},
		{"a clause that cannot apply", table.Merge(source, "target.id = source.id").WhenMatched("").Delete().WhenMatched("").Delete(), nil},
		{"a value that cannot be stored", table.Merge(source, "target.id = source.id").WhenMatched("").Update(map[string]string{"id": "source.w"}), new(*expr.Error)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tt.merge.Run(t.Context(), delta.WriteOptions{})
			if err == nil || (tt.want != nil && !errors.As(err, tt.want)) {
				t.Errorf("Run = %v, want a %T", err, tt.want)
			}
		})
	}
}

// TestMergeSplitsLargeSources merges random rows within a small memory budget, and without one, with deletion vectors and without: the outcome is that of a model.
func TestMergeSplitsLargeSources(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		budget  int64
		vectors string
	}{{0, "false"}, {64 << 10, "false"}, {0, "true"}, {64 << 10, "true"}} {
		budget := c.budget
		t.Run(fmt.Sprintf("budget %d, vectors %s", budget, c.vectors), func(t *testing.T) {
			t.Parallel()
			alloc := checked(t)
			random := rand.New(rand.NewPCG(1, 2))
			model := map[int]string{}
			var texts []string
			for range 3 {
				var list []string
				for range 500 {
					if id := random.IntN(4000); model[id] == "" {
						model[id] = fmt.Sprint("old", id)
						list = append(list, fmt.Sprintf(`{"id": %d, "v": "old%d"}`, id, id))
					}
				}
				texts = append(texts, "["+strings.Join(list, ",")+"]")
			}
			table := filledWith(t, alloc, map[string]string{withVectors: c.vectors, "delta.enableChangeDataFeed": c.vectors}, "id BIGINT, v STRING", texts...)
			var list []string
			for _, id := range random.Perm(4000)[:2000] {
				v := fmt.Sprintf("new%d %s", id, strings.Repeat("x", 100))
				if id%5 == 0 {
					v = "delete"
				}
				list = append(list, fmt.Sprintf(`{"id": %d, "v": "%s"}`, id, v))
				if v != "delete" {
					model[id] = v
				} else {
					delete(model, id)
				}
			}
			env := &exec.Env{Alloc: alloc, Budget: exec.NewBudget(budget), Spill: exec.Dir(t.TempDir())}
			_, err := table.Merge(rows(t, alloc, "id BIGINT, v STRING", "["+strings.Join(list, ",")+"]"), "target.id = source.id").
				WhenMatched("source.v = 'delete'").Delete().WhenMatched("").UpdateAll().WhenNotMatched("source.v <> 'delete'").InsertAll().
				Run(t.Context(), delta.WriteOptions{Env: env})
			if err != nil {
				t.Fatal(err)
			}
			want := []string{}
			for id, v := range model {
				want = append(want, fmt.Sprintf("%d %q", id, v))
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
				t.Errorf("rows (-model +table):\n%s", diff)
			}
			if budget > 0 && env.Budget.Spilled() == 0 {
				t.Error("nothing was spilled: the test does not test what it should")
			}
		})
	}
}

func TestMergeKeepsHistoryOfASlowlyChangingDimension(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	const columns = "id BIGINT, v STRING, valid_from INT, valid_to INT, is_current BOOLEAN"
	table := filled(t, alloc, columns, nil, `[{"id": 1, "v": "a", "valid_from": 1, "valid_to": 5, "is_current": false}, {"id": 1, "v": "b", "valid_from": 5, "valid_to": null, "is_current": true},
		{"id": 2, "v": "c", "valid_from": 1, "valid_to": null, "is_current": true}]`)
	changes := rows(t, alloc, "key BIGINT, "+columns, `[
		{"key": 1, "id": 1, "v": null, "valid_from": 9, "valid_to": null, "is_current": null},
		{"key": null, "id": 1, "v": "B", "valid_from": 9, "valid_to": null, "is_current": true}]`)
	_, err := table.Merge(changes, "t.id = s.key AND t.is_current").As("t", "s").
		WhenMatched("").Update(map[string]string{"valid_to": "s.valid_from", "is_current": "false"}).
		WhenNotMatched("").InsertAll().Run(t.Context(), delta.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`1 "B" 9 null true`, `1 "a" 1 5 false`, `1 "b" 5 9 false`, `2 "c" 1 null true`}
	if diff := cmp.Diff(want, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestMergeIntoATransactionThatAddsAColumn(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	table := filled(t, alloc, "id BIGINT, v STRING", nil, `[{"id": 1, "v": "a"}, {"id": 2, "v": "b"}]`)
	tx := table.Begin(snapshot(t, table), delta.Operation{Name: "MERGE"})
	if err := tx.UpdateSchema(ddl(t, "id BIGINT, v STRING, more INT")); err != nil {
		t.Fatal(err)
	}
	source := rows(t, alloc, "id BIGINT, v STRING, more INT", `[{"id": 2, "v": "B", "more": 5}, {"id": 3, "v": "C", "more": 6}]`)
	m := table.Merge(source, "target.id = source.id AND target.more IS NULL").WhenMatched("").UpdateAll().WhenNotMatched("").InsertAll()
	if err := m.MergeInto(t.Context(), tx, delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := tx.Metric("numTargetRowsUpdated"); got != 1 {
		t.Errorf("updated %d rows, want 1", got)
	}
	// A conflict check must know the new column too; the row lies outside of the range of keys that was read.
	if _, err := table.Append(t.Context(), rows(t, alloc, "id BIGINT", `[{"id": 9}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{`1 "a" null`, `2 "B" 5`, `3 "C" 6`, `9 null null`}
	if diff := cmp.Diff(want, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}
