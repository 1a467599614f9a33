//go:build integration

package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/gold"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/source/files"
)

// rawEntry is a line of the small shop's ledger, as it comes.
type rawEntry struct {
	ID      *int64
	Account *string
	Op      *string
	Amount  *schema.Decimal `delta:"amount,decimal(12,2)"`
	Seq     *int64
	Rescued *string `delta:"_rescued_data"`
}

// entry is a line that was checked.
type entry struct {
	ID      int64
	Account string
	Amount  *schema.Decimal `delta:"amount,decimal(12,2)"`
	Seq     *int64
}

// account is the present state of an account.
type account struct {
	Account string
	Amount  *schema.Decimal `delta:"amount,decimal(12,2)"`
}

// accountVersion is a state of an account, from one change to the next.
type accountVersion struct {
	Account string
	Amount  *schema.Decimal `delta:"amount,decimal(12,2)"`
	Start   int64           `delta:"valid_from"`
	End     *int64          `delta:"valid_to"`
	Current bool            `delta:"is_current"`
}

// total is a row of gold.
type total struct {
	Account string
	Lines   int64
	Amount  *schema.Decimal `delta:"amount,decimal(22,2)"`
	Rank    int32
}

// shop is a pipeline with one table of each kind.
type shop struct {
	raw      *medallion.Table[rawEntry]       // append, from files
	entries  *medallion.Table[entry]          // append, from a table, with every kind of rule
	known    *medallion.Table[account]        // upsert
	balances *medallion.Table[account]        // changes, SCD type 1
	history  *medallion.Table[accountVersion] // changes, SCD type 2
	latest   *medallion.Table[entry]          // replace: the latest per key, with table-level checks
	totals   *medallion.Table[total]          // replace: aggregates and a window
}

// declareShop declares the tables in a schema: tests that share a catalog have a schema each.
func declareShop(schema, landing string) shop {
	var s shop
	s.raw = bronze.Ingest[rawEntry](schema+".raw", files.New(filepath.Join(landing, "*.json")))
	ledger := func() *dataset.Dataset[rawEntry] {
		return dataset.SQL[rawEntry]("SELECT * FROM r WHERE op IN ('U', 'D')", dataset.In("r", s.raw))
	}
	s.entries = silver.Append(schema+".entries", dataset.SQL[entry]("SELECT id, account, amount, seq FROM c WHERE op IN ('U', 'D')",
		dataset.In("c", quality.Check(s.raw,
			quality.Warn("sequenced", "seq IS NOT NULL"),
			quality.Drop("identified", "id IS NOT NULL"),
			quality.Quarantine("named", "account IS NOT NULL AND account <> ''"),
			quality.Quarantine("sound", "amount > -1000 OR amount IS NULL"),
			quality.Fail("known operation", "op IN ('U', 'D', 'K')")))))
	s.known = silver.Merge(schema+".known", []silver.Flow[account]{
		silver.Once(dataset.SQL[account]("SELECT 'house' AS account, CAST(0 AS DECIMAL(12,2)) AS amount FROM (VALUES (1)) AS one(n)")),
		silver.Upsert(dataset.SQL[account]("SELECT coalesce(account, 'nobody') AS account, amount FROM r WHERE op = 'K'", dataset.In("r", s.raw)), "account"),
	})
	valid := quality.Check(ledger(), quality.Drop("applicable", "account IS NOT NULL AND seq IS NOT NULL"))
	s.balances = silver.Merge(schema+".balances", []silver.Flow[account]{silver.ApplyChanges[account](valid,
		silver.Changes{Keys: []string{"account"}, SequenceBy: "seq", DeleteWhen: "op = 'D'"})})
	s.history = silver.Merge(schema+".history", []silver.Flow[accountVersion]{silver.ApplyChanges[accountVersion](valid,
		silver.Changes{
			Keys: []string{"account"}, SequenceBy: "seq", DeleteWhen: "op = 'D'",
			SCD: silver.SCD2{Start: "valid_from", End: "valid_to", Current: "is_current"},
		})})
	s.latest = silver.Table(schema+".latest", dataset.Latest(s.entries, "account", "seq, id"),
		medallion.Expect(quality.UniqueKey("account"), quality.RowCount(1, 1000), quality.Mostly("has a sequence", "seq IS NOT NULL", 0.99).OnlyWarn()))
	s.totals = gold.Table(schema+".totals", dataset.SQL[total](`
		SELECT account, lines, amount, rank() OVER (ORDER BY amount DESC) AS rank
		FROM (SELECT account, count(*) AS lines, sum(amount) AS amount FROM e GROUP BY account)`, dataset.In("e", s.entries)))
	return s
}

func (s shop) all() []medallion.AnyTable {
	return []medallion.AnyTable{s.raw, s.entries, s.known, s.balances, s.history, s.latest, s.totals}
}

// shopLake is a shop in a lake of its own.
type shopLake struct {
	shop
	dir      string
	pipeline medallion.Pipeline
}

func newShopLake(t *testing.T, schema, landing string) *shopLake {
	t.Helper()
	l := &shopLake{shop: declareShop(schema, landing), dir: t.TempDir()}
	lake, err := medallion.LocalLake(l.dir)
	if err != nil {
		t.Fatal(err)
	}
	l.pipeline = medallion.Pipeline{Name: "shop", Lake: lake, NoEventLog: true}
	return l
}

// run brings the tables up to date on an engine.
func (l *shopLake) run(ctx context.Context, e engine.Engine, tables ...medallion.AnyTable) (*medallion.Report, error) {
	l.pipeline.Engines = []engine.Engine{e}
	return l.pipeline.Run(ctx, tables...)
}

// refresh is run for one table alone.
func (l *shopLake) refresh(ctx context.Context, e engine.Engine, table medallion.AnyTable) (*medallion.Report, error) {
	l.pipeline.Engines = []engine.Engine{e}
	return l.pipeline.Refresh(ctx, table)
}

// must is run where nothing may go wrong.
func (l *shopLake) must(t *testing.T, e engine.Engine, tables ...medallion.AnyTable) *medallion.Report {
	t.Helper()
	report, err := l.run(t.Context(), e, tables...)
	if err != nil {
		t.Fatalf("on %s: %v\n%s", e.Name(), err, report)
	}
	return report
}

// arrive puts lines into the landing folder: "id account op amount seq", with - for NULL.
func arriveAtShop(t *testing.T, landing, file string, lines ...string) {
	t.Helper()
	var b strings.Builder
	for _, line := range lines {
		f := strings.Fields(line)
		row := map[string]any{}
		for i, name := range []string{"id", "account", "op", "amount", "seq"} {
			if f[i] == "-" {
				continue
			}
			row[name] = f[i]
			if name == "id" || name == "amount" || name == "seq" {
				row[name] = json.Number(f[i])
			}
		}
		text, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n", text)
	}
	if err := os.WriteFile(filepath.Join(landing, file), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// shopRows are a table's rows as sorted JSON lines, read by this process.
func shopRows[R any](t *testing.T, l *shopLake, table dataset.Rows[R]) []string {
	t.Helper()
	return shopRowsOn(t, l, local.New(local.Config{}), table)
}

func shopRowsOn[R any](t *testing.T, l *shopLake, e engine.Engine, table dataset.Rows[R]) []string {
	t.Helper()
	l.pipeline.Engines = []engine.Engine{e}
	s, rows, err := l.pipeline.Query(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{fmt.Sprint(s.NumFields())}
	for rec, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(rec.NumRows()) {
			lines = append(lines, string(schema.AppendRowJSON(nil, rec, i)))
		}
	}
	slices.Sort(lines)
	return lines
}

// sameShops compares all tables of two lakes.
func sameShops(t *testing.T, want, got *shopLake) {
	t.Helper()
	sameShopTables(t, want, got)
	same(t, "known", shopRows(t, want, want.known), shopRows(t, got, got.known))
	same(t, "balances", shopRows(t, want, want.balances), shopRows(t, got, got.balances))
	same(t, "totals", shopRows(t, want, want.totals), shopRows(t, got, got.totals))
}

func same(t *testing.T, name string, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-local +warehouse):\n%s", name, diff)
	}
}

// sameShopTables compares a table of each effect, and what was set aside.
func sameShopTables(t *testing.T, want, got *shopLake) {
	t.Helper()
	same(t, "raw", shopRows(t, want, want.raw), shopRows(t, got, got.raw))
	same(t, "entries", shopRows(t, want, want.entries), shopRows(t, got, got.entries))
	same(t, "history", shopRows(t, want, want.history), shopRows(t, got, got.history))
	same(t, "latest", shopRows(t, want, want.latest), shopRows(t, got, got.latest))
	same(t, "quarantine", shopRows(t, want, want.aside()), shopRows(t, got, got.aside()))
}

// aside are the rows that the entries' rules set aside. The time at which that was is left out.
func (l *shopLake) aside() dataset.Rows[setAside] {
	return dataset.SQL[setAside]("SELECT id, account, amount, _rules, _source, _batch FROM q",
		dataset.In("q", medallion.Existing[quarantined](l.entries.Name()+"_quarantine")))
}

// setAside is what of a quarantined row does not depend on the clock.
type setAside struct {
	ID      *int64
	Account *string
	Amount  *schema.Decimal `delta:"amount,decimal(12,2)"`
	Rules   []string        `delta:"_rules"`
	Source  *string         `delta:"_source"`
	Batch   *int64          `delta:"_batch"`
}

// quarantined is a row of the entries' quarantine.
type quarantined struct {
	rawEntry
	Rules  []string `delta:"_rules"`
	Source *string  `delta:"_source"`
	Batch  *int64   `delta:"_batch"`
}

// sameCounts compares what two runs counted of each table: rows written, rules, checks and rows set aside.
func sameCounts(t *testing.T, want, got *medallion.Report) {
	t.Helper()
	for _, w := range want.Tables {
		g := got.Table(w.Name)
		if g == nil {
			t.Errorf("%s is not in the report", w.Name)
			continue
		}
		if diff := cmp.Diff(w.Rules, g.Rules); diff != "" {
			t.Errorf("%s: rules (-local +warehouse):\n%s", w.Name, diff)
		}
		if diff := cmp.Diff(w.Checks, g.Checks); diff != "" {
			t.Errorf("%s: checks (-local +warehouse):\n%s", w.Name, diff)
		}
		type counts struct{ out, deleted, dropped, aside int64 }
		if a, b := (counts{w.RowsOut, w.RowsDeleted, w.Dropped, w.Quarantined}), (counts{g.RowsOut, g.RowsDeleted, g.Dropped, g.Quarantined}); a != b {
			t.Errorf("%s: rows out, deleted, dropped and set aside: local %+v, warehouse %+v", w.Name, a, b)
		}
	}
}
