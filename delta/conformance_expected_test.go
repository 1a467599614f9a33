//go:build integration

package delta_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
)

// disbelieved are readers that are known to be wrong about a table, or to mean something else by it.
var disbelieved = map[string]string{
	"kernel-rs/compacted-log-files-table":  "spark",     // takes compactions that are not reconciled for what they say
	"kernel-rs/cdf-table-with-dv":          "spark",     // decodes the vector of version 5 wrongly
	"delta-rs/table_with_edge_timestamps":  "deltalake", // INT96 overflows
	"golden/canonicalized-paths-normal-a":  "deltalake", // takes two spellings of a path for two files
	"golden/canonicalized-paths-normal-b":  "deltalake",
	"golden/canonicalized-paths-special-a": "deltalake",
	"golden/canonicalized-paths-special-b": "deltalake",
	"golden/data-reader-partition-values":  "upstream", // timestamps of partitions without a zone are Los Angeles' there, and UTC here
}

// compareVersion compares the rows of a version with those of every reader that is to be believed; there is at least one.
func (c conformanceTable) compareVersion(t *testing.T, s *delta.Snapshot, version string) {
	t.Helper()
	got, err := tableRows(t, s)
	if err != nil {
		t.Fatal(err)
	}
	compared := false
	for _, reader := range []string{"upstream", "spark", "deltalake"} {
		if disbelieved[c.name] == reader {
			continue
		}
		want, ok := c.expectedRows(t, s, reader, version)
		if !ok {
			continue
		}
		compared = true
		if diff := compareRows(want, got); diff != "" {
			t.Errorf("rows (-%s +got):\n%s", reader, diff)
		}
	}
	if compared {
		return
	}
	var meta deltalakeMeta
	c.readMeta(t, "deltalake", &meta)
	if read, ok := meta.Reads[version]; !ok || read.Error != nil || len(got) != read.Rows { // of large tables, their number is known
		t.Errorf("%d rows, want %d", len(got), read.Rows)
	}
}

// versions are the older versions of which rows are known.
func (c conformanceTable) versions(t *testing.T) []int64 {
	t.Helper()
	var list []int64
	for _, reader := range []string{"spark", "deltalake"} {
		var meta deltalakeMeta
		c.readMeta(t, reader, &meta)
		for name, read := range meta.Reads {
			if v, err := strconv.ParseInt(strings.TrimPrefix(name, "v"), 10, 64); err == nil && read.Error == nil {
				list = append(list, v)
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(c.dir, "v*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		v, err := strconv.ParseInt(filepath.Base(f)[1:], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// expectedRows are the rows that a reader found in a version; false where that is not known. upstream are the table's authors.
func (c conformanceTable) expectedRows(t *testing.T, s *delta.Snapshot, reader, version string) ([]string, bool) {
	t.Helper()
	if reader == "upstream" {
		return c.publishedRows(t, s, version)
	}
	if reader == "deltalake" && hasVariant(s.Schema().Fields()) {
		return nil, false // it gives the encoded values
	}
	lines := readerLines(t, c.dir, reader, version)
	return lines, lines != nil
}

// readerLines are the lines that a reader found, nil where that is not known.
func readerLines(t *testing.T, dir, reader, name string) []string {
	t.Helper()
	file := filepath.Join(dir, reader, name+".jsonl")
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = readGzip(file + ".gz")
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	for line := range strings.Lines(string(data)) {
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	return lines
}

func readGzip(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// publishedRows are the rows that the table's authors publish as Parquet files.
func (c conformanceTable) publishedRows(t *testing.T, s *delta.Snapshot, version string) ([]string, bool) {
	t.Helper()
	folder := filepath.Join(c.dir, version)
	if _, err := os.Stat(filepath.Join(c.dir, "upstream")); err == nil && version == "latest" {
		folder = filepath.Join(c.dir, "upstream")
	}
	if other, err := os.ReadFile(filepath.Join(folder, "SAME_AS.txt")); err == nil {
		folder = filepath.Join(folder, strings.TrimSpace(string(other)))
	}
	var files []string
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".parquet") {
			files = append(files, path)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(files) == 0 {
		return nil, false
	}
	lines := []string{}
	for _, f := range files {
		if err == nil {
			lines, err = appendParquetRows(t, lines, f, s.Schema().Fields())
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return lines, true
}

// appendParquetRows appends a file's rows with the columns in the table's order.
func appendParquetRows(t *testing.T, lines []string, name string, order []arrow.Field) ([]string, error) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	p, err := parquet.Open(f, info.Size(), parquet.ReaderConfig{Name: name})
	if err != nil {
		return nil, err
	}
	var columns []int
	for _, column := range order {
		i := schema.Find(p.Schema().Fields(), column.Name)
		if i < 0 {
			return nil, fmt.Errorf("%s has no column %s", name, column.Name)
		}
		columns = append(columns, i)
	}
	err = p.Read(t.Context(), parquet.ReadConfig{Columns: columns}, func(rec arrow.RecordBatch) error {
		lines = appendRows(lines, rec)
		return nil
	})
	return lines, err
}

// tableRows reads a snapshot as lines of JSON.
func tableRows(t *testing.T, s *delta.Snapshot) ([]string, error) {
	t.Helper()
	scan, err := s.Scan(delta.ScanConfig{})
	if err != nil {
		return nil, err
	}
	return scanRows(t, scan)
}

func scanRows(t *testing.T, scan *delta.Scan) ([]string, error) {
	t.Helper()
	render, err := renderVariants(t, scan.Schema())
	if err != nil {
		return nil, err
	}
	lines := []string{}
	for rec, err := range scan.Records(t.Context()) {
		if err == nil {
			rec, err = render(rec)
		}
		if err != nil {
			return nil, err
		}
		lines = appendRows(lines, rec)
		rec.Release()
	}
	return lines, nil
}

// renderVariants turns columns that hold variants, at any depth, into what to_json makes of them, as Spark's rows have them.
func renderVariants(t *testing.T, s *arrow.Schema) (func(arrow.RecordBatch) (arrow.RecordBatch, error), error) {
	t.Helper()
	compiled := make([]*kernel.Expr, s.NumFields())
	fields := s.Fields()
	for i, f := range fields {
		if !hasVariant([]arrow.Field{f}) {
			continue
		}
		node, err := expr.Parse("to_json(" + expr.Quote(f.Name) + ")")
		if err != nil {
			return nil, err
		}
		bound, err := expr.Bind(node, expr.NewScope(s))
		if err != nil {
			return nil, err
		}
		if compiled[i], err = kernel.Compile(bound); err != nil {
			return nil, err
		}
		fields[i].Type = schema.String
	}
	env := &kernel.Env{Alloc: memory.DefaultAllocator}
	return func(rec arrow.RecordBatch) (arrow.RecordBatch, error) {
		columns := slices.Clone(rec.Columns())
		for i, e := range compiled {
			if e == nil {
				continue
			}
			a, err := e.Eval(env, rec.Columns(), int(rec.NumRows()), nil)
			if err != nil {
				return nil, err
			}
			defer a.Release()
			columns[i] = a
		}
		return array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, rec.NumRows()), nil
	}, nil
}

func appendRows(lines []string, rec arrow.RecordBatch) []string {
	var line []byte
	for i := range int(rec.NumRows()) {
		line = schema.AppendRowJSON(line[:0], rec, i)
		lines = append(lines, string(line))
	}
	return lines
}

// hasVariant reports whether there is a VARIANT at any depth.
func hasVariant(fields []arrow.Field) bool {
	return slices.ContainsFunc(fields, func(f arrow.Field) bool {
		n, nested := f.Type.(arrow.NestedType)
		return strings.Contains(schema.Name(f.Type), "variant") || nested && hasVariant(n.Fields())
	})
}
