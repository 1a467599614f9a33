// Package sinktest is the suite that every implementation of sink.Sink passes.
package sinktest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/sink"
)

// Fixture is a sink and the means to look at what arrived.
type Fixture struct {
	Sink sink.Sink
	Rows func(t *testing.T) []Row // everything that was delivered and is visible, in any order
}

// Row is a row of the deliveries that the suite makes: columns id BIGINT and name STRING.
type Row struct {
	ID   int64
	Name *string
}

// Run checks the contract of sink.Sink. newFixture makes an empty sink.
func Run(t *testing.T, newFixture func(t *testing.T) Fixture) {
	tests := []struct {
		name string
		test func(t *testing.T, f Fixture)
	}{
		{"Deliver", testDeliver},
		{"SameIDCountsOnce", testSameID},
		{"EmptyDelivery", testEmpty},
		{"FailedRows", testFailedRows},
		{"Cancelled", testCancelled},
		{"OddIDs", testOddIDs},
		{"Concurrent", testConcurrent},
		{"ConcurrentSameID", testConcurrentSameID},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, newFixture(t)) })
	}
}

// Rows makes rows first … first+n-1; every seventh has no name.
func Rows(first, n int) []Row {
	rows := make([]Row, n)
	for i := range rows {
		rows[i].ID = int64(first + i)
		if (first+i)%7 != 0 {
			name := fmt.Sprintf("name %d, \"quoted\"\n", first+i)
			rows[i].Name = &name
		}
	}
	return rows
}

// Delivery is a delivery of the rows in batches of batchRows.
func Delivery(t *testing.T, id string, rows []Row, batchRows int) sink.Delivery {
	t.Helper()
	s, err := schema.Of[Row]()
	if err != nil {
		t.Fatal(err)
	}
	codec, err := schema.NewCodec[Row](s)
	if err != nil {
		t.Fatal(err)
	}
	return sink.Delivery{ID: id, Schema: s, Rows: func(yield func(arrow.RecordBatch, error) bool) {
		for part := range slices.Chunk(rows, batchRows) {
			batch, err := codec.Encode(memory.DefaultAllocator, part)
			if err != nil {
				yield(nil, err)
				return
			}
			more := yield(batch, nil)
			batch.Release()
			if !more {
				return
			}
		}
	}}
}

func deliver(t *testing.T, f Fixture, id string, rows []Row) {
	t.Helper()
	if err := f.Sink.Deliver(context.Background(), Delivery(t, id, rows, 10)); err != nil {
		t.Error(err)
	}
}

func expect(t *testing.T, f Fixture, what string, want ...[]Row) {
	t.Helper()
	if diff := cmp.Diff(sorted(slices.Concat(want...)), sorted(f.Rows(t))); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func sorted(rows []Row) []Row {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b Row) int { return int(a.ID - b.ID) })
	return rows
}

func testDeliver(t *testing.T, f Fixture) {
	if f.Sink.Name() == "" {
		t.Error("the sink has no name")
	}
	deliver(t, f, "1", Rows(0, 35))
	expect(t, f, "after one delivery", Rows(0, 35))
	deliver(t, f, "2", Rows(35, 3))
	expect(t, f, "after two deliveries", Rows(0, 38))
}

func testSameID(t *testing.T, f Fixture) {
	for range 3 {
		deliver(t, f, "1", Rows(0, 12))
	}
	deliver(t, f, "2", Rows(12, 5))
	deliver(t, f, "1", Rows(0, 12))
	expect(t, f, "one delivery made four times, another once", Rows(0, 17))
}

func testEmpty(t *testing.T, f Fixture) {
	deliver(t, f, "1", nil)
	expect(t, f, "after a delivery without rows")
	deliver(t, f, "2", Rows(0, 2))
	expect(t, f, "and one with two", Rows(0, 2))
}

var errRows = errors.New("rows failed")

func testFailedRows(t *testing.T, f Fixture) {
	good := Delivery(t, "1", Rows(0, 30), 10)
	bad := good
	bad.Rows = failAfter(good.Rows, 2)
	if err := f.Sink.Deliver(context.Background(), bad); !errors.Is(err, errRows) {
		t.Errorf("Deliver of rows that fail returned %v", err)
	}
	expect(t, f, "after a delivery that failed half-way")
	deliver(t, f, "1", Rows(0, 30))
	expect(t, f, "after it was made again", Rows(0, 30))
}

// failAfter yields some batches and then an error.
func failAfter(rows iter.Seq2[arrow.RecordBatch, error], batches int) iter.Seq2[arrow.RecordBatch, error] {
	return func(yield func(arrow.RecordBatch, error) bool) {
		n := 0
		for batch, err := range rows {
			if n++; n > batches {
				yield(nil, errRows)
				return
			}
			if !yield(batch, err) {
				return
			}
		}
	}
}

func testCancelled(t *testing.T, f Fixture) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := f.Sink.Deliver(ctx, Delivery(t, "1", Rows(0, 30), 10)); !errors.Is(err, context.Canceled) {
		t.Errorf("Deliver with an ended context returned %v", err)
	}
	expect(t, f, "after a cancelled delivery")
}

func testOddIDs(t *testing.T, f Fixture) {
	ids := []string{"a/b", "../x", ".hidden", "_hidden", "a b%20", "A", "a:b", "é\n", strings.Repeat("long", 100), strings.Repeat("long", 100) + "er", "a_b.c-d"}
	for i, id := range ids {
		deliver(t, f, id, Rows(i, 1))
		deliver(t, f, id, Rows(i, 1))
	}
	expect(t, f, "after deliveries with odd IDs", Rows(0, len(ids)))
	if err := f.Sink.Deliver(context.Background(), Delivery(t, "", Rows(0, 1), 1)); err == nil {
		t.Error("Deliver took a delivery without an ID")
	}
}

func testConcurrent(t *testing.T, f Fixture) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() { deliver(t, f, fmt.Sprint(i), Rows(20*i, 20)) })
	}
	wg.Wait()
	expect(t, f, "after deliveries side by side", Rows(0, 160))
}

func testConcurrentSameID(t *testing.T, f Fixture) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { deliver(t, f, "1", Rows(0, 50)) })
	}
	wg.Wait()
	expect(t, f, "after one delivery made side by side", Rows(0, 50))
}
