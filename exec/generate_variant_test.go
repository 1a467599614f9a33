package exec_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	godiff "github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/internal/variant"
	"github.com/medallion-go/medallion/schema"
)

// exploded pushes one batch of a column x through variant_explode(call), and gives the rows, its batches' rows together.
func exploded(t testing.TB, typ arrow.DataType, call string, build func(b array.Builder)) ([]string, error) {
	t.Helper()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	b := array.NewBuilder(alloc, typ)
	build(b)
	column := b.NewArray()
	b.Release()
	defer column.Release()
	in := arrow.NewSchema([]arrow.Field{{Name: "x", Type: typ, Nullable: true}}, nil)
	w := generator(t, alloc, in, call, nil)
	var rows []string
	err := w.Push(t.Context(), &exec.Batch{Columns: []arrow.Array{column}, N: column.Len()}, func(b *exec.Batch) error {
		if b.Len() > exec.MaxRows {
			t.Errorf("got a batch of %d rows, want at most %d", b.Len(), exec.MaxRows)
		}
		texts := rowTexts(b)
		if size := len(strings.Join(texts, "")); size > 18<<20 {
			t.Errorf("got a batch of %d bytes, want 18 MiB at most", size)
		}
		rows = append(rows, texts...)
		return nil
	})
	return rows, err
}

func explodedTexts(t testing.TB, call string, texts ...string) []string {
	t.Helper()
	rows, err := exploded(t, arrow.BinaryTypes.String, call, func(b array.Builder) { b.(*array.StringBuilder).AppendValues(texts, nil) })
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestVariantExplode(t *testing.T) {
	t.Parallel()
	texts := []string{`[1,"a"]`, `null`, `{"b":[2],"a":null}`, `no json`, `7`, `[]`, `{}`}
	want := []string{"0 (null) 1", `1 (null) "a"`, "0 a null", "1 b [2]"}
	if diff := godiff.Diff(want, explodedTexts(t, "variant_explode(try_parse_json(x))", texts...)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	none := "(null) (null) (null)"
	want = []string{want[0], want[1], none, want[2], want[3], none, none, none, none}
	if diff := godiff.Diff(want, explodedTexts(t, "variant_explode_outer(try_parse_json(x))", texts...)); diff != "" {
		t.Errorf("outer: -want +got\n%s", diff)
	}
}

// TestVariantExplodeBounds checks that long arrays come in batches of bounded size, whole and in order, and so do parts with long names.
func TestVariantExplodeBounds(t *testing.T) {
	t.Parallel()
	n := exec.MaxRows + 5
	got := explodedTexts(t, "variant_explode(parse_json(x))", "["+strings.Repeat("1,", n-1)+"2]", `{"a":3}`)
	if len(got) != n+1 || got[n-2] != fmt.Sprintf("%d (null) 1", n-2) || got[n-1] != fmt.Sprintf("%d (null) 2", n-1) || got[n] != "0 a 3" {
		t.Errorf("got %d rows that end with %q, want %d in order", len(got), got[max(0, len(got)-3):], n+1)
	}
	name := strings.Repeat("n", 1<<20)
	var objects []string
	for i := range 24 {
		objects = append(objects, fmt.Sprintf(`{"%s":%d}`, name, i))
	}
	got = explodedTexts(t, "variant_explode(parse_json(x))", "["+strings.Join(objects, ",")+"]")
	for i, row := range got {
		if want := fmt.Sprintf(`%d (null) %s`, i, objects[i]); row != want {
			t.Fatalf("row %d is of %d bytes and ends %q, want %d bytes", i, len(row), row[max(0, len(row)-20):], len(want))
		}
	}
	if len(got) != len(objects) {
		t.Errorf("got %d rows, want %d", len(got), len(objects))
	}
}

// parts are what encoding/json finds in a document, in the order of the names: the reference of variant_explode.
func parts(t testing.TB, text string) (rows []string) {
	t.Helper()
	type part struct {
		key string
		raw json.RawMessage
	}
	var list []part
	switch trimmed := strings.TrimLeft(text, " \t\r\n"); {
	case strings.HasPrefix(trimmed, "["):
		var elements []json.RawMessage
		if err := json.Unmarshal([]byte(text), &elements); err != nil {
			t.Fatal(err)
		}
		for _, raw := range elements {
			list = append(list, part{array.NullValueStr, raw})
		}
	case strings.HasPrefix(trimmed, "{"):
		var fields map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &fields); err != nil {
			t.Fatal(err)
		}
		for key, raw := range fields {
			list = append(list, part{key, raw})
		}
		slices.SortFunc(list, func(a, b part) int { return cmp.Compare(a.key, b.key) })
	}
	for i, p := range list {
		// The part alone is the one element of an array.
		alone, _ := strings.CutPrefix(explodedTexts(t, "variant_explode(parse_json(x))", "["+string(p.raw)+"]")[0], "0 "+array.NullValueStr+" ")
		rows = append(rows, fmt.Sprintf("%d %s %s", i, p.key, alone))
	}
	return rows
}

// FuzzVariantExplode holds the parts of a document to those that encoding/json finds.
func FuzzVariantExplode(f *testing.F) {
	for _, text := range []string{
		`[1, -2.50, "x", null, true, [], {}, [[1]], {"a": {"b": [1, {"c": null}]}}]`, ` {"b": 1, "a": [1], "": {"z": 0, "y": 1e300}, "é": "", "Z": {}} `,
		`{}`, `[]`, `"text"`, `7`, `null`, `{"a":1,"a":2}`, `[1`, `{"k":"` + strings.Repeat("long ", 30) + `"}`, `{"a\tb":1,"a\"b":2}`,
	} {
		f.Add(text)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		f.Add(string(document(rng, 4)))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || strings.Contains(strings.ToLower(text), `\ud`) || len(text) > 1<<12 {
			return // what stands for half a character is not the same to both
		}
		got := explodedTexts(t, "variant_explode(try_parse_json(x))", text)
		if !json.Valid([]byte(text)) {
			return
		}
		if repeats(text) {
			if len(got) > 0 {
				t.Errorf("%s: got %q of a document that parse_json refuses", text, got)
			}
			return
		}
		if diff := godiff.Diff(parts(t, text), got); diff != "" {
			t.Errorf("%s: -want +got\n%s", text, diff)
		}
	})
}

// repeats tells whether an object of the document, which parse_json then refuses, has a name twice.
func repeats(text string) bool {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	var walk func() bool
	walk = func() bool {
		token, err := d.Token()
		if err != nil {
			return false
		}
		seen := map[string]bool{}
		for token == json.Delim('{') && d.More() {
			name, err := d.Token()
			if err != nil || seen[fmt.Sprint(name)] || walk() {
				return true
			}
			seen[fmt.Sprint(name)] = true
		}
		for token == json.Delim('[') && d.More() {
			if walk() {
				return true
			}
		}
		if token == json.Delim('{') || token == json.Delim('[') {
			_, err = d.Token()
		}
		return err != nil
	}
	return walk()
}

// document is random JSON.
func document(rng *rand.Rand, depth int) []byte {
	scalars := []string{"null", "true", "-1", "300", "70000", "5000000000", "1.25", "1e9", `""`, `"text"`, `"` + strings.Repeat("é", 40) + `"`}
	kind := rng.IntN(3)
	if depth == 0 || kind == 2 && depth < 4 {
		return []byte(scalars[rng.IntN(len(scalars))])
	}
	var items [][]byte
	for i := range rng.IntN(6) {
		item := document(rng, depth-1)
		if kind == 0 {
			item = append(fmt.Appendf(nil, "%q:", fmt.Sprint((i*7)%5, strings.Repeat("k", rng.IntN(3)))), item...)
		}
		items = append(items, item)
	}
	if kind == 0 {
		return fmt.Appendf(nil, "{%s}", bytes.Join(items, []byte(",")))
	}
	return fmt.Appendf(nil, "[%s]", bytes.Join(items, []byte(",")))
}

// FuzzVariantExplodeBytes gives bytes of any kind, which come apart into as many whole values as they say, or are damaged.
func FuzzVariantExplodeBytes(f *testing.F) {
	f.Add([]byte{1, 0, 0}, []byte{0x0c, 7})
	f.Add([]byte("\x01\x01\x00\x01a"), []byte("\x02\x01\x00\x00\x02\x0c\x07"))
	f.Add([]byte("\x01\x01\x00\x01a"), []byte("\x02\x01\x05\x00\x02\x0c\x07"))
	f.Add([]byte{1, 0, 0}, []byte("\x03\x02\x00\x00\x02\x0c\x07"))
	f.Add([]byte{1, 0, 0}, []byte("\x03\x02\x00\x00\x09\x0c\x07"))
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, metadata, value []byte) {
		rows, err := exploded(t, schema.VariantType, "variant_explode(x)", func(b array.Builder) {
			storage := b.(*array.ExtensionBuilder).StorageBuilder().(*array.StructBuilder)
			storage.Append(true)
			storage.FieldBuilder(0).(*array.BinaryBuilder).Append(metadata)
			storage.FieldBuilder(1).(*array.BinaryBuilder).Append(value)
		})
		if err != nil {
			if !errors.Is(err, &expr.Error{Class: "MALFORMED_VARIANT"}) {
				t.Fatal(err)
			}
			return
		}
		v, err := variant.New(metadata, value)
		if err != nil {
			t.Fatalf("%d rows of damaged bytes", len(rows))
		}
		want := 0
		if kind, err := v.Kind(); err == nil && (kind == variant.Object || kind == variant.Array) {
			want, _ = v.Len()
		}
		if len(rows) != want {
			t.Errorf("got %d rows, want %d", len(rows), want)
		}
		for i, row := range rows {
			if !strings.HasPrefix(row, fmt.Sprint(i, " ")) || strings.HasSuffix(row, variant.ErrMalformed.Error()) {
				t.Errorf("row %d is %q", i, row)
			}
		}
	})
}
