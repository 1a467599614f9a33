package schema_test

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// sparkVariant is a line of testdata/variants.jsonl: an expression, what Spark 4.2 encodes it as, and its to_json.
type sparkVariant struct{ Expr, Metadata, Value, JSON string }

func (v sparkVariant) decode(t testing.TB) schema.Variant {
	t.Helper()
	metadata, err := hex.DecodeString(v.Metadata)
	if err != nil {
		t.Fatal(err)
	}
	value, err := hex.DecodeString(v.Value)
	if err != nil {
		t.Fatal(err)
	}
	return schema.Variant{Metadata: metadata, Value: value}
}

func sparkVariants(t testing.TB) []sparkVariant {
	t.Helper()
	f, err := os.Open("testdata/variants.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []sparkVariant
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var v sparkVariant
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	if len(list) < 50 {
		t.Fatalf("%d variants", len(list))
	}
	return list
}

func TestVariantJSON(t *testing.T) {
	t.Parallel()
	for _, v := range sparkVariants(t) {
		got, err := v.decode(t).MarshalJSON()
		if err != nil || string(got) != v.JSON {
			t.Errorf("%s: %s, %v, want %s", v.Expr, got, err, v.JSON)
		}
	}
}

func TestVariantOfOtherKinds(t *testing.T) {
	t.Parallel()
	tests := []struct{ value, want string }{
		{"\x50\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", `"00112233-4455-6677-8899-aabbccddeeff"`},
		{"\x09\xc3\xa9", `"é"`},
		{"\x05\x1f", `"\u001F"`},
	}
	for _, tt := range tests {
		if got := (schema.Variant{Metadata: []byte{1, 0, 0}, Value: []byte(tt.value)}).String(); got != tt.want {
			t.Errorf("%x: %s, want %s", tt.value, got, tt.want)
		}
	}
}

func TestVariantThatIsDamaged(t *testing.T) {
	t.Parallel()
	for _, v := range []schema.Variant{
		{},
		{Metadata: []byte{1, 0, 0}},
		{Metadata: []byte{2, 0, 0}, Value: []byte{0}},                    // version 2
		{Metadata: []byte{1, 9, 0}, Value: []byte{0}},                    // nine names of which none is there
		{Metadata: []byte{1, 0, 0}, Value: []byte{0x10, 0x7f}},           // half a SMALLINT
		{Metadata: []byte{1, 0, 0}, Value: []byte{0x15, 'a'}},            // five characters of which one is there
		{Metadata: []byte{1, 0, 0}, Value: []byte{2, 1, 0, 0, 1, 0}},     // a field without a name
		{Metadata: []byte{1, 0, 0}, Value: []byte{3, 200, 0, 1, 0}},      // 200 elements of which one is there
		{Metadata: []byte{1, 0, 0}, Value: []byte{3, 1, 9, 1, 0}},        // an element beyond the end
		{Metadata: []byte{1, 0, 0}, Value: []byte{0xFC}},                 // a type from the future
		{Metadata: []byte{1, 0, 0}, Value: []byte{0x20, 77, 0, 0, 0, 0}}, // a decimal of scale 77
	} {
		if text, err := v.MarshalJSON(); err == nil {
			t.Errorf("%x %x: %s, want an error", v.Metadata, v.Value, text)
		}
	}
}

// TestVariantPartsThatOverlap: an array whose elements are all the next array stands for 2^n values.
func TestVariantPartsThatOverlap(t *testing.T) {
	t.Parallel()
	var value []byte
	for range 60 {
		value = append(value, 3, 2, 0, 0, 5) // two elements at one place
	}
	if _, err := (schema.Variant{Metadata: []byte{1, 0, 0}, Value: append(value, 0)}).MarshalJSON(); err == nil {
		t.Error("no error")
	}
	deep := []byte(strings.Repeat("\x03\x01\x00\x05", 100_000))
	if _, err := (schema.Variant{Metadata: []byte{1, 0, 0}, Value: append(deep, 0)}).MarshalJSON(); err == nil {
		t.Error("no error for what nests 100,000 deep")
	}
}

func TestVariantArray(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	s := arrow.NewSchema([]arrow.Field{{Name: "v", Type: schema.VariantType, Nullable: true}}, nil)
	text, err := schema.MarshalDelta(s)
	if err != nil {
		t.Fatal(err)
	}
	back, err := schema.UnmarshalDelta(text)
	if err != nil || !schema.EqualFields(back.Fields(), s.Fields(), schema.Nullability) {
		t.Errorf("%s reads back as %v, %v", text, back, err)
	}
	if name := schema.Name(schema.ArrayOf(schema.VariantType, true)); name != "array<variant>" {
		t.Errorf("name %s", name)
	}
	b := array.NewBuilder(alloc, schema.VariantType)
	defer b.Release()
	storage := b.(*array.ExtensionBuilder).StorageBuilder().(*array.StructBuilder)
	storage.Append(true)
	storage.FieldBuilder(0).(*array.BinaryBuilder).Append([]byte{1, 0, 0})
	storage.FieldBuilder(1).(*array.BinaryBuilder).Append([]byte{0x0c, 7})
	b.AppendNull()
	a := b.NewArray()
	defer a.Release()
	if got := string(schema.AppendJSON(nil, a, 0)) + string(schema.AppendJSON(nil, a, 1)); got != `"7"null` {
		t.Errorf("rows %s", got)
	}
	if v, ok := schema.Value(a, 0).(schema.Variant); !ok || v.String() != "7" {
		t.Errorf("value %v", schema.Value(a, 0))
	}
}

func FuzzVariant(f *testing.F) {
	for _, v := range sparkVariants(f) {
		d := v.decode(f)
		f.Add(d.Metadata, d.Value)
	}
	f.Fuzz(func(t *testing.T, metadata, value []byte) {
		text, err := schema.Variant{Metadata: metadata, Value: value}.MarshalJSON()
		if err == nil && !json.Valid(text) {
			t.Errorf("%x %x: %s is no JSON", metadata, value, text)
		}
	})
}

func ExampleVariant() {
	v := schema.Variant{Metadata: []byte("\x01\x01\x00\x01a"), Value: []byte("\x02\x01\x00\x00\x02\x0c\x07")}
	os.Stdout.WriteString(v.String())
	// Output: {"a":7}
}
