package delta_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/schema"
	store "github.com/medallion-go/medallion/storage/memory"
)

// A filter that is evaluated part by part, over dictionaries too, leaves the rows that it leaves when it is evaluated as a whole, over values.
func TestScanFiltersByParts(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	c := testConfig()
	c.Alloc = alloc
	table := delta.Open(store.New(), "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, randomColumns), PartitionBy: []string{"p"}}); err != nil {
		t.Fatal(err)
	}
	rec := randomRows(t, alloc, rand.New(rand.NewPCG(7, 9)), 12_000)
	defer rec.Release()
	if _, err := table.Append(t.Context(), exec.NewBatches(rec.Schema(), rec).InOrder(), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, filter := range []string{
		"k < 20",
		"k < 20 AND d >= 500",
		"k >= 90 AND s = 's2' AND d < 500.25 AND flag",
		"d < 900 AND k IS NULL",
		"(d IS NULL OR d > 990) AND v < 0.5 AND k > 3 AND unique > '0'",
		"k + 1 < d AND s <> 's1' AND v < 0.9",
		"k < 97 AND p = 'a' AND s IN ('s0', 's3')",
		"k < 0 AND d > 0",
		"1 / k > 0.1 AND d > 500 AND NOT flag",
		"k <> 0 AND 10 / k > 1",
		"p = 'a'",
	} {
		for _, keep := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, dictionaries %v", filter, keep), func(t *testing.T) {
				t.Parallel()
				checkParts(t, table, alloc, filter, keep)
			})
		}
	}
}

func checkParts(t *testing.T, table *delta.Table, alloc memory.Allocator, filter string, keep bool) {
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	bound, err := s.Predicate(filter)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := kernel.Compile(bound)
	if err != nil {
		t.Fatal(err)
	}
	want, fault := []string{}, error(nil)
	for rec, err := range scan(t, table, delta.ScanConfig{}).Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		var sel []int32
		if sel, fault = whole.Select(&kernel.Env{Alloc: alloc}, rec.Columns(), int(rec.NumRows()), nil, nil); fault != nil {
			break
		}
		for _, i := range sel {
			var row []byte
			for _, column := range rec.Columns() {
				row = append(schema.AppendJSON(row, column, int(i)), ' ')
			}
			want = append(want, strings.TrimSpace(string(row)))
		}
	}
	slices.Sort(want)
	filtered := scan(t, table, delta.ScanConfig{Filter: bound, KeepDictionary: keep, BatchRows: 5_000})
	if fault != nil {
		for _, err := range filtered.Records(t.Context()) {
			if err != nil {
				return
			}
		}
		t.Fatalf("no error, want %v", fault)
	}
	if got := lines(t, filtered); !slices.Equal(got, want) {
		t.Errorf("got %d rows, want %d (-want +got):\n%.2000s", len(got), len(want), cmp.Diff(want, got))
	}
}
