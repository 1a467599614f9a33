package medallion_test

import (
	"errors"
	"regexp"
	"testing"
	"time"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/internal/golden"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/plan"
)

func TestReportText(t *testing.T) {
	t.Parallel()
	report := &medallion.Report{RunID: "r", Tables: []medallion.TableReport{
		{Name: "bronze.orders", Engine: "local", Result: engine.Result{
			Mode: "append", Commits: 2, Version: 7, RowsIn: 1_234_567, RowsOut: 1_234_567, Corrupt: 3, Rescued: 1200,
			BytesIn: 999, BytesOut: 1_000, Wall: 1_234_567 * time.Microsecond,
		}},
		{Name: "silver.orders", Engine: "local", Result: engine.Result{
			Mode: "overwrite", Commits: 1, Version: 3, RowsIn: 1_234_567, RowsOut: 999_999, Quarantined: 12, Dropped: 345,
			BytesIn: 123_456_789, BytesOut: 12_345_678_901, Wall: 2 * time.Second,
			Rules: []engine.RuleCount{
				{Name: "has_key", Action: plan.Drop, Passed: 1_234_222, Failed: 345}, {Name: "small", Action: plan.Warn, Passed: 1_234_567},
			},
			Checks: []engine.CheckResult{
				{Name: "unique_key", Action: plan.Fail, Passed: true, Text: "order_id unique"},
				{Name: "row_count", Action: plan.Warn, Violated: 1, Text: "at least 1000000 rows"},
			},
		}},
		{Name: "silver.payments", Engine: "local", Result: engine.Result{Version: 3, Wall: time.Millisecond}},
		{Name: "gold.revenue", Engine: "local", Result: engine.Result{Version: -1}, Err: errors.New("medallion: refresh gold.revenue: it broke")},
		{Name: "gold.top", Result: engine.Result{Version: -1}, Skipped: true, Err: errors.New("medallion: gold.top was left out: gold.revenue, which it reads, has failed")},
	}}
	golden.Text(t, "testdata/report.txt", report.String())
}

func TestReportTable(t *testing.T) {
	t.Parallel()
	report := &medallion.Report{Tables: []medallion.TableReport{{Name: "silver.a"}, {Name: "silver.b"}}}
	if got := report.Table("silver.b"); got != &report.Tables[1] {
		t.Errorf("got %+v, want the report's own silver.b", got)
	}
	if got := report.Table("silver.c"); got != nil {
		t.Errorf("got %+v of a table that the report does not have, want nil", got)
	}
}

func TestFormatCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1: "-1", -100: "-100", -1000: "-1,000", 1234567: "1,234,567", -1 << 63: "-9,223,372,036,854,775,808"} {
		if got := medallion.FormatCount(n); got != want {
			t.Errorf("FormatCount(%d): got %s, want %s", n, got, want)
		}
	}
}

func TestFormatBytes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 999_949: "999.9 kB", 999_999: "1.0 MB", 12_345_678: "12.3 MB", 1<<63 - 1: "9.2 EB"} {
		if got := medallion.FormatBytes(n); got != want {
			t.Errorf("FormatBytes(%d): got %s, want %s", n, got, want)
		}
	}
}

// sizes are the bytes of files that a text tells; they are the codecs' affair.
var sizes = regexp.MustCompile(`reads (at least )?[0-9.]+ k?B`)

func TestExplainText(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.File("landing/1.json", firstFile)
	s := newShop(lake)
	explain := func() string {
		t.Helper()
		e, err := lake.Pipeline.Explain(t.Context(), s.revenue)
		if err != nil {
			t.Fatal(err)
		}
		return e.String()
	}
	before := explain()
	lake.Run(s.revenue)
	golden.Text(t, "testdata/explain.txt", sizes.ReplaceAllString("BEFORE THE FIRST RUN\n\n"+before+"\nAFTER IT\n\n"+explain(), "reads ${1}N"))
}

// A table that is beyond the first engine's limit goes to the second, unless the pipeline is strict; Explain and the report say why.
func TestEngineChoice(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.File("landing/1.json", firstFile)
	s := newShop(lake)
	lake.Run(s.raw)
	lake.File("landing/2.json", firstFile)
	small := local.New(local.Config{Limit: 10})

	lake.Pipeline.Engines = []engine.Engine{small}
	e, err := lake.Pipeline.Explain(t.Context(), s.raw)
	if err != nil || e.Tables[0].Engine != "" || e.Tables[0].Reason == "" {
		t.Errorf("explain: got %+v and error %v, want no engine and the reason", e, err)
	}
	_, err = lake.Pipeline.Run(t.Context(), s.raw)
	var large *engine.TooLargeError
	if !errors.As(err, &large) || large.Limit != 10 || large.Bytes <= 10 || large.Table != "bronze.orders" {
		t.Errorf("one engine: got error %v, want *engine.TooLargeError with the table, its bytes and the limit", err)
	}

	lake.Pipeline.Engines, lake.Pipeline.Strict = []engine.Engine{small, local.New(local.Config{})}, true
	if _, err = lake.Pipeline.Run(t.Context(), s.raw); !errors.As(err, &large) {
		t.Errorf("strict: got error %v, want *engine.TooLargeError", err)
	}

	lake.Pipeline.Strict = false
	tr := lake.Run(s.raw).Table("bronze.orders")
	if tr.RowsOut != 9 || tr.Reason != large.Error() {
		t.Errorf("two engines: got %d rows out, reason %q, want the second to run it because of %q", tr.RowsOut, tr.Reason, large)
	}
}
