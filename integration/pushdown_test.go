//go:build integration

package integration

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/engine/warehouse/databricks"
)

// openWarehouse connects to the suite's warehouse.
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

// pushdown is the engine on a catalog.
func pushdown(s warehouse.Server, catalog string) engine.Engine {
	return warehouse.New(s, warehouse.Config{Catalog: catalog})
}

// TestShopOnEachEngine runs the same batches in this process, on the warehouse, and on both in turn.
func TestShopOnEachEngine(t *testing.T) {
	t.Parallel()
	landing := t.TempDir()
	here, there, both := newShopLake(t, "ledger", landing), newShopLake(t, "ledger", landing), newShopLake(t, "ledger", landing)
	inProcess, onServer, onDev := local.New(local.Config{}), pushdown(openWarehouse(t), "main"), pushdown(openWarehouse(t), "dev")
	for i, lines := range [][]string{
		{"1 ann U 10.50 1", "2 bob U -2000 2", "3 - U 5 3", "- cid U 7.25 4", "5 eve U - -", "6 bank K 99 1", "7 dan U 3 5"},
		{"8 ann U 11.50 6", "9 dan D - 7", "10 bob U 4 8", "11 bank K 100 2", "12 mint K 1 1"},
		{"13 dan U 6 9", "14 ann U 11.50 10", "15 bob D - 11", "16 zoe U 1 12", "17 zoe U 2 13", "18 zoe D - 14"},
	} {
		arriveAtShop(t, landing, fmt.Sprintf("%d.json", i), lines...)
		want := here.must(t, inProcess, here.all()...)
		sameCounts(t, want, there.must(t, onServer, there.all()...))
		alternate := []engine.Engine{inProcess, onDev}[i%2]
		sameCounts(t, want, both.must(t, alternate, both.all()...))
		sameShops(t, here, there)
		sameShops(t, here, both)
	}
	same(t, "history as the warehouse reads it", shopRows(t, here, here.history), shopRowsOn(t, both, onDev, both.history))
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

// TestKilledAtEachStatement ends the refresh of a table at every boundary between two of its statements, and has it finished by the warehouse or by this process: an append with rows set aside, a merge of versions, and a replacement behind checks. What the table reads is brought up to date in this process.
func TestKilledAtEachStatement(t *testing.T) {
	t.Parallel()
	landing := t.TempDir()
	here, there := newShopLake(t, "killed", landing), newShopLake(t, "killed", landing)
	inProcess, server := local.New(local.Config{}), openWarehouse(t)
	lines := 0
	for _, c := range []struct {
		upstream, table func(*shopLake) medallion.AnyTable
		same            func()
	}{
		{
			func(l *shopLake) medallion.AnyTable { return l.raw }, func(l *shopLake) medallion.AnyTable { return l.entries },
			func() {
				same(t, "entries", shopRows(t, here, here.entries), shopRows(t, there, there.entries))
				same(t, "quarantine", shopRows(t, here, here.aside()), shopRows(t, there, there.aside()))
			},
		},
		{
			func(l *shopLake) medallion.AnyTable { return l.raw }, func(l *shopLake) medallion.AnyTable { return l.history },
			func() { same(t, "history", shopRows(t, here, here.history), shopRows(t, there, there.history)) },
		},
		{
			func(l *shopLake) medallion.AnyTable { return l.entries }, func(l *shopLake) medallion.AnyTable { return l.latest },
			func() { same(t, "latest", shopRows(t, here, here.latest), shopRows(t, there, there.latest)) },
		},
	} {
		for at, killed := 0, true; killed; at++ {
			lines = arriveInFives(t, landing, lines)
			here.must(t, inProcess, c.table(here))
			there.must(t, inProcess, c.upstream(there))
			name := c.table(there).Name()
			_, err := there.refresh(t.Context(), pushdown(&mortal{Server: server, left: at}, "main"), c.table(there))
			if killed = err != nil; killed && !errors.Is(err, errKilled) {
				t.Fatalf("%s, statement %d: got error %v, want the kill alone", name, at+1, err)
			}
			survivor := []engine.Engine{pushdown(server, "main"), inProcess, inProcess}[at%3]
			if _, err := there.refresh(t.Context(), survivor, c.table(there)); err != nil {
				t.Fatalf("%s on %s, after a run that ended before statement %d: %v", name, survivor.Name(), at+1, err)
			}
			if c.same(); t.Failed() {
				t.Fatalf("%s on %s, after a run that ended before statement %d", name, survivor.Name(), at+1)
			}
		}
	}
}

// arriveInFives puts five more lines into the landing folder, and gives how many there are then.
func arriveInFives(t *testing.T, landing string, before int) int {
	t.Helper()
	lines := make([]string, 5)
	for i := range lines {
		id := before + i + 1
		lines[i] = fmt.Sprintf("%d a%d %s %d %d", id, id%7, []string{"U", "U", "D"}[id%3], id%11*-200, id)
	}
	arriveAtShop(t, landing, fmt.Sprintf("%06d.json", before), lines...)
	return before + len(lines)
}

// TestTooLargeGoesToTheWarehouse has a table that is too large for the process run on the warehouse by itself, and says so beforehand.
func TestTooLargeGoesToTheWarehouse(t *testing.T) {
	t.Parallel()
	landing := t.TempDir()
	l := newShopLake(t, "large", landing)
	arriveAtShop(t, landing, "1.json", "1 ann U 10.50 1", "2 bob U 4 2")
	small := local.New(local.Config{Limit: 10})
	_, err := l.run(t.Context(), small, l.raw)
	var large *engine.TooLargeError
	if !errors.As(err, &large) || large.Limit != 10 || large.Bytes <= 10 || !strings.Contains(err.Error(), "raise the limit, or name an engine that takes it") {
		t.Fatalf("alone: got error %v, want *engine.TooLargeError with the size, the limit and the remedies", err)
	}
	l.pipeline.Engines = []engine.Engine{small, pushdown(openWarehouse(t), "main")}
	e, err := l.pipeline.Explain(t.Context(), l.raw)
	if err != nil {
		t.Fatal(err)
	}
	if te := e.Tables[0]; te.Engine != "warehouse" || te.Reason != large.Error() || !strings.Contains(te.Plan, "ON target._medallion_batch = 0") {
		t.Errorf("explain: got %+v, want the warehouse, the reason and the SQL text", te)
	}
	report, err := l.pipeline.Run(t.Context(), l.raw)
	if err != nil {
		t.Fatal(err)
	}
	if tr := report.Table("large.raw"); tr.Engine != "warehouse" || tr.Reason != large.Error() || tr.RowsOut != 2 {
		t.Errorf("run: got %s because of %q and %d rows out, want the warehouse because of %q and 2 rows", tr.Engine, tr.Reason, tr.RowsOut, large)
	}
	l.pipeline.Strict = true
	arriveAtShop(t, landing, "2.json", "3 ann U 10.50 1")
	if _, err := l.pipeline.Run(t.Context(), l.raw); !errors.As(err, &large) {
		t.Errorf("strict: got error %v, want *engine.TooLargeError", err)
	}
}

// TestTwoRunnersOnTheWarehouse has two runs do the same batches at once, of a table and of one that reads it as a stream.
func TestTwoRunnersOnTheWarehouse(t *testing.T) {
	t.Parallel()
	landing := t.TempDir()
	here, there := newShopLake(t, "two_runners", landing), newShopLake(t, "two_runners", landing)
	also := *there
	server := openWarehouse(t)
	for i, lines := range [][]string{{"1 ann U 10.50 1", "2 bob U -2000 2", "3 cid U 5 3"}, {"4 ann D - 4", "5 dan U 8 5"}} {
		arriveAtShop(t, landing, fmt.Sprintf("%d.json", i), lines...)
		here.must(t, local.New(local.Config{}), here.entries)
		faults := make(chan error, 2)
		for _, l := range []*shopLake{there, &also} {
			go func() {
				_, err := l.run(t.Context(), pushdown(server, "main"), l.entries)
				faults <- err
			}()
		}
		if err := errors.Join(<-faults, <-faults); err != nil {
			t.Fatal(err)
		}
		same(t, "raw", shopRows(t, here, here.raw), shopRows(t, there, there.raw))
		same(t, "entries", shopRows(t, here, here.entries), shopRows(t, there, there.entries))
	}
}
