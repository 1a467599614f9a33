package delta_test

import (
	"context"
	"fmt"
	"log"

	arrowmem "github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// Account is a row of a table: its columns are id, owner and balance.
type Account struct {
	ID      int64
	Owner   *string // may be NULL
	Balance float64
}

// Rows are Go structs on both sides: a codec, compiled once, makes Arrow batches of them and reads them back.
func ExampleTable_Append_structs() {
	ctx := context.Background()
	s, err := schema.Of[Account]()
	if err != nil {
		log.Fatal(err)
	}
	codec, err := schema.NewCodec[Account](s)
	if err != nil {
		log.Fatal(err)
	}
	table := delta.Open(memory.New(), "accounts", delta.Config{}) // local.New("lake") gives a store of files, s3.New one of a bucket's objects
	if _, err := table.Create(ctx, delta.Definition{Schema: s}); err != nil {
		log.Fatal(err)
	}

	ada := "Ada"
	batch, err := codec.Encode(arrowmem.DefaultAllocator, []Account{{1, &ada, 12.5}, {2, nil, 30}})
	if err != nil {
		log.Fatal(err)
	}
	defer batch.Release()
	if _, err := table.Append(ctx, exec.NewBatches(s, batch), delta.WriteOptions{}); err != nil {
		log.Fatal(err)
	}

	snapshot, err := table.Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}
	scan, err := snapshot.Scan(delta.ScanConfig{})
	if err != nil {
		log.Fatal(err)
	}
	var accounts []Account
	for batch, err := range scan.Records(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		if accounts, err = codec.Decode(batch, accounts); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(len(accounts), "accounts, the first is", *accounts[0].Owner, "with", accounts[0].Balance)
	// Output: 2 accounts, the first is Ada with 12.5
}

// A writer that meets another's commit begins again from the new state, for as long as the conflict says that this may help.
func ExampleConflictError_Retryable() {
	ctx := context.Background()
	table, s := people(ctx)
	merge := func() error {
		_, err := table.Merge(jsonRows(s, `[{"id": 1, "name": "Ada L.", "country": "GB"}]`), "target.id = source.id").
			WhenMatched("").UpdateAll().
			WhenNotMatched("").InsertAll().
			Run(ctx, delta.WriteOptions{})
		return err
	}
	err := merge()
	for attempt := 1; storage.Retryable(err) && attempt < 10; attempt++ {
		err = merge()
	}
	fmt.Println(err)
	// Output: <nil>
}
