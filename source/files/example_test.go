package files_test

import (
	"context"
	"fmt"

	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/storage"
	memstore "github.com/medallion-go/medallion/storage/memory"
)

func ExampleNew() {
	orders := files.New("landing/orders/2025-*/*.json", files.WithDDL("order_id STRING, amount DECIMAL(18,2), _rescued_data STRING"))
	fmt.Println(orders.Name(), orders.Validate())
	// Output: landing/orders/2025-*/*.json <nil>
}

func ExampleIn() {
	lossy := files.In(memstore.New(), "orders/*.csv", files.WithDDL("order_id BIGINT"))
	fmt.Println(lossy.Validate())
	// Output: files: the schema of CSV files needs a column _rescued_data STRING or _corrupt_record STRING, or malformed values would be lost
}

func ExampleSource_Plan() {
	ctx, store := context.Background(), memstore.New()
	src := files.In(store, "in/*.json", files.WithDDL("id BIGINT, _corrupt_record STRING"))
	var offset source.Offset
	for _, arrival := range [][]string{{"in/b.json", "in/c.json"}, {"in/a.json"}, {}} {
		for _, key := range arrival {
			if _, err := storage.Put(ctx, store, key, []byte("{\"id\": 1}\n")); err != nil {
				fmt.Println(err)
			}
		}
		batch, err := src.Plan(ctx, offset, source.Limits{})
		fmt.Println(batch.Files, "new files", err)
		offset = batch.Until
	}
	// Output:
	// 2 new files <nil>
	// 1 new files <nil>
	// 0 new files <nil>
}
