package local_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/silver"
)

// below are the rows whose n leads, by id, to the row 1.
const below = `WITH RECURSIVE t AS (SELECT id, kind, n FROM r WHERE id = 1 UNION ALL SELECT r.id, r.kind, r.n FROM t JOIN r ON r.n = t.id)
	SELECT id, kind, n FROM t`

// A table of a recursive query is computed from all rows each time; a flow of new rows alone cannot have one.
func TestRecursiveTable(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	all := bronze.Append("bronze.all", items(landing(lake), "true"))
	tree := silver.Table("silver.tree", dataset.SQL[item](below, dataset.In("r", all)))
	arrive(lake, "1.json", "1 a 0", "2 b 1", "4 d 9")
	lake.Run(tree)
	arrive(lake, "2.json", "3 c 2", "5 e 3")
	lake.Run(tree)
	medalliontest.Want(lake, tree, newItem(1, "a", 0), newItem(2, "b", 1), newItem(3, "c", 2), newItem(5, "e", 3))

	_, err := lake.Pipeline.Run(t.Context(), silver.Append("silver.stream", dataset.SQL[item](below, dataset.In("r", all))))
	if err == nil || !strings.Contains(err.Error(), "a recursive query needs all rows at once") {
		t.Errorf("got error %v, want that an append flow cannot be recursive", err)
	}
}

// All rounds of a recursion are measured together.
func TestRecursionProfile(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.Pipeline.Engines = []engine.Engine{local.New(local.Config{Workers: 1})}
	query := dataset.SQL[medallion.Row](`WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 20) SELECT n FROM t`)
	got, err := lake.Pipeline.Profile(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	want := `
Scan t [rows 20, estimated 300001, batches 20, time ~, memory ~]
  Values (1) [rows 1, estimated 1, batches 1, time ~]
  Project n + 1 AS ` + "`(n + 1)`" + ` [rows 19, estimated 300000, batches 19, time ~]
    Scan last round of t WHERE n < 20 [rows 19, estimated 300000, batches 19, time ~]
wall ~, CPU ~, peak memory ~, spilled ~
`
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), blanked(got)); diff != "" {
		t.Errorf("-want +got:\n%s\n%s", diff, got)
	}
}

// The rows of a recursion are kept within the budget, and beyond it in files.
func TestRecursionSpills(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.Pipeline.Engines = []engine.Engine{local.New(local.Config{Memory: 2 << 20, SpillDir: t.TempDir()})}
	const text = `
		WITH RECURSIVE t(id, n) AS (SELECT id, 0L FROM range(100000) UNION ALL SELECT id, n + id FROM t WHERE n < 3 * id),
		u AS (SELECT * FROM t LIMIT ALL)
		SELECT count(*) AS rows, coalesce(sum(n), 0) AS total FROM u`
	p, err := lake.Pipeline.Profile(t.Context(), dataset.SQL[medallion.Row](text))
	if err != nil {
		t.Fatal(err)
	}
	if p.Spilled == 0 || p.PeakMemory > 4<<20 {
		t.Errorf("got %d bytes spilled and a peak of %d, want some, and about 2 MiB", p.Spilled, p.PeakMemory)
	}
	type sums struct{ Rows, Total int64 }
	want := []sums{{399_997, 6 * 99_999 * 100_000 / 2}}
	rows := medalliontest.Rows(lake, dataset.SQL[sums](text))
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A LIMIT takes the rows of a recursion in the order of its rounds, with any number of workers.
func TestRecursionLimit(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.Pipeline.Engines = []engine.Engine{local.New(local.Config{Workers: 8})}
	query := dataset.SQL[struct{ N int32 }](`WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t LIMIT 5 OFFSET 20`)
	want := []struct{ N int32 }{{21}, {22}, {23}, {24}, {25}}
	for range 200 {
		if diff := cmp.Diff(want, medalliontest.Rows(lake, query)); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	}
}
