package medallion_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source/files"
)

// reading is a raw row with a column of each kind of type; what does not fit is kept as JSON.
type reading struct {
	ID      *int64
	Name    *string
	Price   *schema.Decimal `delta:"price,decimal(10,2)"`
	Ratio   *float64
	Day     *schema.Date
	At      *time.Time
	Sound   *bool
	Rescued *string `delta:"_rescued_data"`
}

var nulls = regexp.MustCompile(`"\w+":null,?`)

// rowTexts prints rows as JSON objects without their NULLs, in order.
func rowTexts[R any](t *testing.T, rows []R) []string {
	t.Helper()
	s, err := schema.Of[R]()
	if err != nil {
		t.Fatal(err)
	}
	codec, err := schema.NewCodec[R](s)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := codec.Encode(memory.DefaultAllocator, rows)
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Release()
	var texts []string
	for i := range rows {
		texts = append(texts, strings.Replace(nulls.ReplaceAllString(string(schema.AppendRowJSON(nil, rec, i)), ""), ",}", "}", 1))
	}
	slices.Sort(texts)
	return texts
}

// ingested runs the landing folder into bronze and gives its rows, having checked the report's counts against them.
func ingested[R any](t *testing.T, lake *medalliontest.Lake, options ...files.Option) (rows []string, _ engine.Result) {
	t.Helper()
	raw := bronze.Ingest[R]("bronze.raw", files.In(lake.Store, "landing/", options...))
	report := lake.Run(raw).Table("bronze.raw")
	rows = rowTexts(t, medalliontest.Rows(lake, raw))
	if report.RowsIn != int64(len(rows)) || report.RowsOut != int64(len(rows)) {
		t.Errorf("the report counts %d rows in and %d out, the table holds %d", report.RowsIn, report.RowsOut, len(rows))
	}
	kept := map[string]int64{`"_rescued_data":`: report.Rescued, `"_corrupt_record":`: report.Corrupt}
	for column, counted := range kept {
		held := int64(0)
		for _, r := range rows {
			if strings.Contains(r, column) {
				held++
			}
		}
		if held != counted {
			t.Errorf("the report counts %d rows with %s the table holds %d", counted, column, held)
		}
	}
	return rows, report.Result
}

func TestBadLines(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, text string
		want             []string
	}{
		{name: "nothing at all", file: "a.json", text: ""},
		{name: "newlines only", file: "a.json", text: "\n\r\n\n"},
		{name: "blanks only", file: "a.json", text: "  \n\t\n "},
		{name: "no newline at the end", file: "a.json", text: "{\"id\":1}\n{\"id\":2}", want: []string{
			`{"id":1}`,
			`{"id":2}`,
		}},
		{name: "byte order mark", file: "a.json", text: "\ufeff{\"id\":1}\n", want: []string{
			`{"id":1}`,
		}},
		{name: "byte order mark alone", file: "a.json", text: "\ufeff"},
		{name: "byte order mark in the second line", file: "a.json", text: "{\"id\":1}\n\ufeff{\"id\":2}\n", want: []string{
			"{\"_rescued_data\":\"{\\\"_corrupt_record\\\":\\\"\ufeff{\\\\\\\"id\\\\\\\":2}\\\",\\\"_file_path\\\":\\\"landing/a.json\\\"}\"}",
			`{"id":1}`,
		}},
		{name: "CRLF", file: "a.json", text: "{\"id\":1,\"name\":\"a\"}\r\n{\"id\":2}\r\n", want: []string{
			`{"id":1,"name":"a"}`,
			`{"id":2}`,
		}},
		{name: "invalid UTF-8 in a value", file: "a.json", text: "{\"id\":1,\"name\":\"a\xff\xfeb\"}\n", want: []string{
			"{\"id\":1,\"name\":\"a\ufffd\ufffdb\"}",
		}},
		{name: "invalid UTF-8 in a name", file: "a.json", text: "{\"id\":1,\"na\xffme\":\"b\"}\n", want: []string{
			"{\"id\":1,\"_rescued_data\":\"{\\\"na\ufffdme\\\":\\\"b\\\",\\\"_file_path\\\":\\\"landing/a.json\\\"}\"}",
		}},
		{name: "invalid UTF-8 in a line of junk", file: "a.json", text: "\xff\xfe\x00junk\n{\"id\":2}\n", want: []string{
			"{\"_rescued_data\":\"{\\\"_corrupt_record\\\":\\\"\ufffd\ufffd\\\\u0000junk\\\",\\\"_file_path\\\":\\\"landing/a.json\\\"}\"}",
			`{"id":2}`,
		}},
		{name: "UTF-16", file: "a.json", text: "\xff\xfe{\x00\"\x00i\x00d\x00\"\x00:\x001\x00}\x00\n\x00", want: []string{
			`{"_rescued_data":"{\"_corrupt_record\":\"\\u0000\",\"_file_path\":\"landing/a.json\"}"}`,
			"{\"_rescued_data\":\"{\\\"_corrupt_record\\\":\\\"\ufffd\ufffd{\\\\u0000\\\\\\\"\\\\u0000i\\\\u0000d\\\\u0000\\\\\\\"\\\\u0000:\\\\u00001\\\\u0000}\\\\u0000\\\",\\\"_file_path\\\":\\\"landing/a.json\\\"}\"}",
		}},
		{name: "NUL in a value", file: "a.json", text: "{\"id\":1,\"name\":\"a\x00b\"}\n", want: []string{
			`{"_rescued_data":"{\"_corrupt_record\":\"{\\\"id\\\":1,\\\"name\\\":\\\"a\\u0000b\\\"}\",\"_file_path\":\"landing/a.json\"}"}`,
		}},
		{name: "escaped NUL", file: "a.json", text: "{\"id\":1,\"name\":\"a\\u0000b\"}\n", want: []string{
			`{"id":1,"name":"a\u0000b"}`,
		}},
		{name: "lone surrogate", file: "a.json", text: "{\"id\":1,\"name\":\"\\ud800x\"}\n", want: []string{
			"{\"id\":1,\"name\":\"\ufffdx\"}",
		}},
		{name: "name given twice", file: "a.json", text: "{\"id\":1,\"id\":2,\"name\":\"a\"}\n", want: []string{
			`{"id":2,"name":"a"}`,
		}},
		{name: "name given twice, first unfit", file: "a.json", text: "{\"id\":\"x\",\"id\":2}\n", want: []string{
			`{"id":2}`,
		}},
		{name: "name given twice, last unfit", file: "a.json", text: "{\"id\":1,\"id\":\"x\"}\n", want: []string{
			`{"_rescued_data":"{\"id\":\"x\",\"_file_path\":\"landing/a.json\"}"}`,
		}},
		{name: "name of another case", file: "a.json", text: "{\"ID\":1,\"NAME\":\"a\"}\n", want: []string{
			`{"id":1,"name":"a"}`,
		}},
		{name: "names that differ in case", file: "a.json", text: "{\"id\":1,\"ID\":2,\"Id\":3}\n{\"ID\":4,\"id\":5}\n", want: []string{
			`{"id":1,"_rescued_data":"{\"ID\":2,\"Id\":3,\"_file_path\":\"landing/a.json\"}"}`,
			`{"id":5,"_rescued_data":"{\"ID\":4,\"_file_path\":\"landing/a.json\"}"}`,
		}},
		{name: "int64 at its bounds", file: "a.json", text: "{\"id\":9223372036854775807}\n{\"id\":-9223372036854775808}\n", want: []string{
			`{"id":-9223372036854775808}`,
			`{"id":9223372036854775807}`,
		}},
		{name: "beyond int64", file: "a.json", text: "{\"id\":9223372036854775808}\n{\"id\":-9223372036854775809}\n{\"id\":1e30}\n{\"id\":123456789012345678901234567890}\n", want: []string{
			`{"_rescued_data":"{\"id\":-9223372036854775809,\"_file_path\":\"landing/a.json\"}"}`,
			`{"_rescued_data":"{\"id\":123456789012345678901234567890,\"_file_path\":\"landing/a.json\"}"}`,
			`{"_rescued_data":"{\"id\":1e30,\"_file_path\":\"landing/a.json\"}"}`,
			`{"_rescued_data":"{\"id\":9223372036854775808,\"_file_path\":\"landing/a.json\"}"}`,
		}},
		{name: "fraction for a whole number", file: "a.json", text: "{\"id\":1.5}\n{\"id\":2.0}\n{\"id\":\"3\"}\n", want: []string{
			`{"_rescued_data":"{\"id\":1.5,\"_file_path\":\"landing/a.json\"}"}`,
			`{"_rescued_data":"{\"id\":2.0,\"_file_path\":\"landing/a.json\"}"}`,
			`{"_rescued_data":"{\"id\":\"3\",\"_file_path\":\"landing/a.json\"}"}`,
		}},
		{name: "decimal at its bounds", file: "a.json", text: "{\"id\":1,\"price\":99999999.99}\n{\"id\":2,\"price\":-99999999.99}\n{\"id\":3,\"price\":\"1.5\"}\n", want: []string{
			`{"id":1,"price":"99999999.99"}`,
			`{"id":2,"price":"-99999999.99"}`,
			`{"id":3,"price":"1.50"}`,
		}},
		{name: "beyond the decimal", file: "a.json", text: "{\"id\":1,\"price\":100000000}\n{\"id\":2,\"price\":1e300}\n{\"id\":3,\"price\":1.005}\n{\"id\":4,\"price\":99999999.999}\n", want: []string{
			`{"id":1,"_rescued_data":"{\"price\":100000000,\"_file_path\":\"landing/a.json\"}"}`,
			`{"id":2,"_rescued_data":"{\"price\":1e300,\"_file_path\":\"landing/a.json\"}"}`,
			`{"id":3,"price":"1.01"}`,
			`{"id":4,"_rescued_data":"{\"price\":99999999.999,\"_file_path\":\"landing/a.json\"}"}`,
		}},
		{name: "NaN and Infinity", file: "a.json", text: "{\"id\":1,\"ratio\":NaN}\n{\"id\":2,\"ratio\":-Infinity}\n{\"id\":3,\"ratio\":\"NaN\"}\n{\"id\":4,\"price\":NaN}\n{\"id\":NaN}\n", want: []string{
			`{"_rescued_data":"{\"id\":\"NaN\",\"_file_path\":\"landing/a.json\"}"}`,
			`{"id":1,"ratio":"NaN"}`,
			`{"id":2,"ratio":"-Infinity"}`,
			`{"id":3,"ratio":"NaN"}`,
			`{"id":4,"_rescued_data":"{\"price\":\"NaN\",\"_file_path\":\"landing/a.json\"}"}`,
		}},
		{name: "beyond a double", file: "a.json", text: "{\"id\":1,\"ratio\":1e400}\n{\"id\":2,\"ratio\":1e-400}\n", want: []string{
			`{"id":1,"_rescued_data":"{\"ratio\":1e400,\"_file_path\":\"landing/a.json\"}"}`,
			`{"id":2,"ratio":0.0}`,
		}},
		{name: "dates out of range", file: "a.json", text: "{\"id\":1,\"day\":\"2023-02-29\"}\n{\"id\":2,\"day\":\"0000-01-01\"}\n{\"id\":3,\"day\":\"9999-12-31\"}\n{\"id\":4,\"day\":\"10000-01-01\"}\n{\"id\":5,\"day\":\"2023-13-01\"}\n{\"id\":6,\"day\":\"\"}\n", want: []string{
			`{"id":1,"_rescued_data":"{\"day\":\"2023-02-29\",\"_file_path\":\"landing/a.json\"}"}`,
			`{"id":2,"day":"0000-01-01"}`,
			`{"id":3,"day":"9999-12-31"}`,
			`{"id":4,"day":"+10000-01-01"}`,
			`{"id":5,"_rescued_data":"{\"day\":\"2023-13-01\",\"_file_path\":\"landing/a.json\"}"}`,
			`{"id":6,"_rescued_data":"{\"day\":\"\",\"_file_path\":\"landing/a.json\"}"}`,
		}},
		{name: "timestamps out of range", file: "a.json", text: "{\"id\":1,\"at\":\"2024-01-01T25:00:00Z\"}\n{\"id\":2,\"at\":\"300000-01-01T00:00:00Z\"}\n{\"id\":3,\"at\":9223372036854775807}\n{\"id\":4,\"at\":\"2024-01-01T00:00:00.123456789Z\"}\n", want: []string{
			`{"id":1,"_rescued_data":"{\"at\":\"2024-01-01T25:00:00Z\",\"_file_path\":\"landing/a.json\"}"}`,
			`{"id":2,"_rescued_data":"{\"at\":\"300000-01-01T00:00:00Z\",\"_file_path\":\"landing/a.json\"}"}`,
			`{"id":3,"_rescued_data":"{\"at\":9223372036854775807,\"_file_path\":\"landing/a.json\"}"}`,
			`{"id":4,"at":"2024-01-01T00:00:00.123456Z"}`,
		}},
		{name: "truncated objects", file: "a.json", text: "{\"id\":1\n{\"id\":\n{\"id\n{\n{\"id\":2}}\n{\"id\":3} {\"id\":4}\n", want: []string{
			`{"_rescued_data":"{\"_corrupt_record\":\"{\",\"_file_path\":\"landing/a.json\"}"}`,
			`{"_rescued_data":"{\"_corrupt_record\":\"{\\\"id\",\"_file_path\":\"landing/a.json\"}"}`,
			`{"_rescued_data":"{\"_corrupt_record\":\"{\\\"id\\\":1\",\"_file_path\":\"landing/a.json\"}"}`,
			`{"_rescued_data":"{\"_corrupt_record\":\"{\\\"id\\\":2}}\",\"_file_path\":\"landing/a.json\"}"}`,
			`{"_rescued_data":"{\"_corrupt_record\":\"{\\\"id\\\":3} {\\\"id\\\":4}\",\"_file_path\":\"landing/a.json\"}"}`,
			`{"_rescued_data":"{\"_corrupt_record\":\"{\\\"id\\\":\",\"_file_path\":\"landing/a.json\"}"}`,
		}},
		{name: "other JSON than objects", file: "a.json", text: "[1,2]\n[{\"id\":1}]\n\"text\"\nnull\ntrue\n12\n", want: []string{
			`{"_rescued_data":"{\"_corrupt_record\":\"12\",\"_file_path\":\"landing/a.json\"}"}`,
			`{"_rescued_data":"{\"_corrupt_record\":\"[1,2]\",\"_file_path\":\"landing/a.json\"}"}`,
			`{"_rescued_data":"{\"_corrupt_record\":\"[{\\\"id\\\":1}]\",\"_file_path\":\"landing/a.json\"}"}`,
			`{"_rescued_data":"{\"_corrupt_record\":\"\\\"text\\\"\",\"_file_path\":\"landing/a.json\"}"}`,
			`{"_rescued_data":"{\"_corrupt_record\":\"null\",\"_file_path\":\"landing/a.json\"}"}`,
			`{"_rescued_data":"{\"_corrupt_record\":\"true\",\"_file_path\":\"landing/a.json\"}"}`,
		}},
		{name: "CSV of nothing", file: "a.csv", text: ""},
		{name: "CSV of a header alone", file: "a.csv", text: "id,name"},
		{name: "CSV of blank lines", file: "a.csv", text: "\n\r\n\n"},
		{name: "CSV with mark and CRLF", file: "a.csv", text: "\ufeffid,name\r\n1,a\r\n\r\n2,b", want: []string{
			`{"id":1,"name":"a"}`,
			`{"id":2,"name":"b"}`,
		}},
		{name: "CSV with short and long records", file: "a.csv", text: "id,name,price\n1\n2,b\n3,c,1.5\n4,d,2.5,more,and more\n5,,\n", want: []string{
			`{"id":1,"_rescued_data":"{\"_corrupt_record\":\"1\",\"_file_path\":\"landing/a.csv\"}"}`,
			`{"id":2,"name":"b","_rescued_data":"{\"_corrupt_record\":\"2,b\",\"_file_path\":\"landing/a.csv\"}"}`,
			`{"id":3,"name":"c","price":"1.50"}`,
			`{"id":4,"name":"d","price":"2.50","_rescued_data":"{\"_c3\":\"more\",\"_c4\":\"and more\",\"_file_path\":\"landing/a.csv\"}"}`,
			`{"id":5}`,
		}},
		{name: "CSV with an unbalanced quote", file: "a.csv", text: "id,name\n1,\"a\n2,b\"c\n3,\"d\"e\n4,f\n", want: []string{
			`{"_rescued_data":"{\"_corrupt_record\":\"1,\\\"a\",\"_file_path\":\"landing/a.csv\"}"}`,
			`{"_rescued_data":"{\"_corrupt_record\":\"3,\\\"d\\\"e\",\"_file_path\":\"landing/a.csv\"}"}`,
			`{"id":2,"name":"b\"c"}`,
			`{"id":4,"name":"f"}`,
		}},
		{name: "CSV with NUL bytes and invalid UTF-8", file: "a.csv", text: "id,name\n1,a\x00b\n2,c\xff\n\x00,d\n", want: []string{
			`{"id":1,"name":"a\u0000b"}`,
			"{\"id\":2,\"name\":\"c\ufffd\"}",
			`{"name":"d","_rescued_data":"{\"id\":\"\\u0000\",\"_file_path\":\"landing/a.csv\"}"}`,
		}},
		{name: "CSV with other columns", file: "a.csv", text: "identity,label\n1,a\n", want: []string{
			`{"_rescued_data":"{\"identity\":\"1\",\"label\":\"a\",\"_file_path\":\"landing/a.csv\"}"}`,
		}},
		{name: "CSV with columns in another order and case", file: "a.csv", text: "NAME,Id,colour\na,1,red\n", want: []string{
			`{"id":1,"name":"a","_rescued_data":"{\"colour\":\"red\",\"_file_path\":\"landing/a.csv\"}"}`,
		}},
		{name: "CSV with a column given twice", file: "a.csv", text: "id,name,name\n1,a,b\n", want: []string{
			`{"id":1,"name":"a","_rescued_data":"{\"name\":\"b\",\"_file_path\":\"landing/a.csv\"}"}`,
		}},
		{name: "CSV with columns that differ in case", file: "a.csv", text: "ID,id,name\n1,2,b\n", want: []string{
			`{"id":2,"name":"b","_rescued_data":"{\"ID\":\"1\",\"_file_path\":\"landing/a.csv\"}"}`,
		}},
		{name: "CSV with unnamed columns", file: "a.csv", text: "id,,\n1,a,b\n", want: []string{
			`{"id":1,"_rescued_data":"{\"_c1\":\"a\",\"_c2\":\"b\",\"_file_path\":\"landing/a.csv\"}"}`,
		}},
		{name: "CSV with semicolons", file: "a.csv", text: "id;name\n1;a\n", want: []string{
			`{"_rescued_data":"{\"id;name\":\"1;a\",\"_file_path\":\"landing/a.csv\"}"}`,
		}},
		{name: "CSV with numbers out of bounds", file: "a.csv", text: "id,price,ratio,day,at\n9223372036854775808,100000000,1e400,2023-02-29,2024-01-01T25:00:00Z\n1,1e3,NaN,9999-12-31,2024-01-01\n", want: []string{
			`{"_rescued_data":"{\"id\":\"9223372036854775808\",\"price\":\"100000000\",\"ratio\":\"1e400\",\"day\":\"2023-02-29\",\"at\":\"2024-01-01T25:00:00Z\",\"_file_path\":\"landing/a.csv\"}"}`,
			`{"id":1,"price":"1000.00","ratio":"NaN","day":"9999-12-31","at":"2024-01-01T00:00:00.000000Z"}`,
		}},
		{name: "unknown fields", file: "a.json", text: "{\"id\":1,\"colour\":\"red\",\"deep\":{\"a\":[1,{\"b\":null}]}}\n", want: []string{
			`{"id":1,"_rescued_data":"{\"colour\":\"red\",\"deep\":{\"a\":[1,{\"b\":null}]},\"_file_path\":\"landing/a.json\"}"}`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			lake := medalliontest.NewLake(t)
			lake.File("landing/"+tt.file, tt.text)
			rows, _ := ingested[reading](t, lake)
			if diff := cmp.Diff(tt.want, rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}
