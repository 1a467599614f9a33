package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/storage/local"
)

// fragmented is the table of the steps M1 and Q1. It begins as a copy of what bench/peers/mkfrag.py leaves beside the tables of the peers.
const fragmented = "silver_frag"

func (b *bench) fragmented() (*delta.Table, error) {
	store, err := local.New(b.out)
	if err != nil {
		return nil, err
	}
	return delta.Open(store, fragmented, delta.Config{}), nil
}

func (b *bench) maintenance() map[string]step {
	return map[string]step{
		"M1_compact": {prepare: b.copyFragmented, run: b.optimize(delta.OptimizeOptions{})},
		"M1_zorder": {
			prepare: nothing,
			run:     b.optimize(delta.OptimizeOptions{ZOrderBy: []string{"user_id", "product_id"}, TargetFileBytes: 2 << 20}),
		},
		"M1_vacuum": {prepare: nothing, run: b.vacuum},
		"Q1":        {prepare: nothing, run: b.selective},
	}
}

func nothing() error { return nil }

func (b *bench) copyFragmented() error {
	to := filepath.Join(b.out, fragmented)
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return copyTree(to, filepath.Join(filepath.Dir(filepath.Clean(b.out)), "frag"))
}

// checkFragmented fails where the table is not there: a query of the pipeline would take it for one without rows.
func (b *bench) checkFragmented() error {
	table, err := b.fragmented()
	if err != nil {
		return err
	}
	if _, err = table.Snapshot(context.Background()); err != nil {
		return fmt.Errorf("run M1_compact first, on what bench/peers/mkfrag.py made: %w", err)
	}
	return nil
}

func (b *bench) optimize(o delta.OptimizeOptions) func(context.Context) (outcome, error) {
	return func(ctx context.Context) (outcome, error) {
		table, err := b.fragmented()
		if err != nil {
			return outcome{}, err
		}
		o.Env = &exec.Env{}
		if b.memory > 0 {
			o.Env.Budget = exec.NewBudget(b.memory << 20)
		}
		res, err := table.Optimize(ctx, "", o)
		if err != nil {
			return outcome{}, err
		}
		if res.Metrics["numAddedFiles"] == 0 {
			return outcome{}, fmt.Errorf("%s: nothing was rewritten", table.Name())
		}
		return outcome{rows: res.Metrics["numRemovedFiles"], extra: map[string]any{"files_added": res.Metrics["numAddedFiles"]}}, nil
	}
}

// vacuum lists what could go with no retention at all.
func (b *bench) vacuum(ctx context.Context) (outcome, error) {
	table, err := b.fragmented()
	if err != nil {
		return outcome{}, err
	}
	res, err := table.Vacuum(ctx, delta.VacuumOptions{Retention: -1, Force: true, DryRun: true})
	if err != nil {
		return outcome{}, err
	}
	return outcome{rows: int64(len(res.Files))}, nil
}

// selective sums up a few users' rows of three days.
func (b *bench) selective(ctx context.Context) (outcome, error) {
	table, err := b.fragmented()
	if err != nil {
		return outcome{}, err
	}
	s, err := table.Snapshot(ctx)
	if err != nil {
		return outcome{}, err
	}
	columns, err := s.Columns("amount_eur_cents", "event_date", "user_id")
	if err != nil {
		return outcome{}, err
	}
	where, err := s.Predicate("event_date BETWEEN DATE '2025-03-10' AND DATE '2025-03-12' AND user_id BETWEEN 1000 AND 1100")
	if err != nil {
		return outcome{}, err
	}
	filter := expr.MapColumns(where, func(i int) int { return slices.Index(columns, i) })
	scan, err := s.Scan(delta.ScanConfig{Columns: columns, Filter: filter})
	if err != nil {
		return outcome{}, err
	}
	rows, sum := int64(0), int64(0)
	for rec, err := range scan.Records(ctx) {
		if err != nil {
			return outcome{}, err
		}
		rows += rec.NumRows()
		for _, v := range rec.Column(0).(*array.Int64).Int64Values() {
			sum += v
		}
	}
	return outcome{rows: rows, extra: map[string]any{"result": []int64{rows, sum}}}, nil
}
