//go:build integration

package delta_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/local"
)

// conformanceRoot is the folder of tables that other writers made, with the rows that other readers found (see its README).
func conformanceRoot(t *testing.T) string {
	t.Helper()
	root := os.Getenv("MEDALLION_CONFORMANCE")
	if _, err := os.Stat(filepath.Join(root, "index.csv")); root == "" || err != nil {
		if os.Getenv("CI_CONFORMANCE") != "" {
			t.Fatalf("MEDALLION_CONFORMANCE=%q holds no index.csv: %v", root, err)
		}
		t.Skip("MEDALLION_CONFORMANCE does not name the folder of conformance tables")
	}
	return root
}

// TestConformance reads every table: the rows are those of the reader that index.csv trusts, or the table is refused by the name of what it needs.
func TestConformance(t *testing.T) {
	root := conformanceRoot(t)
	f, err := os.Open(filepath.Join(root, "index.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	head := records[0]
	for _, r := range records[1:] {
		at := func(name string) string { return r[slices.Index(head, name)] }
		t.Run(at("suite")+"/"+at("table"), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(root, at("suite"), at("table"))
			want := expectedRows(dir, at("truth"), "latest")
			got, err := tableRows(t, filepath.Join(root, at("path")), -1)
			var unsupported *delta.UnsupportedError
			switch {
			case errors.As(err, &unsupported):
				t.Log("refused:", unsupported)
			case err != nil && (want != nil || at("spark_error") == ""):
				t.Errorf("%v; spark: %s; note: %s", err, at("spark_error"), at("note"))
			case err != nil:
				t.Log("an error, as Spark has one:", err)
			case want == nil:
				t.Logf("%d rows, nothing to compare with; note: %s", len(got), at("note"))
			default:
				if diff := compareRows(want, got); diff != "" {
					t.Errorf("rows (-want +got), %s; note: %s\n%s", at("truth"), at("note"), diff)
				}
			}
		})
	}
}

// TestConformanceTimeTravel reads the older versions whose rows are known.
func TestConformanceTimeTravel(t *testing.T) {
	root := conformanceRoot(t)
	files, err := filepath.Glob(filepath.Join(root, "*", "*", "expected", "deltalake", "v*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no rows of older versions")
	}
	for _, file := range files {
		dir := filepath.Dir(filepath.Dir(filepath.Dir(file)))
		version, err := strconv.ParseInt(strings.TrimSuffix(filepath.Base(file)[1:], ".jsonl"), 10, 64)
		if err != nil {
			continue
		}
		t.Run(fmt.Sprintf("%s/%s@%d", filepath.Base(filepath.Dir(dir)), filepath.Base(dir), version), func(t *testing.T) {
			t.Parallel()
			got, err := tableRows(t, filepath.Join(dir, "delta"), version)
			var unsupported *delta.UnsupportedError
			if errors.As(err, &unsupported) {
				t.Skip("refused:", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			want := expectedRows(dir, "deltalake", fmt.Sprint("v", version))
			if diff := compareRows(want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// expectedRows are the lines that a reader found, nil where there are none.
func expectedRows(dir, truth, name string) []string {
	readers := []string{"spark", "deltalake"}
	if truth == "deltalake" {
		readers = []string{"deltalake"}
	}
	for _, reader := range readers {
		data, err := os.ReadFile(filepath.Join(dir, "expected", reader, name+".jsonl"))
		if err != nil {
			continue
		}
		lines := []string{}
		for line := range strings.Lines(string(data)) {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
		return lines
	}
	return nil
}

// tableRows reads a version of a table, the newest for -1, as lines of JSON.
func tableRows(t *testing.T, path string, version int64) ([]string, error) {
	t.Helper()
	store, err := local.New(path)
	if err != nil {
		return nil, err
	}
	table := delta.Open(store, "", delta.Config{})
	s, err := table.Snapshot(t.Context())
	if version >= 0 {
		s, err = table.SnapshotAt(t.Context(), version)
	}
	if err != nil {
		return nil, err
	}
	scan, err := s.Scan(delta.ScanConfig{})
	if err != nil {
		return nil, err
	}
	lines := []string{}
	for rec, err := range scan.Records(t.Context()) {
		if err != nil {
			return nil, err
		}
		for i := range int(rec.NumRows()) {
			line := []byte{'{'}
			for c, f := range rec.Schema().Fields() {
				if c > 0 {
					line = append(line, ',')
				}
				line = append(schema.AppendQuoted(line, f.Name), ':')
				line = schema.AppendJSON(line, rec.Column(c), i)
			}
			lines = append(lines, string(append(line, '}')))
		}
	}
	return lines, nil
}

// compareRows compares bags of rows as values.
func compareRows(want, got []string) string {
	w, g := canonical(want), canonical(got)
	if slices.Equal(w, g) {
		return ""
	}
	return cmp.Diff(w[:min(len(w), 20)], g[:min(len(g), 20)]) + fmt.Sprintf("%d rows, want %d", len(g), len(w))
}

// canonical writes each row's numbers in one way.
func canonical(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		d := json.NewDecoder(bytes.NewReader([]byte(line)))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			out[i] = line
			continue
		}
		text, err := json.Marshal(canonicalValue(v))
		if err != nil {
			out[i] = line
			continue
		}
		out[i] = string(text)
	}
	slices.Sort(out)
	return out
}

func canonicalValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = canonicalValue(x)
		}
	case []any:
		for i, x := range v {
			v[i] = canonicalValue(x)
		}
	case json.Number:
		if strings.ContainsAny(string(v), ".eE") {
			f, _ := v.Float64()
			if f == float64(float32(f)) { // a FLOAT: some print its shortest text, some the double's
				return strconv.FormatFloat(f, 'g', -1, 32)
			}
			return strconv.FormatFloat(f, 'g', -1, 64)
		}
		return string(v)
	}
	return v
}
