package bronze_test

import (
	"context"
	"fmt"
	"log"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// RawOrder takes every column as it comes; what does not fit is in Rescued.
type RawOrder struct {
	OrderID *string
	Amount  *int64
	Rescued *string `delta:"_rescued_data"`
}

// Each file is read once: the commit that holds its rows is what says so. What does not fit its column is kept beside the row.
func ExampleIngest() {
	ctx, store := context.Background(), memory.New()
	raw := bronze.Ingest[RawOrder]("bronze.orders", files.In(store, "landing/*.json"))
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(store, "lake")}

	for _, file := range []struct{ key, lines string }{
		{"landing/1.json", `{"order_id":"a","amount":10}` + "\n" + `{"order_id":"b","amount":"ten"}`},
		{"landing/2.json", `{"order_id":"c","amount":30}`},
	} {
		if _, err := storage.Put(ctx, store, file.key, []byte(file.lines)); err != nil {
			log.Fatal(err)
		}
		report, err := pipeline.Run(ctx, raw)
		if err != nil {
			log.Fatal(err)
		}
		t := report.Table("bronze.orders")
		fmt.Printf("%d file, %d rows, %d rescued\n", t.FilesIn, t.RowsOut, t.Rescued)
	}

	rows, err := medallion.Collect(ctx, &pipeline, dataset.SQL[RawOrder](`SELECT * FROM raw ORDER BY order_id`, dataset.In("raw", raw)))
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range rows {
		fmt.Println(*r.OrderID, r.Amount != nil, r.Rescued != nil)
	}
	// Output:
	// 1 file, 2 rows, 1 rescued
	// 1 file, 1 rows, 0 rescued
	// a true false
	// b false true
	// c true false
}

// Arrival is a raw row together with what a source says about the file that it came from.
type Arrival struct {
	OrderID  *string
	Rescued  *string `delta:"_rescued_data"`
	Metadata *File   `delta:"_metadata"`
}

// File is the part of the _metadata column that is wanted.
type File struct{ FileName *string }

// StampedOrder is a row with the name of its file as a column of its own.
type StampedOrder struct {
	OrderID    *string
	SourceFile *string `delta:"_source_file"`
}

// A query on the way in computes columns row by row, and each input row still counts once.
func ExampleAppend() {
	ctx, store := context.Background(), memory.New()
	arrivals := dataset.Source[Arrival](files.In(store, "landing/*.json"))
	raw := bronze.Append("bronze.orders", dataset.SQL[StampedOrder](
		`SELECT order_id, _metadata.file_name AS _source_file FROM arrivals`, dataset.In("arrivals", arrivals)))

	if _, err := storage.Put(ctx, store, "landing/monday.json", []byte(`{"order_id":"a"}`)); err != nil {
		log.Fatal(err)
	}
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(store, "lake")}
	if _, err := pipeline.Run(ctx, raw); err != nil {
		log.Fatal(err)
	}
	rows, err := medallion.Collect(ctx, &pipeline, raw)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range rows {
		fmt.Println(*r.OrderID, *r.SourceFile)
	}
	// Output: a monday.json
}
