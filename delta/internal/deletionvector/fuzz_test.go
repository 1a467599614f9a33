package deletionvector_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/medallion-go/medallion/delta/internal/deletionvector"
)

// FuzzPayload reads anything: what is accepted is a set that is written and read again as the same.
func FuzzPayload(f *testing.F) {
	for _, v := range vectors() {
		data, err := v.AppendPayload(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := deletionvector.ParsePayload(data)
		if err != nil || v.Count() > 1<<20 {
			return
		}
		rows := rowsOf(v)
		if int64(len(rows)) != v.Count() || !slices.IsSorted(rows) {
			t.Fatalf("%d rows that do not ascend, or are not %d", len(rows), v.Count())
		}
		again, err := v.AppendPayload(nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := deletionvector.ParsePayload(again)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(rowsOf(got), rows) {
			t.Errorf("%d rows, read again %d", len(rows), got.Count())
		}
	})
}

func FuzzZ85(f *testing.F) {
	f.Add("HelloWorld")
	f.Add("##093")
	f.Fuzz(func(t *testing.T, text string) {
		data, err := deletionvector.DecodeZ85(text)
		if err != nil {
			return
		}
		again, err := deletionvector.DecodeZ85(deletionvector.EncodeZ85(data))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(again, data) || len(again)-len(data) > 3 {
			t.Errorf("%q is %x, and written again %x", text, data, again)
		}
	})
}
