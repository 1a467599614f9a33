package delta_test

import (
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/internal/parquet/meta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// TestVariantColumns writes variants, as they are and as structs of their parts, and reads them back.
func TestVariantColumns(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	c := testConfig()
	c.Alloc = alloc
	store := memory.New()
	table := delta.Open(store, "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, "id BIGINT, v VARIANT, a ARRAY<VARIANT>, s STRUCT<v: VARIANT>, n INT")}); err != nil {
		t.Fatal(err)
	}
	const parts = "STRUCT<value: BINARY, metadata: BINARY>"
	const seven = `{"metadata": "AQAA", "value": "DAc="}`
	source := rows(t, alloc, "id BIGINT, v "+parts+", a ARRAY<"+parts+">, s STRUCT<v: "+parts+">, n INT", `[
		{"id": 1, "v": `+seven+`, "a": [`+seven+`, null], "s": {"v": `+seven+`}, "n": 5},
		{"id": 2, "v": null, "a": null, "s": {"v": null}, "n": null}]`)
	if _, err := table.Append(t.Context(), source, delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	want := []string{`1 "7" ["7",null] {"v":"7"} 5`, `2 null null {"v":null} null`}
	if diff := cmp.Diff(want, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := s.Protocol()
	if diff := cmp.Diff([]string{"variantType"}, p.ReaderFeatures); diff != "" {
		t.Errorf("reader features (-want +got):\n%s", diff)
	}
	for f := range s.Files() {
		want := `{"numRecords":2,"minValues":{"id":1,"n":5},"maxValues":{"id":2,"n":5},"nullCount":{"id":0,"v":1,"s":{"v":1},"n":1}}`
		if f.Stats != want {
			t.Errorf("statistics %s, want %s", f.Stats, want)
		}
		if diff := cmp.Diff([]string{"v", "element", "v"}, annotated(t, store, "t/"+f.Path)); diff != "" {
			t.Errorf("groups that say that they are VARIANT (-want +got):\n%s", diff)
		}
	}
	if _, err := table.Append(t.Context(), scan(t, table, delta.ScanConfig{}).Source(), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{want[0], want[0], want[1], want[1]}, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
		t.Errorf("rows after they were appended again (-want +got):\n%s", diff)
	}
}

// annotated are the groups of a Parquet file by which other readers know a VARIANT from a struct.
func annotated(t *testing.T, store storage.Store, key string) (names []string) {
	t.Helper()
	data, err := storage.ReadAll(t.Context(), store, key)
	if err != nil {
		t.Fatal(err)
	}
	end := len(data) - 8 // the footer's length and the magic number
	footer, err := meta.DecodeFileMetaData(data[end-int(binary.LittleEndian.Uint32(data[end:])) : end])
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range footer.Schema {
		if e.Logical.Kind == meta.LogicalVariant {
			names = append(names, e.Name)
		}
	}
	return names
}
