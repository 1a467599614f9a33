//go:build integration

package integration

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/engine/warehouse/databricks"
)

// server connects to the suite's warehouse.
func openWarehouse(t *testing.T) *databricks.Warehouse {
	t.Helper()
	config, err := databricks.ParseDSN(shared.warehouse.login(t).dsn(url.Values{"catalog": {"main"}}))
	if err != nil {
		t.Fatal(err)
	}
	w, err := databricks.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// catalogOf is a catalog for the tables of one lake alone.
func pushdown(s warehouse.Server, catalog string) engine.Engine {
	return warehouse.New(s, warehouse.Config{Catalog: catalog})
}

// TestShopOnEachEngine runs the same batches in this process, on the warehouse, and on both in turn.
func TestShopOnEachEngine(t *testing.T) {
	landing := t.TempDir()
	here, there, both := newShopLake(t, landing), newShopLake(t, landing), newShopLake(t, landing)
	inProcess, onServer, onDev := local.New(local.Config{}), pushdown(openWarehouse(t), "main"), pushdown(openWarehouse(t), "dev")
	for i, lines := range [][]string{
		{"1 ann U 10.50 1", "2 bob U -2000 2", "3 - U 5 3", "- cid U 7.25 4", "5 eve U - -", "6 bank K 99 1", "7 dan U 3 5"},
		{"8 ann U 11.50 6", "9 dan D - 7", "10 bob U 4 8", "11 bank K 100 2", "12 mint K 1 1"},
		{"13 dan U 6 9", "14 ann U 11.50 10", "15 bob D - 11", "16 zoe U 1 12", "17 zoe U 2 13", "18 zoe D - 14"},
	} {
		arriveAtShop(t, landing, fmt.Sprintf("%d.json", i), lines...)
		want := here.must(t, inProcess, here.all()...)
		sameCounts(t, want, there.must(t, onServer, there.all()...))
		alternate := []engine.Engine{onDev, inProcess}[i%2]
		sameCounts(t, want, both.must(t, alternate, both.all()...))
		sameShops(t, here, there)
		sameShops(t, here, both)
	}
	for _, tr := range there.must(t, onServer, there.all()...).Tables {
		if tr.Commits != 0 {
			t.Errorf("%s: a run without new rows made %d commits", tr.Name, tr.Commits)
		}
	}
}

// errKilled is what a run sees whose process would be dead.
var errKilled = errors.New("the process is dead")

// mortal is a server as a process sees it that dies at a statement.
type mortal struct {
	warehouse.Server
	left int // statements that still run
}

func (m *mortal) dies() bool {
	m.left--
	return m.left < 0
}

func (m *mortal) Exec(ctx context.Context, s warehouse.Statement) error {
	if m.dies() {
		return errKilled
	}
	return m.Server.Exec(ctx, s)
}

func (m *mortal) Query(ctx context.Context, s warehouse.Statement) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	if m.dies() {
		return nil, nil, errKilled
	}
	return m.Server.Query(ctx, s)
}

// TestKilledAtEachStatement ends a run at every boundary between two statements, and runs it again.
func TestKilledAtEachStatement(t *testing.T) {
	landing := t.TempDir()
	here, there := newShopLake(t, landing), newShopLake(t, landing)
	inProcess, server := local.New(local.Config{}), openWarehouse(t)
	tables := func(l *shopLake) []medallion.AnyTable { return []medallion.AnyTable{l.entries, l.history, l.latest} }
	for n := 0; ; n++ {
		lines := make([]string, 5)
		for i := range lines {
			id := 5*n + i + 1
			lines[i] = fmt.Sprintf("%d a%d %s %d %d", id, id%7, []string{"U", "U", "D"}[id%3], id%11*-200, id)
		}
		arriveAtShop(t, landing, fmt.Sprintf("%04d.json", n), lines...)
		here.must(t, inProcess, tables(here)...)
		_, err := there.run(t.Context(), pushdown(&mortal{Server: server, left: n}, "main"), tables(there)...)
		there.must(t, pushdown(server, "main"), tables(there)...)
		sameShopTables(t, here, there)
		if t.Failed() {
			t.Fatalf("after a run that ended before its statement %d", n+1)
		}
		if err == nil {
			t.Logf("%d boundaries", n)
			return
		}
		if !errors.Is(err, errKilled) {
			t.Fatalf("statement %d: got error %v, want the kill alone", n+1, err)
		}
	}
}
