package delta_test

import (
	"context"
	"fmt"
	"log"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

// A table with delta.enableChangeDataFeed tells which rows each version changed.
func ExampleTable_Changes() {
	ctx := context.Background()
	table := delta.Open(memory.New(), "silver/people", delta.Config{})
	s := columns("id BIGINT, name STRING")
	if _, err := table.Create(ctx, delta.Definition{Schema: s, Properties: map[string]string{"delta.enableChangeDataFeed": "true"}}); err != nil {
		log.Fatal(err)
	}
	for _, text := range []string{`[{"id": 1, "name": "Ada"}]`, `[{"id": 2, "name": "Grace"}]`} {
		if _, err := table.Overwrite(ctx, jsonRows(s, text), delta.WriteOptions{}); err != nil {
			log.Fatal(err)
		}
	}
	changes, err := table.Changes(ctx, delta.ChangesConfig{From: 2})
	if err != nil {
		log.Fatal(err)
	}
	scan, err := changes.Scan(delta.ScanConfig{Columns: []int{0, 1, 2, 3}})
	if err != nil {
		log.Fatal(err)
	}
	for rec, err := range scan.Records(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		for row := range int(rec.NumRows()) {
			fmt.Println(string(schema.AppendRowJSON(nil, rec, row)))
		}
	}
	// Output:
	// {"id":1,"name":"Ada","_change_type":"delete","_commit_version":2}
	// {"id":2,"name":"Grace","_change_type":"insert","_commit_version":2}
}
