package local_test

import (
	"strings"
	"testing"

	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/silver"
)

// A table that compares its input's rows with all of them is recomputed: the new rows alone do not tell.
func TestSubqueryOfTheSameTable(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	all := bronze.Append("bronze.all", items(landing(lake), "true"))
	top := silver.Table("silver.top", items(all, "n = (SELECT max(n) FROM r)"))
	arrive(lake, "1.json", "1 a 10", "2 b 20")
	lake.Run(top)
	medalliontest.Want(lake, top, newItem(2, "b", 20))
	arrive(lake, "2.json", "3 c 15")
	if tr := lake.Run(top).Table("silver.top"); tr.Mode != "overwrite" {
		t.Errorf("got mode %q (%s), want it recomputed", tr.Mode, tr.Why)
	}
	medalliontest.Want(lake, top, newItem(2, "b", 20))
}

// An append flow can ask other tables of each new row, but not the table that it reads row by row.
func TestSubqueryOfAStream(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	all := bronze.Append("bronze.all", items(landing(lake), "true"))
	arrive(lake, "1.json", "1 a 10")
	_, err := lake.Pipeline.Run(t.Context(), silver.Append("silver.top", items(all, "n = (SELECT max(n) FROM r)")))
	if err == nil || !strings.Contains(err.Error(), "also as a whole") {
		t.Errorf("got error %v, want that the flow reads bronze.all in two ways", err)
	}
}
