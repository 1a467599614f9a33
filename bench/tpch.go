package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/bench/tpc"
	"github.com/medallion-go/medallion/engine/local"
)

// queries are those of TPC-H or TPC-DS as steps q1, q2 and so on, over Delta tables that are made of the input before the first of them. A step is the query from its text
// to its last row.
func queries(ctx context.Context, o options) (map[string]step, error) {
	text, err := os.ReadFile(filepath.Join(o.data, "queries.json"))
	if err != nil {
		return nil, err
	}
	var texts []struct {
		Number int
		Text   string
	}
	if err := json.Unmarshal(text, &texts); err != nil {
		return nil, err
	}
	lake, err := tpc.Open(ctx, filepath.Join(o.data, "data"), o.out)
	if err != nil {
		return nil, err
	}
	steps := map[string]step{"ingest": {prepare: func() error { return nil }, run: func(context.Context) (outcome, error) { return outcome{}, nil }}}
	for _, q := range texts {
		steps[fmt.Sprint("q", q.Number)] = step{prepare: collect, run: answer(lake, q.Text, local.Config{Memory: o.memory << 20})}
	}
	return steps, nil
}

// collect has the garbage of the step before collected outside the clock.
func collect() error {
	runtime.GC()
	return nil
}

func answer(lake *tpc.Lake, text string, c local.Config) func(context.Context) (outcome, error) {
	return func(ctx context.Context) (out outcome, err error) {
		n, err := lake.Plan(text)
		if err != nil {
			return out, err
		}
		return out, lake.Run(ctx, c, n, func(b arrow.RecordBatch) error {
			out.rows += b.NumRows()
			return nil
		})
	}
}

// isQueries tells whether the input is that of TPC-H or TPC-DS.
func isQueries(data string) bool {
	return strings.HasPrefix(filepath.Base(filepath.Clean(data)), "tpc")
}
