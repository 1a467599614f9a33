// Package medalliontest tests stages in memory: rows into a lake, one table refreshed, its rows compared.
//
//	lake := medalliontest.NewLake(t)
//	medalliontest.Given(lake, raw, RawOrder{OrderID: ptr("o-1"), Amount: ptr("12.50")}, RawOrder{})
//	lake.Refresh(orders)
//	medalliontest.Want(lake, orders, Order{OrderID: "o-1", Amount: schema.MustDecimal("12.50")})
//
// The clock stands still until it is set, and ids count up, so that everything that a test sees is the same each time.
package medalliontest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/internal/csv"
	"github.com/medallion-go/medallion/internal/ndjson"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
	memorystore "github.com/medallion-go/medallion/storage/memory"
)

// Start is what the clock of a new Lake shows.
var Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Lake is a lake in memory that belongs to one test. Its methods fail the test rather than return errors.
type Lake struct {
	Store    storage.Store // for raw files: files.In(lake.Store, "landing/*.json")
	Pipeline medallion.Pipeline
	t        testing.TB
	now      atomic.Pointer[time.Time]
	ids      atomic.Int64
}

// NewLake makes an empty lake whose clock shows Start.
func NewLake(t testing.TB) *Lake {
	l := &Lake{Store: memorystore.New(), t: t}
	l.SetClock(Start)
	l.Pipeline = medallion.Pipeline{
		Name: t.Name(), Lake: medallion.LakeIn(l.Store, "lake"), NoEventLog: true,
		Now:   func() time.Time { return *l.now.Load() },
		NewID: func() string { return fmt.Sprintf("00000000-0000-0000-0000-%012d", l.ids.Add(1)) },
	}
	return l
}

// SetClock sets what the lake's clock shows.
func (l *Lake) SetClock(now time.Time) { l.now.Store(&now) }

// Engine makes the lake's pipeline use one engine alone.
func (l *Lake) Engine(e engine.Engine) { l.Pipeline.Engines = []engine.Engine{e} }

// File puts a raw file into the lake's store.
func (l *Lake) File(key, text string) {
	l.t.Helper()
	if _, err := storage.Put(l.t.Context(), l.Store, key, []byte(text)); err != nil {
		l.t.Fatalf("put %s: %v", key, err)
	}
}

// Refresh brings the tables alone up to date, with what the tables that they read hold, and fails the test on an error.
func (l *Lake) Refresh(tables ...medallion.AnyTable) *medallion.Report {
	l.t.Helper()
	report, err := l.Pipeline.Refresh(l.t.Context(), tables...)
	if err != nil {
		l.t.Fatalf("refresh: %v", err)
	}
	return report
}

// Run brings the tables and everything that they read up to date, and fails the test on an error.
func (l *Lake) Run(tables ...medallion.AnyTable) *medallion.Report {
	l.t.Helper()
	report, err := l.Pipeline.Run(l.t.Context(), tables...)
	if err != nil {
		l.t.Fatalf("run: %v", err)
	}
	return report
}

// Given appends rows to a table, as if a stage had written them.
func Given[R any](l *Lake, table *medallion.Table[R], rows ...R) {
	l.t.Helper()
	codec, err := schema.NewCodec[R](rowSchema[R](l))
	if err != nil {
		l.t.Fatalf("given %s: %v", table.Name(), err)
	}
	rec, err := codec.Encode(memory.DefaultAllocator, rows)
	if err != nil {
		l.t.Fatalf("given %s: %v", table.Name(), err)
	}
	defer rec.Release()
	l.append(table, rec)
}

// GivenJSON appends rows written as JSON, one object a line. A line or value that does not fit the row type fails the test.
func GivenJSON[R any](l *Lake, table *medallion.Table[R], lines string) {
	l.t.Helper()
	given(l, table, func(s *arrow.Schema, yield func(arrow.RecordBatch) error) error {
		return ndjson.ParseStrict(s, []byte(lines), yield)
	})
}

// GivenCSV appends rows written as CSV with a header line. A record or value that does not fit the row type fails the test.
func GivenCSV[R any](l *Lake, table *medallion.Table[R], text string) {
	l.t.Helper()
	given(l, table, func(s *arrow.Schema, yield func(arrow.RecordBatch) error) error {
		return csv.ReadStrict(l.t.Context(), s, strings.NewReader(text), yield)
	})
}

func given[R any](l *Lake, table *medallion.Table[R], parse func(*arrow.Schema, func(arrow.RecordBatch) error) error) {
	l.t.Helper()
	if err := parse(rowSchema[R](l), func(rec arrow.RecordBatch) error {
		l.append(table, rec)
		return nil
	}); err != nil {
		l.t.Fatalf("given %s: %v", table.Name(), err)
	}
}

func rowSchema[R any](l *Lake) *arrow.Schema {
	l.t.Helper()
	s, err := schema.Of[R]()
	if err != nil {
		l.t.Fatalf("row type: %v", err)
	}
	return s
}

func (l *Lake) append(table medallion.AnyTable, rec arrow.RecordBatch) {
	l.t.Helper()
	t := delta.Open(l.Store, l.Pipeline.Lake.Path(table.Name()), delta.Config{Clock: l.Pipeline.Now, NewID: l.Pipeline.NewID})
	_, err := t.Create(l.t.Context(), delta.Definition{Schema: rec.Schema(), Name: table.Name()})
	if err == nil || errors.Is(err, delta.ErrTableExists) {
		_, err = t.Append(l.t.Context(), exec.NewBatches(rec.Schema(), rec), delta.WriteOptions{})
	}
	if err != nil {
		l.t.Fatalf("given %s: %v", table.Name(), err)
	}
}

// Rows are a relation's rows, in no particular order unless its query orders them.
func Rows[R any](l *Lake, rows dataset.Rows[R]) []R {
	l.t.Helper()
	got, err := medallion.Collect(l.t.Context(), &l.Pipeline, rows)
	if err != nil {
		l.t.Fatalf("read: %v", err)
	}
	return got
}

// Want compares a table's rows with those expected, in any order, and shows the difference row by row.
func Want[R any](l *Lake, rows dataset.Rows[R], want ...R) {
	l.t.Helper()
	got := lines(l, Rows(l, rows))
	if diff := cmp.Diff(lines(l, want), got); diff != "" {
		l.t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// lines prints each row as JSON, sorted.
func lines[R any](l *Lake, rows []R) []string {
	l.t.Helper()
	codec, err := schema.NewCodec[R](rowSchema[R](l))
	if err != nil {
		l.t.Fatalf("row type: %v", err)
	}
	rec, err := codec.Encode(memory.DefaultAllocator, rows)
	if err != nil {
		l.t.Fatalf("rows: %v", err)
	}
	defer rec.Release()
	out := make([]string, rec.NumRows())
	for i := range out {
		out[i] = string(schema.AppendRowJSON(nil, rec, i))
	}
	slices.Sort(out)
	return out
}
