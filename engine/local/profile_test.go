package local_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source/files"
)

// measures are what differs from run to run.
var measures = regexp.MustCompile(`(time|memory|read|skipped|spilled|wall|CPU) [0-9.]+ ?[a-zµ]?[A-Za-z]+`)

// blanked is the profile without them.
func blanked(p *engine.Profile) string { return measures.ReplaceAllString(p.String(), "$1 ~") }

// partitioned is a table of two files in two partitions: four rows.
func partitioned(lake *medalliontest.Lake) *medallion.Table[item] {
	arrive(lake, "1.json", "1 a 10", "2 b 20", "3 b 30", "4 b 40")
	table := bronze.Append("bronze.items", items(landing(lake), "true"), medallion.PartitionBy("kind"))
	lake.Run(table)
	return table
}

func TestProfile(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	table := partitioned(lake)
	lake.Pipeline.Engines = []engine.Engine{local.New(local.Config{Workers: 1})}
	tests := []struct{ name, query, want string }{
		{"a scan that leaves files out", `SELECT kind, sum(n) AS n FROM items WHERE kind = 'b' AND id > 2 GROUP BY kind`, `
Project kind, ` + "`sum(n)`" + ` AS n [rows 1, estimated 1, batches 1, time ~]
  Aggregate sum(n) AS ` + "`sum(n)`" + ` GROUP BY kind [rows 1, estimated 1, batches 1, time ~, memory ~]
    Scan bronze.items WHERE id > 2L AND kind = 'b' [rows 2, estimated 1, batches 1, time ~, read ~, files 1 of 2, row groups 1 of 1, pages 1 of 1, skipped ~]
wall ~, CPU ~, peak memory ~, spilled ~
`},
		{"a join, a view, a source and a union", `
			SELECT i.id, v.c FROM items AS i JOIN counts AS v ON i.kind = v.kind
			UNION ALL SELECT id, n FROM raw WHERE n >= 30 ORDER BY 1 LIMIT 3`, `
Order BY id LIMIT 3 [rows 3, estimated 3, batches 1, time ~, memory ~]
  Union [rows 6, estimated 5, batches 3, time ~]
    Project id, c [rows 4, estimated 4, batches 2, time ~]
      Join INNER ON kind = kind [rows 4, estimated 4, batches 2, time ~, memory ~]
        Scan bronze.items (id, kind) WHERE might_contain('keys 1', kind) [rows 4, estimated 2, batches 2, time ~, read ~, files 2 of 2, row groups 2 of 2]
        Scan counts [rows 2, estimated 2, batches 1, time ~, memory ~]
          Project kind, ` + "`count(1)`" + ` AS c [rows 2, estimated 2, batches 1, time ~]
            Aggregate count(*) AS ` + "`count(1)`" + ` GROUP BY kind [rows 2, estimated 2, batches 1, time ~, memory ~]
              Scan bronze.items (kind) [rows 4, estimated 4, batches 2, time ~, read ~, files 2 of 2, row groups 2 of 2]
    Scan landing/*.json (id, n) WHERE n >= 30L [rows 2, estimated 1, batches 1, time ~, read ~, files 1 of 1]
wall ~, CPU ~, peak memory ~, spilled ~
`},
		{"what statistics tell", `SELECT count(*) AS n, min(id) AS least, max(id) AS most, count(kind) AS kinds FROM items`, `
Project ` + "`count(1)` AS n, `min(id)` AS least, `max(id)` AS most, `count(kind)` AS kinds" + ` [rows 1, estimated 1, batches 1, time ~]
  Values (4L, 1L, 4L, 4L) [rows 1, estimated 1, batches 1, time ~]
wall ~, CPU ~, peak memory ~, spilled ~
`},
		{"what partition values and statistics tell", `SELECT count(*) AS n, max(id) AS most FROM items WHERE kind IN ('b', 'c') AND id < 10`, `
Project ` + "`count(1)` AS n, `max(id)` AS most" + ` [rows 1, estimated 1, batches 1, time ~]
  Values (3L, 4L) [rows 1, estimated 1, batches 1, time ~]
wall ~, CPU ~, peak memory ~, spilled ~
`},
		{"a join whose keys leave out files", `SELECT i.id, i.kind FROM items AS i JOIN raw AS r ON i.id = r.id WHERE r.n = 10`, `
Project id, kind [rows 1, estimated 1, batches 1, time ~]
  Join INNER ON id = id [rows 1, estimated 1, batches 1, time ~, memory ~]
    Scan bronze.items (id, kind) WHERE id >= 1L AND id <= 1L AND might_contain('keys 1', id) [rows 1, estimated 1, batches 1, time ~, read ~, files 1 of 2, row groups 1 of 1, pages 1 of 1, skipped ~]
    Project id [rows 1, estimated 1, batches 1, time ~]
      Scan landing/*.json (id, n) WHERE n = 10L [rows 1, estimated 1, batches 1, time ~, read ~, files 1 of 1]
wall ~, CPU ~, peak memory ~, spilled ~
`},
	}
	for _, tt := range tests {
		counts := dataset.View("counts", dataset.SQL[medallion.Row](`SELECT kind, count(*) AS c FROM items GROUP BY kind`, dataset.In("items", table)))
		query := dataset.SQL[medallion.Row](tt.query, dataset.In("items", table), dataset.In("counts", counts), dataset.In("raw", landing(lake)))
		got, err := lake.Pipeline.Profile(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.TrimPrefix(tt.want, "\n"), blanked(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s\n%s", tt.name, diff, got)
		}
	}
}

// TestProfileOfParquet holds that a scan of files in a landing folder leaves out the row groups and pages that their own statistics rule out, and tells so.
func TestProfileOfParquet(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.Pipeline.Engines = []engine.Engine{local.New(local.Config{Workers: 1})}
	rows := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "id", Type: schema.Int}, {Name: "n", Type: schema.BigInt}}, nil))
	defer rows.Release()
	for i := range 400 {
		rows.Field(0).(*array.Int32Builder).Append(int32(i))
		rows.Field(1).(*array.Int64Builder).Append(int64(i))
	}
	batch := rows.NewRecordBatch()
	defer batch.Release()
	var file bytes.Buffer
	w, err := parquet.NewWriter(&file, batch.Schema(), parquet.WriterConfig{RowGroupRows: 100, PageRows: 10})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(batch.Columns(), int(batch.NumRows()), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	lake.File("landing/1.parquet", file.String())
	items := dataset.Source[item](files.In(lake.Store, "landing/*.parquet"))
	for query, want := range map[string]string{
		"SELECT id, n FROM items WHERE id BETWEEN 115 AND 131": `
Scan landing/*.parquet (id, n) WHERE id >= 115L AND id <= 131L [rows 17, estimated 7, batches 1, time ~, read ~, files 1 of 1, row groups 1 of 4, pages 3 of 10, skipped ~]
`,
		"SELECT id FROM items WHERE kind = 'a'": `
Scan landing/*.parquet (id, kind) WHERE kind = 'a' [rows 0, estimated 7, batches 0, time ~, read ~, files 1 of 1, row groups 0 of 4, skipped ~]
`,
	} {
		got, err := lake.Pipeline.Profile(t.Context(), dataset.SQL[medallion.Row](query, dataset.In("items", items)))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(blanked(got), strings.TrimSpace(want)) {
			t.Errorf("%s:\n%s\nwant%s", query, got, want)
		}
	}
}

// TestProfileSpills holds that spilling, and the operator that did it, are told.
func TestProfileSpills(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	var rows []string
	for i := range 20_000 {
		rows = append(rows, fmt.Sprintf("%d k%d %d", i, i, i))
	}
	arrive(lake, "1.json", rows...)
	table := bronze.Append("bronze.items", items(landing(lake), "true"))
	lake.Run(table)
	lake.Pipeline.Engines = []engine.Engine{local.New(local.Config{Memory: 256 << 10, SpillDir: t.TempDir()})}
	p, err := lake.Pipeline.Profile(t.Context(), dataset.SQL[medallion.Row](`SELECT id, kind FROM items ORDER BY kind`, dataset.In("items", table)))
	if err != nil {
		t.Fatal(err)
	}
	sort := p.Root
	if sort.Rows != 20_000 || sort.Spilled == 0 || sort.Spilled != p.Spilled {
		t.Errorf("got %d rows, %d of %d bytes spilled:\n%s", sort.Rows, sort.Spilled, p.Spilled, p)
	}
	if scan := sort.Inputs[0]; scan.Rows != 20_000 || scan.Spilled != 0 || scan.Read == nil || scan.Read.Bytes == 0 || scan.Time <= 0 || p.Wall < scan.Time/64 {
		t.Errorf("got a scan of %+v", scan)
	}
}

// TestProfileFails holds that a query's error is the profile's.
func TestProfileFails(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	query := dataset.SQL[medallion.Row](`SELECT 1 / (n - 10) AS x FROM items`, dataset.In("items", partitioned(lake)))
	p, err := lake.Pipeline.Profile(t.Context(), query)
	if !errors.Is(err, &expr.Error{Class: "DIVIDE_BY_ZERO"}) {
		t.Errorf("got error %v, want DIVIDE_BY_ZERO; profile:\n%v", err, p)
	}
}

// BenchmarkQuery compares a query with the same query under a profile.
func BenchmarkQuery(b *testing.B) {
	session, query := benchmarkQuery(b)
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			_, rows, err := session.Query(b.Context(), query)
			if err != nil {
				b.Fatal(err)
			}
			for _, err := range rows {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("profiled", func(b *testing.B) {
		for b.Loop() {
			if _, err := session.(engine.Profiler).Profile(b.Context(), query); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// benchmarkQuery filters, projects and sums up a million generated rows.
func benchmarkQuery(b *testing.B) (engine.Session, plan.Node) {
	b.Helper()
	digits := "(SELECT * FROM VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9) AS v(x))"
	q, err := sql.Parse("SELECT a.x, sum(b.x * c.x + d.x) AS s FROM " + digits + " a CROSS JOIN " + digits + " b CROSS JOIN " + digits + " c CROSS JOIN " + digits +
		" d CROSS JOIN " + digits + " e CROSS JOIN " + digits + " f WHERE e.x + f.x <> 3 GROUP BY a.x")
	if err != nil {
		b.Fatal(err)
	}
	n, err := q.Resolve(nil)
	if err != nil {
		b.Fatal(err)
	}
	run := engine.Run{Now: time.Now, NewID: uuid.NewString, Logger: slog.New(slog.DiscardHandler)}
	session, err := local.New(local.Config{}).Open(b.Context(), run)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := session.Close(); err != nil {
			b.Error(err)
		}
	})
	return session, n
}
