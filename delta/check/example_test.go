package check_test

import (
	"context"
	"fmt"

	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

func ExampleTable() {
	ctx, store := context.Background(), memory.New()
	log := `{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
{"metaData":{"id":"t","format":{"provider":"parquet"},"schemaString":"{\"type\":\"struct\",\"fields\":[]}","partitionColumns":["day"],"configuration":{}}}
`
	if _, err := storage.Put(ctx, store, "orders/_delta_log/00000000000000000000.json", []byte(log)); err != nil {
		fmt.Println(err)
		return
	}
	violations, err := check.Table(ctx, store, "orders", check.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range violations {
		fmt.Println(v)
	}
	// Output:
	// version 0: _delta_log/00000000000000000000.json: metaData: day is not in the schema [partition-column, Change Metadata]
}
