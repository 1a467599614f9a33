package csv_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/csv"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
)

// collector gathers rows as JSON.
type collector struct {
	rows   []string
	counts csv.Counts
}

func (c *collector) add(b arrow.RecordBatch, n csv.Counts) error {
	c.counts.Rows += n.Rows
	c.counts.Corrupt += n.Corrupt
	c.counts.Rescued += n.Rescued
	for i := range int(b.NumRows()) {
		c.rows = append(c.rows, string(schema.AppendRowJSON(nil, b, i)))
	}
	return nil
}

// read gives the rows of a text, which Read and Parse must agree on. It checks that no memory is left over.
func read(t testing.TB, c csv.Config, text string) (rows []string, counts csv.Counts, err error) {
	t.Helper()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	c.Alloc = alloc
	r, err := csv.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var streamed, parsed collector
	err = r.Read(context.Background(), iotest.HalfReader(strings.NewReader(text)), streamed.add)
	if again := r.Parse([]byte(text), 1, parsed.add); (again == nil) != (err == nil) {
		t.Errorf("Parse: %v; Read: %v", again, err)
	}
	if diff := cmp.Diff(streamed.rows, parsed.rows); diff != "" {
		t.Errorf("Read and Parse differ (-Read +Parse):\n%s", diff)
	}
	return streamed.rows, streamed.counts, err
}

func TestValues(t *testing.T) {
	t.Parallel()
	tests := []struct{ ddl, in, want string }{
		{"STRING", "a", `"a"`},
		{"STRING", " a ", `" a "`},
		{"STRING", "", "null"},
		{"STRING", `""`, `""`},
		{"STRING", `"a,b"`, `"a,b"`},
		{"STRING", `"say ""hi"""`, `"say \"hi\""`},
		{"STRING", `a"b`, `"a\"b"`},
		{"STRING", "\"x\ny\"", `"x\ny"`},
		{"STRING", "\"x\r\ny\"", `"x\r\ny"`},
		{"STRING", "a\xffb", `"a�b"`},
		{"STRING", "zażółć gęślą jaźń", `"zażółć gęślą jaźń"`},
		{"STRING", "NA", "null"},
		{"STRING", `"NA"`, `"NA"`},
		{"STRING", "NAN", `"NAN"`},
		{"BINARY", "ab", `"6162"`},
		{"BINARY", `""`, `""`},
		{"BOOLEAN", "true", "true"},
		{"BOOLEAN", "FALSE", "false"},
		{"BOOLEAN", `"True"`, "true"},
		{"BOOLEAN", "", "null"},
		{"TINYINT", "-128", "-128"},
		{"SMALLINT", "+32767", "32767"},
		{"INT", "007", "7"},
		{"BIGINT", "9223372036854775807", "9223372036854775807"},
		{"BIGINT", "-9223372036854775808", "-9223372036854775808"},
		{"BIGINT", "000000000000000000000000012", "12"},
		{"BIGINT", `""`, "null"},
		{"BIGINT", "NA", "null"},
		{"BIGINT", `"5"`, "5"},
		{"DOUBLE", "1.5", "1.5"},
		{"DOUBLE", ".5", "0.5"},
		{"DOUBLE", "5.", "5.0"},
		{"DOUBLE", "-1e-3", "-0.001"},
		{"DOUBLE", "NaN", `"NaN"`},
		{"DOUBLE", "-Inf", `"-Infinity"`},
		{"DOUBLE", "0.1", "0.1"},
		{"DOUBLE", "123456789.123456789", "1.2345678912345679e+08"},
		{"FLOAT", "0.1", "0.1"},
		{"DECIMAL(12,2)", "1234.5", `"1234.50"`},
		{"DECIMAL(12,2)", "-.005", `"-0.01"`},
		{"DECIMAL(12,2)", "+1e3", `"1000.00"`},
		{"DECIMAL(12,2)", "000000000000000000000012.30", `"12.30"`},
		{"DECIMAL(38,10)", "1234567890123456789012345678.0123456789", `"1234567890123456789012345678.0123456789"`},
		{"DATE", "2024-02-29", `"2024-02-29"`},
		{"TIMESTAMP", "2024-01-02T03:04:05.678Z", `"2024-01-02T03:04:05.678000Z"`},
		{"TIMESTAMP_NTZ", "2024-01-02 03:04:05", `"2024-01-02T03:04:05.000000"`},
		{"TIMESTAMP", "2024-01-02 03:04:05.1234567+01:30", `"2024-01-02T01:34:05.123456Z"`},
		{"VOID", "", "null"},
	}
	for _, tt := range tests {
		c := csv.Config{Schema: schematest.DDL(t, "k INT, v "+tt.ddl+", w INT, r STRING"), Rescued: "r", MultiLine: true, Null: "NA"}
		for _, end := range []string{"", "\n", "\r\n"} {
			rows, _, err := read(t, c, "1,"+tt.in+",2"+end)
			if want := `{"k":1,"v":` + tt.want + `,"w":2,"r":null}`; err != nil || len(rows) != 1 || rows[0] != want {
				t.Errorf("%q as %s = %s, %v; want %s", tt.in, tt.ddl, rows, err, want)
			}
			c := csv.Config{Schema: schematest.DDL(t, "k INT, v "+tt.ddl+", r STRING"), Rescued: "r", MultiLine: true, Null: "NA"}
			rows, _, err = read(t, c, "1,"+tt.in+end)
			if want := `{"k":1,"v":` + tt.want + `,"r":null}`; err != nil || len(rows) != 1 || rows[0] != want {
				t.Errorf("%q as the last %s = %s, %v; want %s", tt.in, tt.ddl, rows, err, want)
			}
		}
	}
}

func TestMisfits(t *testing.T) {
	t.Parallel()
	tests := []struct{ ddl, in string }{
		{"BOOLEAN", "1"},
		{"BOOLEAN", "yes"},
		{"TINYINT", "128"},
		{"INT", "2147483648"},
		{"INT", " 1"},
		{"INT", "1.0"},
		{"INT", "-"},
		{"BIGINT", "9223372036854775808"},
		{"BIGINT", "18446744073709551617"},
		{"DOUBLE", "1.5f"},
		{"DOUBLE", "0x10"},
		{"DOUBLE", "1e400"},
		{"DOUBLE", "."},
		{"DOUBLE", "1e"},
		{"DOUBLE", "1_0"},
		{"DOUBLE", "1.2.3"},
		{"FLOAT", "1e39"},
		{"DECIMAL(4,2)", "100"},
		{"DECIMAL(4,2)", "99.995"},
		{"DECIMAL(4,2)", "1;5"},
		{"DECIMAL(4,2)", "-"},
		{"DECIMAL(4,2)", "1 "},
		{"DATE", "29.02.2024"},
		{"DATE", "2023-02-29"},
		{"TIMESTAMP", "yesterday"},
		{"TIMESTAMP", "1700000000"},
		{"TIMESTAMP_NTZ", "2024-01-02T03:04:05Z"},
		{"VOID", "x"},
	}
	for _, tt := range tests {
		c := csv.Config{Schema: schematest.DDL(t, "v "+tt.ddl+", w INT, r STRING, c STRING"), Rescued: "r", Corrupt: "c", File: "f"}
		rows, counts, err := read(t, c, tt.in+",1\n")
		want := []string{`{"v":null,"w":1,"r":"{\"v\":\"` + tt.in + `\",\"_file_path\":\"f\"}","c":null}`}
		if diff := cmp.Diff(want, rows); err != nil || diff != "" || counts != (csv.Counts{Rows: 1, Rescued: 1}) {
			t.Errorf("%q as %s: %+v, %v (-want +got):\n%s", tt.in, tt.ddl, counts, err, diff)
		}
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	const ddl = "a INT, b STRING"
	both := csv.Config{Schema: schematest.DDL(t, ddl+", r STRING, c STRING"), Rescued: "r", Corrupt: "c", File: "f"}
	corrupt := csv.Config{Schema: schematest.DDL(t, ddl+", c STRING"), Corrupt: "c"}
	rescued := csv.Config{Schema: schematest.DDL(t, ddl+", r STRING"), Rescued: "r", File: "f"}
	with := func(c csv.Config, change func(*csv.Config)) csv.Config {
		change(&c)
		return c
	}
	header := func(c *csv.Config) { c.Header = true }
	multiLine := func(c *csv.Config) { c.MultiLine = true }
	tests := []struct {
		name, text string
		c          csv.Config
		want       []string
	}{
		{"nothing", "", corrupt, nil},
		{"blank lines", "\n1,x\n\r\n  \n2,y\n\n", corrupt, []string{`{"a":1,"b":"x","c":null}`, `{"a":2,"b":"y","c":null}`}},
		{"byte order mark", "\ufeff1,x", corrupt, []string{`{"a":1,"b":"x","c":null}`}},
		{"header", "\ufeffB,\"a\"\r\nx,1\r\n", with(corrupt, header), []string{`{"a":1,"b":"x","c":null}`}},
		{"header, case-sensitive", "B,a\nx,1\n", with(rescued, func(c *csv.Config) { c.Header, c.CaseSensitive = true, true }), []string{`{"a":1,"b":null,"r":"{\"B\":\"x\",\"_file_path\":\"f\"}"}`}},
		{"header twice, the exact case wins", "A,a\n1,2\n", with(corrupt, header), []string{`{"a":2,"b":null,"c":null}`}},
		{"column not in the text", "a\n1\n", with(corrupt, header), []string{`{"a":1,"b":null,"c":null}`}},
		{"unknown columns", "a,b,new,\n1,x,2,3\n1,x,,\n", with(rescued, header), []string{`{"a":1,"b":"x","r":"{\"new\":\"2\",\"_c3\":\"3\",\"_file_path\":\"f\"}"}`, `{"a":1,"b":"x","r":null}`}},
		{"unknown columns are ignored", "a,b,new\n1,x,2\n", with(corrupt, header), []string{`{"a":1,"b":"x","c":null}`}},
		{"no row behind the header", "a,b\n", with(corrupt, header), nil},
		{"misfit, corrupt record", "x,y\r\n", corrupt, []string{`{"a":null,"b":"y","c":"x,y"}`}},
		{"short, corrupt record", "1\n2,b\n", corrupt, []string{`{"a":1,"b":null,"c":"1"}`, `{"a":2,"b":"b","c":null}`}},
		{"short, both", "x\n", both, []string{`{"a":null,"b":null,"r":"{\"a\":\"x\",\"_file_path\":\"f\"}","c":"x"}`}},
		{"short, rescued", "1\n", rescued, []string{`{"a":1,"b":null,"r":"{\"_corrupt_record\":\"1\",\"_file_path\":\"f\"}"}`}},
		{"long, corrupt record", "1,x,y\n", corrupt, []string{`{"a":1,"b":"x","c":"1,x,y"}`}},
		{"long, rescued", "1,x,y,\"z\"\"\"\n", both, []string{`{"a":1,"b":"x","r":"{\"_c2\":\"y\",\"_c3\":\"z\\\"\",\"_file_path\":\"f\"}","c":null}`}},
		{"wrong quotes", "1,\"x\"y\n2,z\n", corrupt, []string{`{"a":null,"b":null,"c":"1,\"x\"y"}`, `{"a":2,"b":"z","c":null}`}},
		{"wrong quotes, rescued", "1,\"x\"y\n", rescued, []string{`{"a":null,"b":null,"r":"{\"_corrupt_record\":\"1,\\\"x\\\"y\",\"_file_path\":\"f\"}"}`}},
		{"wrong quotes, both", "1,\"x\"y\n", both, []string{`{"a":null,"b":null,"r":null,"c":"1,\"x\"y"}`}},
		{"open quote", "1,\"x\n2,z\n", corrupt, []string{`{"a":null,"b":null,"c":"1,\"x"}`, `{"a":2,"b":"z","c":null}`}},
		{"open quote, multi-line", "1,\"x\n2,z\n3,", with(corrupt, multiLine), []string{`{"a":null,"b":null,"c":"1,\"x"}`, `{"a":2,"b":"z","c":null}`, `{"a":3,"b":null,"c":null}`}},
		{"wrong quotes, multi-line", "1,\"x\"y\n2,\"p\nq\"\n", with(corrupt, multiLine), []string{`{"a":null,"b":null,"c":"1,\"x\"y"}`, `{"a":2,"b":"p\nq","c":null}`}},
		{"multi-line misfit", "x,\"p\r\nq\"\r\n", with(corrupt, multiLine), []string{`{"a":null,"b":"p\r\nq","c":"x,\"p\r\nq\""}`}},
		{"other characters", "1;'it\\'s \\n \\\\'\n", with(corrupt, func(c *csv.Config) { c.Comma, c.Quote, c.Escape = ';', '\'', '\\' }), []string{`{"a":1,"b":"it's \\n \\","c":null}`}},
		{"tabs", "1\t\n\t\n", with(corrupt, func(c *csv.Config) { c.Comma = '\t' }), []string{`{"a":1,"b":null,"c":null}`, `{"a":null,"b":null,"c":null}`}},
		{"omitted", "x,y\n", with(rescued, func(c *csv.Config) { c.Omit = []string{"a"} }), []string{`{"a":null,"b":"y","r":null}`}},
		{"skipped", "y\n", with(rescued, func(c *csv.Config) { c.Skip = []string{"a"} }), []string{`{"a":null,"b":"y","r":null}`}},
		{"batches", strings.Repeat("1,x\n", 7), with(corrupt, func(c *csv.Config) { c.BatchRows = 3 }), slicesOf(`{"a":1,"b":"x","c":null}`, 7)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows, _, err := read(t, tt.c, tt.text)
			if diff := cmp.Diff(tt.want, rows); err != nil || diff != "" {
				t.Errorf("%v; rows (-want +got):\n%s", err, diff)
			}
		})
	}
}

func slicesOf(s string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
}

func TestHeaderErrors(t *testing.T) {
	t.Parallel()
	c := csv.Config{Schema: schematest.DDL(t, "a INT, c STRING"), Corrupt: "c", Header: true}
	if _, _, err := read(t, c, "x,y\n1,2\n"); err == nil || !strings.Contains(err.Error(), "names none of the schema's columns: x, y") {
		t.Errorf("a header of other names: error = %v", err)
	}
	if _, _, err := read(t, c, "\"a\n1\n"); err == nil || !strings.Contains(err.Error(), "quotes of the header") {
		t.Errorf("a header with an open quote: error = %v", err)
	}
	r, err := csv.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Parse([]byte("1\n"), 2, nil); err == nil || !strings.Contains(err.Error(), "needs the columns' names") {
		t.Errorf("a piece without names: error = %v", err)
	}
}

func TestPieces(t *testing.T) {
	t.Parallel()
	const text = "\ufeffb,\"a\"\nx,1\ny,2\n"
	c := csv.Config{Schema: schematest.DDL(t, "a INT, b STRING, c STRING"), Corrupt: "c", Header: true}
	names, err := csv.Names(c, []byte(text))
	if diff := cmp.Diff([]string{"b", "a"}, names); err != nil || diff != "" {
		t.Fatalf("names: %v (-want +got):\n%s", err, diff)
	}
	c.Names = names
	r, err := csv.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var got collector
	if err := r.Parse([]byte(text[len(text)-4:]), 3, got.add); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`{"a":2,"b":"y","c":null}`}, got.rows); diff != "" {
		t.Errorf("rows of the second piece (-want +got):\n%s", diff)
	}
}

func TestLongRecords(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("line\n", 1<<20)
	c := csv.Config{Schema: schematest.DDL(t, "a INT, b STRING, c STRING"), Corrupt: "c", MultiLine: true}
	rows, _, err := read(t, c, "1,\""+long+"\"\n2,b\n")
	if err != nil || len(rows) != 2 || len(rows[0]) < len(long) {
		t.Errorf("%d rows, %v; want 2, the first with all of its text", len(rows), err)
	}
}

func TestReadFails(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	r, err := csv.New(csv.Config{Schema: schematest.DDL(t, "a INT, c STRING"), Corrupt: "c", Alloc: alloc, BatchRows: 1})
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	ctx, cancel := context.WithCancel(context.Background())
	if err := r.Read(ctx, io.MultiReader(strings.NewReader("1\n"), iotest.ErrReader(broken)), (&collector{}).add); !errors.Is(err, broken) {
		t.Errorf("error = %v, want the reader's", err)
	}
	if err := r.Read(ctx, strings.NewReader("1\n2\n"), func(arrow.RecordBatch, csv.Counts) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("error = %v, want yield's", err)
	}
	cancel()
	if err := r.Read(ctx, strings.NewReader("1\n"), (&collector{}).add); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want %v", err, context.Canceled)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	ok := schematest.DDL(t, "a INT, c STRING")
	tests := []struct {
		name, want string
		c          csv.Config
	}{
		{"nowhere to keep malformed records", "would be lost", csv.Config{Schema: ok}},
		{"NOT NULL", "not nullable", csv.Config{Schema: schematest.DDL(t, "a INT NOT NULL, c STRING"), Corrupt: "c"}},
		{"nested", "cannot hold values", csv.Config{Schema: schematest.DDL(t, "a ARRAY<INT>, c STRING"), Corrupt: "c"}},
		{"a column that is not there", "no column r", csv.Config{Schema: ok, Rescued: "r"}},
		{"a corrupt record that is no string", "must be a string", csv.Config{Schema: ok, Corrupt: "a"}},
		{"comma", "must differ", csv.Config{Schema: ok, Corrupt: "c", Comma: '"'}},
		{"line break", "line breaks", csv.Config{Schema: ok, Corrupt: "c", Comma: '\n'}},
	}
	for _, tt := range tests {
		if _, err := csv.New(tt.c); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error = %v, want one with %q", tt.name, err, tt.want)
		}
	}
}

func TestReadStrict(t *testing.T) {
	t.Parallel()
	s := schematest.DDL(t, "id BIGINT NOT NULL, name STRING")
	rows := int64(0)
	err := csv.ReadStrict(context.Background(), s, strings.NewReader("name,id,x\n\"a\nb\",1,\n,2,0\n"), func(b arrow.RecordBatch) error {
		rows += b.NumRows()
		return nil
	})
	if err != nil || rows != 2 {
		t.Errorf("%d rows, error %v; want 2, none", rows, err)
	}
	tests := []struct {
		text string
		want csv.MalformedError
	}{
		{"id,name\n1,\"a\nb\"\nx,b\n", csv.MalformedError{Line: 4, Column: "id", Type: "int64", Value: "x", Reason: "the value does not fit"}},
		{"id,name\n,b\n", csv.MalformedError{Line: 2, Column: "id", Type: "int64", Reason: "the column may not be NULL"}},
		{"name\nb\n", csv.MalformedError{Line: 1, Column: "id", Type: "int64", Reason: "the column may not be NULL and is missing"}},
		{"id,name\n\n1\n", csv.MalformedError{Line: 3, Column: "name", Type: "utf8", Value: "1", Reason: "the record has too few fields"}},
		{"id,name\n1,b,c\n", csv.MalformedError{Line: 2, Column: "_c2", Value: "c", Reason: "there is no such column"}},
		{"id,name\n1,\"b\"c\n", csv.MalformedError{Line: 2, Value: "1,\"b\"c", Reason: "the quotes are wrong"}},
	}
	for _, tt := range tests {
		err := csv.ReadStrict(context.Background(), s, strings.NewReader(tt.text), func(arrow.RecordBatch) error { return nil })
		var got *csv.MalformedError
		if !errors.As(err, &got) {
			t.Errorf("%q: error = %v, want a *MalformedError", tt.text, err)
			continue
		}
		if diff := cmp.Diff(tt.want, *got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.text, diff)
		}
	}
}
