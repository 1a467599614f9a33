//go:build integration

// Package tpc_test runs TPC-H and TPC-DS at scale factor 0.1 over Delta tables and holds the rows against DuckDB's.
package tpc_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/bench/tpc"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
)

var (
	scratch = flag.String("scratch", "", "folder of the tables and answers, which are made once; default: a temporary one")
	limit   = flag.Duration("limit", 0, "cancel a query that runs longer; default: none is cancelled")
)

// TestTPCH runs the queries in plenty of memory, and in so little that every third spills.
func TestTPCH(t *testing.T) {
	t.Parallel()
	run(t, "tpch", 0, 1<<20)
}

func TestTPCDS(t *testing.T) {
	t.Parallel()
	run(t, "tpcds", 0, 1<<20)
}

// query is one of a suite's, with what DuckDB gives for it without its last LIMIT.
type query struct {
	Number  int
	Text    string
	Columns []column
	Rows    [][]*string
}

// column is a column of DuckDB's rows.
type column struct{ Name, Type string }

// run holds every query of a suite, with each of some memory budgets (0: the engine's own), against DuckDB's rows and logs a table of how they came out.
func run(t *testing.T, suite string, budgets ...int64) {
	dir := *scratch
	if dir == "" {
		dir = t.TempDir()
	}
	dir = filepath.Join(dir, suite)
	queries := load(t, suite, dir)
	lake, err := tpc.Open(t.Context(), filepath.Join(dir, "data"), filepath.Join(dir, "lake"))
	if err != nil {
		t.Fatal(err)
	}
	var report strings.Builder
	for _, budget := range budgets {
		for _, q := range queries {
			name := strconv.Itoa(q.Number)
			if budget > 0 {
				name += fmt.Sprintf(" in %d MiB", budget>>20)
			}
			t.Run(name, func(t *testing.T) {
				start := time.Now()
				err := check(t.Context(), lake, q, budget)
				fmt.Fprintf(&report, "%s %-12s  %6.3f s  %s\n", suite, name, time.Since(start).Seconds(), verdict(err))
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	t.Logf("\n%s", report.String())
}

// verdict is ok, differs or fails, with the reason on one line.
func verdict(err error) string {
	var d *differenceError
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &d):
		return "differs: " + strings.ReplaceAll(err.Error(), "\n", " ")
	}
	return "fails: " + strings.ReplaceAll(err.Error(), "\n", " ")
}

// load makes the suite's tables, texts and answers where they are not there yet, and reads them.
func load(t *testing.T, suite, dir string) []query {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, "answers.jsonl")); err != nil {
		out, err := exec.Command(filepath.Join("..", "..", ".tools", "tpc", "bin", "python"), filepath.Join("..", "..", "bench", "peers", "tpc.py"),
			"--suite", suite, "--sf", "0.1", "--out", dir, "--answers").CombinedOutput()
		if err != nil {
			t.Fatalf("run integration/setup.sh first: %v\n%s", err, out)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "queries.json"))
	if err != nil {
		t.Fatal(err)
	}
	var queries []query
	if err := json.Unmarshal(text, &queries); err != nil {
		t.Fatal(err)
	}
	answers, err := os.Open(filepath.Join(dir, "answers.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer answers.Close()
	d := json.NewDecoder(bufio.NewReader(answers))
	for i := range queries {
		if err := d.Decode(&queries[i]); err != nil {
			t.Fatalf("answers of %s: %v", suite, err)
		}
	}
	return queries
}

// check runs a query, and returns a *differenceError where its rows are not DuckDB's. A panic is an error.
func check(ctx context.Context, lake *tpc.Lake, q query, budget int64) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	n, err := lake.Plan(q.Text)
	if err != nil {
		return located(err)
	}
	if *limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, *limit)
		defer cancel()
	}
	got := result{schema: n.Schema(), keys: visibleKeys(n)}
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	err = lake.Run(ctx, local.Config{Alloc: alloc, Memory: budget}, n, func(b arrow.RecordBatch) error {
		got.add(b)
		return nil
	})
	if err != nil {
		return err
	}
	if held := alloc.CurrentAlloc(); held != 0 {
		return fmt.Errorf("%d bytes of Arrow memory are still held", held)
	}
	return got.compare(q)
}

// located adds the place in the text to an error.
func located(err error) error {
	var e *expr.Error
	if errors.As(err, &e) {
		return fmt.Errorf("line %d column %d: %w", e.Line, e.Column, err)
	}
	return err
}
