package main

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/engine/warehouse/databricks"
)

// bench holds the declared tables and where they lie.
type bench struct {
	options
	layer     string
	catalog   string // of the warehouse
	tables    tables
	pipeline  medallion.Pipeline
	warehouse *databricks.Warehouse // nil: everything runs in this process
}

func newBench(o options) (*bench, error) {
	root, layer, err := layerOf(o.out)
	if err != nil {
		return nil, err
	}
	lake, err := medallion.LocalLake(root)
	if err != nil {
		return nil, err
	}
	b := &bench{
		options: o, layer: layer, tables: declare(layer, o.data),
		pipeline: medallion.Pipeline{Name: "bench", Lake: lake, NoEventLog: true},
	}
	if o.dsn == "" {
		return b, nil
	}
	config, err := databricks.ParseDSN(o.dsn)
	if err != nil {
		return nil, err
	}
	b.warehouse, err = databricks.Open(config)
	b.catalog = config.Catalog
	return b, err
}

func (b *bench) close() error {
	if b.warehouse == nil {
		return nil
	}
	return b.warehouse.Close()
}

// engines are those that a table is to run on.
func (b *bench) engines(table string) []engine.Engine {
	name := strings.TrimPrefix(table, b.layer+".")
	if b.warehouse != nil && (b.on == "all" || slices.Contains(strings.Split(b.on, ","), name)) {
		return []engine.Engine{warehouse.New(b.warehouse, warehouse.Config{Catalog: b.catalog})}
	}
	return []engine.Engine{local.New(local.Config{Memory: b.memory << 20})}
}

func (b *bench) steps() map[string]step {
	t := b.tables
	steps := map[string]step{
		"B1":      b.step([]string{"bronze_events"}, t.bronzeEvents),
		"B2":      b.step([]string{"bronze_customers"}, t.bronzeCustomers),
		"S1":      b.step([]string{"silver_events", "quarantine_events"}, t.silverEvents),
		"S2_init": b.step([]string{"silver_customers", "silver_customers.init", "customers_scd2", "customers_scd2.init"}, t.customersOnce, t.historyOnce),
		"S2a":     {prepare: b.restored("silver_customers"), run: b.refresh(t.customers)},
		"S2b":     {prepare: b.restored("customers_scd2"), run: b.refresh(t.history)},
		"G1":      b.step([]string{"gold_daily", "gold_top_products", "gold_rolling7"}, t.daily, t.topProducts, t.rolling7),
	}
	steps["Q2"] = step{prepare: b.checkFragmented, run: b.wholeTable}
	maps.Copy(steps, b.maintenance())
	maps.Copy(steps, b.logSteps())
	maps.Copy(steps, b.spillSteps())
	maps.Copy(steps, b.mergeSteps())
	return steps
}

// wholeTable is the step Q2: it reads all rows of the table that bench/peers/mkfrag.py made.
func (b *bench) wholeTable(ctx context.Context) (out outcome, err error) {
	b.pipeline.Engines = b.engines("")
	_, rows, err := b.pipeline.Query(ctx, dataset.SQL[medallion.Row](
		`SELECT event_type, device_os, count(*), sum(amount_eur_cents), count(DISTINCT user_id) FROM f GROUP BY ALL`, dataset.In("f", b.tables.fragmented)))
	if err != nil {
		return out, err
	}
	for rec, err := range rows {
		if err != nil {
			return out, err
		}
		out.rows += rec.NumRows()
	}
	return out, nil
}

// step refreshes tables whose folders are removed before.
func (b *bench) step(outputs []string, tables ...medallion.AnyTable) step {
	return step{
		prepare: func() error {
			for _, name := range outputs {
				if err := os.RemoveAll(filepath.Join(b.out, name)); err != nil {
					return err
				}
			}
			return nil
		},
		run: b.refresh(tables...),
	}
}

// restored puts a table back to what S2_init left, which it keeps a copy of.
func (b *bench) restored(name string) func() error {
	return func() error {
		table, saved := filepath.Join(b.out, name), filepath.Join(b.out, name+".init")
		if _, err := os.Stat(saved); os.IsNotExist(err) {
			if err := os.CopyFS(saved, os.DirFS(table)); err != nil {
				return err
			}
		}
		if err := os.RemoveAll(table); err != nil {
			return err
		}
		return copyTree(table, saved)
	}
}

// copyTree copies a folder and keeps its files' times, which Delta readers look at.
func copyTree(to, from string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.Chtimes(filepath.Join(to, rel), info.ModTime(), info.ModTime())
	})
}

// refreshed runs tables that share an engine together, so that they compute a view of theirs once.
func (b *bench) refreshed(ctx context.Context, tables []medallion.AnyTable) ([]medallion.TableReport, error) {
	if b.warehouse == nil {
		b.pipeline.Engines = b.engines("")
		report, err := b.pipeline.Refresh(ctx, tables...)
		if err != nil {
			return nil, err
		}
		return report.Tables, nil
	}
	var done []medallion.TableReport
	for _, t := range tables {
		b.pipeline.Engines = b.engines(t.Declaration().Name)
		report, err := b.pipeline.Refresh(ctx, t)
		if err != nil {
			return nil, err
		}
		done = append(done, report.Tables...)
	}
	return done, nil
}

// refresh runs the tables alone and sums up what they wrote.
func (b *bench) refresh(tables ...medallion.AnyTable) func(context.Context) (outcome, error) {
	return func(ctx context.Context) (outcome, error) {
		refreshed, err := b.refreshed(ctx, tables)
		if err != nil {
			return outcome{}, err
		}
		out := outcome{extra: map[string]any{}}
		violations := map[string]int64{}
		for _, t := range refreshed {
			if t.Commits == 0 {
				return outcome{}, fmt.Errorf("%s did nothing: %s", t.Name, t.Why)
			}
			out.rows += t.RowsOut
			for _, c := range t.Rules {
				violations[c.Name] = c.Failed
			}
			if t.Quarantined > 0 {
				out.extra["quarantined"] = t.Quarantined
			}
			if t.Spilled > 0 {
				out.extra["spilled"] = t.Spilled
			}
		}
		if len(violations) > 0 {
			out.extra["violations"] = violations
		}
		return out, nil
	}
}
