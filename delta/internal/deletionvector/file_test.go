package deletionvector_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta/internal/deletionvector"
)

func TestFile(t *testing.T) {
	t.Parallel()
	var f deletionvector.File
	type place struct{ offset, size int64 }
	places := make(map[string]place)
	for name, v := range vectors() {
		offset, size, err := f.Add(v)
		if err != nil {
			t.Fatal(err)
		}
		places[name] = place{offset, size}
	}
	if err := deletionvector.CheckVersion(f.Bytes()[0]); err != nil {
		t.Error(err)
	}
	for name, v := range vectors() {
		p := places[name]
		frame := f.Bytes()[p.offset:][:deletionvector.FrameSize(p.size)]
		got, err := deletionvector.ParseFrame(frame)
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(rowsOf(v), rowsOf(got)); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", name, diff)
		}
		for _, at := range []int{0, 3, 4, len(frame) - 5, len(frame) - 1} {
			damaged := bytes.Clone(frame)
			damaged[at] ^= 1
			if _, err := deletionvector.ParseFrame(damaged); err == nil {
				t.Errorf("%s: byte %d of its frame is changed, and it is read without an error", name, at)
			}
		}
	}
}

func TestInline(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		size int64
		want []int64
	}{
		"filled up": {deletionvector.EncodeZ85(payload(t, 3, 4, 7, 11, 18)), 42, []int64{3, 4, 7, 11, 18}},
		"whole":     {"^Bg9^0rr910000000000iXQKl0rr91000315c8Xg000f5", 36, []int64{0, 5}},
		"shortened": {"^Bg9^0rr910000000000iXQKl0rr91000005c8Xg##093", 34, []int64{3}},
	} {
		got, err := deletionvector.ParseInline(c.text, c.size)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, rowsOf(got)); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", name, diff)
		}
		for _, size := range []int64{-1, 0, c.size - 4, c.size + 4, 1 << 40} {
			if _, err := deletionvector.ParseInline(c.text, size); err == nil {
				t.Errorf("%s: %d bytes instead of %d are read without an error", name, size, c.size)
			}
		}
	}
}

func payload(t *testing.T, rows ...int64) []byte {
	t.Helper()
	data, err := deletionvector.Of(rows...).AppendPayload(nil)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestZ85(t *testing.T) {
	t.Parallel()
	hello := []byte{0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B}
	if got := deletionvector.EncodeZ85(hello); got != "HelloWorld" { // the test vector of ZeroMQ's RFC 32
		t.Errorf("encoded: %q", got)
	}
	for text, want := range map[string][]byte{
		"HelloWorld": hello, "": {}, "##093": {3, 0}, "###2#": {0xFE}, "#0001": {0, 0, 1}, "%nSc0": {0xFF, 0xFF, 0xFF, 0xFF},
	} {
		got, err := deletionvector.DecodeZ85(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"Hell", "Hell ", "Hell\x80", "%nSc1", "#####", "####0", "##zzz", "##093Hello", "##093##093"} {
		if got, err := deletionvector.DecodeZ85(text); err == nil {
			t.Errorf("%q is read as %v without an error", text, got)
		}
	}
}
