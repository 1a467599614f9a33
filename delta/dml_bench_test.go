package delta_test

import (
	"fmt"
	"testing"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/local"
)

// BenchmarkRowChanges changes 1 % of the rows of a table of 1,000,000, scattered over its file: with deletion vectors, and by writing the file anew.
func BenchmarkRowChanges(b *testing.B) {
	base := customers(b, 1_000_000, func(i int) int64 { return int64(i) }, false)
	changes := customers(b, 10_000, func(i int) int64 { return int64(i) * 100 }, false)
	for name, change := range map[string]func(*delta.Table) error{
		"delete": func(t *delta.Table) error {
			_, err := t.Delete(b.Context(), "customer_id % 100 = 37", delta.WriteOptions{})
			return err
		},
		"update": func(t *delta.Table) error {
			_, err := t.Update(b.Context(), map[string]string{"segment": "'gone'"}, "customer_id % 100 = 37", delta.WriteOptions{})
			return err
		},
		"merge": func(t *delta.Table) error {
			_, err := t.Merge(changes, "target.customer_id = source.customer_id").WhenMatched("").UpdateAll().WhenNotMatched("").InsertAll().
				Run(b.Context(), delta.WriteOptions{})
			return err
		},
	} {
		for _, vectors := range []bool{true, false} {
			b.Run(fmt.Sprintf("%s/vectors=%v", name, vectors), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					store, err := local.New(b.TempDir())
					if err != nil {
						b.Fatal(err)
					}
					table := delta.Open(store, "", delta.Config{})
					properties := map[string]string{withVectors: fmt.Sprint(vectors)}
					if _, err := table.Create(b.Context(), delta.Definition{Schema: ddl(b, customerColumns), Properties: properties}); err != nil {
						b.Fatal(err)
					}
					if _, err := table.Append(b.Context(), base, delta.WriteOptions{}); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
					if err := change(table); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
