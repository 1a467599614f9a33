//go:build integration

package integration

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/local"
)

var (
	alternations    = flag.Int("alternations", 42, "statements that Spark and we run on tables in turn, of all kinds together")
	alternationSeed = flag.Uint64("alternation-seed", 1, "seed of the statements")
)

// alternated are the tables: created by Spark, with what makes each of its kind, and whether delta-rs reads them.
var alternated = []struct {
	name, layout, properties string
	deltalake                bool
}{
	{"plain", "", "'x' = 'y'", true},
	{"partitioned", "PARTITIONED BY (p)", "'x' = 'y'", true},
	{"deletion vectors", "", "'delta.enableDeletionVectors' = 'true'", true},
	{"column mapping", "PARTITIONED BY (p)", "'delta.columnMapping.mode' = 'name', 'delta.enableDeletionVectors' = 'true'", false},
	{"change feed", "", "'delta.enableChangeDataFeed' = 'true'", true},
	{"clustered", "CLUSTER BY (n, id)", "'delta.checkpointPolicy' = 'v2'", false},
	{"row tracking, in-commit timestamps", "", "'delta.enableRowTracking' = 'true', 'delta.enableInCommitTimestamps' = 'true', 'delta.enableDeletionVectors' = 'true'", true},
}

// alternation is a table that Spark and we change in turn, and what it should hold.
type alternation struct {
	t      *testing.T
	dir    string
	random *rand.Rand
	rows   map[int64]alternateRow
	next   int64
}

type alternateRow struct {
	p string
	n int64
}

// TestAlternation has Spark and us run random statements on one table in turn. After each, Spark, delta-rs and we read the rows that a model says; at the end the
// log breaks no rule, whoever wrote it.
func TestAlternation(t *testing.T) {
	t.Parallel()
	for i, c := range alternated {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := &alternation{t: t, dir: filepath.Join(t.TempDir(), "t"), random: rand.New(rand.NewPCG(*alternationSeed, uint64(i))), rows: make(map[int64]alternateRow)}
			a.spark("CREATE TABLE t (id BIGINT, p STRING, n BIGINT) USING DELTA " + c.layout + " TBLPROPERTIES (" + c.properties + ")")
			for n := range max(1, *alternations/len(alternated)) {
				text := a.statement(n == 0)
				if who := a.random.IntN(2); n > 0 && who == 0 {
					a.spark(text)
					text = "Spark: " + text
				} else {
					a.ours(text)
				}
				a.compare(text, c.deltalake)
				if t.Failed() {
					return
				}
			}
			a.lint()
		})
	}
}

func (a *alternation) spark(text string) {
	a.t.Helper()
	shared.spark.ask(a.t, map[string]any{"op": "sql", "query": onTable(text, a.dir)})
}

func (a *alternation) ours(text string) {
	a.t.Helper()
	cmd := exec.Command(shared.tool, "sql")
	cmd.Stdin = strings.NewReader(onTable(text, a.dir))
	if out, err := cmd.CombinedOutput(); err != nil {
		a.t.Fatalf("%s: %v\n%s", text, err, out)
	}
}

// fresh are rows with new IDs.
func (a *alternation) fresh(n int) map[int64]alternateRow {
	out := make(map[int64]alternateRow)
	for range n {
		a.next++
		out[a.next] = alternateRow{[]string{"a", "b c", "d/é"}[a.random.IntN(3)], a.random.Int64N(50)}
	}
	return out
}

// values is rows as a VALUES clause.
func values(rows map[int64]alternateRow) string {
	var list []string
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		list = append(list, fmt.Sprintf("(%dL, '%s', %dL)", id, rows[id].p, rows[id].n))
	}
	return "VALUES " + strings.Join(list, ", ")
}

// condition is a predicate in SQL and in Go.
func (a *alternation) condition() (string, func(id int64, r alternateRow) bool) {
	switch k := 2 + a.random.Int64N(4); a.random.IntN(3) {
	case 0:
		return fmt.Sprintf("p = 'b c' AND n %% %d = 1", k), func(_ int64, r alternateRow) bool { return r.p == "b c" && r.n%k == 1 }
	case 1:
		return fmt.Sprintf("id %% %d = 0", k), func(id int64, _ alternateRow) bool { return id%k == 0 }
	default:
		return "n < 8", func(_ int64, r alternateRow) bool { return r.n < 8 }
	}
}

// statement draws a statement, and does to the model what it does.
func (a *alternation) statement(first bool) string {
	kind := a.random.IntN(8)
	if first {
		kind = 0
	}
	switch kind {
	case 0, 1:
		rows := a.fresh(5 + a.random.IntN(30))
		maps.Copy(a.rows, rows)
		return "INSERT INTO t " + values(rows)
	case 2:
		where, is := a.condition()
		maps.DeleteFunc(a.rows, is)
		return "DELETE FROM t WHERE " + where
	case 3:
		where, is := a.condition()
		for id, r := range a.rows {
			if is(id, r) {
				a.rows[id] = alternateRow{r.p, r.n + 50}
			}
		}
		return "UPDATE t SET n = n + 50 WHERE " + where
	case 4, 5:
		return a.merge()
	case 6:
		return "OPTIMIZE t "
	default:
		rows := a.fresh(4)
		for id, r := range rows {
			rows[id] = alternateRow{r.p, r.n % 8}
		}
		maps.DeleteFunc(a.rows, func(_ int64, r alternateRow) bool { return r.n < 8 })
		maps.Copy(a.rows, rows)
		return "INSERT INTO t REPLACE WHERE n < 8 SELECT * FROM " + values(rows) + " AS v(id, p, n)"
	}
}

func (a *alternation) merge() string {
	rows := a.fresh(1 + a.random.IntN(8))
	for _, id := range slices.Sorted(maps.Keys(a.rows)) {
		if a.random.IntN(4) == 0 {
			rows[id] = alternateRow{a.rows[id].p, a.random.Int64N(50)}
		}
	}
	before := maps.Clone(a.rows)
	for id := range before {
		if _, matched := rows[id]; !matched && id%11 == 7 {
			delete(a.rows, id)
		}
	}
	for id, r := range rows {
		_, matched := before[id]
		switch {
		case matched && r.n%4 == 1:
			delete(a.rows, id)
		case matched || r.n%5 != 0:
			a.rows[id] = r
		}
	}
	return "MERGE INTO t USING (SELECT * FROM " + values(rows) + " AS v(id, p, n)) AS s ON t.id = s.id WHEN MATCHED AND s.n % 4 = 1 THEN DELETE WHEN MATCHED THEN UPDATE SET * " +
		"WHEN NOT MATCHED AND s.n % 5 <> 0 THEN INSERT * WHEN NOT MATCHED BY SOURCE AND t.id % 11 = 7 THEN DELETE"
}

// compare reads the table with every reader.
func (a *alternation) compare(what string, deltalake bool) {
	a.t.Helper()
	var lines []string
	for id, r := range a.rows {
		lines = append(lines, fmt.Sprintf(`{"id":%d,"p":%q,"n":%d}`, id, r.p, r.n))
	}
	want := normal(a.t, lines)
	read := map[string][]string{"Spark": shared.spark.ask(a.t, map[string]any{"op": "read", "path": a.dir}).Rows, "us": a.read()}
	if deltalake {
		read["delta-rs"] = shared.readers.ask(a.t, map[string]any{"op": "read", "engine": "datafusion", "path": a.dir}).Rows
	}
	for reader, rows := range read {
		if diff := cmp.Diff(want, normal(a.t, rows)); diff != "" {
			a.t.Errorf("%.300s: rows by %s (-want +got):\n%s", what, reader, diff)
		}
	}
}

// read is the rows as the library reads them.
func (a *alternation) read() []string {
	a.t.Helper()
	store, err := local.New(a.dir)
	if err != nil {
		a.t.Fatal(err)
	}
	s, err := delta.Open(store, "", delta.Config{}).Snapshot(a.t.Context())
	if err != nil {
		a.t.Fatal(err)
	}
	scan, err := s.Scan(delta.ScanConfig{})
	if err != nil {
		a.t.Fatal(err)
	}
	lines := []string{}
	for rec, err := range scan.Records(a.t.Context()) {
		if err != nil {
			a.t.Fatal(err)
		}
		for i := range int(rec.NumRows()) {
			lines = append(lines, string(schema.AppendRowJSON(nil, rec, i)))
		}
	}
	return lines
}

// lint looks for breaches of the protocol.
func (a *alternation) lint() {
	a.t.Helper()
	store, err := local.New(a.dir)
	if err != nil {
		a.t.Fatal(err)
	}
	violations, err := check.Table(a.t.Context(), store, "", check.Options{Deep: true})
	if err != nil {
		a.t.Fatal(err)
	}
	for _, v := range violations {
		a.t.Error(v)
	}
}
