package delta_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/delta"
	stream "github.com/medallion-go/medallion/source/delta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
)

// event is a row of the tests' table.
type event struct {
	ID   *int64
	Name *string
}

// ingest runs a pipeline that reads the table as a stream, two files at a time, in one store.
func ingest(t *testing.T, store storage.Store) ([]int64, error) {
	t.Helper()
	events := delta.Open(store, "events", delta.Config{})
	raw := bronze.Ingest[event]("bronze.events", stream.New(events, stream.MaxFilesPerTrigger(2)))
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(store, "lake"), NoEventLog: true}
	if _, err := pipeline.Run(t.Context(), raw); err != nil {
		return nil, err
	}
	rows, err := medallion.Collect(t.Context(), &pipeline, dataset.SQL[event]("SELECT * FROM raw", dataset.In("raw", raw)))
	var ids []int64
	for _, r := range rows {
		ids = append(ids, *r.ID)
	}
	slices.Sort(ids)
	return ids, err
}

// TestExactlyOnce pulls the plug at every call of the store, one after the other: the run that follows leaves no row out and has none twice.
func TestExactlyOnce(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		e := newEvents(t, memory.DefaultAllocator)
		for id := range 5 {
			e.append(id)
		}
		broken := faultstore.New(e.store, faultstore.Fault{At: at, Effect: faultstore.Effect(at % 2), Stop: true})
		_, err := ingest(t, broken)
		if broken.Fired() != (err != nil) {
			t.Fatalf("call %d: fault %v, error %v", at, broken.Fired(), err)
		}
		e.append(5)
		got, err := ingest(t, e.store)
		if err != nil {
			t.Fatalf("after a fault at call %d: %v", at, err)
		}
		if diff := cmp.Diff([]int64{0, 1, 2, 3, 4, 5}, got); diff != "" {
			t.Fatalf("after a fault at %s the rows are (-want +got):\n%s", fmt.Sprint(at, " ", broken.Calls()), diff)
		}
		if !broken.Fired() {
			break
		}
	}
}
