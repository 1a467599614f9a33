package delta_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/schema"
	store "github.com/medallion-go/medallion/storage/memory"
)

const randomColumns = "k INT, s STRING, unique STRING, v DOUBLE, flag BOOLEAN, d DECIMAL(20,2), p STRING"

// randomRows has numbers and strings of few values, strings of many, which outgrow their dictionary, and nulls.
func randomRows(t *testing.T, alloc memory.Allocator, rnd *rand.Rand, n int) arrow.RecordBatch {
	t.Helper()
	text := strings.Builder{}
	orNull := func(s string) string {
		if rnd.IntN(8) == 0 {
			return "null"
		}
		return s
	}
	for i := range n {
		fmt.Fprintf(&text, `%c{"k": %s, "s": %s, "unique": %s, "v": %s, "flag": %s, "d": %s, "p": "a"}`, "[,"[min(i, 1)], orNull(fmt.Sprint(rnd.IntN(100))),
			orNull(fmt.Sprintf(`"s%d"`, rnd.IntN(4))), orNull(fmt.Sprintf(`"%0*d"`, 1+rnd.IntN(150), i)), orNull(fmt.Sprint(rnd.Float64())),
			orNull(fmt.Sprint(rnd.IntN(2) == 0)), orNull(fmt.Sprintf("%d.25", rnd.IntN(1000))))
	}
	rec, _, err := array.RecordFromJSON(alloc, ddl(t, randomColumns), strings.NewReader(text.String()+"]"))
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// A scan with a filter gives what a scan of everything does once its rows are filtered, whatever share of them passes.
func TestScanReadsChosenRows(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	c := testConfig()
	c.Alloc = alloc
	table := delta.Open(store.New(), "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, randomColumns), PartitionBy: []string{"p"}}); err != nil {
		t.Fatal(err)
	}
	rec := randomRows(t, alloc, rand.New(rand.NewPCG(5, 9)), 21_000)
	defer rec.Release()
	if _, err := table.Append(t.Context(), exec.NewBatches(rec.Schema(), rec).InOrder(), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	columns := []int{0, 1, 2, 3, 4, 5, 6, 2, 0}
	all := lines(t, scan(t, table, delta.ScanConfig{Columns: columns}))
	for _, most := range []int{0, 15, 60, 100} {
		for _, s := range []string{"", "s2"} {
			filter := call("<", column(0, schema.Int), literal(int32(most), schema.Int))
			if s != "" {
				filter = call("and", filter, call("=", column(1, schema.String), literal(s, schema.String)))
			}
			var want []string
			for _, row := range all {
				var k int
				if _, err := fmt.Sscan(row, &k); err == nil && k < most && (s == "" || strings.Fields(row)[1] == `"`+s+`"`) {
					want = append(want, row)
				}
			}
			for rows, keep := range map[int]bool{0: true, 7_001: false} {
				got := lines(t, scan(t, table, delta.ScanConfig{Columns: columns, Filter: filter, KeepDictionary: keep, BatchRows: rows}))
				if !slices.Equal(got, want) {
					t.Errorf("%s: got %d rows, want %d (-want +got):\n%.2000s", filter, len(got), len(want), cmp.Diff(want, got))
				}
			}
		}
	}
}

// A filter over columns that come from the log alone reads no column ahead.
func TestScanChoosesByConstants(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	c := testConfig()
	c.Alloc = alloc
	table := delta.Open(store.New(), "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, randomColumns), PartitionBy: []string{"p"}}); err != nil {
		t.Fatal(err)
	}
	rec := randomRows(t, alloc, rand.New(rand.NewPCG(6, 9)), 100)
	defer rec.Release()
	if _, err := table.Append(t.Context(), exec.NewBatches(rec.Schema(), rec).InOrder(), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	filter := call("=", column(1, schema.String), literal("a", schema.String))
	if got := len(lines(t, scan(t, table, delta.ScanConfig{Columns: []int{0, 6}, Filter: filter}))); got != 100 {
		t.Errorf("got %d rows, want 100", got)
	}
}
