package medallion_test

import (
	"errors"
	"testing"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
)

// onStore makes the lake's next runs use another store over the same objects.
func onStore(lake *medalliontest.Lake, store storage.Store) {
	lake.Store = store
	lake.Pipeline.Lake = medallion.LakeIn(store, "lake")
}

// TestPulledPlug stops the store for good at every call in turn, and runs the pipeline again on what was left: nothing is lost, repeated or half there.
func TestPulledPlug(t *testing.T) {
	t.Parallel()
	for _, effect := range []faultstore.Effect{faultstore.Before, faultstore.After, faultstore.Partly} {
		for n := 1; ; n++ {
			lake := medalliontest.NewLake(t)
			lake.File("landing/1.json", firstFile)
			inner := lake.Store
			faulty := faultstore.New(inner, faultstore.Fault{At: n, Of: faultstore.Changes, Effect: effect, Stop: true})
			onStore(lake, faulty)
			_, err := lake.Pipeline.Run(t.Context(), newShop(lake).revenue)
			if !faulty.Fired() {
				if err != nil {
					t.Errorf("effect %d: the run without a fault: %v", effect, err)
				}
				break
			}
			if err != nil && !errors.Is(err, faultstore.ErrStopped) && !errors.Is(err, faultstore.ErrInjected) {
				t.Errorf("effect %d, call %d: got error %v, want the fault itself", effect, n, err)
			}
			onStore(lake, inner)
			checkShop(t, lake)
			if t.Failed() {
				t.Fatalf("effect %d, call %d (%v): see above", effect, n, faulty.Calls()[n-1])
			}
		}
	}
}

// TestLostResponse fails single calls after or before their effect: the run ends in an error or finds its way; the next is right in any case.
func TestLostResponse(t *testing.T) {
	t.Parallel()
	for _, effect := range []faultstore.Effect{faultstore.Before, faultstore.After} {
		for n := 1; ; n++ {
			lake := medalliontest.NewLake(t)
			lake.File("landing/1.json", firstFile)
			inner := lake.Store
			faulty := faultstore.New(inner, faultstore.Fault{At: n, Of: faultstore.Any, Effect: effect})
			onStore(lake, faulty)
			_, err := lake.Pipeline.Run(t.Context(), newShop(lake).revenue)
			if !faulty.Fired() {
				break
			}
			if err != nil && !errors.Is(err, faultstore.ErrInjected) {
				t.Errorf("effect %d, call %d: got error %v, want the fault itself", effect, n, err)
			}
			onStore(lake, inner)
			checkShop(t, lake)
			if t.Failed() {
				t.Fatalf("effect %d, call %d (%v): see above", effect, n, faulty.Calls()[n-1])
			}
		}
	}
}

// checkShop runs the pipeline and compares every table with what the first file gives.
func checkShop(t *testing.T, lake *medalliontest.Lake) {
	t.Helper()
	s := newShop(lake)
	lake.Run(s.revenue)
	if got := len(medalliontest.Rows(lake, s.raw)); got != 9 {
		t.Errorf("bronze: got %d rows, want 9", got)
	}
	medalliontest.Want(lake, s.orders,
		order{"a", "DE", 15, ptr[int64](2)}, order{"b", "FR", 20, ptr[int64](1)}, order{"f", "ES", 5000, ptr[int64](1)})
	medalliontest.Want(lake, s.revenue,
		revenue{"DE", 1, ptr[int64](15)}, revenue{"FR", 1, ptr[int64](20)}, revenue{"ES", 1, ptr[int64](5000)})
	if got := len(medalliontest.Rows(lake, medallion.Existing[quarantined]("silver.orders_quarantine"))); got != 4 {
		t.Errorf("quarantine: got %d rows, want 4", got)
	}
}
