package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wantSQL runs sql and compares what it prints; the time that a table took is blanked.
func wantSQL(t *testing.T, name, want string, args ...string) {
	t.Helper()
	status, out, errs := tool(t, append([]string{"sql"}, args...)...)
	if status != 0 || errs != "" {
		t.Errorf("%s: got status %d and %q on standard error", name, status, errs)
	}
	if diff := cmp.Diff(want, blankTimes(out)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// blankTimes takes out how long a statement took: what stands behind the last comma of a table's last line.
func blankTimes(out string) string {
	lines := strings.SplitAfter(out, "\n")
	for i, line := range lines {
		if head, _, ok := strings.Cut(line, " rows, "); ok {
			lines[i] = head + " rows\n"
		}
		if head, _, ok := strings.Cut(line, "1 row, "); ok && head == "" {
			lines[i] = "1 row\n"
		}
	}
	return strings.Join(lines, "")
}

func TestSQLTable(t *testing.T) {
	t.Parallel()
	cities := newTable(t)
	wantSQL(t, "rows", `
     id │ name   │   area │ at
 bigint │ string │ double │ timestamp
────────┼────────┼────────┼────────────────────────────
      1 │ Rome   │    1.5 │ 2026-01-01 12:00:00
      2 │ NULL   │    NaN │ 2026-01-01 12:00:00.000001
2 rows

`[1:], "--table", "cities="+cities, "SELECT * FROM cities WHERE id < 3 ORDER BY id")
	wantSQL(t, "limits", `
 a          │   b
 string     │ int
────────────┼─────
 abcdefghi… │   1
the first 1 of 2 rows

`[1:], "--rows=1", "--width=10", "SELECT * FROM VALUES ('abcdefghijk', 1), ('b', 2) AS v(a, b)")
	wantSQL(t, "line breaks", " a      │ b\n string │ string\n────────┼────────\n x\\ny   │ z\n1 row\n\n", `SELECT 'x\ny' AS a, 'z' AS b`)
	wantSQL(t, "csv", "id,name,area\n3,Oslo,0.0\n2,,NaN\n", "--format=csv", "SELECT id, name, area FROM delta.`"+cities+"` WHERE id > 1 ORDER BY id DESC")
	wantSQL(t, "json", oslo+"\n", "--format=json", "--table", "c=file://"+cities, "--memory", "64MB", "--workers=1", "SELECT * FROM C WHERE id = 3")
	wantSQL(t, "parameters", "d,s\n2026-01-31,it's\n", "--format=csv", "--param=at=DATE'2026-01-01'", "--param", "s='it\\'s'", "SELECT :at + 30 AS d, :s AS s")
	wantSQL(t, "several statements", "a\n1\nb\n2\n", "--format=csv", "SELECT 1 AS a; SELECT 2 AS b;")
	wantSQL(t, "tables", "namespace,tableName,isTemporary,location\n,c,false,"+cities+"\n", "--format=csv", "--table=c="+cities, "SHOW TABLES")
	wantSQL(t, "columns", "col_name,data_type,comment\nid,bigint,\nname,string,\narea,double,\nat,timestamp,\n", "--format=csv", "--table=c="+cities, "DESCRIBE c")
	wantSQL(t, "columns of a query", "col_name,data_type,comment\na,\"array<decimal(2,1)>\",\n", "--format=csv", "DESCRIBE QUERY SELECT array(1.5) AS a")
}

func TestSQLViews(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	table := "delta.`" + filepath.Join(dir, "t") + "`"
	wantSQL(t, "views", "num_affected_rows,num_inserted_rows\n1,1\nnum_affected_rows,num_inserted_rows\n1,1\nz\n2\n3\nnamespace,viewName,isTemporary\n,big,true\n,V,true\n", "--format=csv",
		"CREATE TABLE "+table+" (a INT); INSERT INTO "+table+" VALUES (1); CREATE TEMP VIEW V (z) AS SELECT a + 1 FROM "+table+
			"; CREATE OR REPLACE TEMPORARY VIEW big AS SELECT * FROM v WHERE z > 1; INSERT INTO "+table+" VALUES (2); SELECT z FROM Big ORDER BY z; SHOW VIEWS")
	status, _, errs := tool(t, "sql", "CREATE TEMP VIEW v AS SELECT 1 AS a; CREATE TEMP VIEW w AS SELECT * FROM v; DROP VIEW v; SELECT 1 FROM w")
	if want := "view w: 1:15: TABLE_OR_VIEW_NOT_FOUND: there is no table v"; status != 1 || !strings.Contains(errs, want) {
		t.Errorf("got status %d and %q, want %q", status, errs, want)
	}
}

func TestSQLFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"1.json": `{"id":1,"name":"Rome"}` + "\n", "2.json": `{"id":2,"name":"Oslo"}` + "\n", "c.csv": "id,name\n3,Bern\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wantSQL(t, "a folder and a file", "id,name\n1,Rome\n2,Oslo\n3,Bern\n", "--format=csv",
		"SELECT id, name FROM json.`"+dir+"` UNION ALL SELECT id, name FROM csv.`"+dir+"/c.csv` ORDER BY id")
	wantSQL(t, "a glob by name", "count(1)\n2\n", "--format=csv", "--table", "t="+dir+"/*.json", "SELECT count(*) FROM t")
}

func TestSQLErrors(t *testing.T) {
	t.Parallel()
	cities := newTable(t)
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{
			"a column",
			[]string{"--table", "c=" + cities, "SELECT id,\n\tnme FROM c"},
			1,
			"medallion: 2:2: UNRESOLVED_COLUMN.WITH_SUGGESTION: no column or parameter has the name nme (did you mean c.name, c.id, c.area, c.at?)\n" +
				"\tnme FROM c\n\t^\n",
		},
		{
			"the second statement",
			[]string{"SELECT 1; SELECT 1/0"},
			1,
			"medallion: 1:8: DIVIDE_BY_ZERO: division by zero (use try_divide to get NULL instead)\nSELECT 1/0\n       ^\n",
		},
		{
			"a table",
			[]string{"--table", "cities=" + cities, "SELECT * FROM citis"},
			1,
			"medallion: 1:15: TABLE_OR_VIEW_NOT_FOUND: there is no table citis (did you mean cities?)\nSELECT * FROM citis\n              ^\n",
		},
		{
			"no tables",
			[]string{"SELECT * FROM citis"},
			1,
			"medallion: 1:15: TABLE_OR_VIEW_NOT_FOUND: there is no table citis (name it with --table name=TABLE, or write where it lies: " +
				"delta.`/path/to/table`, parquet.`…`, json.`…` or csv.`…`)\nSELECT * FROM citis\n              ^\n",
		},
		{"no table there", []string{"SELECT * FROM delta.`/nowhere`"}, 1, "medallion: table delta./nowhere: PATH_NOT_FOUND: /nowhere is no Delta table\n"},
		{"no file there", []string{"--table", "t=/nowhere/*.json", "SELECT 1"}, 1, "medallion: table t: PATH_NOT_FOUND: no file matches /nowhere/*.json\n"},
		{"two queries", []string{"SELECT 1", "SELECT 2"}, 2, ""},
		{"no query", nil, 2, ""},
		{"a format", []string{"--format", "xml", "SELECT 1"}, 2, "--format \"xml\": it is table, json or csv\n"},
		{"a size", []string{"--memory", "much", "SELECT 1"}, 2, "invalid value \"much\" for flag -memory: \"much\" is no size: write it as 1048576, 512MB or 2GB\n"},
		{
			"a parameter",
			[]string{"--param=x=nothing", "SELECT 1"},
			2,
			"invalid value \"x=nothing\" for flag -param: the value is to be a constant as SQL writes it, such as 1, 'text' or DATE'2026-01-31': " +
				"1:1: UNRESOLVED_COLUMN.WITHOUT_SUGGESTION: no column or parameter has the name nothing\n",
		},
		{"a parameter without a value", []string{"SELECT :x"}, 1, "medallion: 1:8: UNBOUND_SQL_PARAMETER: the parameter :x has no value (give it one, or write the value as a literal)\nSELECT :x\n       ^\n"},
		{"a table twice", []string{"--table=a=x", "--table=A=y", "SELECT 1"}, 2, "invalid value \"A=y\" for flag -table: the table A is given twice\n"},
	} {
		status, _, errs := tool(t, append([]string{"sql"}, tt.args...)...)
		if got, _, _ := strings.Cut(errs, "usage:"); status != tt.status || got != tt.want {
			t.Errorf("%s: got status %d and %q, want %d and %q", tt.name, status, got, tt.status, tt.want)
		}
	}
}

// conversation types lines at a shell and gives what is shown, prompts and all.
func conversation(t *testing.T, args []string, lines ...string) string {
	t.Helper()
	o := sqlOptions{tables: tableFlags{}, format: "csv"}
	for _, table := range args {
		if err := o.tables.Set(table); err != nil {
			t.Fatal(err)
		}
	}
	db, err := openDatabase(t.Context(), o.tables, nil, o.engine)
	if err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	out := bufio.NewWriter(&shown)
	s := shell{out: out, execute: func(statement string) error { return o.execute(t.Context(), db, statement, out) }}
	s.read = func(prompt string) (string, error) {
		if len(lines) == 0 {
			return "", io.EOF
		}
		line := lines[0]
		lines = lines[1:]
		shown.WriteString(prompt + line + "\n")
		return line, nil
	}
	if err := s.run(); err != nil {
		t.Error(err)
	}
	if err := db.close(); err != nil {
		t.Error(err)
	}
	return shown.String()
}

func TestShell(t *testing.T) {
	t.Parallel()
	cities := newTable(t)
	got := conversation(t, []string{"c=" + cities},
		"SELECT id", "  FROM c", "  ORDER BY id LIMIT 1; SELECT", " 'a;b' AS b;", `\d`, `\d c`, "SELECT nme FROM c;", "SELECT 'open;", "", "SELECT 1 AS x;", `\q`, "SELECT 2;")
	want := `sql> SELECT id
  ->   FROM c
  ->   ORDER BY id LIMIT 1; SELECT
id
1
  ->  'a;b' AS b;
b
a;b
sql> \d
namespace,tableName,isTemporary,location
,c,false,` + cities + `
sql> \d c
col_name,data_type,comment
id,bigint,
name,string,
area,double,
at,timestamp,
sql> SELECT nme FROM c;
1:8: UNRESOLVED_COLUMN.WITH_SUGGESTION: no column or parameter has the name nme (did you mean c.name, c.id, c.area, c.at?)
SELECT nme FROM c;
       ^
sql> SELECT 'open;
1:8: PARSE_SYNTAX_ERROR: string is not closed (close it with ')
SELECT 'open;
       ^
sql> 
sql> SELECT 1 AS x;
x
1
sql> \q
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := conversation(t, nil, `\?`); !strings.Contains(got, "SHOW TABLES") {
		t.Errorf("help: got %q", got)
	}
}

func TestSQLExplain(t *testing.T) {
	t.Parallel()
	cities := newTable(t)
	wantSQL(t, "a plan", " plan\n string\n───────────────────────────────────────────────────\n Project id [estimated 1]\n   Scan c (id, area) WHERE area > 1D [estimated 1]\n1 row\n\n",
		"--table=c="+cities, "EXPLAIN SELECT id FROM c WHERE area > 1D")
	status, out, errs := tool(t, "sql", "--table=c="+cities, "EXPLAIN ANALYZE SELECT id FROM c WHERE area > 1D")
	if status != 0 || !strings.Contains(out, " Project id [rows 2, estimated 1, batches ") || !strings.Contains(out, "peak memory") {
		t.Errorf("got status %d, %q and %q on standard error", status, out, errs)
	}
}
