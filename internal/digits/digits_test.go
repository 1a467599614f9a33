package digits_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/medallion-go/medallion/internal/digits"
)

func TestRead(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n := r.Uint64() >> r.IntN(64) / 10
		text := strconv.FormatUint(n, 10)
		got, end := digits.Read([]byte("x"+text+".......x"), 1, 0)
		if got != n || end != 1+len(text) {
			t.Fatalf("Read(%s) = %d up to %d, want up to %d", text, got, end, 1+len(text))
		}
		if count := digits.Count([]byte(text + "/")); count != len(text) {
			t.Fatalf("Count(%s/) = %d, want %d", text, count, len(text))
		}
	}
}

func TestField(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text        string
		least, most int
		want        int
		rest        string
		ok          bool
	}{
		{"12-", 1, 2, 12, "-", true},
		{"7", 1, 2, 7, "", true},
		{"123", 1, 2, 0, "123", false},
		{"1", 2, 2, 0, "1", false},
		{":1", 1, 2, 0, ":1", false},
		{"", 1, 2, 0, "", false},
	}
	for _, tt := range tests {
		v, rest, ok := digits.Field([]byte(tt.text), tt.least, tt.most)
		if v != tt.want || string(rest) != tt.rest || ok != tt.ok {
			t.Errorf("Field(%q, %d, %d) = %d, %q, %v; want %d, %q, %v", tt.text, tt.least, tt.most, v, rest, ok, tt.want, tt.rest, tt.ok)
		}
	}
}

func TestAppendPadded(t *testing.T) {
	t.Parallel()
	for _, n := range []uint64{0, 7, 10, 99, 100, 123456, 1 << 63} {
		for _, width := range []int{1, 2, 3, 9} {
			if got, want := string(digits.AppendPadded(nil, n, width)), fmt.Sprintf("%0*d", width, n); got != want {
				t.Errorf("AppendPadded(%d, %d) = %s, want %s", n, width, got, want)
			}
		}
	}
}

func ExampleAppendPadded() {
	fmt.Println(string(digits.AppendPadded(nil, 7, 3)))
	// Output: 007
}
