//go:build integration

package integration

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/internal/cputime"
)

// benchRows and benchQuery are a result of five million rows of four types.
const (
	benchRows  = 5_000_000
	benchQuery = "SELECT id, CAST(id % 1000 AS INT) AS k, CAST(id AS DOUBLE) / 3 AS f, concat('row ', id) AS s, " +
		"timestamp_seconds(id) AS at FROM range(5000000)"
)

// bigFiles has the warehouse make files of the size that Databricks makes.
var bigFiles = url.Values{"warehouse.links.size": {"20000000"}, "timezone": {"UTC"}}

// BenchmarkWarehouseResult reads a large result from the suite's warehouse: as Arrow batches through our connection, also by a reader that takes its time, and
// row by row through database/sql with the driver as it comes. The rate counts from the first rows on, so without what Spark needs for the result; CPU and
// memory are this process's, from the statement on.
func BenchmarkWarehouseResult(b *testing.B) {
	b.Run("arrow", func(b *testing.B) { benchmarkArrow(b, 0) })
	b.Run("arrow-slow-reader", func(b *testing.B) { benchmarkArrow(b, 20*time.Millisecond) })
	b.Run("database-sql", benchmarkScan)
}

func benchmarkArrow(b *testing.B, pause time.Duration) {
	w := shared.warehouse.login(b).open(b, bigFiles)
	for b.Loop() {
		gauge := newGauge()
		_, batches, err := w.Query(b.Context(), warehouse.Statement{SQL: benchQuery})
		if err != nil {
			b.Fatal(err)
		}
		rows := int64(0)
		for rec, err := range batches {
			if err != nil {
				b.Fatal(err)
			}
			gauge.look()
			rows += rec.NumRows()
			time.Sleep(pause)
		}
		gauge.report(b, rows)
	}
}

func benchmarkScan(b *testing.B) {
	db, err := sql.Open("databricks", shared.warehouse.login(b).dsn(bigFiles))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for b.Loop() {
		gauge := newGauge()
		result, err := db.QueryContext(b.Context(), benchQuery)
		if err != nil {
			b.Fatal(err)
		}
		rows := int64(0)
		for result.Next() {
			var id, k int64
			var f float64
			var s string
			var at time.Time
			if err := result.Scan(&id, &k, &f, &s, &at); err != nil {
				b.Fatal(err)
			}
			if rows++; rows%10_000 == 1 {
				gauge.look()
			}
		}
		if err := result.Err(); err != nil {
			b.Fatal(err)
		}
		gauge.report(b, rows)
	}
}

// gauge measures this process: CPU time, and the most memory since it was made.
type gauge struct {
	first time.Time // when there were rows
	cpu   time.Duration
	heap  uint64
}

func newGauge() *gauge {
	runtime.GC()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600) // sets back VmHWM, where the system has that
	return &gauge{cpu: cputime.Process()}
}

// look is called now and then, from the first rows on.
func (g *gauge) look() {
	if g.first.IsZero() {
		g.first = time.Now()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	g.heap = max(g.heap, m.HeapAlloc)
}

func (g *gauge) report(b *testing.B, rows int64) {
	if rows != benchRows {
		b.Fatalf("got %d rows, want %d", rows, benchRows)
	}
	b.ReportMetric(float64(rows)/time.Since(g.first).Seconds()/1e6, "Mrows/s")
	b.ReportMetric((cputime.Process() - g.cpu).Seconds(), "cpu-s")
	b.ReportMetric(float64(g.heap)/(1<<20), "heap-MiB")
	b.ReportMetric(peakResident()/(1<<20), "rss-MiB")
}

// peakResident is the most memory that the process had, in bytes; 0 where the system does not say.
func peakResident() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kib float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kib); n == 1 {
			return kib * 1024
		}
	}
	return 0
}
