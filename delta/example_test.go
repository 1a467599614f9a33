package delta_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	arrowmem "github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

// columns is a schema from DDL.
func columns(text string) *arrow.Schema {
	s, err := schema.ParseDDL(text)
	if err != nil {
		log.Fatal(err)
	}
	return s
}

// jsonRows is a source of rows that are written as JSON.
func jsonRows(s *arrow.Schema, text string) exec.Source {
	rec, _, err := array.RecordFromJSON(arrowmem.DefaultAllocator, s, strings.NewReader(text))
	if err != nil {
		log.Fatal(err)
	}
	return exec.NewBatches(s, rec)
}

// show prints the rows of a scan.
func show(ctx context.Context, s *delta.Snapshot, c delta.ScanConfig) {
	scan, err := s.Scan(c)
	if err != nil {
		log.Fatal(err)
	}
	for rec, err := range scan.Records(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		for row := range int(rec.NumRows()) {
			var line []string
			for i := range rec.Columns() {
				line = append(line, string(schema.AppendJSON(nil, rec.Column(i), row)))
			}
			fmt.Println(strings.Join(line, " "))
		}
	}
}

// people makes the table that the examples use.
func people(ctx context.Context) (*delta.Table, *arrow.Schema) {
	s := columns("id BIGINT NOT NULL, name STRING, country STRING")
	table := delta.Open(memory.New(), "silver/people", delta.Config{})
	if _, err := table.Create(ctx, delta.Definition{Schema: s, PartitionBy: []string{"country"}}); err != nil {
		log.Fatal(err)
	}
	rows := jsonRows(s, `[{"id": 1, "name": "Ada", "country": "GB"}, {"id": 2, "name": "Grace", "country": "US"}]`)
	if _, err := table.Append(ctx, rows, delta.WriteOptions{}); err != nil {
		log.Fatal(err)
	}
	return table, s
}

func ExampleOpen() {
	ctx := context.Background()
	table := delta.Open(memory.New(), "silver/people", delta.Config{})
	_, err := table.Snapshot(ctx)
	fmt.Println(errors.Is(err, delta.ErrNotTable))

	version, err := table.Create(ctx, delta.Definition{Schema: columns("id BIGINT NOT NULL, name STRING")})
	fmt.Println(version, err)
	// Output:
	// true
	// 0 <nil>
}

func ExampleTable_Append() {
	ctx := context.Background()
	table, s := people(ctx)
	version, err := table.Append(ctx, jsonRows(s, `[{"id": 3, "name": "Alan", "country": "GB"}]`), delta.WriteOptions{})
	if err != nil {
		log.Fatal(err)
	}
	snapshot, err := table.Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}
	rows, _ := snapshot.NumRows()
	fmt.Println("version", version, "has", rows, "rows in", snapshot.NumFiles(), "files")
	// Output: version 2 has 3 rows in 3 files
}

func ExampleSnapshot_Scan() {
	ctx := context.Background()
	table, _ := people(ctx)
	snapshot, err := table.Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}
	filter, err := snapshot.Predicate("country = 'GB' AND id < 10")
	if err != nil {
		log.Fatal(err)
	}
	scan, err := snapshot.Scan(delta.ScanConfig{Filter: filter})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("reads", len(scan.Files), "file, skips", scan.SkippedFiles)
	show(ctx, snapshot, delta.ScanConfig{Filter: filter})
	// Output:
	// reads 1 file, skips 1
	// 1 "Ada" "GB"
}

func ExampleTable_SnapshotAt() {
	ctx := context.Background()
	table, _ := people(ctx)
	if _, err := table.Delete(ctx, "name = 'Ada'", delta.WriteOptions{}); err != nil {
		log.Fatal(err)
	}
	for version := range int64(3) {
		snapshot, err := table.SnapshotAt(ctx, version)
		if err != nil {
			log.Fatal(err)
		}
		rows, _ := snapshot.NumRows()
		fmt.Println("version", version, "has", rows, "rows")
	}
	// Output:
	// version 0 has 0 rows
	// version 1 has 2 rows
	// version 2 has 1 rows
}

func ExampleTable_Merge() {
	ctx := context.Background()
	table, _ := people(ctx)
	changes := jsonRows(columns("id BIGINT, name STRING, country STRING, op STRING"), `[
		{"id": 1, "name": "Ada L.", "country": "GB", "op": "U"},
		{"id": 2, "op": "D"},
		{"id": 3, "name": "Alan", "country": "GB", "op": "I"}]`)
	result, err := table.Merge(changes, "target.id = source.id").
		WhenMatched("source.op = 'D'").Delete().
		WhenMatched("").UpdateAll().
		WhenNotMatched("source.op <> 'D'").InsertAll().
		Run(ctx, delta.WriteOptions{})
	if err != nil {
		log.Fatal(err)
	}
	m := result.Metrics
	fmt.Println(m["numTargetRowsInserted"], "inserted,", m["numTargetRowsUpdated"], "updated,", m["numTargetRowsDeleted"], "deleted")
	// Output: 1 inserted, 1 updated, 1 deleted
}

func ExampleTable_ReplaceWhere() {
	ctx := context.Background()
	table, s := people(ctx)
	if _, err := table.ReplaceWhere(ctx, "country = 'US'", jsonRows(s, `[{"id": 7, "name": "Barbara", "country": "US"}]`), delta.WriteOptions{}); err != nil {
		log.Fatal(err)
	}
	snapshot, err := table.Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}
	show(ctx, snapshot, delta.ScanConfig{})
	// Output:
	// 1 "Ada" "GB"
	// 7 "Barbara" "US"
}

func ExampleTable_Begin() {
	ctx := context.Background()
	table, s := people(ctx)
	snapshot, err := table.Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}
	tx := table.Begin(snapshot, delta.Operation{Name: "WRITE"})
	defer func() {
		if err := tx.Abort(ctx); err != nil { // does nothing after Commit
			log.Fatal(err)
		}
	}()
	w, err := tx.NewWriter(delta.WriterConfig{})
	if err != nil {
		log.Fatal(err)
	}
	rows := jsonRows(s, `[{"id": 4, "name": "Edsger", "country": "NL"}]`)
	if err := (exec.Pipeline{Source: rows}).Run(ctx, &exec.Env{}, w.Sink()); err != nil {
		log.Fatal(err)
	}
	tx.SetTxn("orders-flow", 17) // the rows and the progress are one commit
	version, err := tx.Commit(ctx)
	if err != nil {
		log.Fatal(err)
	}
	after, err := table.Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}
	progress, _ := after.Txn("orders-flow")
	fmt.Println("version", version, "batch", progress)
	// Output: version 2 batch 17
}

func ExampleConflictError() {
	ctx := context.Background()
	table, s := people(ctx)
	snapshot, err := table.Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}
	tx := table.Begin(snapshot, delta.Operation{Name: "WRITE"})
	tx.ReadWholeTable()
	if _, err := table.Append(ctx, jsonRows(s, `[{"id": 9, "name": "Tony", "country": "GB"}]`), delta.WriteOptions{}); err != nil {
		log.Fatal(err)
	}
	_, err = tx.Commit(ctx)
	var conflict *delta.ConflictError
	if errors.As(err, &conflict) {
		fmt.Println(conflict.Kind, "with version", conflict.Version, "retryable:", conflict.Retryable())
	}
	// Output: ConcurrentAppend with version 2 retryable: true
}

func ExampleTable_History() {
	ctx := context.Background()
	table, _ := people(ctx)
	history, err := table.History(ctx, 10)
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range history {
		fmt.Println(c.Version, c.Operation, c.Metrics["numOutputRows"])
	}
	// Output:
	// 1 WRITE 2
	// 0 CREATE TABLE
}
