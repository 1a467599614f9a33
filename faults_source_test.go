package medallion_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/source/files"
)

func gzipOf(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err) // a bytes.Buffer takes all
	}
	return b.String()
}

func zstdOf(text string) string {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err) // there are no options that could be wrong
	}
	return string(w.EncodeAll([]byte(text), nil))
}

// newBronze is a table of the rows of all files in the landing folder, whatever their format.
func newBronze(lake *medalliontest.Lake) *medallion.Table[rawOrder] {
	return bronze.Ingest[rawOrder]("bronze.orders", files.In(lake.Store, "landing/*"))
}

// orderLine is a sound row of the shop's raw files.
func orderLine(id string) string {
	return `{"order_id":"` + id + `","country":"de","amount":1,"seq":1}` + "\n"
}

// orderIDs are the ids in bronze, in any order, as one text.
func orderIDs(lake *medalliontest.Lake, raw *medallion.Table[rawOrder]) []string {
	var ids []string
	for _, r := range medalliontest.Rows(lake, raw) {
		id := "NULL"
		if r.OrderID != nil {
			id = *r.OrderID
		}
		ids = append(ids, id)
	}
	return sorted(ids)
}

// TestDamagedFileHoldsBackItsBatch: a file that cannot be read ends in an error that names it, nothing of its batch is committed, what was committed stays,
// and the next run goes on once the file is put right or taken away.
func TestDamagedFileHoldsBackItsBatch(t *testing.T) {
	t.Parallel()
	long := strings.Repeat(orderLine("bad"), 20_000)
	gz, zst := gzipOf(long), zstdOf(long)
	damaged := []struct{ name, key, text, repaired string }{
		{"gzip cut short", "landing/2.json.gz", gz[:len(gz)/2], gzipOf(orderLine("mended"))},
		{"gzip with a wrong sum", "landing/2.json.gz", gz[:len(gz)-8] + "\x01\x02\x03\x04" + gz[len(gz)-4:], gzipOf(orderLine("mended"))},
		{"gzip with bits flipped", "landing/2.json.gz", gz[:len(gz)/2] + "\xff\xff\xff\xff" + gz[len(gz)/2+4:], gzipOf(orderLine("mended"))},
		{"gzip of nothing but its magic", "landing/2.json.gz", "\x1f\x8b", gzipOf(orderLine("mended"))},
		{"zstd cut short", "landing/2.json.zst", zst[:len(zst)/2], zstdOf(orderLine("mended"))},
		{"zstd with bits flipped", "landing/2.json.zst", zst[:len(zst)/2] + "\xff\xff\xff\xff" + zst[len(zst)/2+4:], zstdOf(orderLine("mended"))},
	}
	for _, d := range damaged {
		for _, remedy := range []string{"mended", "gone"} {
			t.Run(d.name+" "+remedy, func(t *testing.T) {
				t.Parallel()
				lake := medalliontest.NewLake(t)
				raw := newBronze(lake)
				lake.File("landing/1.json", orderLine("before"))
				lake.Run(raw)
				lake.File(d.key, d.text)
				lake.File("landing/3.json", orderLine("beside"))
				for range 2 {
					report, err := lake.Pipeline.Run(t.Context(), raw)
					var corrupt *files.CorruptError
					if !errors.As(err, &corrupt) || !strings.Contains(corrupt.File, d.key) {
						t.Fatalf("got error %v, want a *files.CorruptError that names %s", err, d.key)
					}
					if got := report.Table("bronze.orders").Commits; got != 0 {
						t.Errorf("got %d commits beside the error, want none", got)
					}
				}
				if got := orderIDs(lake, raw); strings.Join(got, " ") != "before" {
					t.Errorf("got rows %v while the file is damaged, want the earlier batch's alone", got)
				}
				want := "before beside"
				if remedy == "mended" {
					lake.File(d.key, d.repaired)
					want += " mended"
				} else if err := lake.Store.Delete(t.Context(), d.key); err != nil {
					t.Fatal(err)
				}
				lake.Run(raw)
				if got := orderIDs(lake, raw); strings.Join(got, " ") != want {
					t.Errorf("got rows %v once the file is %s, want %s", got, remedy, want)
				}
			})
		}
	}
}

// planned interrupts a run of bronze after its batch was written, so that the next run finds the batch.
func planned(t *testing.T, lake *medalliontest.Lake, table medallion.AnyTable) {
	t.Helper()
	inner := lake.Store
	onStore(lake, &denied{Store: inner, err: errDenied, deny: func(op, key string) bool {
		return op != "open" && op != "list" && strings.Contains(key, "lake/bronze/orders/") && !strings.Contains(key, "_medallion/flows")
	}})
	if _, err := lake.Pipeline.Run(t.Context(), table); !errors.Is(err, errDenied) {
		t.Fatalf("got error %v, want the interruption", err)
	}
	onStore(lake, inner)
}

// TestFilesOfAnInterruptedBatch: what becomes of the files of a batch that was planned and not committed.
func TestFilesOfAnInterruptedBatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(context.Context, *medalliontest.Lake) error
		want   string
		gaveUp bool
	}{
		{"untouched", func(context.Context, *medalliontest.Lake) error { return nil }, "a b c", false},
		{"vanished", func(ctx context.Context, l *medalliontest.Lake) error { return l.Store.Delete(ctx, "landing/2.json") }, "a c", true},
		{"all vanished", func(ctx context.Context, l *medalliontest.Lake) error {
			return l.Store.Delete(ctx, "landing/1.json", "landing/2.json", "landing/3.json.gz")
		}, "", true},
		{"grown", func(ctx context.Context, l *medalliontest.Lake) error {
			l.File("landing/2.json", orderLine("b")+orderLine("late"))
			return nil
		}, "a b c", false},
		{"packed and replaced", func(ctx context.Context, l *medalliontest.Lake) error {
			l.File("landing/3.json.gz", gzipOf(orderLine("new")))
			return nil
		}, "a b new", true},
		{"shrunk", func(ctx context.Context, l *medalliontest.Lake) error { l.File("landing/2.json", `{}`); return nil }, "NULL a c", true},
	}
	for _, tt := range tests {
		for _, first := range []bool{true, false} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				lake := medalliontest.NewLake(t)
				raw := newBronze(lake)
				want := tt.want
				if !first {
					lake.File("landing/0.json", orderLine("_"))
					lake.Run(raw)
					want = strings.TrimSpace(strings.Join(sorted(append(strings.Fields(want), "_")), " "))
				}
				lake.File("landing/1.json", orderLine("a"))
				lake.File("landing/2.json", orderLine("b"))
				lake.File("landing/3.json.gz", gzipOf(orderLine("c")))
				planned(t, lake, raw)
				if err := tt.change(t.Context(), lake); err != nil {
					t.Fatal(err)
				}
				lake.Run(raw)
				if got := strings.Join(orderIDs(lake, raw), " "); got != want {
					t.Errorf("got rows %q, want %q", got, want)
				}
				lake.Run(raw)
				if got := strings.Join(orderIDs(lake, raw), " "); got != want {
					t.Errorf("got rows %q after one more run, want %q", got, want)
				}
				if got := gaveUp(t, lake, "bronze/orders"); got != tt.gaveUp {
					t.Errorf("got a batch given up: %t, want %t", got, tt.gaveUp)
				}
			})
		}
	}
}

// gaveUp looks in the table's history for a batch that was given up.
func gaveUp(t *testing.T, lake *medalliontest.Lake, table string) bool {
	t.Helper()
	s, err := delta.Open(lake.Store, "lake/"+table, delta.Config{}).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, ok := s.Txn(strings.ReplaceAll(table, "/", ".") + "#given-up")
	return ok
}

// TestFileThatComesBack is read although the batch that it was planned for had been given up.
func TestFileThatComesBack(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	raw := newBronze(lake)
	for _, round := range []string{"a", "b"} { // the second batch is given up twice in a row
		lake.File("landing/"+round+".json", orderLine(round))
		planned(t, lake, raw)
		if err := lake.Store.Delete(t.Context(), "landing/"+round+".json"); err != nil {
			t.Fatal(err)
		}
		lake.Run(raw)
	}
	lake.File("landing/a.json", orderLine("a"))
	lake.File("landing/c.json", orderLine("c"))
	lake.Run(raw)
	lake.Run(raw)
	if got := orderIDs(lake, raw); strings.Join(got, " ") != "a c" {
		t.Errorf("got rows %v, want a and c", got)
	}
}

// TestGivenUpBatchLeavesNoQuarantine: the rows that a batch had set aside before it was given up are gone with the next batch.
func TestGivenUpBatchLeavesNoQuarantine(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	raw := dataset.Source[rawOrder](files.In(lake.Store, "landing/*.json"))
	orders := silver.Append("silver.orders", quality.Check(raw, quality.Quarantine("has_country", "country IS NOT NULL")))
	aside := medallion.Existing[quarantined]("silver.orders_quarantine")
	ids := func() string {
		var all []string
		for _, r := range medalliontest.Rows(lake, aside) {
			all = append(all, *r.OrderID)
		}
		return strings.Join(sorted(all), " ")
	}
	lake.File("landing/1.json", `{"order_id":"kept"}`)
	lake.Run(orders)
	lake.File("landing/2.json", `{"order_id":"passing"}`)
	lake.File("landing/3.json", orderLine("c"))
	inner := lake.Store
	onStore(lake, &denied{Store: inner, err: errDenied, deny: func(op, key string) bool {
		return op == "put" && strings.Contains(key, "lake/silver/orders/_delta_log")
	}})
	if _, err := lake.Pipeline.Run(t.Context(), orders); !errors.Is(err, errDenied) {
		t.Fatalf("got error %v, want the commit to be denied", err)
	}
	onStore(lake, inner)
	if got := ids(); got != "kept passing" {
		t.Fatalf("got %q in quarantine before the batch is given up, want both", got)
	}
	if err := lake.Store.Delete(t.Context(), "landing/2.json"); err != nil {
		t.Fatal(err)
	}
	lake.File("landing/4.json", `{"order_id":"later"}`)
	lake.Run(orders)
	if got := ids(); got != "kept later" {
		t.Errorf("got %q in quarantine, want the row of the batch that was given up gone", got)
	}
}

// TestSourceErrorsAreTold: what a source says of a vanished or changed file is found by its type and by what it means.
func TestSourceErrorsAreTold(t *testing.T) {
	t.Parallel()
	for _, err := range []error{&files.GoneError{File: "f"}, &files.ChangedError{File: "f"}} {
		if !errors.Is(err, source.ErrGone) {
			t.Errorf("%v: got no source.ErrGone", err)
		}
	}
}

// TestFileWithoutFormat is told before anything is planned, and read once the source says the format.
func TestFileWithoutFormat(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.File("landing/readings.txt", "{\"id\":1}\n")
	_, err := lake.Pipeline.Run(t.Context(), bronze.Ingest[reading]("bronze.raw", files.In(lake.Store, "landing/")))
	if err == nil || !strings.Contains(err.Error(), "landing/readings.txt") || !strings.Contains(err.Error(), "files.Format") {
		t.Errorf("got error %v, want one that names the file and the option", err)
	}
	rows, _ := ingested[reading](t, lake, files.Format(files.NDJSON))
	if diff := cmp.Diff([]string{`{"id":1}`}, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestUnreadableFile: a file that may not be read is told with its name, and is read once it may be.
func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.File("landing/a.json", orderLine("a"))
	lake.File("landing/b.json", orderLine("b"))
	inner := lake.Store
	onStore(lake, &denied{Store: inner, err: os.ErrPermission, deny: func(op, key string) bool { return op == "open" && key == "landing/b.json" }})
	_, err := lake.Pipeline.Run(t.Context(), newBronze(lake))
	if !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "landing/b.json") {
		t.Errorf("got error %v, want the permission that is missing, and the file", err)
	}
	onStore(lake, inner)
	raw := newBronze(lake)
	lake.Run(raw)
	if got := orderIDs(lake, raw); strings.Join(got, " ") != "a b" {
		t.Errorf("got rows %v, want a and b", got)
	}
}
