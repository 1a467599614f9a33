//go:build integration

package integration

import (
	"context"
	"flag"
	"iter"
	"regexp"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/enginetest"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/engine/warehouse"
	storage "github.com/medallion-go/medallion/storage/local"
)

var (
	update      = flag.Bool("update", false, "write the conformance cases' results anew from what Spark says")
	updateOnly  = flag.String("only", "", "with -update, the files of engine/enginetest/testdata to be written, as a regular expression: 'values/(dates|json)'")
	full        = flag.Bool("conformance", false, "the whole conformance suite: the cases' own text too, constants as they are written, and rows that lie in no table")
	randomPlans = flag.Int("plans", 15, "random plans that are run in this process and on the warehouse")
	randomSeed  = flag.Uint64("seed", 1, "seed of the random plans")
)

// TestConformance holds the warehouse engine, and with -conformance Spark itself as it reads the cases' own text, to the results that engine/enginetest has; then
// it runs random plans in this process over constant rows and on the warehouse over Delta tables.
func TestConformance(t *testing.T) {
	t.Parallel()
	server, dir := openWarehouse(t), t.TempDir()
	store, err := storage.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	e, lake := pushdown(server, "main"), engine.Lake{Store: store}
	if *update {
		enginetest.Update(t, textOf(server), e, lake, inRepository("engine", "enginetest", "testdata"), regexp.MustCompile(*updateOnly))
		return
	}
	if *full {
		t.Run("text", func(t *testing.T) { enginetest.RunText(t, textOf(server)) })
	}
	t.Run("engine", func(t *testing.T) { enginetest.Run(t, enginetest.Subject{Engine: e, Lake: lake, Brief: !*full}) })
	t.Run("random plans", func(t *testing.T) {
		enginetest.Compare(t, local.New(local.Config{}), e, lake, enginetest.Random{Seed: *randomSeed, Plans: *randomPlans})
	})
}

// textOf runs queries as they are written.
func textOf(server warehouse.Server) enginetest.Text {
	return func(ctx context.Context, query string) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
		return server.Query(ctx, warehouse.Statement{SQL: query})
	}
}
