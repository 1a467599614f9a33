package main

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// batch sends lines to sql --batch and gives its answers.
func batch(t *testing.T, lines ...string) []string {
	t.Helper()
	var out, errs strings.Builder
	status := run(t.Context(), []string{"sql", "--batch"}, strings.NewReader(strings.Join(lines, "\n")), &out, &errs)
	if status != 0 || errs.Len() > 0 {
		t.Errorf("got status %d and %q on standard error", status, errs.String())
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

// TestBatchTypes holds the protocol's form of each type's values; DESIGN calls for them exactly.
func TestBatchTypes(t *testing.T) {
	t.Parallel()
	tests := []struct{ expr, typ, want string }{
		{"true", "boolean", "true"},
		{"CAST(NULL AS INT)", "int", "null"},
		{"NULL", "void", "null"},
		{"-128Y", "tinyint", "-128"},
		{"32767S", "smallint", "32767"},
		{"-2147483648", "int", "-2147483648"},
		{"9223372036854775807L", "bigint", "9223372036854775807"},
		{"CAST('NaN' AS FLOAT)", "float", `"NaN"`},
		{"CAST(0.1 AS FLOAT)", "float", "0.1"},
		{"1e300D", "double", "1e+300"},
		{"CAST('Infinity' AS DOUBLE)", "double", `"Infinity"`},
		{"CAST('-Infinity' AS DOUBLE)", "double", `"-Infinity"`},
		{"CAST('-0.0' AS DOUBLE)", "double", `"-0.0"`},
		{"0D", "double", "0.0"},
		{"CAST(1.5 AS DECIMAL(18,4))", "decimal(18,4)", `"1.5000"`},
		{"CAST('-99999999999999999999999999999999999999' AS DECIMAL(38,0))", "decimal(38,0)", `"-99999999999999999999999999999999999999"`},
		{`'a"b\\c\n'`, "string", `"a\"b\\c\n"`},
		{"X'00fFAb'", "binary", `"00ffab"`},
		{"DATE'2026-02-28'", "date", `"2026-02-28"`},
		{"TIMESTAMP'2026-02-28 12:00:00.5'", "timestamp", `"2026-02-28T12:00:00.500000Z"`},
		{"TIMESTAMP_NTZ'2026-02-28 12:00:00'", "timestamp_ntz", `"2026-02-28T12:00:00.000000"`},
		{"INTERVAL '1-2' YEAR TO MONTH", "interval year to month", `"INTERVAL '1-2' YEAR TO MONTH"`},
		{"INTERVAL '1 02:03:04.5' DAY TO SECOND", "interval day to second", `"INTERVAL '1 02:03:04.5' DAY TO SECOND"`},
		{"array(1, NULL)", "array<int>", "[1,null]"},
		{"map('b', 1, 'a', 2)", "map<string,int>", `[["a",2],["b",1]]`},
		{"map(10, X'01', 9, X'02')", "map<int,binary>", `[[9,"02"],[10,"01"]]`},
		{"named_struct('a', 1L, 'b', array(1.5D))", "struct<a:bigint,b:array<double>>", `{"a":1,"b":[1.5]}`},
		{"array()", "array<void>", "[]"},
	}
	for _, tt := range tests {
		query, err := json.Marshal("SELECT " + tt.expr + " AS v")
		if err != nil {
			t.Fatal(err)
		}
		want := []string{`{"id":7,"columns":[{"name":"v","type":"` + tt.typ + `"}],"rows":[[` + tt.want + `]]}`}
		if diff := cmp.Diff(want, batch(t, `{"id":7,"sql":`+string(query)+`}`)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.expr, diff)
		}
	}
}

func TestBatchGoesOn(t *testing.T) {
	t.Parallel()
	got := batch(t,
		`{"id":"a","sql":"SELECT 1 AS x, 2 AS x FROM VALUES (1), (2)"}`,
		`{"id":[1],"sql":"SELECT 'a' + true"}`,
		`no JSON`,
		``,
		`{"id":2}`,
		`{"id":3,"sql":"SELECT 1 AS a WHERE false"}`,
		`{"id":4,"sql":"EXPLAIN SELECT 1 AS a"}`)
	want := []string{
		`{"id":"a","columns":[{"name":"x","type":"int"},{"name":"x","type":"int"}],"rows":[[1,2],[1,2]]}`,
		`{"id":[1],"error":"DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES","sqlstate":"42K09"`,
		`{"id":null,"error":"INVALID_REQUEST","sqlstate":"08P01"`,
		`{"id":2,"error":"INVALID_REQUEST","sqlstate":"08P01"`,
		`{"id":3,"columns":[{"name":"a","type":"int"}],"rows":[]}`,
		`{"id":4,"columns":[{"name":"plan","type":"string"}],"rows":[["Values (1) [estimated 1]\n"]]}`,
	}
	for i, line := range got {
		if !json.Valid([]byte(line)) {
			t.Errorf("line %d is no JSON: %s", i, line)
		}
		got[i], _, _ = strings.Cut(line, `,"message"`)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestBatchAnswersAtOnce holds that an answer is written before the next line is read.
func TestBatchAnswersAtOnce(t *testing.T) {
	t.Parallel()
	in, send := io.Pipe()
	receive, out := io.Pipe()
	done := make(chan int)
	go func() { done <- run(t.Context(), []string{"sql", "--batch"}, in, out, io.Discard) }()
	answers := json.NewDecoder(receive)
	for i := range 3 {
		if _, err := io.WriteString(send, `{"id":1,"sql":"SELECT 1"}`+"\n"); err != nil {
			t.Fatal(err)
		}
		var answer struct{ Rows [][]int }
		if err := answers.Decode(&answer); err != nil || len(answer.Rows) != 1 {
			t.Fatalf("answer %d: got %v, %v", i, answer, err)
		}
	}
	if err := send.Close(); err != nil {
		t.Fatal(err)
	}
	if status := <-done; status != 0 {
		t.Errorf("got status %d", status)
	}
}
