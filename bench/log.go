package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/storage/local"
)

// logSteps are those of the log: opening one that is long or large, and making one grow. bench/peers/mkmeta.py leaves the logs to open beside the data.
func (b *bench) logSteps() map[string]step {
	return map[string]step{
		"META_ckpt": {prepare: nothing, run: b.open("ckpt")},
		"META_json": {prepare: nothing, run: b.open("json")},
		"META_300k": {prepare: nothing, run: b.open("300k")},
		"A1":        {prepare: func() error { return os.RemoveAll(filepath.Join(b.out, "append")) }, run: b.append},
	}
}

// open opens a table and lists its files.
func (b *bench) open(name string) func(context.Context) (outcome, error) {
	return func(ctx context.Context) (outcome, error) {
		store, err := local.New(filepath.Join(filepath.Dir(filepath.Clean(b.data)), "meta", name))
		if err != nil {
			return outcome{}, err
		}
		s, err := delta.Open(store, "", delta.Config{}).Snapshot(ctx)
		if err != nil {
			return outcome{}, err
		}
		var paths []string
		for f := range s.Files() {
			paths = append(paths, f.Path)
		}
		return outcome{rows: int64(len(paths)), extra: map[string]any{"version": s.Version()}}, nil
	}
}

// append makes a table of as many commits as the flag says, each of 100 rows, by one handle.
func (b *bench) append(ctx context.Context) (outcome, error) {
	store, err := local.New(filepath.Join(b.out, "append"))
	if err != nil {
		return outcome{}, err
	}
	rows := hundredRows()
	table := delta.Open(store, "", delta.Config{})
	version, err := table.CreateAs(ctx, delta.Definition{}, rows, delta.WriteOptions{})
	for range b.appends - 1 {
		if err != nil {
			return outcome{}, err
		}
		version, err = table.Append(ctx, rows, delta.WriteOptions{})
	}
	return outcome{rows: int64(b.appends), extra: map[string]any{"final_version": version}}, err
}

// hundredRows are the ids from 0 on, each with a value.
func hundredRows() *exec.Batches {
	s := arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, {Name: "v", Type: arrow.BinaryTypes.String, Nullable: true},
	}, nil)
	r := array.NewRecordBuilder(memory.DefaultAllocator, s)
	defer r.Release()
	for i := range int64(100) {
		r.Field(0).(*array.Int64Builder).Append(i)
		r.Field(1).(*array.StringBuilder).Append(fmt.Sprint("value-", i))
	}
	return exec.NewBatches(s, r.NewRecordBatch())
}
