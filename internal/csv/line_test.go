package csv_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/csv"
)

func ExampleLine() {
	line := csv.Line{Comma: ',', Quote: '"', Escape: '\\'}
	for _, t := range line.Split(nil, []byte("\"Doe, \\\"J\\\"\",,\"two\nlines\" ,3")) {
		fmt.Printf("%q %t\n", t.Text, t.Quoted)
	}
	// Output:
	// "Doe, \"J\"" true
	// "" false
	// "two\nlines" true
	// "3" false
}

func TestCharacter(t *testing.T) {
	t.Parallel()
	if c, err := csv.Character("\t"); c != '\t' || err != nil {
		t.Errorf("a tab is %q, %v", c, err)
	}
	for _, bad := range []string{"", "ab", "é", "\n", "\x00"} {
		if _, err := csv.Character(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestTypeOfLine(t *testing.T) {
	t.Parallel()
	line := csv.Line{Comma: ';', Quote: '\'', Escape: '\\'}
	got := csv.TypeOfLine(line, "-", "-;'1;2';0099999999999999999999").String()
	want := "struct<_c0: utf8, _c1: utf8, _c2: decimal(20, 0)>"
	if got = strings.ReplaceAll(got, " nullable", ""); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzLine takes any record apart: as many fields as commas outside of quotes at most, none longer than the record, and the same from a Line that was used.
func FuzzLine(f *testing.F) {
	for _, seed := range []string{"", ",", `a,"b,c",d`, `"a\"b",c`, `"a"b,c`, `"a""b",`, `"`, `"\`, `"a" `, `"a" b,`} {
		f.Add([]byte(seed), []byte("x,\"y\"z"))
	}
	f.Fuzz(func(t *testing.T, record, before []byte) {
		fresh := csv.Line{Comma: ',', Quote: '"', Escape: '\\'}
		used := fresh
		used.Split(nil, before)
		got, again := texts(fresh.Split(nil, record)), texts(used.Split(nil, record))
		if diff := cmp.Diff(got, again); diff != "" {
			t.Errorf("a Line that was used splits otherwise: %s", diff)
		}
		if n := strings.Count(string(record), ","); len(got) < 1 || len(got) > n+1 || len(strings.Join(got, "")) > len(record) {
			t.Errorf("%q has the fields %q", record, got)
		}
		if !strings.ContainsAny(string(record), `"`) {
			if diff := cmp.Diff(strings.Split(string(record), ","), got); diff != "" {
				t.Errorf("without quotes: -want +got %s", diff)
			}
		}
	})
}

func texts(tokens []csv.Token) []string {
	out := make([]string, len(tokens))
	for i, t := range tokens {
		out[i] = string(t.Text)
	}
	return out
}
