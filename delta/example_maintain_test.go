package delta_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/medallion-go/medallion/delta"
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
