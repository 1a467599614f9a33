package schema_test

import (
	"bufio"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/schema"
)

// TestDoublesAsJavaWritesThem compares with what Float.toString and Double.toString of Java 17 gave for random bits, small whole numbers times powers of ten, whole
// numbers about powers of two and subnormal numbers. A line is F or D, the bits and the text.
func TestDoublesAsJavaWritesThem(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/java_floats.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		parts := strings.Fields(lines.Text())
		word, err := strconv.ParseUint(parts[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		x, bits := math.Float64frombits(word), 64
		if parts[0] == "F" {
			x, bits = float64(math.Float32frombits(uint32(word))), 32
		}
		if got := string(schema.AppendDouble([]byte("is "), x, bits)); got != "is "+parts[2] {
			t.Errorf("%s %s: got %s, want %s", parts[0], parts[1], got, parts[2])
		}
		if math.IsNaN(x) || math.IsInf(x, 0) {
			continue
		}
		digits := string(schema.AppendDigits(nil, x, bits))
		read, err := strconv.ParseFloat(digits, bits)
		written, _ := strconv.ParseFloat(parts[2], bits)
		if err != nil || read != written {
			t.Errorf("AppendDigits of %s: %s", parts[2], digits)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkAppendDouble(b *testing.B) {
	var scratch [32]byte
	for b.Loop() {
		for _, x := range []float64{12.34, 0.0123, 123456.789, 1e10, 3.25, 99.99} {
			schema.AppendDouble(scratch[:0], x, 64)
		}
	}
}
