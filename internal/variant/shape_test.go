package variant_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/variant"
)

// shapeOf is the shape of an object with a value of each of some kinds, and of an array of them.
func shapeOf(t *testing.T, build func(b *variant.Builder)) variant.Shape {
	t.Helper()
	var b variant.Builder
	build(&b)
	v, err := variant.New(b.Metadata(nil), b.Value())
	if err != nil {
		t.Fatal(err)
	}
	s, err := variant.ShapeOf(v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func plainly(name string) string { return name }

func TestShapesAreReadAsWritten(t *testing.T) {
	t.Parallel()
	one := shapeOf(t, func(b *variant.Builder) { b.Int(1) })
	text := shapeOf(t, func(b *variant.Builder) { b.String([]byte("x")) })
	for _, s := range []variant.Shape{{}, one, text, one.Merge(text)} {
		bytes := append(s.Append(nil), "rest"...)
		got, rest, err := variant.ReadShape(bytes)
		if err != nil || string(rest) != "rest" {
			t.Fatalf("ReadShape = %q, %v", rest, err)
		}
		if diff := cmp.Diff(string(s.AppendText(nil, plainly)), string(got.AppendText(nil, plainly))); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
}

// FuzzReadShape checks that what is read of any bytes is written and read again the same.
func FuzzReadShape(f *testing.F) {
	f.Add([]byte("\x06BIGINT"))
	f.Add([]byte("\x05ARRAY\x07DECIMAL\x05\x02"))
	f.Add([]byte("\x06OBJECT\x02\x01a\x00\x01b\x05ARRAY\x06STRING"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, _, err := variant.ReadShape(b)
		if err != nil {
			return
		}
		again, rest, err := variant.ReadShape(s.Append(nil))
		if err != nil || len(rest) > 0 {
			t.Fatalf("ReadShape of what was written: %q, %v", rest, err)
		}
		if got, want := string(again.AppendText(nil, plainly)), string(s.AppendText(nil, plainly)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
