package delta_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

const nestedDDL = "id BIGINT, payload STRUCT<quantity: BIGINT, device: STRUCT<os: STRING, text: STRING>, note: STRING>"

// nestedRows has long texts beside short numbers.
func nestedRows(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		switch i % 5 {
		case 3:
			fmt.Fprintf(&b, `{"id": %d, "payload": null}`, i)
		case 4:
			fmt.Fprintf(&b, `{"id": %d, "payload": {"quantity": null, "device": null, "note": "n%d"}}`, i, i)
		default:
			fmt.Fprintf(&b, `{"id": %d, "payload": {"quantity": %d, "device": {"os": "os%d", "text": "%s"}, "note": "%s"}}`,
				i, i, i%3, longText(i), longText(^i))
		}
	}
	return "[" + b.String() + "]"
}

// longText does not compress.
func longText(i int) string {
	v := uint64(i+1) * 0x9E3779B97F4A7C15
	return fmt.Sprintf("%016x%016x%016x", v, v*v, v*v*v)
}

// TestScanReadsFieldsOfStructs reads single fields: what is asked for is as in a scan of whole columns, and the rest of the struct is not read.
func TestScanReadsFieldsOfStructs(t *testing.T) {
	t.Parallel()
	for _, mapping := range []string{"none", "name", "id"} {
		t.Run(mapping, func(t *testing.T) {
			t.Parallel()
			alloc := checked(t)
			c := testConfig()
			c.Alloc = alloc
			table := delta.Open(memory.New(), "t", c)
			d := delta.Definition{Schema: ddl(t, nestedDDL), Properties: map[string]string{"delta.columnMapping.mode": mapping}}
			if _, err := table.Create(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			if _, err := table.Append(t.Context(), rows(t, alloc, nestedDDL, nestedRows(5000)), delta.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			whole := scan(t, table, delta.ScanConfig{})
			payload := whole.Schema().Field(1).Type
			lines(t, whole)
			for name, test := range map[string]struct {
				paths [][]int
				want  string // of row 0
			}{
				"one":      {[][]int{{0}}, `{"quantity":0,"device":null,"note":null}`},
				"inner":    {[][]int{{1, 0}}, `{"quantity":null,"device":{"os":"os0","text":null},"note":null}`},
				"two":      {[][]int{{0}, {1, 0}}, `{"quantity":0,"device":{"os":"os0","text":null},"note":null}`},
				"a struct": {[][]int{{1}}, `{"quantity":null,"device":{"os":"os0","text":"` + longText(0) + `"},"note":null}`},
			} {
				part := scan(t, table, delta.ScanConfig{Columns: []int{1, 0}, Paths: [][][]int{test.paths, nil}, Filter: quantityIs(payload, 0)})
				all := scan(t, table, delta.ScanConfig{Columns: []int{1, 0}, Paths: [][][]int{test.paths, nil}})
				if diff := cmp.Diff(5000, len(lines(t, all))); diff != "" {
					t.Errorf("%s: rows: -want +got\n%s", name, diff)
				}
				if read := all.Stats().Bytes; read >= whole.Stats().Bytes {
					t.Errorf("%s: read %d bytes, and %d of whole columns", name, read, whole.Stats().Bytes)
				}
				if name == "one" || name == "two" {
					if diff := cmp.Diff([]string{test.want + " 0"}, lines(t, part)); diff != "" {
						t.Errorf("%s: -want +got\n%s", name, diff)
					}
				}
				if first := firstWith(lines(t, all), " 0"); first != test.want+" 0" {
					t.Errorf("%s: got %s, want %s", name, first, test.want)
				}
				if null := firstWith(lines(t, all), " 3"); null != "null 3" {
					t.Errorf("%s: the struct that is NULL is %s", name, null)
				}
			}
		})
	}
}

// quantityIs is payload.quantity = v.
func quantityIs(payload arrow.DataType, v int64) expr.Bound {
	return call("=", expr.BoundField{
		Arg: expr.BoundColumn{Index: 0, Name: "payload", Typ: payload, Null: true}, Name: "quantity", Typ: schema.BigInt, Null: true,
	}, literal(v, schema.BigInt))
}

func firstWith(lines []string, suffix string) string {
	for _, l := range lines {
		if strings.HasSuffix(l, suffix) {
			return l
		}
	}
	return ""
}

// TestScanOfFieldsThatFilesLack reads a field that only newer files have: in the older ones it is NULL, and the struct is where it was.
func TestScanOfFieldsThatFilesLack(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	c := testConfig()
	c.Alloc = alloc
	table := delta.Open(memory.New(), "t", c)
	const before, after = "id BIGINT, s STRUCT<a: BIGINT>", "id BIGINT, s STRUCT<a: BIGINT, b: STRING>"
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, before)}); err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct{ ddl, rows string }{
		{before, `[{"id": 1, "s": {"a": 1}}, {"id": 2, "s": null}]`}, {after, `[{"id": 3, "s": {"a": 3, "b": "x"}}]`},
	} {
		if _, err := table.Append(t.Context(), rows(t, alloc, f.ddl, f.rows), delta.WriteOptions{Writer: delta.WriterConfig{MergeSchema: true}}); err != nil {
			t.Fatal(err)
		}
	}
	got := lines(t, scan(t, table, delta.ScanConfig{Paths: [][][]int{nil, {{1}}}}))
	if diff := cmp.Diff([]string{`1 {"a":1,"b":null}`, `2 null`, `3 {"a":null,"b":"x"}`}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
