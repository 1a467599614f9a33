package delta_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
)

func TestOptimize(t *testing.T) {
	t.Parallel()
	tests := []struct {
		where   string
		options delta.OptimizeOptions
		version int64 // 2: nothing to do
		files   int
		metrics map[string]int64
	}{
		{"", delta.OptimizeOptions{}, 3, 3, map[string]int64{
			"numAddedFiles": 1, "numRemovedFiles": 2, "numBins": 1, "partitionsOptimized": 1, "totalConsideredFiles": 4, "totalFilesSkipped": 2,
		}},
		{"p = 'b'", delta.OptimizeOptions{}, 3, 3, map[string]int64{"numAddedFiles": 1, "numRemovedFiles": 2, "totalConsideredFiles": 2, "totalFilesSkipped": 0}},
		{"p <> 'b'", delta.OptimizeOptions{}, 2, 4, map[string]int64{"numAddedFiles": 0, "totalConsideredFiles": 2}},
		{"1 > 2", delta.OptimizeOptions{}, 2, 4, map[string]int64{"totalConsideredFiles": 0}},
		{"", delta.OptimizeOptions{TargetFileBytes: 100}, 2, 4, map[string]int64{"totalConsideredFiles": 4, "totalFilesSkipped": 4}},
		{"", delta.OptimizeOptions{MinFileBytes: 100}, 2, 4, nil},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %d %d", tt.where, tt.options.TargetFileBytes, tt.options.MinFileBytes), func(t *testing.T) {
			t.Parallel()
			table := filled(t, checked(t), opColumns, []string{"p"}, opRows1, opRows2)
			before := lines(t, scan(t, table, delta.ScanConfig{}))
			res, err := table.Optimize(t.Context(), tt.where, tt.options)
			if err != nil {
				t.Fatal(err)
			}
			s := snapshot(t, table)
			if res.Version != tt.version || s.Version() != tt.version || s.NumFiles() != tt.files {
				t.Errorf("version %d of %d files, the result says %d, want version %d of %d files", s.Version(), s.NumFiles(), res.Version, tt.version, tt.files)
			}
			for name, want := range tt.metrics {
				if got := res.Metrics[name]; got != want {
					t.Errorf("metric %s = %d, want %d", name, got, want)
				}
			}
			if diff := cmp.Diff(before, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if again, err := table.Optimize(t.Context(), tt.where, tt.options); err != nil || again.Version != tt.version {
				t.Errorf("a second time: %+v, %v, want version %d still", again, err, tt.version)
			}
		})
	}
}

// TestOptimizePacks has files of several sizes: none of the new ones is larger than the target, and large files stay.
func TestOptimizePacks(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	table := filled(t, alloc, "id BIGINT, v STRING", nil)
	id := 0
	for _, n := range []int{1, 200, 5000, 1, 300, 20, 5000, 700} {
		var text []string
		for range n {
			text = append(text, fmt.Sprintf(`{"id": %d, "v": "%x"}`, id, id*7919))
			id++
		}
		source := rows(t, alloc, "id BIGINT, v STRING", "["+strings.Join(text, ",")+"]")
		if _, err := table.Append(t.Context(), source, delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	before := snapshot(t, table)
	var large []string
	for f := range before.Files() {
		if f.Size >= 10<<10 {
			large = append(large, f.Path)
		}
	}
	want := lines(t, scan(t, table, delta.ScanConfig{}))
	if _, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{TargetFileBytes: 10 << 10, MinFileBytes: 10 << 10}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	var kept []string
	after := snapshot(t, table)
	for f := range after.Files() {
		if f.Size >= 10<<10 {
			kept = append(kept, f.Path)
		}
	}
	if len(large) != 2 || !slices.Equal(kept, large) || after.NumFiles() >= before.NumFiles() {
		t.Errorf("large files %v became %v, and %d files %d; want two that stay, and fewer files", large, kept, before.NumFiles(), after.NumFiles())
	}
}

func TestOptimizeTellsItsHistory(t *testing.T) {
	t.Parallel()
	table := filled(t, checked(t), opColumns, []string{"p"}, opRows1, opRows2)
	if _, err := table.Optimize(t.Context(), "p = 'b'", delta.OptimizeOptions{}); err != nil {
		t.Fatal(err)
	}
	history, err := table.History(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	got := history[0]
	want := map[string]string{"predicate": `["p = 'b'"]`, "zOrderBy": "[]", "clusterBy": "[]", "auto": "false"}
	if diff := cmp.Diff(want, got.Parameters); got.Operation != "OPTIMIZE" || got.IsBlindAppend || diff != "" {
		t.Errorf("operation %s, blind append %v, parameters (-want +got):\n%s", got.Operation, got.IsBlindAppend, diff)
	}
	if got.Metrics["numRemovedFiles"] != "2" || got.Metrics["minFileSize"] != got.Metrics["numAddedBytes"] || got.Metrics["maxFileSize"] != got.Metrics["p50FileSize"] {
		t.Errorf("metrics %v", got.Metrics)
	}
}

func TestOptimizeRefuses(t *testing.T) {
	t.Parallel()
	table := filled(t, checked(t), opColumns, []string{"p"}, opRows1)
	for where, class := range map[string]string{"v > 1": "DELTA_NON_PARTITION_COLUMN_REFERENCE", "p = 'a' AND id = 1": "DELTA_NON_PARTITION_COLUMN_REFERENCE", "q = 1": "UNRESOLVED_COLUMN.WITH_SUGGESTION"} {
		_, err := table.Optimize(t.Context(), where, delta.OptimizeOptions{})
		var e *expr.Error
		if !errors.As(err, &e) || e.Class != class {
			t.Errorf("%s: %v, want %s", where, err, class)
		}
	}
}

// TestOptimizeMovesRowsThatBreakRules compacts rows that were there before a rule was.
func TestOptimizeMovesRowsThatBreakRules(t *testing.T) {
	t.Parallel()
	table := filled(t, checked(t), opColumns, []string{"p"}, opRows1, opRows2)
	s := snapshot(t, table)
	tx := table.Begin(s, delta.Operation{Name: "ADD CONSTRAINT"})
	m := s.Metadata()
	m.Configuration = map[string]string{"delta.constraints.large": "v > 1000", "delta.appendOnly": "true"}
	if err := tx.SetMetadata(s.Schema(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{}); err != nil || snapshot(t, table).NumFiles() != 3 {
		t.Errorf("%v, %d files, want 3", err, snapshot(t, table).NumFiles())
	}
}

// TestOptimizeBesideOthers commits between an OPTIMIZE's first look at the table and its commit.
func TestOptimizeBesideOthers(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	source := rows(t, alloc, opColumns, `[{"id": 9, "p": "b", "v": 90}]`)
	tests := []struct {
		name     string
		other    func(*testing.T, *delta.Table) error
		conflict delta.ConflictKind // 0: none
		version  int64
	}{
		{"an append", func(t *testing.T, table *delta.Table) error {
			_, err := table.Append(t.Context(), source, delta.WriteOptions{})
			return err
		}, 0, 4},
		{"a change of a file that stays", func(t *testing.T, table *delta.Table) error {
			_, err := table.Delete(t.Context(), "id = 1", delta.WriteOptions{})
			return err
		}, 0, 4},
		{"a change of a file that is packed", func(t *testing.T, table *delta.Table) error {
			_, err := table.Delete(t.Context(), "id = 4", delta.WriteOptions{})
			return err
		}, delta.ConcurrentDeleteDelete, 3},
		{"another OPTIMIZE", func(t *testing.T, table *delta.Table) error {
			_, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{})
			return err
		}, delta.ConcurrentDeleteDelete, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := filledStore(t, alloc)
			other := delta.Open(store, "t", testConfig())
			if _, err := other.Append(t.Context(), rows(t, alloc, opColumns, opRows2), delta.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			between := &interrupted{Store: store, before: func() error { return tt.other(t, other) }}
			c := testConfig()
			c.NewID = func() string { return "optimize" }
			res, err := delta.Open(between, "t", c).Optimize(t.Context(), "", delta.OptimizeOptions{})
			if tt.conflict == 0 && err != nil || tt.conflict != 0 && !errors.Is(err, &delta.ConflictError{Kind: tt.conflict}) {
				t.Fatalf("%+v, %v, want conflict %v", res, err, tt.conflict)
			}
			if got := snapshot(t, other).Version(); got != tt.version {
				t.Errorf("version %d, want %d", got, tt.version)
			}
		})
	}
}

// TestAppendsBesideOptimize begins changes before an OPTIMIZE and commits them after it.
func TestAppendsBesideOptimize(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	store := filledStore(t, alloc)
	other := delta.Open(store, "t", testConfig())
	if _, err := other.Append(t.Context(), rows(t, alloc, opColumns, opRows2), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	between := &interrupted{Store: store, before: func() error {
		_, err := other.Optimize(t.Context(), "", delta.OptimizeOptions{})
		return err
	}}
	c := testConfig()
	c.NewID = func() string { return "append" }
	if _, err := delta.Open(between, "t", c).Append(t.Context(), rows(t, alloc, opColumns, `[{"id": 9, "p": "b", "v": 90}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := lines(t, scan(t, other, delta.ScanConfig{})); len(got) != 6 {
		t.Errorf("rows %v, want 6", got)
	}
}

// interrupted is a store in which something happens before the first commit.
type interrupted struct {
	storage.Store
	before func() error
	done   bool
}

func (s *interrupted) PutIfAbsent(ctx context.Context, key string, data []byte) error {
	if !s.done && strings.HasSuffix(key, ".json") {
		s.done = true
		if err := s.before(); err != nil {
			return err
		}
	}
	return s.Store.PutIfAbsent(ctx, key, data)
}

// TestStreamsPassOptimizeOver reads what was appended before, across and after an OPTIMIZE.
func TestStreamsPassOptimizeOver(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	table := filled(t, alloc, opColumns, []string{"p"}, opRows1, opRows2)
	res, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := table.Append(t.Context(), rows(t, alloc, opColumns, `[{"id": 9, "p": "b", "v": 90}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	for from, want := range map[int64][]string{
		1:               {`4 "b" 40`, `5 "c" 50`, `9 "b" 90`},
		res.Version - 1: {`9 "b" 90`},
		res.Version:     {`9 "b" 90`},
	} {
		files, appended, err := snapshot(t, table).AddedSince(t.Context(), from)
		if err != nil || !appended {
			t.Fatalf("since version %d: appended %v, %v, want true", from, appended, err)
		}
		if diff := cmp.Diff(want, lines(t, scan(t, table, delta.ScanConfig{Files: files}))); diff != "" {
			t.Errorf("rows since version %d (-want +got):\n%s", from, diff)
		}
	}
}

// TestOptimizeFaults fails each call: the table has its rows all the same, in the old files or in the new ones.
func TestOptimizeFaults(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	source := []exec.Source{rows(t, alloc, opColumns, opRows2), rows(t, alloc, opColumns, `[{"id": 6, "p": "c", "v": 60}]`)}
	for _, stop := range []bool{false, true} {
		for _, effect := range []faultstore.Effect{faultstore.Before, faultstore.After, faultstore.Partly} {
			for n := 1; ; n++ {
				inner := filledStore(t, alloc)
				table := delta.Open(inner, "t", testConfig())
				for _, s := range source {
					if _, err := table.Append(t.Context(), s, delta.WriteOptions{}); err != nil {
						t.Fatal(err)
					}
				}
				before := lines(t, scan(t, table, delta.ScanConfig{}))
				files := paths(snapshot(t, table))
				faulty := faultstore.New(inner, faultstore.Fault{At: n, Effect: effect, Stop: stop})
				c := testConfig()
				c.NewID = func() string { return "optimize" }
				_, err := delta.Open(faulty, "t", c).Optimize(t.Context(), "", delta.OptimizeOptions{})
				after := paths(snapshot(t, table))
				if diff := cmp.Diff(before, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
					t.Errorf("effect %d, call %d: rows (-want +got):\n%s", effect, n, diff)
				}
				unchanged := cmp.Equal(files, after)
				switch {
				case !unchanged && len(after) != 3:
					t.Errorf("effect %d, call %d: the files are neither those before nor those after: %v", effect, n, after)
				case err == nil && unchanged:
					t.Errorf("effect %d, call %d: success, but the files are as before", effect, n)
				case err != nil && !unchanged && !stop && !errors.Is(err, storage.ErrUndecided):
					t.Errorf("effect %d, call %d: %v, but the files are new", effect, n, err)
				}
				if !faulty.Fired() {
					break
				}
			}
		}
	}
}
