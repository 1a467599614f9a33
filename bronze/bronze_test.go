package bronze_test

import (
	"errors"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/storage/memory"
)

// TestFaultsNameTheCaller holds the place in an error to the line that declares the table: it is what there is to mend.
func TestFaultsNameTheCaller(t *testing.T) {
	t.Parallel()
	store := memory.New()
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(store, "lake")}
	_, file, line, _ := runtime.Caller(0)
	ingested := bronze.Ingest[medallion.Row]("bronze.a", files.In(store, "landing/*.json"))
	appended := bronze.Append("bronze.b", dataset.SQL[medallion.Row]("SELECT nothing"))
	for i, table := range []medallion.AnyTable{ingested, appended} {
		var at *dataset.DeclarationError
		err := pipeline.Validate(t.Context(), table)
		if !errors.As(err, &at) || filepath.Base(at.Site.File) != filepath.Base(file) || at.Site.Line != line+1+i {
			t.Errorf("table %d: %v, want an error that begins with line %d of this file", i, err, line+1+i)
		}
	}
}
