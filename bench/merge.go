package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/storage/local"
)

// mergeSteps merge 300,000 changes into ten million rows, which bench/peers/mkmerge.py leaves beside the data: by rewriting files, as delta-rs does, and by
// deletion vectors, which it cannot write.
func (b *bench) mergeSteps() map[string]step {
	return map[string]step{
		"MERGE_10M":    {prepare: b.copyOrders(nil), run: b.mergeOrders},
		"MERGE_10M_DV": {prepare: b.copyOrders(map[string]string{"delta.enableDeletionVectors": "true"}), run: b.mergeOrders},
	}
}

func (b *bench) orders() string {
	return filepath.Join(filepath.Dir(filepath.Clean(b.data)), "merge")
}

func (b *bench) ordersTable() (*delta.Table, error) {
	store, err := local.New(filepath.Join(b.out, "orders"))
	if err != nil {
		return nil, err
	}
	return delta.Open(store, "", delta.Config{}), nil
}

func (b *bench) copyOrders(properties map[string]string) func() error {
	return func() error {
		to := filepath.Join(b.out, "orders")
		if err := os.RemoveAll(to); err != nil {
			return err
		}
		if err := copyTree(to, filepath.Join(b.orders(), "target")); err != nil || properties == nil {
			return err
		}
		table, err := b.ordersTable()
		if err != nil {
			return err
		}
		_, err = table.SetProperties(context.Background(), properties)
		return err
	}
}

func (b *bench) mergeOrders(ctx context.Context) (outcome, error) {
	changes, err := readParquet(ctx, filepath.Join(b.orders(), "changes.parquet"))
	if err != nil {
		return outcome{}, err
	}
	table, err := b.ordersTable()
	if err != nil {
		return outcome{}, err
	}
	env := &exec.Env{}
	if b.memory > 0 {
		env.Budget = exec.NewBudget(b.memory << 20)
	}
	set := make(map[string]string)
	for _, c := range []string{"order_id", "customer_id", "status", "amount", "updated_at", "note"} {
		set[c] = "s." + c
	}
	res, err := table.Merge(changes, "t.order_id = s.order_id").As("t", "s").
		WhenMatched("s.op = 'D'").Delete().
		WhenMatched("").Update(set).
		WhenNotMatched("s.op <> 'D'").Insert(set).
		Run(ctx, delta.WriteOptions{Env: env})
	if err != nil {
		return outcome{}, err
	}
	m := res.Metrics
	counts := []int64{m["numTargetRowsInserted"], m["numTargetRowsUpdated"], m["numTargetRowsDeleted"]}
	return outcome{rows: counts[0] + counts[1] + counts[2], extra: map[string]any{"result": counts}}, nil
}

// readParquet reads a file into memory.
func readParquet(ctx context.Context, path string) (_ *exec.Batches, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	p, err := parquet.Open(f, info.Size(), parquet.ReaderConfig{Name: path})
	if err != nil {
		return nil, err
	}
	var recs []arrow.RecordBatch
	err = p.Read(ctx, parquet.ReadConfig{}, func(rec arrow.RecordBatch) error {
		rec.Retain()
		recs = append(recs, rec)
		return nil
	})
	if err == nil && len(recs) == 0 {
		err = fmt.Errorf("%s holds no rows", path)
	}
	if err != nil {
		return nil, err
	}
	return exec.NewBatches(recs[0].Schema(), recs...), nil
}
