package udf_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"strings"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/storage/memory"
	"github.com/medallion-go/medallion/udf"
)

// Functions are values: a pipeline names those that its SQL may call.
func Example() {
	slug := udf.Scalar1("slug", func(title string) (string, error) {
		return strings.ToLower(strings.Join(strings.Fields(title), "-")), nil
	})
	type growth struct {
		Logs float64
		N    int64
	}
	geomean := udf.Aggregate1("geomean", udf.Fold[growth, float64, *float64]{
		Add: func(g *growth, factor float64) error {
			g.Logs, g.N = g.Logs+math.Log(factor), g.N+1
			return nil
		},
		Merge: func(g *growth, other growth) error {
			g.Logs, g.N = g.Logs+other.Logs, g.N+other.N
			return nil
		},
		Result: func(g growth) (*float64, error) {
			if g.N == 0 {
				return nil, nil
			}
			mean := math.Exp(g.Logs / float64(g.N))
			return &mean, nil
		},
	})

	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(memory.New(), ""), Functions: []udf.Function{slug, geomean}}
	type line struct {
		Slug  *string
		Means *float64
	}
	rows, err := medallion.Collect(context.Background(), &pipeline, dataset.SQL[line](`
		SELECT slug(title) AS slug, geomean(factor) AS means
		FROM VALUES ('Deep  Blue', 2.0D), ('deep blue', 8.0D), (NULL, 3.0D) AS books(title, factor)
		GROUP BY slug(title) ORDER BY slug NULLS LAST`))
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range rows {
		if r.Slug == nil {
			fmt.Printf("no title %.0f\n", *r.Means)
			continue
		}
		fmt.Printf("%s %.0f\n", *r.Slug, *r.Means)
	}
	// Output:
	// deep-blue 4
	// no title 3
}
