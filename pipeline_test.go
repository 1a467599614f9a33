package medallion_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/gold"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/source/files"
)

type rawOrder struct {
	OrderID *string
	Country *string
	Amount  *int64
	Seq     *int64
	Rescued *string `delta:"_rescued_data"`
}

type order struct {
	OrderID string
	Country string
	Amount  int64
	Seq     *int64
}

type revenue struct {
	Country string
	Orders  int64
	Revenue *int64
}

// shop is the pipeline that most tests run: files, checked orders, revenue.
type shop struct {
	raw     *medallion.Table[rawOrder]
	orders  *medallion.Table[order]
	revenue *medallion.Table[revenue]
}

func newShop(lake *medalliontest.Lake, extra ...quality.Expectation) shop {
	var s shop
	s.raw = bronze.Ingest[rawOrder]("bronze.orders", files.In(lake.Store, "landing/*.json"))
	rules := append([]quality.Expectation{
		quality.Drop("has_key", "order_id IS NOT NULL"),
		quality.Quarantine("has_country", "country IS NOT NULL"),
		quality.Quarantine("positive_amount", "amount > 0"),
		quality.Warn("small", "amount < 1000"),
	}, extra...)
	checked := quality.Check(dataset.SQL[order](
		`SELECT order_id, upper(country) AS country, amount, seq FROM raw`, dataset.In("raw", s.raw)), rules...)
	s.orders = silver.Table("silver.orders", dataset.Latest(checked, "order_id", "seq"))
	s.revenue = gold.Table("gold.revenue", dataset.SQL[revenue](
		`SELECT country, count(*) AS orders, sum(amount) AS revenue FROM orders GROUP BY country`, dataset.In("orders", s.orders)))
	return s
}

const firstFile = `{"order_id":"a","country":"de","amount":10,"seq":1}
{"order_id":"b","country":"fr","amount":20,"seq":1}
{"order_id":"a","country":"de","amount":15,"seq":2}
{"order_id":null,"country":"de","amount":1,"seq":1}
{"order_id":"c","country":"pl","amount":-5,"seq":1}
{"order_id":"d","amount":5,"seq":1}
{"order_id":"e","country":"es","amount":"many","seq":1}
{"order_id":"f","country":"es","amount":5000,"seq":1}
not json
`

func ptr[T any](v T) *T { return &v }

func TestRunBuildsEveryLayer(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	s := newShop(lake)
	lake.File("landing/1.json", firstFile)
	report := lake.Run(s.revenue)

	medalliontest.Want(lake, s.orders,
		order{"a", "DE", 15, ptr[int64](2)}, order{"b", "FR", 20, ptr[int64](1)}, order{"f", "ES", 5000, ptr[int64](1)})
	medalliontest.Want(lake, s.revenue,
		revenue{"DE", 1, ptr[int64](15)}, revenue{"FR", 1, ptr[int64](20)}, revenue{"ES", 1, ptr[int64](5000)})

	raw, orders := report.Table("bronze.orders"), report.Table("silver.orders")
	if raw.RowsIn != 9 || raw.RowsOut != 9 || raw.Rescued != 2 {
		t.Errorf("bronze: got %d rows in, %d out, %d rescued, want 9, 9, 2", raw.RowsIn, raw.RowsOut, raw.Rescued)
	}
	got := map[string][2]int64{}
	for _, c := range orders.Rules {
		got[c.Name] = [2]int64{c.Passed, c.Failed}
	}
	want := map[string][2]int64{"has_key": {7, 2}, "has_country": {7, 2}, "positive_amount": {6, 3}, "small": {6, 3}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rule counts (-want +got):\n%s", diff)
	}
	if orders.Dropped != 1 || orders.Quarantined != 4 {
		t.Errorf("silver: got %d dropped, %d quarantined, want 1, 4", orders.Dropped, orders.Quarantined)
	}
}

func TestSecondRunFindsNothingNew(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	s := newShop(lake)
	lake.File("landing/1.json", firstFile)
	lake.Run(s.revenue)
	for _, tr := range lake.Run(s.revenue).Tables {
		if tr.Commits != 0 || tr.RowsIn != 0 || tr.Version != 0 {
			t.Errorf("%s: got %d commits, %d rows read, version %d, want nothing done at version 0 (%s)", tr.Name, tr.Commits, tr.RowsIn, tr.Version, tr.Why)
		}
	}
	lake.File("landing/2.json", `{"order_id":"g","country":"de","amount":1,"seq":1}`)
	report := lake.Run(s.revenue)
	if raw := report.Table("bronze.orders"); raw.RowsIn != 1 || raw.FilesIn != 1 {
		t.Errorf("bronze: got %d rows of %d files, want the new file's row alone", raw.RowsIn, raw.FilesIn)
	}
	medalliontest.Want(lake, s.revenue,
		revenue{"DE", 2, ptr[int64](16)}, revenue{"FR", 1, ptr[int64](20)}, revenue{"ES", 1, ptr[int64](5000)})
}

// quarantined is the quarantine as a table of the lake, to be read back.
type quarantined struct {
	OrderID       *string
	Country       *string
	Amount        *int64
	Seq           *int64
	Rules         []*string  `delta:"_rules"`
	Source        *string    `delta:"_source"`
	Batch         *int64     `delta:"_batch"`
	QuarantinedAt *time.Time `delta:"_quarantined_at"`
}

func TestQuarantineHoldsTheRowsAndTheirRules(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	s := newShop(lake)
	lake.File("landing/1.json", firstFile)
	lake.Run(s.orders)
	aside := medallion.Existing[quarantined]("silver.orders_quarantine")
	row := func(id *string, country *string, amount *int64, rules ...string) quarantined {
		q := quarantined{OrderID: id, Country: country, Amount: amount, Seq: ptr[int64](1), Source: ptr("silver.orders"), Batch: ptr[int64](0), QuarantinedAt: ptr(medalliontest.Start)}
		for _, r := range rules {
			q.Rules = append(q.Rules, &r)
		}
		return q
	}
	junk := row(nil, nil, nil, "has_key", "has_country", "positive_amount", "small")
	junk.Seq = nil
	medalliontest.Want(lake, aside,
		row(ptr("c"), ptr("PL"), ptr[int64](-5), "positive_amount"),
		row(ptr("d"), nil, ptr[int64](5), "has_country"),
		row(ptr("e"), ptr("ES"), nil, "positive_amount", "small"),
		junk)
}

func TestFailRuleCommitsNothing(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	s := newShop(lake, quality.Fail("known_country", "country <> 'FR'"))
	lake.File("landing/1.json", firstFile)
	report, err := lake.Pipeline.Run(t.Context(), s.revenue)
	var failed *quality.FailedError
	if !errors.As(err, &failed) {
		t.Fatalf("got error %v, want *quality.FailedError", err)
	}
	if diff := cmp.Diff([]quality.Failure{{Name: "known_country", Text: "country <> 'FR'", Failed: 3}}, failed.Failures); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	if tr := report.Table("bronze.orders"); tr.Commits != 1 {
		t.Errorf("bronze: got %d commits, want its own to stay", tr.Commits)
	}
	if tr := report.Table("silver.orders"); tr.Version != -1 || len(tr.Rules) == 0 {
		t.Errorf("silver: got version %d and rules %v, want no table, and the counts", tr.Version, tr.Rules)
	}
	if tr := report.Table("gold.revenue"); !tr.Skipped {
		t.Errorf("gold: got %+v, want it left out", tr)
	}
}

func TestFailedTableSeesMendedInputs(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	raw := medallion.Existing[rawOrder]("bronze.orders")
	row := func(amount, seq int64) rawOrder {
		return rawOrder{OrderID: ptr("a"), Country: ptr("DE"), Amount: &amount, Seq: &seq}
	}
	latest := dataset.Latest(raw, "order_id", "seq")
	orders := silver.Table("silver.orders", quality.Check(latest, quality.Fail("small", "amount < 100")))
	medalliontest.Given(lake, raw, row(500, 1))
	if _, err := lake.Pipeline.Run(t.Context(), orders); err == nil {
		t.Fatal("got no error for a row that violates a Fail rule")
	}
	medalliontest.Given(lake, raw, row(50, 2))
	lake.Run(orders)
	medalliontest.Want(lake, orders, row(50, 2))
}

func TestTableChecksGateTheCommit(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	raw := bronze.Ingest[rawOrder]("bronze.orders", files.In(lake.Store, "landing/*.json"))
	all := dataset.SQL[rawOrder](`SELECT * FROM raw`, dataset.In("raw", raw))
	tests := []struct {
		name     string
		check    quality.TableCheck
		violated int64 // 0: holds
	}{
		{"unique", quality.UniqueKey("order_id"), 1},
		{"unique over two", quality.UniqueKey("order_id", "seq"), 0},
		{"row count holds", quality.RowCount(9, 9), 0},
		{"row count", quality.RowCount(10, 0), 1},
		{"foreign key holds", quality.ForeignKey("order_id", raw, "order_id"), 0},
		{"mostly holds", quality.Mostly("m", "amount > 0", 0.6), 0},
		{"mostly", quality.Mostly("m", "amount > 0", 0.9), 3},
	}
	lake.File("landing/1.json", firstFile)
	lake.Run(raw)
	for i, tt := range tests {
		table := silver.Table(fmt.Sprintf("silver.t%d", i), all, medallion.Expect(tt.check))
		_, err := lake.Pipeline.Refresh(t.Context(), table)
		var failed *quality.FailedError
		switch {
		case tt.violated == 0 && err != nil:
			t.Errorf("%s: got error %v, want the check to hold", tt.name, err)
		case tt.violated > 0 && !errors.As(err, &failed):
			t.Errorf("%s: got error %v, want *quality.FailedError", tt.name, err)
		case tt.violated > 0 && failed.Failures[0].Failed != tt.violated:
			t.Errorf("%s: got %d violations, want %d", tt.name, failed.Failures[0].Failed, tt.violated)
		}
		warned := silver.Table(fmt.Sprintf("silver.w%d", i), all, medallion.Expect(tt.check.OnlyWarn()))
		if report, err := lake.Pipeline.Refresh(t.Context(), warned); err != nil || report.Tables[0].Checks[0].Violated != tt.violated {
			t.Errorf("%s: warned: got %v and error %v", tt.name, report, err)
		}
	}
}

func TestRowwiseTableIsRefreshedFromNewRowsAlone(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	raw := bronze.Ingest[rawOrder]("bronze.orders", files.In(lake.Store, "landing/*.json"))
	flat := silver.Table("silver.flat", dataset.SQL[rawOrder](`SELECT * FROM raw WHERE amount > 0`, dataset.In("raw", raw)))
	lake.File("landing/1.json", firstFile)
	lake.Run(flat)
	lake.File("landing/2.json", `{"order_id":"g","country":"de","amount":1,"seq":1}`)
	tr := lake.Run(flat).Table("silver.flat")
	if tr.Mode != "append" || tr.RowsIn != 1 || tr.RowsOut != 1 {
		t.Errorf("got %s of %d rows in, %d out (%s), want an append of the new row", tr.Mode, tr.RowsIn, tr.RowsOut, tr.Why)
	}
}

// TestMaintenanceIsNoNewRow packs a table's files and removes the old ones between two runs of what reads it.
func TestMaintenanceIsNoNewRow(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	raw := bronze.Ingest[rawOrder]("bronze.orders", files.In(lake.Store, "landing/*.json"))
	flat := silver.Table("silver.flat", dataset.SQL[rawOrder](`SELECT * FROM raw WHERE amount > 0`, dataset.In("raw", raw)))
	for _, name := range []string{"a", "b"} {
		lake.File("landing/"+name+".json", `{"order_id":"`+name+`","country":"de","amount":1,"seq":1}`)
		lake.Run(flat)
	}
	for _, statement := range []string{"OPTIMIZE bronze.orders", "OPTIMIZE silver.flat", "VACUUM bronze.orders"} {
		if rows, err := lake.Pipeline.Exec(t.Context(), statement); err != nil || rows != 0 {
			t.Fatalf("%s: %d rows, %v, want none", statement, rows, err)
		}
	}
	s, err := delta.Open(lake.Store, lake.Pipeline.Lake.Path("bronze.orders"), delta.Config{}).Snapshot(t.Context())
	if err != nil || s.NumFiles() != 1 {
		t.Fatalf("%v, %d files, want one", err, s.NumFiles())
	}
	if tr := lake.Run(flat).Table("silver.flat"); tr.RowsIn != 0 || tr.RowsOut != 0 {
		t.Errorf("after OPTIMIZE: got %s of %d rows in, %d out (%s), want nothing new", tr.Mode, tr.RowsIn, tr.RowsOut, tr.Why)
	}
	lake.File("landing/c.json", `{"order_id":"c","country":"de","amount":1,"seq":1}`)
	if tr := lake.Run(flat).Table("silver.flat"); tr.Mode != "append" || tr.RowsIn != 1 || tr.RowsOut != 1 {
		t.Errorf("a new file: got %s of %d rows in, %d out (%s), want an append of its row", tr.Mode, tr.RowsIn, tr.RowsOut, tr.Why)
	}
	if got := len(medalliontest.Rows(lake, flat)); got != 3 {
		t.Errorf("%d rows, want 3", got)
	}
}

func TestTwoRunnersDoEachBatchOnce(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	s := newShop(lake)
	for i := range 4 {
		lake.File(fmt.Sprintf("landing/%d.json", i), fmt.Sprintf(`{"order_id":"o%d","country":"de","amount":%d,"seq":1}`, i, i+1))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			p := lake.Pipeline
			p.NewID = nil
			if _, err := p.Run(t.Context(), s.revenue); err != nil {
				t.Errorf("run: %v", err)
			}
		})
	}
	wg.Wait()
	if rows := medalliontest.Rows(lake, s.raw); len(rows) != 4 {
		t.Errorf("bronze: got %d rows, want each of the 4 once", len(rows))
	}
	medalliontest.Want(lake, s.revenue, revenue{"DE", 4, ptr[int64](10)})
}

func TestFaultyDeclarationsSayWhere(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	raw := bronze.Ingest[rawOrder]("bronze.orders", files.In(lake.Store, "landing/*.json"))
	tests := []struct {
		name  string
		table medallion.AnyTable
		want  string
	}{
		{"unknown column", gold.Table("gold.t", dataset.SQL[revenue](`SELECT contry, 1 AS orders, 2 AS revenue FROM raw`, dataset.In("raw", raw))), "1:8: UNRESOLVED_COLUMN"},
		{"missing column", gold.Table("gold.t", dataset.SQL[revenue](`SELECT country, 1L AS orders FROM raw`, dataset.In("raw", raw))), "has column revenue"},
		{"extra column", gold.Table("gold.t", dataset.SQL[rawOrder](`SELECT *, 1 AS more FROM raw`, dataset.In("raw", raw))), "gives column more"},
		{"may be NULL", silver.Table("silver.t", dataset.SQL[order](`SELECT order_id, country, amount, seq FROM raw`, dataset.In("raw", raw))), "order_id, country, amount may be NULL"},
		{"bad name", bronze.Ingest[rawOrder]("orders", files.In(lake.Store, "landing/*.json")), "not of the form schema.table"},
		{"bad rule", silver.Table("silver.t", quality.Check(raw, quality.Warn("r", "amount +"))), `rule "r": 1:9: PARSE_SYNTAX_ERROR`},
		{"not row by row", silver.Append("silver.t", dataset.Latest(raw, "order_id", "seq")), "sees only the new ones"},
	}
	for _, tt := range tests {
		err := lake.Pipeline.Validate(t.Context(), tt.table)
		if err == nil {
			_, err = lake.Pipeline.Run(t.Context(), tt.table)
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want one with %q", tt.name, err, tt.want)
		} else if !strings.Contains(err.Error(), "pipeline_test.go:") {
			t.Errorf("%s: got error %v, want the declaration's place", tt.name, err)
		}
	}
	err := lake.Pipeline.Validate(t.Context(), tests[0].table)
	var fault *expr.Error
	if !errors.As(err, &fault) || fault.SQLState != "42703" {
		t.Errorf("got error %v, want *expr.Error with SQLSTATE 42703", err)
	}
}
