package files_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/storage"
	memstore "github.com/medallion-go/medallion/storage/memory"
)

// clock is a store's time; each use is one second later.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) tick() time.Time {
	c.now = c.now.Add(time.Second)
	return c.now
}

func anyText(options ...files.Option) []files.Option {
	return append([]files.Option{files.Format(files.NDJSON), files.WithDDL("a INT, _corrupt_record STRING")}, options...)
}

// keysOf are the files of a batch, in its order.
func keysOf(t *testing.T, b source.Batch) []string {
	t.Helper()
	var w struct{ Files []struct{ Key string } }
	if b.Work == nil {
		return nil
	}
	if err := json.Unmarshal(b.Work, &w); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, f := range w.Files {
		keys = append(keys, f.Key)
	}
	return keys
}

func planKeys(t *testing.T, s *files.Source, after source.Offset, limits source.Limits) ([]string, source.Offset) {
	t.Helper()
	b, err := s.Plan(context.Background(), after, limits)
	if err != nil {
		t.Fatal(err)
	}
	return keysOf(t, b), b.Until
}

func expectKeys(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestLateAndOverwrittenFiles(t *testing.T) {
	t.Parallel()
	store := memstore.Config{Now: newClock().tick}.New()
	once, again := files.In(store, "in/*", anyText()...), files.In(store, "in/*", anyText(files.AllowOverwrites())...)
	put(t, store, "in/m", []byte("1"))
	put(t, store, "in/z", []byte("1"))
	keys, offset := planKeys(t, once, nil, source.Limits{})
	expectKeys(t, "first", keys, "in/m", "in/z")
	put(t, store, "in/a", []byte("1"))
	put(t, store, "in/z", []byte("22"))
	keys, offset = planKeys(t, once, offset, source.Limits{})
	expectKeys(t, "a name before all that were seen; an overwritten file is not read again", keys, "in/a")
	put(t, store, "in/b", []byte("1"))
	keys, offset = planKeys(t, again, offset, source.Limits{})
	expectKeys(t, "with overwrites, but versions are not known of what was read", keys, "in/b")
	put(t, store, "in/b", []byte("2"))
	put(t, store, "in/a", []byte("2"))
	keys, overwritten := planKeys(t, again, offset, source.Limits{})
	expectKeys(t, "an overwritten file of the same size", keys, "in/b")
	keys, _ = planKeys(t, again, overwritten, source.Limits{})
	expectKeys(t, "read again once", keys)
	keys, _ = planKeys(t, once, offset, source.Limits{})
	expectKeys(t, "the option taken back", keys)
	if err := store.Delete(context.Background(), "in/a"); err != nil {
		t.Fatal(err)
	}
	put(t, store, "in/a", []byte("1"))
	keys, _ = planKeys(t, once, offset, source.Limits{})
	expectKeys(t, "deleted and put back", keys)
}

func TestLimits(t *testing.T) {
	t.Parallel()
	store := memstore.Config{Now: newClock().tick}.New()
	for _, key := range []string{"c", "a", "b", "d"} {
		put(t, store, key, []byte("12345"))
	}
	s := files.In(store, "*", anyText(files.MaxFilesPerTrigger(3), files.MaxBytesPerTrigger(7))...)
	if got, want := s.Limits(), (source.Limits{Files: 3, Bytes: 7}); got != want {
		t.Errorf("Limits = %v, want %v", got, want)
	}
	keys, offset := planKeys(t, s, nil, source.Limits{Files: 3})
	expectKeys(t, "the oldest three", keys, "c", "a", "b")
	keys, _ = planKeys(t, s, offset, source.Limits{Files: 3})
	expectKeys(t, "the rest", keys, "d")
	keys, _ = planKeys(t, s, nil, source.Limits{Bytes: 10})
	expectKeys(t, "ten bytes", keys, "c", "a")
	keys, _ = planKeys(t, s, nil, source.Limits{Bytes: 1})
	expectKeys(t, "one byte is at least one file", keys, "c")
}

func TestModifiedBetween(t *testing.T) {
	t.Parallel()
	c := newClock()
	store := memstore.Config{Now: c.tick}.New()
	start := c.now
	for _, key := range []string{"a", "b", "c"} {
		put(t, store, key, []byte("1"))
	}
	s := files.In(store, "*", anyText(files.ModifiedAfter(start.Add(time.Second)), files.ModifiedBefore(start.Add(3*time.Second)))...)
	keys, _ := planKeys(t, s, nil, source.Limits{})
	expectKeys(t, "between the first and the third second", keys, "b")
}

func TestReplanFindsFaults(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	plan := func(store storage.Store) (*files.Source, source.Batch) {
		put(t, store, "in/a.json", []byte("{}\n"))
		put(t, store, "in/b.json.gz", []byte("xx"))
		s := files.In(store, "in/*", files.WithDDL("a INT, _corrupt_record STRING"))
		b, err := s.Plan(ctx, nil, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return s, b
	}
	tests := []struct {
		name   string
		change func(store storage.Store) error
		want   error
	}{
		{"nothing", func(storage.Store) error { return nil }, nil},
		{"gone", func(store storage.Store) error { return store.Delete(ctx, "in/b.json.gz") }, &files.GoneError{}},
		{"same size", func(store storage.Store) error { put(t, store, "in/a.json", []byte("[]\n")); return nil }, &files.ChangedError{}},
		{"shorter", func(store storage.Store) error { put(t, store, "in/a.json", []byte("{}")); return nil }, &files.ChangedError{}},
		{"text grew", func(store storage.Store) error { put(t, store, "in/a.json", []byte("{}\n{}\n")); return nil }, nil},
		{"packed grew", func(store storage.Store) error { put(t, store, "in/b.json.gz", []byte("xxx")); return nil }, &files.ChangedError{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := memstore.New()
			s, b := plan(store)
			if err := tt.change(store); err != nil {
				t.Fatal(err)
			}
			_, err := s.Replan(ctx, b.Until, b.Work)
			if got, want := fmt.Sprintf("%T", err), fmt.Sprintf("%T", tt.want); got != want {
				t.Errorf("Replan error = %v, want %s", err, want)
			}
			var gone *files.GoneError
			if errors.As(err, &gone) && (gone.File != "in/b.json.gz" || !errors.Is(err, storage.ErrNotFound)) {
				t.Errorf("error %v does not say that in/b.json.gz is not found", err)
			}
		})
	}
}

func TestOffset(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	for i := range 2000 {
		put(t, store, fmt.Sprintf("folder with a long name/part-%05d-%x.json", i, i*i), nil)
	}
	s := files.In(store, "**", anyText()...)
	keys, offset := planKeys(t, s, nil, source.Limits{})
	if len(keys) != 2000 {
		t.Fatalf("%d files, want 2000: empty ones too", len(keys))
	}
	if most := 2000*11 + 200; len(offset) > most {
		t.Errorf("the offset takes %d bytes for 2000 files, want at most %d", len(offset), most)
	}
	if keys, _ := planKeys(t, s, offset, source.Limits{}); len(keys) != 0 {
		t.Errorf("%d files are new again", len(keys))
	}
	for _, damaged := range []string{
		`[]`, `{"files":1}`, `{"files":0,"seen":"AQ=="}`, `{"files":2,"seen":"AQA="}`, `{"files":1,"seen":"/w=="}`, `{"files":1,"seen":"!"}`,
		`{"files":1,"seen":"AQ==","versions":"AA=="}`, `{"files":1,"seen":"AQ==","versions":"!"}`,
	} {
		if _, err := s.Plan(context.Background(), source.Offset(damaged), source.Limits{}); err == nil {
			t.Errorf("Plan took the offset %s", damaged)
		}
	}
	if _, err := s.Replan(context.Background(), offset, json.RawMessage(`{`)); err == nil {
		t.Error("Replan took work that is no JSON")
	}
}

func TestState(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	put(t, store, "a", []byte("1"))
	s := files.In(store, "*", anyText()...)
	_, offset := planKeys(t, s, nil, source.Limits{})
	put(t, store, "b", []byte("22"))
	var got []string
	for f, err := range s.State(context.Background(), offset) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(f.Path, f.Size, f.Seen))
	}
	expectKeys(t, "state", got, "a1 true", "b2 false")
	for _, err := range s.State(context.Background(), source.Offset("x")) {
		if err == nil {
			t.Error("State took an offset that is no JSON")
		}
	}
}

func TestLocalFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"in/a.json", "in/sub/b.json", "in/_hidden/c.json", "in/.d.json", "other/e.json"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("{}\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := files.New(filepath.Join(dir, "in")+string(filepath.Separator), anyText()...)
	var got []string
	for f, err := range s.State(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.TrimPrefix(f.Path, "file://"+filepath.ToSlash(dir)))
	}
	expectKeys(t, "files", got, "/in/a.json", "/in/sub/b.json")
	keys, _ := planKeys(t, files.New(filepath.Join(dir, "*", "{a,e}.json"), anyText()...), nil, source.Limits{})
	if len(keys) != 2 {
		t.Errorf("files of a pattern with braces: %v", keys)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	tests := []struct {
		name    string
		source  *files.Source
		wantAll []string
	}{
		{"good", files.In(store, "*.csv", files.WithDDL("a INT, _rescued_data STRING")), nil},
		{"parquet needs no rescue", files.In(store, "*.parquet", files.WithDDL("a INT")), nil},
		{"empty pattern", files.New(""), []string{"pattern is empty"}},
		{"bad pattern and DDL", files.In(store, "[a", files.WithDDL("a FOO")), []string{`segment "[a"`, "1:3: unknown type FOO"}},
		{
			"lossy text", files.In(store, "x/*.json.gz", files.WithDDL("a INT")),
			[]string{"the schema of NDJSON files needs a column _rescued_data STRING or _corrupt_record STRING"},
		},
		{"lossy format", files.In(store, "x/*", files.Format(files.CSV), files.WithDDL("a INT")), []string{"the schema of CSV files"}},
		{
			"types", files.In(store, "*", files.WithDDL("_rescued_data INT, _corrupt_record DATE, _metadata STRING")),
			[]string{"_rescued_data must be STRING", "_corrupt_record must be STRING", "_metadata must be a struct"},
		},
		{
			"metadata", files.In(store, "*", files.WithDDL("_metadata STRUCT<file_name: STRING, row_index: BIGINT>")),
			[]string{"_metadata.row_index bigint is not a field"},
		},
		{"rescue", files.In(store, "*.parquet", files.WithDDL("a INT"), files.Evolution(files.Rescue)), []string{"needs a column _rescued_data"}},
		{"split size", files.In(store, "*.json", anyText(files.SplitBytes(0))...), []string{"SplitBytes(0)"}},
		{"names", files.In(store, "*.parquet", files.WithSchema(schemaOf[struct {
			A int64 `delta:"_rescued_data"`
		}](t))), []string{"must be STRING, not bigint"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.source.Validate()
			if (err == nil) != (tt.wantAll == nil) {
				t.Fatalf("Validate = %v", err)
			}
			for _, want := range tt.wantAll {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Validate = %v, want %q in it", err, want)
				}
			}
			if _, schemaErr := tt.source.Schema(context.Background()); err != nil && schemaErr == nil {
				t.Error("Schema does not return the fault")
			}
			if _, planErr := tt.source.Plan(context.Background(), nil, source.Limits{}); err != nil && planErr == nil {
				t.Error("Plan does not return the fault")
			}
		})
	}
}

func TestUnknownFormat(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	put(t, store, "data.bin", []byte("x"))
	_, err := files.In(store, "*", files.WithDDL("a INT, _rescued_data STRING")).Plan(context.Background(), nil, source.Limits{})
	if err == nil || !strings.Contains(err.Error(), "data.bin: its name does not tell its format") {
		t.Errorf("error = %v", err)
	}
	put(t, store, "x.json", []byte("x"))
	_, err = files.In(store, "x*", files.WithDDL("a INT")).Plan(context.Background(), nil, source.Limits{})
	if err == nil || !strings.Contains(err.Error(), "needs a column _rescued_data") {
		t.Errorf("error = %v, want that a text file needs a place for what is malformed", err)
	}
}

func TestAs(t *testing.T) {
	t.Parallel()
	type row struct {
		ID      int64
		Meta    *struct{ FileName string } `delta:"_metadata"`
		Rescued *string                    `delta:"_rescued_data"`
	}
	s := files.In(memstore.New(), "*.json").As(schemaOf[row](t))
	got, err := s.Schema(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := schema.DDL(got), "id BIGINT, _metadata STRUCT<file_name: STRING NOT NULL>, _rescued_data STRING"; got != want {
		t.Errorf("schema = %s, want %s", got, want)
	}
}
