package local_test

import (
	"fmt"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/source/files"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// raw is a row as the tests' files have it.
type raw struct {
	ID      *int64
	Kind    *string
	N       *int64
	Rescued *string `delta:"_rescued_data"`
}

// item is a row without what was rescued.
type item struct {
	ID   *int64
	Kind *string
	N    *int64
}

func ptr[T any](v T) *T { return &v }

// newItem is a row of the tests' tables.
func newItem(id int64, kind string, n int64) item { return item{&id, &kind, &n} }

// landing is the source over the lake's raw files.
func landing(lake *medalliontest.Lake, options ...files.Option) *dataset.Dataset[raw] {
	return dataset.Source[raw](files.In(lake.Store, "landing/*.json", options...))
}

// items are the rows of a relation as items.
func items(of dataset.Relation, where string) *dataset.Dataset[item] {
	return dataset.SQL[item](`SELECT id, kind, n FROM r WHERE `+where, dataset.In("r", of))
}

// arrive puts a file into the landing folder: "id kind n" per row.
func arrive(lake *medalliontest.Lake, file string, rows ...string) {
	var b strings.Builder
	for _, row := range rows {
		f := strings.Fields(row)
		fmt.Fprintf(&b, `{"id":%s,"kind":%q,"n":%s}`+"\n", f[0], f[1], f[2])
	}
	lake.File("landing/"+file, b.String())
}
