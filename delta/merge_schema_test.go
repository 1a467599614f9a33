package delta_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
)

func TestMergeSchemaWidens(t *testing.T) {
	t.Parallel()
	const columns = "a BIGINT, s STRUCT<x: INT, y: STRING>, l ARRAY<BIGINT>, d TIMESTAMP_NTZ, p STRING"
	source := func() (string, string) {
		return columns, `[{"a": 3000000000, "s": {"x": 70000, "y": null}, "l": [3000000000], "d": "2026-01-02T03:04:05", "p": "q"}]`
	}
	merge := delta.WriteOptions{Writer: delta.WriterConfig{MergeSchema: true}}
	table := altered(t, widening)
	c, text := source()
	if _, err := table.Append(t.Context(), rows(t, checked(t), c, text), merge); err != nil {
		t.Fatal(err)
	}
	s := snapshot(t, table)
	if got := schema.DDL(s.Schema()); got != columns {
		t.Errorf("columns = %s, want %s", got, columns)
	}
	want := []string{`1 {"x":2,"y":null} [3] "2026-01-02T00:00:00.000000"`, `3000000000 {"x":70000,"y":null} [3000000000] "2026-01-02T03:04:05.000000"`}
	if diff := cmp.Diff(want, valuesOf(t, s, "a", "s", "l", "d")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	f := s.Schema().Field(2)
	if got, _ := f.Metadata.GetValue("delta.typeChanges"); got != `[{"fromType":"integer","toType":"long","fieldPath":"element"}]` {
		t.Errorf("delta.typeChanges of l = %s", got)
	}
	var misfit *delta.SchemaError
	if _, err := altered(t, nil).Append(t.Context(), rows(t, checked(t), c, text), merge); !errors.As(err, &misfit) {
		t.Errorf("without delta.enableTypeWidening: %v, want a *SchemaError", err)
	}
	for _, narrower := range []struct{ columns, text string }{{"a DOUBLE", `[{"a": 1.5}]`}, {"a DECIMAL(20,1)", `[{"a": "1.5"}]`}, {"a STRING", `[{"a": "x"}]`}} {
		if _, err := table.Append(t.Context(), rows(t, checked(t), narrower.columns, narrower.text), merge); !errors.As(err, &misfit) {
			t.Errorf("%s into BIGINT: %v, want a *SchemaError", narrower.columns, err)
		}
	}
}
