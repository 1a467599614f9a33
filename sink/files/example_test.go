package files_test

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/sink"
	"github.com/medallion-go/medallion/sink/files"
	"github.com/medallion-go/medallion/storage"
	memstore "github.com/medallion-go/medallion/storage/memory"
)

func Example() {
	type Total struct {
		Country string
		Orders  int64
	}
	s, _ := schema.Of[Total]()
	codec, _ := schema.NewCodec[Total](s)
	rows := func(yield func(arrow.RecordBatch, error) bool) {
		batch, err := codec.Encode(memory.DefaultAllocator, []Total{{"NO", 3}, {"SE", 5}})
		if err == nil {
			defer batch.Release()
		}
		yield(batch, err)
	}

	ctx, store := context.Background(), memstore.New()
	out, err := files.New(store, "exports/totals", files.Config{Format: files.NDJSON})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 { // the second is the same delivery: it counts once
		if err := out.Deliver(ctx, sink.Delivery{ID: "version-7", Schema: s, Rows: rows}); err != nil {
			fmt.Println(err)
		}
	}
	text, err := storage.ReadAll(ctx, store, out.Key("version-7"))
	fmt.Print(string(text), err)
	// Output:
	// {"country":"NO","orders":3}
	// {"country":"SE","orders":5}
	// <nil>
}
