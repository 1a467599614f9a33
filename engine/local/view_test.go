package local_test

import (
	"strings"
	"testing"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/storage/faultstore"
)

func TestViewIsReadOnce(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	arrive(lake, "1.json", "1 a 10", "2 b 20")
	counted := faultstore.New(lake.Store, faultstore.Fault{})
	view := dataset.View("all", dataset.Source[raw](files.In(counted, "landing/*.json")))
	a := silver.Table("silver.a", items(view, "kind = 'a'"))
	b := silver.Table("silver.b", items(view, "kind = 'b'"))
	report := lake.Run(a, b)

	opened := 0
	for _, c := range counted.Calls() {
		if c.Kind == faultstore.Open && c.Key == "landing/1.json" {
			opened++
		}
	}
	if opened != 1 {
		t.Errorf("the file was opened %d times, want once for both tables", opened)
	}
	medalliontest.Want(lake, a, newItem(1, "a", 10))
	medalliontest.Want(lake, b, newItem(2, "b", 20))
	for _, tr := range report.Tables {
		if tr.RowsIn != 2 || tr.FilesIn != 1 {
			t.Errorf("%s: got %d rows in of %d files, want the 2 of the 1 file that the view is made of", tr.Name, tr.RowsIn, tr.FilesIn)
		}
	}
}

// Append flows of one view that have come to different places each see what is new to them.
func TestViewOfDifferentBatches(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	view := dataset.View("all", items(landing(lake), "true"))
	a := bronze.Append("bronze.a", items(view, "true"))
	b := bronze.Append("bronze.b", items(view, "true"))
	arrive(lake, "1.json", "1 a 10")
	lake.Run(a)
	arrive(lake, "2.json", "2 b 20")
	lake.Run(a, b)
	medalliontest.Want(lake, a, newItem(1, "a", 10), newItem(2, "b", 20))
	medalliontest.Want(lake, b, newItem(1, "a", 10), newItem(2, "b", 20))
}

// A flow that takes several batches in one run reads the view anew in each.
func TestViewOverSeveralBatchesOfARun(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	view := dataset.View("all", items(landing(lake, files.MaxFilesPerTrigger(1)), "true"))
	table := bronze.Append("bronze.t", items(view, "true"))
	arrive(lake, "1.json", "1 a 10")
	arrive(lake, "2.json", "2 b 20")
	if tr := lake.Run(table).Tables[0]; tr.Commits != 2 {
		t.Errorf("got %d commits, want one for each file", tr.Commits)
	}
	medalliontest.Want(lake, table, newItem(1, "a", 10), newItem(2, "b", 20))
}

func TestViewRefusesChecks(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	checked := dataset.View("checked", quality.Check(items(landing(lake), "true"), quality.Quarantine("positive", "n > 0")))
	err := lake.Pipeline.Validate(t.Context(), silver.Table("silver.t", items(checked, "true")))
	if err == nil || !strings.Contains(err.Error(), "view_test.go:") || !strings.Contains(err.Error(), "checks rows") {
		t.Errorf("got error %v, want the view's place and that a check has to be in a table", err)
	}
}

// A table is recomputed when the query of a view that it reads has changed.
func TestChangedQueryOfAViewIsRecomputed(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	all := bronze.Append("bronze.all", items(landing(lake), "true"))
	over := func(where string) *medallion.Table[item] {
		return silver.Table("silver.t", items(dataset.View("v", items(all, where)), "true"))
	}
	arrive(lake, "1.json", "1 a 10", "2 b 20")
	lake.Run(over("kind = 'a'"))
	changed := over("kind = 'b'")
	if tr := lake.Run(changed).Table("silver.t"); tr.Mode != "overwrite" {
		t.Errorf("got mode %q (%s), want it recomputed", tr.Mode, tr.Why)
	}
	medalliontest.Want(lake, changed, newItem(2, "b", 20))
}
