// Quickstart turns the raw files in its landing folder into bronze, silver and gold Delta tables.
//
//	go run ./examples/quickstart
//
// Run it again: nothing is new, and it says so. Drop another file into landing/orders and run it: only that file is read.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/medallion-go/medallion"
)

func main() {
	lake := flag.String("lake", "lake", "folder that the tables are built under")
	landing := flag.String("landing", filepath.Join("examples", "quickstart", "landing"), "folder that the raw files arrive in")
	explain := flag.Bool("explain", false, "print where and how each table would run, and run nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *lake, *landing, *explain); err != nil {
		stop()
		log.Fatal(err)
	}
}

func run(ctx context.Context, dir, landing string, explain bool) error {
	if _, err := os.Stat(landing); err != nil {
		return fmt.Errorf("quickstart: no raw files: run it from the repository's root, or name the folder with -landing: %w", err)
	}
	lake, err := medallion.LocalLake(dir)
	if err != nil {
		return err
	}
	shop := declare(landing)
	pipeline := medallion.Pipeline{Name: "quickstart", Lake: lake}
	if explain {
		e, err := pipeline.Explain(ctx, shop.revenue, shop.topProducts)
		if err != nil {
			return err
		}
		fmt.Print(e)
		return nil
	}
	report, err := pipeline.Run(ctx, shop.revenue, shop.topProducts)
	if report != nil {
		fmt.Print(report)
	}
	if err != nil {
		return err
	}
	return show(ctx, &pipeline, shop, dir)
}

// show prints a few rows of gold and where to look next.
func show(ctx context.Context, p *medallion.Pipeline, shop shop, dir string) error {
	rows, err := medallion.Collect(ctx, p, shop.bestDays)
	if err != nil {
		return err
	}
	fmt.Println("\nThe five best days, from gold.revenue:")
	for _, r := range rows {
		fmt.Printf("  %s  %-8s %-12s %4d orders  %12s EUR\n", r.Day, r.Country, r.Segment, r.Orders, r.Revenue)
	}
	fmt.Printf("\nThe tables are under %s. Spark, DuckDB and Polars open them as they are:\n", dir)
	fmt.Printf("  go run ./cmd/medallion describe %s\n", filepath.Join(dir, "silver", "orders"))
	fmt.Printf("  go run ./cmd/medallion cat %s --limit 5\n", filepath.Join(dir, "silver", "orders_quarantine"))
	fmt.Printf("  duckdb -c \"SELECT * FROM delta_scan('%s')\"\n", filepath.Join(dir, "gold", "revenue"))
	return nil
}
