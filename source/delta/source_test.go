package delta_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema/schematest"
	"github.com/medallion-go/medallion/source"
	stream "github.com/medallion-go/medallion/source/delta"
	"github.com/medallion-go/medallion/source/sourcetest"
	"github.com/medallion-go/medallion/storage"
	storagememory "github.com/medallion-go/medallion/storage/memory"
)

func ddl(t testing.TB, text string) *arrow.Schema {
	t.Helper()
	return schematest.DDL(t, text)
}

// events is a table of two columns, and what is done to it.
type events struct {
	*delta.Table
	t     testing.TB
	alloc memory.Allocator
	store storage.Store
}

func newEvents(t testing.TB, alloc memory.Allocator) *events {
	t.Helper()
	store := storagememory.New()
	var ticks atomic.Int64
	clock := func() time.Time { return time.Date(2026, 1, 1, 0, 0, int(ticks.Add(1)), 0, time.UTC) }
	e := &events{delta.Open(store, "events", delta.Config{Alloc: alloc, Clock: clock}), t, alloc, store}
	properties := map[string]string{"delta.enableChangeDataFeed": "true"}
	if _, err := e.Create(t.Context(), delta.Definition{Schema: ddl(t, "id BIGINT, name STRING"), Properties: properties}); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *events) rows(ids ...int) exec.Source {
	e.t.Helper()
	s := ddl(e.t, "id BIGINT, name STRING")
	b := array.NewRecordBuilder(e.alloc, s)
	defer b.Release()
	for _, id := range ids {
		b.Field(0).(*array.Int64Builder).Append(int64(id))
		b.Field(1).(*array.StringBuilder).Append(fmt.Sprint("n", id))
	}
	rec := b.NewRecordBatch()
	e.t.Cleanup(rec.Release)
	return exec.NewBatches(s, rec)
}

func (e *events) done(version int64, err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e *events) append(ids ...int) {
	e.t.Helper()
	e.done(e.Append(e.t.Context(), e.rows(ids...), delta.WriteOptions{}))
}

func (e *events) overwrite(ids ...int) {
	e.t.Helper()
	e.done(e.Overwrite(e.t.Context(), e.rows(ids...), delta.WriteOptions{}))
}

func (e *events) remove(where string) {
	e.t.Helper()
	_, err := e.Delete(e.t.Context(), where, delta.WriteOptions{})
	e.done(0, err)
}

func (e *events) optimize() {
	e.t.Helper()
	_, err := e.Optimize(e.t.Context(), "", delta.OptimizeOptions{})
	e.done(0, err)
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]stream.Option{"rows": nil, "changes": {stream.ReadChangeFeed(), stream.StartingVersion(0)}, "from version 0": {stream.StartingVersion(0)}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sourcetest.Run(t, func(t *testing.T, alloc memory.Allocator) sourcetest.Fixture {
				t.Helper()
				store := storagememory.New()
				table, n := delta.Open(store, "events", delta.Config{Alloc: alloc}), 0
				definition := delta.Definition{Schema: ddl(t, "id BIGINT, name STRING"), Properties: map[string]string{"delta.enableChangeDataFeed": "true"}}
				if _, err := table.Create(t.Context(), definition); err != nil {
					t.Fatal(err)
				}
				return sourcetest.Fixture{Source: stream.New(table, options...), Add: func(t *testing.T) int {
					t.Helper()
					e := &events{table, t, memory.DefaultAllocator, store}
					n += 3
					e.append(n, n+1, n+2)
					return 3
				}}
			})
		})
	}
}

// read reads a batch, each row as its id, with a feed behind what was done to it.
func read(t *testing.T, b source.Batch) string {
	t.Helper()
	var ids []string
	for _, s := range b.Splits {
		_, err := s.Read(t.Context(), nil, func(rec arrow.RecordBatch) error {
			for i := range int(rec.NumRows()) {
				id := rec.Column(0).ValueStr(i)
				if rec.NumCols() > 3 {
					id = strings.TrimPrefix(rec.Column(2).ValueStr(i), "update_") + " " + id + " v" + rec.Column(3).ValueStr(i)
				}
				ids = append(ids, id)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(ids)
	return strings.Join(ids, ", ")
}

// follow reads a stream to its end or to an error, batch by batch.
func follow(t *testing.T, s *stream.Source, after source.Offset) (batches []string, until source.Offset, err error) {
	t.Helper()
	for {
		b, err := s.Plan(t.Context(), after, s.Limits())
		if err != nil || len(b.Splits) == 0 {
			return batches, after, err
		}
		batches, after = append(batches, read(t, b)), b.Until
	}
}

func TestWhereStreamsBegin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options func(e *events) []stream.Option
		want    []string
	}{
		{"the rows that are there, then what comes", func(*events) []stream.Option { return nil }, []string{"1, 2, 3, 4", "5"}},
		{"a file at a time", func(*events) []stream.Option { return []stream.Option{stream.MaxFilesPerTrigger(1)} }, []string{"1, 2", "3", "4", "5"}},
		{"a byte at a time", func(*events) []stream.Option { return []stream.Option{stream.MaxBytesPerTrigger(1)} }, []string{"1, 2", "3", "4", "5"}},
		{"a version", func(*events) []stream.Option { return []stream.Option{stream.StartingVersion(2)} }, []string{"3, 4", "5"}},
		{"a version yet to come", func(*events) []stream.Option { return []stream.Option{stream.StartingVersion(4)} }, []string{"5"}},
		{"a time", func(e *events) []stream.Option {
			for r, err := range e.Revisions(e.t.Context(), 3) {
				if err != nil {
					e.t.Fatal(err)
				}
				return []stream.Option{stream.StartingTimestamp(r.Time)}
			}
			return nil
		}, []string{"4", "5"}},
		{"the newest", func(*events) []stream.Option { return []stream.Option{stream.StartingLatest()} }, []string{"", "5"}},
		{"changes of a version", func(*events) []stream.Option {
			return []stream.Option{stream.StartingVersion(3), stream.ReadChangeFeed()}
		}, []string{"insert 4 v3", "insert 5 v4"}},
		{"changes from the rows that are there", func(*events) []stream.Option {
			return []stream.Option{stream.ReadChangeFeed(), stream.MaxFilesPerTrigger(2)}
		}, []string{"insert 1 v3, insert 2 v3, insert 3 v3", "insert 4 v3", "insert 5 v4"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := newEvents(t, memory.DefaultAllocator)
			e.append(1, 2)
			e.append(3)
			e.append(4)
			s := stream.New(e.Table, test.options(e)...)
			got, until, err := follow(t, s, nil)
			if err != nil {
				t.Fatal(err)
			}
			e.append(5)
			more, _, err := follow(t, stream.New(e.Table, test.options(e)...), until) // as after a restart
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, append(got, more...)); diff != "" {
				t.Errorf("batches (-want +got):\n%s", diff)
			}
		})
	}
}

// TestStreamOfChanges goes over commits that delete and change rows.
func TestStreamOfChanges(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options []stream.Option
		want    []string
		stop    error
	}{
		{"rows", nil, []string{"1, 2"}, stream.ErrRowsRemoved},
		{"deletes ignored", []stream.Option{stream.IgnoreDeletes()}, []string{"1, 2, 3, 4"}, stream.ErrRowsChanged},
		{"changes skipped", []stream.Option{stream.SkipChangeCommits()}, []string{"1, 2, 3, 4, 7"}, nil},
		{"the feed", []stream.Option{stream.ReadChangeFeed()}, []string{
			"delete 1 v2, delete 2 v2, delete 3 v6, delete 4 v6, insert 1 v1, insert 2 v1, insert 3 v3, insert 4 v4, insert 6 v6, insert 7 v7, postimage 6 v8, preimage 6 v8",
		}, nil},
		{"the feed, commit by commit", []stream.Option{stream.ReadChangeFeed(), stream.MaxFilesPerTrigger(1)}, []string{
			"insert 1 v1, insert 2 v1", "delete 1 v2, delete 2 v2", "insert 3 v3", "insert 4 v4", "delete 3 v6, delete 4 v6, insert 6 v6", "insert 7 v7", "postimage 6 v8, preimage 6 v8",
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			alloc := memory.NewCheckedAllocator(pool.NewChecked())
			t.Cleanup(func() { alloc.AssertSize(t, 0) })
			e := newEvents(t, alloc)
			e.append(1, 2)
			e.remove("id < 3")
			e.append(3)
			e.append(4)
			e.optimize() // moves rows alone
			e.overwrite(6)
			e.append(7)
			if _, err := e.Update(t.Context(), map[string]string{"name": "'x'"}, "id = 6", delta.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			s := stream.New(e.Table, append(test.options, stream.StartingVersion(0))...)
			got, until, err := follow(t, s, nil)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("batches (-want +got):\n%s", diff)
			}
			var stopped *stream.Error
			if test.stop != nil && (!errors.Is(err, test.stop) || !errors.As(err, &stopped)) || test.stop == nil && err != nil {
				t.Errorf("the stream ends in %v, want %v", err, test.stop)
			}
			if again, _, againErr := follow(t, s, until); len(again) > 0 || (againErr == nil) != (err == nil) {
				t.Errorf("from its end on the stream gives %v, %v", again, againErr)
			}
		})
	}
}
