package delta_test

import (
	"context"
	"fmt"
	"log"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

// A table with deletion vectors keeps its files: a delete marks rows.
func ExampleTable_Delete() {
	ctx := context.Background()
	table := delta.Open(memory.New(), "people", delta.Config{})
	s := columns("id BIGINT, name STRING")
	if _, err := table.Create(ctx, delta.Definition{Schema: s, Properties: map[string]string{"delta.enableDeletionVectors": "true"}}); err != nil {
		log.Fatal(err)
	}
	if _, err := table.Append(ctx, jsonRows(s, `[{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}, {"id": 3, "name": "Cyd"}]`), delta.WriteOptions{}); err != nil {
		log.Fatal(err)
	}
	r, err := table.Delete(ctx, "name = 'Bob'", delta.WriteOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Metrics["numDeletedRows"], "row,", r.Metrics["numDeletionVectorsAdded"], "vector,", r.Metrics["numRemovedFiles"], "files removed")
	// Output: 1 row, 1 vector, 0 files removed
}

// The table gets the column that only the source has.
func ExampleMerge_WithSchemaEvolution() {
	ctx := context.Background()
	table, _ := people(ctx)
	source := jsonRows(columns("id BIGINT, name STRING, city STRING"), `[{"id": 2, "name": "Bob", "city": "Ulm"}, {"id": 9, "name": "Eve", "city": "Köln"}]`)
	_, err := table.Merge(source, "target.id = source.id").WithSchemaEvolution().WhenMatched("").UpdateAll().WhenNotMatched("").InsertAll().
		Run(ctx, delta.WriteOptions{})
	if err != nil {
		log.Fatal(err)
	}
	s, err := table.Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(schema.DDL(s.Schema()))
	// Output: id BIGINT NOT NULL, name STRING, country STRING, city STRING
}
