package delta_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/internal/parquet/meta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// A table of delta.parquet.format.version 1.0.0 has no encodings that readers of that version do not know, in data files and in checkpoints; others have
// numbers that rise as deltas.
func TestParquetFormatVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{"": true, "2.12.0": true, "1.0.0": false} {
		store := memory.New()
		c := testConfig()
		c.Alloc = checked(t)
		table := delta.Open(store, "t", c)
		d := delta.Definition{Schema: ddl(t, "id BIGINT, p INT"), PartitionBy: []string{"p"}, Properties: map[string]string{}}
		if version != "" {
			d.Properties["delta.parquet.format.version"] = version
		}
		if _, err := table.Create(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for i := range 5000 { // a file of many rows, and many of some rows, whose sizes are numbers of the checkpoint
			fmt.Fprintf(&text, `,{"id": %d, "p": %d}`, i*7, max(0, i-4000)*i%400)
		}
		if _, err := table.Append(t.Context(), rows(t, c.Alloc, "id BIGINT, p INT", "["+text.String()[1:]+"]"), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := table.Checkpoint(t.Context(), snapshot(t, table)); err != nil {
			t.Fatal(err)
		}
		deltas := map[bool]bool{} // in checkpoints, in data files
		for o, err := range store.List(t.Context(), "t/", "") {
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(o.Key, ".parquet") && slices.Contains(encodings(t, store, o.Key), meta.DeltaBinaryPacked) {
				deltas[strings.Contains(o.Key, "checkpoint")] = true
			}
		}
		if deltas[false] != want || deltas[true] != want {
			t.Errorf("version %q: deltas in data files: %t, in the checkpoint: %t", version, deltas[false], deltas[true])
		}
	}
	_, err := delta.Open(memory.New(), "t", testConfig()).Create(t.Context(), delta.Definition{
		Schema: ddl(t, "id BIGINT"), Properties: map[string]string{"delta.parquet.format.version": "3"},
	})
	if err == nil || !strings.Contains(err.Error(), "1.0.0, 2.12.0") {
		t.Errorf("version 3: %v", err)
	}
}

// encodings are all that a Parquet file's column chunks name.
func encodings(t *testing.T, store storage.Store, key string) (list []meta.Encoding) {
	t.Helper()
	o, err := store.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	data, err := io.ReadAll(io.NewSectionReader(o, 0, o.Info().Size))
	if err != nil {
		t.Fatal(err)
	}
	size := len(data) - 8 - int(binary.LittleEndian.Uint32(data[len(data)-8:]))
	f, err := meta.DecodeFileMetaData(data[size : len(data)-8])
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.RowGroups {
		for _, c := range g.Columns {
			list = append(list, c.Encodings...)
		}
	}
	return list
}
