package delta_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/local"
	"github.com/medallion-go/medallion/storage/memory"
)

// Small files of a partition become one, in a commit that changes no row.
func ExampleTable_Optimize() {
	ctx := context.Background()
	table, s := people(ctx)
	if _, err := table.Append(ctx, jsonRows(s, `[{"id": 3, "name": "Alan", "country": "GB"}]`), delta.WriteOptions{}); err != nil {
		log.Fatal(err)
	}
	res, err := table.Optimize(ctx, "country = 'GB'", delta.OptimizeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("version", res.Version, "has", res.Metrics["numAddedFiles"], "file for", res.Metrics["numRemovedFiles"])
	// Output: version 3 has 1 file for 2
}

// Files that no version of the last seven days needs are removed; a shorter time has to be forced.
func ExampleTable_Vacuum() {
	ctx := context.Background()
	table, _ := people(ctx)
	res, err := table.Vacuum(ctx, delta.VacuumOptions{DryRun: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(res.Files), "files to remove")
	_, err = table.Vacuum(ctx, delta.VacuumOptions{Retention: time.Hour})
	var short *delta.RetentionError
	fmt.Println(errors.As(err, &short))
	// Output:
	// 0 files to remove
	// true
}

// Rows are ordered so that conditions on either of two columns need few files.
func ExampleTable_Optimize_zOrder() {
	ctx := context.Background()
	table, _ := people(ctx)
	res, err := table.Optimize(ctx, "", delta.OptimizeOptions{ZOrderBy: []string{"id", "name"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("version", res.Version, "has its rows in order")
	// Output: version 2 has its rows in order
}

// Files that hold deleted rows are rewritten without them.
func ExampleTable_Reorg() {
	ctx := context.Background()
	table, _ := people(ctx)
	res, err := table.Reorg(ctx, "", delta.OptimizeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Metrics["numRemovedFiles"], "of", res.Metrics["totalConsideredFiles"], "files hold deleted rows")
	// Output: 0 of 2 files hold deleted rows
}

// A table goes back to what it was at an older version; the versions in between remain.
func ExampleTable_Restore() {
	ctx := context.Background()
	table, _ := people(ctx)
	if _, err := table.Delete(ctx, "country = 'GB'", delta.WriteOptions{}); err != nil {
		log.Fatal(err)
	}
	old, err := table.SnapshotAt(ctx, 1)
	if err != nil {
		log.Fatal(err)
	}
	res, err := table.Restore(ctx, old, delta.RestoreOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("version", res.Version, "has", res.Metrics["numRestoredFiles"], "file back")
	// Output: version 3 has 1 file back
}

// A clone begins with the rows of a version and shares its files.
func ExampleSnapshot_ShallowClone() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "clone")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := local.New(dir)
	if err != nil {
		log.Fatal(err)
	}
	columns, err := schema.ParseDDL("id BIGINT")
	if err != nil {
		log.Fatal(err)
	}
	table, clone := delta.Open(store, "t", delta.Config{}), delta.Open(store, "clone", delta.Config{})
	if _, err := table.CreateAs(ctx, delta.Definition{Schema: columns}, jsonRows(columns, `[{"id": 1}, {"id": 2}]`), delta.WriteOptions{}); err != nil {
		log.Fatal(err)
	}
	s, err := table.Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}
	res, err := s.ShallowClone(ctx, clone, delta.CloneOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("version", res.Version, "shares", res.Metrics["sourceNumOfFiles"], "file")
	// Output: version 0 shares 1 file
}

// A clustered table keeps its rows in an order that its columns share evenly: OPTIMIZE puts what is new into it.
func ExampleTable_ClusterBy() {
	ctx := context.Background()
	columns, err := schema.ParseDDL("id BIGINT, name STRING")
	if err != nil {
		log.Fatal(err)
	}
	table := delta.Open(memory.New(), "people", delta.Config{})
	if _, err := table.Create(ctx, delta.Definition{Schema: columns, ClusterBy: []string{"id"}}); err != nil {
		log.Fatal(err)
	}
	if _, err := table.Append(ctx, jsonRows(columns, `[{"id": 2, "name": "Grace"}, {"id": 1, "name": "Ada"}]`), delta.WriteOptions{}); err != nil {
		log.Fatal(err)
	}
	if _, err := table.ClusterBy(ctx, "id", "name"); err != nil {
		log.Fatal(err)
	}
	res, err := table.Optimize(ctx, "", delta.OptimizeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	s, err := table.Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Metrics["numAddedFiles"], "file by", s.ClusteringColumns())
	// Output: 1 file by [id name]
}
