package medallion_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/schema/schematest"
	"github.com/medallion-go/medallion/source/files"
)

// parquetOf is a Parquet file of the rows, a JSON array.
func parquetOf(t *testing.T, ddl, rows string) string {
	t.Helper()
	s := schematest.DDL(t, ddl)
	rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, s, strings.NewReader(rows))
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Release()
	var b bytes.Buffer
	w, err := parquet.NewWriter(&b, s, parquet.WriterConfig{})
	if err == nil {
		err = w.Write(rec.Columns(), int(rec.NumRows()), nil)
	}
	if err == nil {
		_, err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestParquetOfAnotherSchema(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, ddl, rows, want string }{
		{"as declared", "id BIGINT, name STRING", `[{"id":1,"name":"a"}]`, `{"id":1,"name":"a"}`},
		{"a narrower type", "id INT, ratio FLOAT", `[{"id":1,"ratio":0.5}]`, `{"id":1,"ratio":0.5}`},
		{"another type", "id STRING, name STRING", `[{"id":"x1","name":"a"}]`, `{"name":"a","_rescued_data":"{\"id\":\"x1\",\"_file_path\":\"landing/a.parquet\"}"}`},
		{"another type and NULL", "id STRING, name STRING", `[{"id":null,"name":"a"}]`, `{"name":"a"}`},
		{
			"a wider decimal", "id BIGINT, price DECIMAL(38,2)", `[{"id":1,"price":"100000000.00"}]`,
			`{"id":1,"_rescued_data":"{\"price\":\"100000000.00\",\"_file_path\":\"landing/a.parquet\"}"}`,
		},
		{"a missing column", "name STRING", `[{"name":"a"}]`, `{"name":"a"}`},
		{
			"an extra column", "id BIGINT, colour STRING", `[{"id":1,"colour":"red"}]`,
			`{"id":1,"_rescued_data":"{\"colour\":\"red\",\"_file_path\":\"landing/a.parquet\"}"}`,
		},
		{"another case", "ID BIGINT, Name STRING", `[{"ID":1,"Name":"a"}]`, `{"id":1,"name":"a"}`},
		{"a struct for a value", "id STRUCT<a: BIGINT>", `[{"id":{"a":1}}]`, `{"_rescued_data":"{\"id\":{\"a\":1},\"_file_path\":\"landing/a.parquet\"}"}`},
		{"no rows", "id BIGINT", `[]`, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			lake := medalliontest.NewLake(t)
			lake.File("landing/a.parquet", parquetOf(t, tt.ddl, tt.rows))
			rows, _ := ingested[reading](t, lake)
			if diff := cmp.Diff(tt.want, strings.Join(rows, "\n")); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// TestParquetTypeWithoutRescue: a type that cannot be read is told, with the file and the column, where there is nowhere to keep its values.
func TestParquetTypeWithoutRescue(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.File("landing/a.parquet", parquetOf(t, "id STRING", `[{"id":"x"}]`))
	type plainRow struct{ ID *int64 }
	raw := bronze.Ingest[plainRow]("bronze.raw", files.In(lake.Store, "landing/"))
	_, err := lake.Pipeline.Run(t.Context(), raw)
	var typed *files.TypeError
	if !errors.As(err, &typed) || typed.File != "landing/a.parquet" || typed.Column != "id" {
		t.Errorf("got error %v, want a *files.TypeError of column id of landing/a.parquet", err)
	}
	lake.File("landing/a.parquet", parquetOf(t, "id BIGINT", `[{"id":7}]`))
	for range 2 { // the run that meets the replaced file, and the one that gives its batch up
		_, err = lake.Pipeline.Run(t.Context(), raw)
	}
	if err != nil {
		t.Fatalf("once the file is right: %v", err)
	}
	medalliontest.Want(lake, raw, plainRow{ptr[int64](7)})
}

// TestParquetWithFlippedBits: each of hundreds of damaged files ends in an error that names it or in as many rows as it had; sound files beside it are read
// once it is gone.
func TestParquetWithFlippedBits(t *testing.T) {
	t.Parallel()
	var rows []string
	for i := range 200 {
		rows = append(rows, fmt.Sprintf(`{"id":%d,"name":"n%d","ratio":%d.5}`, i*7919, i%13, i))
	}
	sound := parquetOf(t, "id BIGINT, name STRING, ratio DOUBLE", "["+strings.Join(rows, ",")+"]")
	for worker := range uint64(4) {
		t.Run(fmt.Sprint(worker), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(worker, 2))
			failed := 0
			for range 80 {
				at, bit := random.IntN(len(sound)), random.IntN(8)
				damaged := []byte(sound)
				damaged[at] ^= 1 << bit
				if flipped(t, string(damaged), len(rows)) {
					failed++
				}
				if t.Failed() {
					t.Fatalf("byte %d of %d, bit %d: see above", at, len(sound), bit)
				}
			}
			if failed == 0 {
				t.Error("got no error for any damaged file")
			}
		})
	}
}

// flipped ingests a damaged file and reports whether that failed.
func flipped(t *testing.T, damaged string, rows int) bool {
	t.Helper()
	lake := medalliontest.NewLake(t)
	lake.File("landing/a.parquet", damaged)
	raw := bronze.Ingest[reading]("bronze.raw", files.In(lake.Store, "landing/"))
	if _, err := lake.Pipeline.Run(t.Context(), raw); err == nil {
		if got := len(medalliontest.Rows(lake, raw)); got != rows {
			t.Errorf("got %d rows and no error, want %d or an error", got, rows)
		}
		return false
	} else if !strings.Contains(err.Error(), "landing/a.parquet") {
		t.Errorf("got error %v, which does not name the file", err)
	}
	if err := lake.Store.Delete(t.Context(), "landing/a.parquet"); err != nil {
		t.Fatal(err)
	}
	lake.File("landing/b.json", `{"id":1}`)
	lake.Run(raw)
	if got := len(medalliontest.Rows(lake, raw)); got != 1 {
		t.Errorf("got %d rows once the file is gone, want the sound file's", got)
	}
	return true
}

func TestFilesOfTheWrongKind(t *testing.T) {
	t.Parallel()
	line := "{\"id\":1,\"name\":\"a\"}\n"
	tests := []struct {
		name, file, text string
		options          []files.Option
		want, fails      string
	}{
		{name: "gzip without its extension", file: "a.json", text: gzipOf(line), want: `{"id":1,"name":"a"}`},
		{name: "gzip's extension on plain text", file: "a.json.gz", text: line, want: `{"id":1,"name":"a"}`},
		{name: "zstd under gzip's extension", file: "a.json.gz", text: zstdOf(line), want: `{"id":1,"name":"a"}`},
		{name: "gzip of nothing", file: "a.json.gz", text: gzipOf("")},
		{name: "nothing under gzip's extension", file: "a.json.gz", text: ""},
		{name: "two gzip members", file: "a.json.gz", text: gzipOf(line) + gzipOf("{\"id\":2}\n"), want: `{"id":1,"name":"a"} {"id":2}`},
		{name: "gzip with junk behind it", file: "a.json.gz", text: gzipOf(line) + "junk", fails: "landing/a.json.gz cannot be read as gzip"},
		{name: "JSON named Parquet", file: "a.parquet", text: line, fails: "landing/a.parquet cannot be read as Parquet"},
		{name: "four bytes named Parquet", file: "a.parquet", text: "PAR1", fails: "landing/a.parquet cannot be read as Parquet"},
		{name: "unknown extension", file: "a.txt", text: line, fails: "landing/a.txt: its name does not tell its format: give files.Format"},
		{name: "unknown extension, format given", file: "a.txt", text: line, options: []files.Option{files.Format(files.NDJSON)}, want: `{"id":1,"name":"a"}`},
		{name: "no extension", file: "a", text: line, fails: "landing/a: its name does not tell its format"},
		{name: "semicolons, as told", file: "a.csv", text: "id;name\n1;a\n", options: []files.Option{files.CSVOptions(files.CSVConfig{Comma: ';'})}, want: `{"id":1,"name":"a"}`},
		{
			name: "an open quote over many lines", file: "a.csv", text: "id,name\n1,\"a\n2,b\n", options: []files.Option{files.CSVOptions(files.CSVConfig{MultiLine: true})},
			want: `{"_rescued_data":"{\"_corrupt_record\":\"1,\\\"a\",\"_file_path\":\"landing/a.csv\"}"} {"id":2,"name":"b"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			lake := medalliontest.NewLake(t)
			lake.File("landing/"+tt.file, tt.text)
			if tt.fails == "" {
				rows, _ := ingested[reading](t, lake, tt.options...)
				if got := strings.Join(rows, " "); got != tt.want {
					t.Errorf("got rows %s, want %s", got, tt.want)
				}
				return
			}
			raw := bronze.Ingest[reading]("bronze.raw", files.In(lake.Store, "landing/", tt.options...))
			report, err := lake.Pipeline.Run(t.Context(), raw)
			if err == nil || !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("got error %v, want one that says %q", err, tt.fails)
			}
			if got := report.Table("bronze.raw").Commits; got != 0 {
				t.Errorf("got %d commits beside the error, want none", got)
			}
		})
	}
}

// TestNamesOfFiles: whatever stands in a file's name, it is read once, and its path is told as it is.
func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	names := []string{
		"with space.json", "per%cent.json", "per%20cent.json", "plus+.json", "day=2024-01-01/a=b.json", "größe.json", "日本.json", "emoji😀.json", "hash#1.json",
		"quote'\".json", "semi;colon.json", "q&a.json", "[brackets].json", "folder.json/inner.json", "tilde~.json",
	}
	for _, onDisk := range []bool{false, true} {
		t.Run(fmt.Sprint(onDisk), func(t *testing.T) {
			t.Parallel()
			lake := medalliontest.NewLake(t)
			if onDisk {
				lake = diskLake(t)
			}
			for i, name := range names {
				lake.File("landing/"+name, fmt.Sprintf(`{"id":%d}`, i))
			}
			type located struct {
				ID       *int64
				Metadata *struct {
					FileName *string
				} `delta:"_metadata"`
				Rescued *string `delta:"_rescued_data"`
			}
			raw := bronze.Ingest[located]("bronze.raw", files.In(lake.Store, "landing/"))
			lake.Run(raw)
			lake.Run(raw)
			rows := medalliontest.Rows(lake, raw)
			if len(rows) != len(names) {
				t.Errorf("got %d rows, want %d", len(rows), len(names))
			}
			for _, r := range rows {
				if want := names[*r.ID][strings.LastIndex(names[*r.ID], "/")+1:]; *r.Metadata.FileName != want {
					t.Errorf("got file name %q, want %q", *r.Metadata.FileName, want)
				}
			}
		})
	}
}

// TestManySmallFiles: thousands of files are one batch, or as many as the bound says, and each is read once.
func TestManySmallFiles(t *testing.T) {
	t.Parallel()
	const count = 3000
	lake := medalliontest.NewLake(t)
	for i := range count {
		lake.File(fmt.Sprintf("landing/%d/%d.json", i%10, i), orderLine(fmt.Sprint(i)))
	}
	raw := bronze.Ingest[rawOrder]("bronze.orders", files.In(lake.Store, "landing/", files.MaxFilesPerTrigger(1000)))
	report := lake.Run(raw).Table("bronze.orders")
	if report.FilesIn != count || report.RowsOut != count || report.Commits != 3 {
		t.Errorf("got %d files, %d rows and %d commits, want %d, %d and 3", report.FilesIn, report.RowsOut, report.Commits, count, count)
	}
	seen := map[string]bool{}
	for _, id := range orderIDs(lake, raw) {
		seen[id] = true
	}
	if len(seen) != count {
		t.Errorf("got %d ids, want %d", len(seen), count)
	}
}

// TestHugeLines: a line of 64 MB is a value, or is kept whole, and does not keep its neighbours from being read.
func TestHugeLines(t *testing.T) {
	t.Parallel()
	const size = 64 << 20
	tests := []struct {
		name, before, after string
		length              func(reading) int
	}{
		{"a value", `{"id":2,"name":"`, `"}`, func(r reading) int { return len(*r.Name) }},
		{"junk", ``, ``, func(r reading) int {
			return len(*r.Rescued) - len(`{"_corrupt_record":"","_file_path":"landing/a.json"}`)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lake := medalliontest.NewLake(t)
			lake.File("landing/a.json", "{\"id\":1}\n"+tt.before+strings.Repeat("x", size)+tt.after+"\n{\"id\":3}\n")
			raw := bronze.Ingest[reading]("bronze.raw", files.In(lake.Store, "landing/"))
			lake.Run(raw)
			rows := medalliontest.Rows(lake, raw)
			if len(rows) != 3 {
				t.Fatalf("got %d rows, want 3", len(rows))
			}
			for _, r := range rows {
				if r.ID == nil || *r.ID == 2 {
					if got := tt.length(r); got != size {
						t.Errorf("got %d bytes of the long line, want %d", got, size)
					}
				}
			}
		})
	}
}

// TestDeepNesting: what nests too deep to be a value is kept as text, and its line's neighbours are read.
func TestDeepNesting(t *testing.T) {
	t.Parallel()
	const deep = 10_000
	arrays := strings.Repeat("[", deep) + strings.Repeat("]", deep)
	objects := strings.Repeat(`{"a":`, deep) + "1" + strings.Repeat("}", deep)
	for _, line := range []string{`{"id":2,"deep":` + arrays + `}`, `{"id":2,"deep":` + objects + `}`, `{"id":` + arrays + `}`, arrays, objects, strings.Repeat("[", deep)} {
		lake := medalliontest.NewLake(t)
		lake.File("landing/a.json", "{\"id\":1}\n"+line+"\n{\"id\":3}\n")
		rows, counted := ingested[reading](t, lake)
		if len(rows) != 3 || counted.Rescued != 1 {
			t.Errorf("%.20s…: got %d rows, %d rescued, want 3 and 1", line, len(rows), counted.Rescued)
		}
		escaped := strings.ReplaceAll(strings.ReplaceAll(strings.Join(rows, ""), `\`, ``), `"`, ``)
		if !strings.Contains(escaped, strings.ReplaceAll(line, `"`, ``)[8:]) {
			t.Errorf("%.20s…: the line is not kept whole", line)
		}
	}
}
