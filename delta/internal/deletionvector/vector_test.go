package deletionvector_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta/internal/deletionvector"
)

// vectors are sets of every kind of container, in one bucket and in several.
func vectors() map[string]*deletionvector.Vector {
	random := rand.New(rand.NewPCG(1, 2))
	list := map[string]*deletionvector.Vector{
		"empty":   {},
		"first":   deletionvector.Of(0),
		"array":   deletionvector.Of(1, 7, 9, 65535, 65536, 1<<20),
		"buckets": deletionvector.Of(3, 1<<32-1, 1<<32, 5<<32|17, 5<<32|18),
		"runs":    {},
		"bitmap":  {},
	}
	for row := range int64(200_000) {
		if row/1000%2 == 0 {
			list["runs"].Add(row)
		}
		if random.IntN(3) == 0 {
			list["bitmap"].Add(row)
		}
	}
	return list
}

func rowsOf(v *deletionvector.Vector) []int64 { return slices.Collect(v.Rows()) }

func TestPayload(t *testing.T) {
	t.Parallel()
	for name, v := range vectors() {
		data, err := v.AppendPayload(nil)
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := deletionvector.ParsePayload(data)
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(rowsOf(v), rowsOf(got)); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", name, diff)
		}
		if got.Count() != v.Count() || got.Max() != v.Max() {
			t.Errorf("%s: %d rows up to %d, want %d up to %d", name, got.Count(), got.Max(), v.Count(), v.Max())
		}
		for n := range min(len(data), 200) {
			if _, err := deletionvector.ParsePayload(data[:n]); err == nil {
				t.Errorf("%s: %d bytes of %d are read without an error", name, n, len(data))
			}
		}
		if _, err := deletionvector.ParsePayload(append(data, 0)); err == nil {
			t.Errorf("%s: a byte too many is read without an error", name)
		}
	}
}

// TestDamagedPayload changes single bytes: what is read then is a set, or an error.
func TestDamagedPayload(t *testing.T) {
	t.Parallel()
	for name, v := range vectors() {
		data, err := v.AppendPayload(nil)
		if err != nil {
			t.Fatal(name, err)
		}
		for at := 0; at < min(len(data), 300); at += 1 + len(data)/1000 {
			for _, bit := range []byte{1, 0x80} {
				damaged := bytes.Clone(data)
				damaged[at] ^= bit
				got, err := deletionvector.ParsePayload(damaged)
				if err != nil {
					continue
				}
				if rows := rowsOf(got); !slices.IsSorted(rows) || int64(len(rows)) != got.Count() {
					t.Fatalf("%s: byte %d: %d rows that do not ascend, or are not %d", name, at, len(rows), got.Count())
				}
			}
		}
	}
}

func TestManyBucketsAreNotBelieved(t *testing.T) {
	t.Parallel()
	data := binary.LittleEndian.AppendUint32(nil, 1681511377)
	data = binary.LittleEndian.AppendUint64(data, 1<<40)
	if _, err := deletionvector.ParsePayload(data); err == nil {
		t.Error("a payload of 12 bytes with 2^40 buckets is read without an error")
	}
}

func TestLive(t *testing.T) {
	t.Parallel()
	for name, v := range vectors() {
		for _, first := range []int64{0, 5, 65530, 199_990, 1<<32 - 3} {
			const n = 100
			want, rest := []int32{}, []int32{}
			for i := range int32(n) {
				if v.Contains(first + int64(i)) {
					rest = append(rest, i)
				} else {
					want = append(want, i)
				}
			}
			if diff := cmp.Diff(rest, v.In(first, n, []int32{})); diff != "" {
				t.Errorf("%s: from %d: rows of the set (-want +got):\n%s", name, first, diff)
			}
			got, whole := v.Live(first, n, []int32{})
			if whole != (len(want) == n) {
				t.Errorf("%s: from %d: whole is %v, %d of %d rows live", name, first, whole, len(want), n)
			}
			if diff := cmp.Diff(want, got); !whole && diff != "" {
				t.Errorf("%s: from %d: rows (-want +got):\n%s", name, first, diff)
			}
			if deleted := v.CountIn(first, first+n); deleted != int64(n-len(want)) {
				t.Errorf("%s: from %d: %d rows are deleted, want %d", name, first, deleted, n-len(want))
			}
		}
	}
}

func TestSets(t *testing.T) {
	t.Parallel()
	a, b := deletionvector.Of(1, 2, 1<<32), deletionvector.Of(2, 3, 2<<32)
	both := a.Clone()
	both.Union(b)
	if diff := cmp.Diff([]int64{1, 2, 3, 1 << 32, 2 << 32}, rowsOf(both)); diff != "" {
		t.Errorf("union (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{1, 1 << 32}, rowsOf(a.Without(b))); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{1, 2, 1 << 32}, rowsOf(a)); diff != "" {
		t.Errorf("the first set has changed (-want +got):\n%s", diff)
	}
	if !a.Intersects(b) || a.Intersects(deletionvector.Of(4, 1<<32|1)) {
		t.Errorf("intersects: %v with a common row, %v without", a.Intersects(b), a.Intersects(deletionvector.Of(4, 1<<32|1)))
	}
}

func TestUpto(t *testing.T) {
	t.Parallel()
	for _, rows := range []int64{0, 1, 70_000, 1 << 32, 1<<32 + 5} {
		v := deletionvector.Upto(rows)
		if v.Count() != rows || v.Contains(rows) || rows > 0 && v.Max() != rows-1 {
			t.Errorf("Upto(%d) has %d rows, %d at most", rows, v.Count(), v.Max())
		}
	}
}
