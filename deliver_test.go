package medallion_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/sink/files"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
)

func ndjsonSink(t *testing.T, store storage.Store) *files.Sink {
	t.Helper()
	s, err := files.New(store, "exports", files.Config{Format: files.NDJSON})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// exported is everything that was delivered, as lines.
func exported(t *testing.T, store storage.Store) string {
	t.Helper()
	var all strings.Builder
	for info, err := range store.List(t.Context(), "exports/", "") {
		if err != nil {
			t.Fatal(err)
		}
		text, err := storage.ReadAll(t.Context(), store, info.Key)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

func TestDeliverHandsOverNewRowsOnce(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	table := medallion.Existing[account]("gold.accounts")
	out := ndjsonSink(t, lake.Store)
	for i, status := range []string{"a", "b"} {
		medalliontest.Given(lake, table, account{ID: ptr(int64(i)), Status: &status})
		d, err := lake.Pipeline.Deliver(t.Context(), table, out)
		if err != nil || d.Rows != 1 {
			t.Fatalf("delivery %d: got %+v and error %v, want the one new row", i, d, err)
		}
		if d, err = lake.Pipeline.Deliver(t.Context(), table, out); err != nil || d.ID != "" {
			t.Fatalf("again: got %+v and error %v, want nothing new", d, err)
		}
	}
	want := `{"id":0,"status":"a"}` + "\n" + `{"id":1,"status":"b"}` + "\n"
	if diff := cmp.Diff(want, exported(t, lake.Store)); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
}

func TestDeliverSurvivesEveryFault(t *testing.T) {
	t.Parallel()
	for _, effect := range []faultstore.Effect{faultstore.Before, faultstore.After} {
		for n := 1; ; n++ {
			lake := medalliontest.NewLake(t)
			table := medallion.Existing[account]("gold.accounts")
			medalliontest.Given(lake, table, account{ID: ptr(int64(1))}, account{ID: ptr(int64(2))})
			inner := lake.Store
			faulty := faultstore.New(inner, faultstore.Fault{At: n, Of: faultstore.Changes, Effect: effect, Stop: true})
			onStore(lake, faulty)
			_, _ = lake.Pipeline.Deliver(t.Context(), table, ndjsonSink(t, faulty)) // may fail or not: the next one has to be right
			onStore(lake, inner)
			if _, err := lake.Pipeline.Deliver(t.Context(), table, ndjsonSink(t, inner)); err != nil {
				t.Fatalf("effect %d, call %d: %v", effect, n, err)
			}
			if got := strings.Count(exported(t, inner), "\n"); got != 2 {
				t.Fatalf("effect %d, call %d: got %d rows delivered, want 2", effect, n, got)
			}
			if !faulty.Fired() {
				break
			}
		}
	}
}
