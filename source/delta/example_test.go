package delta_test

import (
	"context"
	"fmt"
	"log"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/schema"
	stream "github.com/medallion-go/medallion/source/delta"
	storagememory "github.com/medallion-go/medallion/storage/memory"
)

// Reading is a row of another team's table.
type Reading struct {
	Sensor *string
	Value  *int64
}

// readings is a source of one row.
func readings(s *arrow.Schema, sensor string, value int64) exec.Source {
	b := array.NewRecordBuilder(memory.DefaultAllocator, s)
	defer b.Release()
	b.Field(0).(*array.StringBuilder).Append(sensor)
	b.Field(1).(*array.Int64Builder).Append(value)
	return exec.NewBatches(s, b.NewRecordBatch())
}

// A table that others append to is the input of a pipeline: each run takes the rows that are new.
func ExampleNew() {
	ctx, store := context.Background(), storagememory.New()
	s, err := schema.ParseDDL("sensor STRING, value BIGINT")
	if err != nil {
		log.Fatal(err)
	}
	theirs := delta.Open(store, "theirs", delta.Config{})
	if _, err := theirs.Create(ctx, delta.Definition{Schema: s}); err != nil {
		log.Fatal(err)
	}
	raw := bronze.Ingest[Reading]("bronze.readings", stream.New(theirs, stream.MaxFilesPerTrigger(1000)))
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(store, "lake")}
	for value := range int64(2) {
		if _, err := theirs.Append(ctx, readings(s, "a", value), delta.WriteOptions{}); err != nil {
			log.Fatal(err)
		}
		report, err := pipeline.Run(ctx, raw)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(report.Table("bronze.readings").RowsOut, "row")
	}
	// Output:
	// 1 row
	// 1 row
}
