package medallion_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/storage"
)

// TestLakeThatRefusesWrites: a disk that is full or a lake that may not be written to ends in that error; nothing is half there, and the next run is right.
func TestLakeThatRefusesWrites(t *testing.T) {
	t.Parallel()
	for _, err := range []error{syscall.ENOSPC, fs.ErrPermission} {
		for _, op := range []string{"create", "write", "commit", "put"} {
			for _, part := range []string{"/_delta_log/", "/_medallion/", ".parquet"} {
				if part == ".parquet" == (op == "put") || op != "put" && part != ".parquet" {
					continue // data files are streamed, the rest is put
				}
				t.Run(err.Error()+" "+op+" "+part, func(t *testing.T) {
					t.Parallel()
					lake := bankLake(t)
					inner := lake.Store
					onStore(lake, &denied{Store: inner, err: err, deny: func(o, key string) bool { return o == op && strings.Contains(key, part) }})
					if got := newBank(lake).run(t.Context(), lake); !errors.Is(got, err) {
						t.Errorf("got error %v, want %v", got, err)
					}
					onStore(lake, inner)
					checkBank(t, lake)
				})
			}
		}
	}
}

// foreign is a store that lets another writer commit just before the n-th commit to a table that it sees.
type foreign struct {
	storage.Store
	before string
	act    func()
}

func (f *foreign) PutIfAbsent(ctx context.Context, key string, data []byte) error {
	if act := f.act; act != nil && strings.Contains(key, f.before) {
		f.act = nil
		act()
	}
	return f.Store.PutIfAbsent(ctx, key, data)
}

// accountRows are rows as another writer makes them.
func accountRows(t *testing.T, rows ...account) exec.Source {
	t.Helper()
	s, err := schema.Of[account]()
	if err != nil {
		t.Fatal(err)
	}
	codec, err := schema.NewCodec[account](s)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := codec.Encode(memory.DefaultAllocator, rows)
	if err != nil {
		t.Fatal(err)
	}
	return exec.NewBatches(rec.Schema(), rec)
}

// TestForeignWriter commits to the merged table between our read and our commit: the batch is planned again on what is there then, or the difference told.
func TestForeignWriter(t *testing.T) {
	t.Parallel()
	id := ptr[int64]
	tests := []struct {
		name  string
		write func(context.Context, *delta.Table, exec.Source) error
		want  []account
	}{
		{"appends", func(ctx context.Context, d *delta.Table, rows exec.Source) error {
			_, err := d.Append(ctx, rows, delta.WriteOptions{})
			return err
		}, []account{{id(1), ptr("active"), ptr("Rome")}, {id(4), ptr("new"), ptr("Rome")}, {id(9), ptr("theirs"), ptr("Bern")}}},
		{"overwrites", func(ctx context.Context, d *delta.Table, rows exec.Source) error {
			_, err := d.Overwrite(ctx, rows, delta.WriteOptions{})
			return err
		}, []account{{id(1), ptr("active"), ptr("Rome")}, {id(4), ptr("new"), ptr("Rome")}, {id(9), ptr("theirs"), ptr("Bern")}}},
		{"adds a column", func(ctx context.Context, d *delta.Table, _ exec.Source) error {
			s, err := d.Snapshot(ctx)
			if err != nil {
				return err
			}
			tx := d.Begin(s, delta.Operation{Name: "ADD COLUMNS"})
			fields := append(s.Schema().Fields(), arrow.Field{Name: "extra", Type: schema.String, Nullable: true})
			if err := tx.UpdateSchema(arrow.NewSchema(fields, nil)); err != nil {
				return err
			}
			_, err = tx.Commit(ctx)
			return err
		}, []account{{id(1), ptr("active"), ptr("Rome")}, {id(4), ptr("new"), ptr("Rome")}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			lake := bankLake(t)
			inner := lake.Store
			wrote := errors.New("the other writer was not called")
			onStore(lake, &foreign{Store: inner, before: "lake/silver/accounts/_delta_log/", act: func() {
				rows := accountRows(t, account{id(9), ptr("theirs"), ptr("Bern")})
				wrote = tt.write(t.Context(), delta.Open(inner, "lake/silver/accounts", delta.Config{}), rows)
			}})
			b := newBank(lake)
			lake.Run(b.now)
			if wrote != nil {
				t.Fatal(wrote)
			}
			medalliontest.Want(lake, b.now, tt.want...)
			if got := lake.Run(b.now).Table("silver.accounts"); got.Commits != 0 {
				t.Errorf("got %d commits by one more run, want none", got.Commits)
			}
		})
	}
}

// TestDamagedProgress: a batch file that is damaged or lost stops its flow with an error that names it, whatever else is there; once it is restored the
// flow goes on.
func TestDamagedProgress(t *testing.T) {
	t.Parallel()
	const key = "lake/bronze/orders/_medallion/flows/bronze.orders/00000000000000000000.json"
	for name, text := range map[string]string{"cut short": `{"flow":"bro`, "empty": "", "lost": "-"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lake := medalliontest.NewLake(t)
			raw := newBronze(lake)
			lake.File("landing/1.json", orderLine("a"))
			lake.Run(raw)
			sound, err := storage.ReadAll(t.Context(), lake.Store, key)
			if err != nil {
				t.Fatal(err)
			}
			if err := lake.Store.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
			if text != "-" {
				lake.File(key, text)
			}
			lake.File("landing/2.json", orderLine("b"))
			_, err = lake.Pipeline.Run(t.Context(), raw)
			var progress *flow.ProgressError
			if !errors.As(err, &progress) || progress.Key != key || progress.Batch != 0 {
				t.Fatalf("got error %v, want a *flow.ProgressError that names %s", err, key)
			}
			lake.File(key, string(sound))
			lake.Run(raw)
			if got := orderIDs(lake, raw); strings.Join(got, " ") != "a b" {
				t.Errorf("got rows %v once the file is restored, want a and b", got)
			}
		})
	}
}

// TestLostCheckpoint: without its checkpoints, or with damaged ones, a table is read from its log.
func TestLostCheckpoint(t *testing.T) {
	t.Parallel()
	for _, damaged := range []string{"", "PAR1 no more"} {
		lake := medalliontest.NewLake(t)
		raw := bronze.Ingest[rawOrder]("bronze.orders", files.In(lake.Store, "landing/*", files.MaxFilesPerTrigger(1)), medallion.Property("delta.checkpointInterval", "2"))
		for _, id := range []string{"a", "b", "c", "d", "e"} {
			lake.File("landing/"+id+".json", orderLine(id))
		}
		lake.Run(raw)
		found := 0
		for info, err := range lake.Store.List(t.Context(), "lake/bronze/orders/_delta_log/", "") {
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(info.Key, ".checkpoint.") {
				continue
			}
			found++
			if err := lake.Store.Delete(t.Context(), info.Key); err != nil {
				t.Fatal(err)
			}
			if damaged != "" {
				lake.File(info.Key, damaged)
			}
		}
		if found == 0 {
			t.Fatal("there is no checkpoint to take away")
		}
		lake.File("landing/f.json", orderLine("f"))
		lake.Run(raw)
		if got := orderIDs(lake, raw); strings.Join(got, " ") != "a b c d e f" {
			t.Errorf("got rows %v, want a to f", got)
		}
	}
}

// TestDoneBatchNeedsNoFiles: once a batch is done, its files may be cleared away.
func TestDoneBatchNeedsNoFiles(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	raw := newBronze(lake)
	lake.File("landing/1.json", orderLine("a"))
	lake.Run(raw)
	if err := lake.Store.Delete(t.Context(), "landing/1.json"); err != nil {
		t.Fatal(err)
	}
	lake.Run(raw)
	lake.File("landing/1.json", orderLine("a")) // the same key: it has been read
	lake.File("landing/2.json", orderLine("b"))
	lake.Run(raw)
	if got := orderIDs(lake, raw); strings.Join(got, " ") != "a b" {
		t.Errorf("got rows %v, want a and b", got)
	}
}

// TestFlowsShareAQuarantine: what one flow of a table sets aside stays when another flow's batch of the same number comes.
func TestFlowsShareAQuarantine(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	rule := quality.Quarantine("known_op", "op IN ('I', 'U', 'D')")
	flow := func(folder string) silver.Flow[account] {
		rows := dataset.Source[change](files.In(lake.Store, folder+"/*.json"))
		return silver.ApplyChanges[account](quality.Check(rows, rule), accounts(nil)).Named(folder)
	}
	table := silver.Merge("silver.accounts", []silver.Flow[account]{flow("east"), flow("west")})
	lake.File("east/1.json", `{"id":1,"op":"X","seq":1}`+"\n"+`{"id":2,"op":"I","seq":1}`)
	lake.File("west/1.json", `{"id":3,"op":"Y","seq":1}`+"\n"+`{"id":4,"op":"I","seq":1}`)
	lake.Run(table)
	aside := medallion.Existing[change]("silver.accounts_quarantine")
	var ops []string
	for _, r := range medalliontest.Rows(lake, aside) {
		ops = append(ops, *r.Op)
	}
	if got := strings.Join(sorted(ops), " "); got != "X Y" {
		t.Errorf("got quarantined operations %q, want those of both flows", got)
	}
}
