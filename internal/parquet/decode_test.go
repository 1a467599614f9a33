package parquet

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// Values that another implementation packed come out whole, however many are asked for at a time.
func TestHybrid(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(41, 1))
	for width := 1; width <= 31; width++ {
		values := make([]int32, 3000)
		for i := range values {
			values[i] = int32(rnd.Int64N(1 << width))
			if i > 0 && rnd.IntN(20) > 0 {
				values[i] = values[i-1]
			}
		}
		packed, err := (&rle.Encoding{BitWidth: width}).EncodeInt32(nil, values)
		if err != nil {
			t.Fatal(err)
		}
		h := newHybrid(packed, width)
		got := make([]int32, len(values))
		for at := 0; at < len(got); {
			n := min(1+rnd.IntN(100), len(got)-at)
			if err := h.codes(got[at : at+n]); err != nil {
				t.Fatal(err)
			}
			at += n
		}
		if d := cmp.Diff(values, got); d != "" {
			t.Fatalf("width %d: (-want +got):\n%.500s", width, d)
		}
		if err := h.codes(make([]int32, 64)); err == nil {
			t.Errorf("width %d: more values than there are, and no error", width)
		}
	}
}

// Validity written as levels reads back as the same bitmap, at any position.
func TestValidityRoundTrip(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(43, 1))
	for range 2000 {
		var m bitmap
		for range rnd.IntN(6) {
			n := rnd.IntN(100)
			switch at := m.extend(n); rnd.IntN(3) {
			case 0:
				fillBits(m.b, at, n)
			case 1:
				for i := range n {
					m.b[(at+i)>>3] |= byte(rnd.IntN(2)) << ((at + i) & 7)
				}
			}
		}
		b := appendValidity(nil, &m)
		if n := binary.LittleEndian.Uint32(b); int(n) != len(b)-4 {
			t.Fatalf("length %d of %d bytes", n, len(b)-4)
		}
		h := newHybrid(b[4:], 1)
		off := rnd.IntN(9)
		got := make([]byte, (off+m.n+7)/8)
		ones, err := h.bits(got, off, m.n)
		if err != nil {
			t.Fatal(err)
		}
		if want := countBits(m.b, 0, m.n); ones != want {
			t.Fatalf("%d bits: got %d ones, want %d", m.n, ones, want)
		}
		for i := range m.n {
			if bit(got, off+i) != bit(m.b, i) {
				t.Fatalf("bit %d of %d: got %d", i, m.n, bit(got, off+i))
			}
		}
	}
}

func TestDelta(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(45, 1))
	for n := range 400 {
		values, small := make([]int64, n), make([]int32, n)
		for i := range values {
			values[i] = int64(rnd.Uint64()) >> (n % 64)
			small[i] = int32(rnd.Uint32()) >> (n % 32)
		}
		packed, err := new(delta.BinaryPackedEncoding).EncodeInt64(nil, values)
		if err != nil {
			t.Fatal(err)
		}
		got, rest, err := new(deltaReader).decodeAll(nil, append(packed, 1, 2, 3), n)
		if err != nil || !bytes.Equal(rest, []byte{1, 2, 3}) {
			t.Fatalf("%d values: %v, rest %v", n, err, rest)
		}
		if d := cmp.Diff(values, append([]int64{}, got...)); d != "" {
			t.Fatalf("%d values (-want +got):\n%.500s", n, d)
		}
		if packed, err = new(delta.BinaryPackedEncoding).EncodeInt32(nil, small); err != nil {
			t.Fatal(err)
		}
		got, _, err = new(deltaReader).decodeAll(nil, packed, n)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got {
			if int32(v) != small[i] {
				t.Fatalf("%d values: value %d: got %d, want %d", n, i, int32(v), small[i])
			}
		}
		if n > 0 {
			if _, _, err := new(deltaReader).decodeAll(nil, packed, n-1); err == nil {
				t.Fatalf("%d values where %d belong, and no error", n, n-1)
			}
		}
	}
}

func TestConvert(t *testing.T) {
	t.Parallel()
	le32 := func(v ...uint32) (b []byte) {
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, x)
		}
		return b
	}
	le64 := func(v ...uint64) (b []byte) {
		for _, x := range v {
			b = binary.LittleEndian.AppendUint64(b, x)
		}
		return b
	}
	int96 := func(day uint32, nanos uint64) []byte { return append(le64(nanos), le32(day)...) }
	neg := func(v int64) uint64 { return uint64(v) }
	tests := []struct {
		name     string
		phys     meta.Type
		size     int
		conv     conversion
		width    int
		in, want []byte
		bad      bool
	}{
		{"int8", meta.Int32, 0, toInt8, 1, le32(0xFFFFFFFF, 5), []byte{0xFF, 5}, false},
		{"int16", meta.Int32, 0, toInt16, 2, le32(0xFFFFFFFE), []byte{0xFE, 0xFF}, false},
		{"uint8", meta.Int32, 0, fromUint8, 2, le32(255), []byte{255, 0}, false},
		{"uint16", meta.Int32, 0, fromUint16, 4, le32(65535), le32(65535), false},
		{"uint32", meta.Int32, 0, fromUint32, 8, le32(math.MaxUint32), le64(math.MaxUint32), false},
		{"uint64", meta.Int64, 0, fromUint64, 16, le64(math.MaxUint64), le64(math.MaxUint64, 0), false},
		{"millis", meta.Int64, 0, fromMillis, 8, le64(neg(-1)), le64(neg(-1000)), false},
		{"millis too large", meta.Int64, 0, fromMillis, 8, le64(math.MaxInt64), nil, true},
		{"nanos round down", meta.Int64, 0, fromNanos, 8, le64(neg(-1), 1999), le64(neg(-1), 1), false},
		{"int96 epoch", meta.Int96, 0, fromInt96, 8, int96(2440588, 1999), le64(1), false},
		{"int96 year 9999", meta.Int96, 0, fromInt96, 8, int96(5373484, 86399999999000), le64(253402300799999999), false},
		{"int96 year 1", meta.Int96, 0, fromInt96, 8, int96(1721426, 0), le64(neg(-62135596800000000)), false},
		{"int96 too large", meta.Int96, 0, fromInt96, 8, int96(math.MaxInt32, 0), nil, true},
		{
			"half", meta.FixedLenByteArray, 2, fromHalf, 4,
			[]byte{0, 0x3C, 0, 0xC0, 1, 0, 0xFF, 0x7B, 0, 0x7C},
			le32(math.Float32bits(1), math.Float32bits(-2), math.Float32bits(0x1p-24), math.Float32bits(65504), math.Float32bits(float32(math.Inf(1)))), false,
		},
		{"decimal32", meta.Int32, 0, decimal32, 16, le32(0xFFFFFFFF), le64(math.MaxUint64, math.MaxUint64), false},
		{"decimal64", meta.Int64, 0, decimal64, 16, le64(7), le64(7, 0), false},
		{"decimal bytes", meta.FixedLenByteArray, 3, decimalBE, 16, []byte{0xFF, 0xFF, 0xFE, 1, 0, 0}, le64(neg(-2), math.MaxUint64, 65536, 0), false},
		{"decimal of 17 bytes", meta.FixedLenByteArray, 17, decimalBE, 16, append([]byte{0}, append(make([]byte, 15), 9)...), le64(9, 0), false},
		{"decimal too large", meta.FixedLenByteArray, 17, decimalBE, 16, append([]byte{1}, make([]byte, 16)...), nil, true},
		{"decimal of the wrong sign", meta.FixedLenByteArray, 17, decimalBE, 16, append([]byte{0, 0x80}, make([]byte, 15)...), nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := &leafColumn{phys: tt.phys, size: tt.size, leafType: leafType{conv: tt.conv, width: tt.width}}
			got := make([]byte, len(tt.in)/l.physicalWidth()*tt.width)
			err := l.convert(got, tt.in)
			if tt.bad {
				if err == nil {
					t.Errorf("got %x, want an error", got)
				}
				return
			}
			if err != nil || !bytes.Equal(got, tt.want) {
				t.Errorf("got %x, %v, want %x", got, err, tt.want)
			}
		})
	}
}

func TestLZ4(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		in   []byte
		want string
		bad  bool
	}{
		{"literals", []byte("\x50hello"), "hello", false},
		{"overlap", []byte("\x16a\x01\x00\x10b"), "aaaaaaaaaaab", false},
		{"long literals", append([]byte{0xF0, 5}, "abcdefghijklmnopqrst"...), "abcdefghijklmnopqrst", false},
		{"before the start", []byte("\x16a\x02\x00\x10b"), "aaaaaaaaaaab", true},
		{"zero offset", []byte("\x16a\x00\x00\x10b"), "aaaaaaaaaaab", true},
		{"too long", []byte("\x50hello"), "hell", true},
		{"too short", []byte("\x50hello"), "hello!", true},
		{"cut", []byte("\x50hel"), "hello", true},
		{"cut offset", []byte("\x16a\x01"), "aaaaaaaaaaa", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dst := make([]byte, len(tt.want))
			err := decodeLZ4(dst, tt.in)
			if tt.bad != (err != nil) || !tt.bad && string(dst) != tt.want {
				t.Errorf("got %q, %v, want %q, error %v", dst, err, tt.want, tt.bad)
			}
		})
	}
}

func TestBitPackedLevels(t *testing.T) {
	t.Parallel()
	got := make([]uint8, 8)
	bitPackedLevels(got, []byte{0b00000101, 0b00111001, 0b01110111}, 3) // the example of the specification
	if d := cmp.Diff([]uint8{0, 1, 2, 3, 4, 5, 6, 7}, got); d != "" {
		t.Error(d)
	}
}
