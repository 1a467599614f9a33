// Package sourcetest is the suite that every implementation of source.Source passes.
package sourcetest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source"
)

// Fixture is a source and the means to give it input.
type Fixture struct {
	Source source.Source
	Add    func(t *testing.T) int // adds input, different each time, and returns how many rows it is; at least two
}

// Run checks the contract of source.Source. newFixture makes a source without input that allocates batches from alloc.
func Run(t *testing.T, newFixture func(t *testing.T, alloc memory.Allocator) Fixture) {
	tests := []struct {
		name string
		test func(t *testing.T, f Fixture)
	}{
		{"Empty", testEmpty},
		{"EachRowOnce", testEachRowOnce},
		{"Limits", testLimits},
		{"Replan", testReplan},
		{"Concurrent", testConcurrent},
		{"Columns", testColumns},
		{"YieldError", testYieldError},
		{"Cancelled", testCancelled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			alloc := memory.NewCheckedAllocator(pool.NewChecked())
			defer alloc.AssertSize(t, 0)
			tt.test(t, newFixture(t, alloc))
		})
	}
}

// testEmpty asks a source without input.
func testEmpty(t *testing.T, f Fixture) {
	if f.Source.Name() == "" {
		t.Error("the source has no name")
	}
	if b := plan(t, f, nil, source.Limits{}); len(b.Splits) != 0 {
		t.Errorf("%d splits of no input", len(b.Splits))
	}
}

func testEachRowOnce(t *testing.T, f Fixture) {
	first := f.Add(t)
	b := plan(t, f, nil, source.Limits{})
	rows := read(t, f, b)
	if len(rows) != first {
		t.Fatalf("%d rows, want the %d that were added", len(rows), first)
	}
	if again := plan(t, f, b.Until, source.Limits{}); len(again.Splits) != 0 {
		t.Errorf("%d splits, though nothing is new", len(again.Splits))
	}
	second := f.Add(t)
	next := plan(t, f, b.Until, source.Limits{})
	more := read(t, f, next)
	if len(more) != second {
		t.Fatalf("%d rows after %d more were added", len(more), second)
	}
	if all := read(t, f, plan(t, f, nil, source.Limits{})); !equalBags(all, append(slices.Clone(rows), more...)) {
		t.Errorf("from the beginning there are %d rows, in two batches %d: they differ", len(all), len(rows)+len(more))
	}
}

// testLimits takes the input in batches of one file.
func testLimits(t *testing.T, f Fixture) {
	for range 3 {
		f.Add(t)
	}
	all := read(t, f, plan(t, f, nil, source.Limits{}))
	var rows []string
	var offset source.Offset
	batches := 0
	for {
		b := plan(t, f, offset, source.Limits{Files: 1})
		if len(b.Splits) == 0 {
			break
		}
		if batches++; batches > len(all) {
			t.Fatal("there is no end of batches")
		}
		if b.Files > 1 {
			t.Errorf("a batch of %d files, the limit is 1", b.Files)
		}
		rows, offset = append(rows, read(t, f, b)...), b.Until
	}
	if !equalBags(rows, all) {
		t.Errorf("%d rows in %d bounded batches, %d in one: they differ", len(rows), batches, len(all))
	}
}

// testReplan reads a batch again, as after a crash, when more input has come.
func testReplan(t *testing.T, f Fixture) {
	f.Add(t)
	first := plan(t, f, nil, source.Limits{})
	f.Add(t)
	second := plan(t, f, first.Until, source.Limits{})
	f.Add(t)
	for i, b := range []source.Batch{first, second} {
		if !json.Valid(b.Work) || !json.Valid(b.Until) {
			t.Fatalf("batch %d: work %q or offset %q is no JSON", i, b.Work, b.Until)
		}
		again, err := f.Source.Replan(context.Background(), b.Until, b.Work)
		if err != nil {
			t.Fatal(err)
		}
		if want, got := read(t, f, b), read(t, f, again); !equalBags(want, got) {
			t.Errorf("batch %d: Plan gave %d rows, Replan gives %d: they differ", i, len(want), len(got))
		}
		if string(again.Until) != string(b.Until) {
			t.Errorf("batch %d: Replan gives the offset %s, want %s", i, again.Until, b.Until)
		}
	}
}

// testConcurrent reads all splits at once, twice.
func testConcurrent(t *testing.T, f Fixture) {
	for range 3 {
		f.Add(t)
	}
	b := plan(t, f, nil, source.Limits{})
	want := read(t, f, b)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var got []string
	for _, s := range append(slices.Clone(b.Splits), b.Splits...) {
		wg.Go(func() {
			rows := readSplit(t, f, s, nil)
			mu.Lock()
			defer mu.Unlock()
			got = append(got, rows...)
		})
	}
	wg.Wait()
	if !equalBags(got, append(slices.Clone(want), want...)) {
		t.Errorf("%d rows read side by side, twice %d one after the other: they differ", len(got), len(want))
	}
}

// testColumns reads one column at a time.
func testColumns(t *testing.T, f Fixture) {
	f.Add(t)
	b := plan(t, f, nil, source.Limits{})
	s := rowSchema(t, f)
	for i, field := range s.Fields() {
		want, got := column(t, f, b, nil, i), column(t, f, b, []string{field.Name}, i)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("column %s alone (-all columns +alone):\n%s", field.Name, diff)
		}
	}
	if n := len(column(t, f, b, []string{}, 0)); n != len(column(t, f, b, nil, 0)) {
		t.Errorf("%d rows when no column is wanted", n)
	}
}

func column(t *testing.T, f Fixture, b source.Batch, names []string, at int) []string {
	t.Helper()
	var values []string
	for _, s := range b.Splits {
		_, err := s.Read(context.Background(), names, func(batch arrow.RecordBatch) error {
			for i := range int(batch.NumRows()) {
				values = append(values, string(schema.AppendJSON(nil, batch.Column(at), i)))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(values)
	return values
}

var errStop = errors.New("stop")

func testYieldError(t *testing.T, f Fixture) {
	f.Add(t)
	for _, s := range plan(t, f, nil, source.Limits{}).Splits {
		calls := 0
		_, err := s.Read(context.Background(), nil, func(arrow.RecordBatch) error { calls++; return errStop })
		if calls > 0 && !errors.Is(err, errStop) || calls > 1 {
			t.Errorf("Read returned %v after %d calls of a yield that fails", err, calls)
		}
	}
}

func testCancelled(t *testing.T, f Fixture) {
	f.Add(t)
	b := plan(t, f, nil, source.Limits{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := f.Source.Plan(ctx, nil, source.Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Plan with an ended context returned %v", err)
	}
	for _, s := range b.Splits {
		if _, err := s.Read(ctx, nil, func(arrow.RecordBatch) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("Read with an ended context returned %v", err)
		}
	}
}

func plan(t *testing.T, f Fixture, after source.Offset, limits source.Limits) source.Batch {
	t.Helper()
	b, err := f.Source.Plan(context.Background(), after, limits)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// read gives all rows of a batch as JSON.
func read(t *testing.T, f Fixture, b source.Batch) []string {
	t.Helper()
	var rows []string
	for _, s := range b.Splits {
		rows = append(rows, readSplit(t, f, s, nil)...)
	}
	return rows
}

func readSplit(t *testing.T, f Fixture, s source.Split, columns []string) []string {
	t.Helper()
	want := rowSchema(t, f)
	var rows []string
	counts, err := s.Read(context.Background(), columns, func(batch arrow.RecordBatch) error {
		if got := batch.Schema(); !schema.EqualFields(got.Fields(), want.Fields(), schema.Decoded, schema.Nullability) {
			t.Errorf("a batch has the schema %s, the source %s", schema.DDL(got), schema.DDL(want))
		}
		for i := range int(batch.NumRows()) {
			rows = append(rows, string(schema.AppendRowJSON(nil, batch, i)))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if counts.Rows != int64(len(rows)) {
		t.Errorf("a split counts %d rows and yields %d", counts.Rows, len(rows))
	}
	return rows
}

func rowSchema(t *testing.T, f Fixture) *arrow.Schema {
	t.Helper()
	s, err := f.Source.Schema(context.Background())
	if err != nil {
		t.Error(err)
		return arrow.NewSchema(nil, nil)
	}
	return s
}

func equalBags(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
