package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/expr"
)

// FuzzSplitStatements holds that splitting loses no token and invents none.
func FuzzSplitStatements(f *testing.F) {
	for _, seed := range []string{"SELECT 1; SELECT 2", ";;a;", "'a;b'; x", "-- c;\n1; /* ; */ 2", "'open;", "`a;b`;", "\n ;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want, err := tokenTexts(text)
		statements, rest := splitStatements(text)
		if err != nil {
			if len(statements) > 0 || rest != text {
				t.Errorf("%q has no tokens, and is split into %q and %q", text, statements, rest)
			}
			return
		}
		var got []string
		for _, s := range append(statements, rest) {
			tokens, err := tokenTexts(s)
			if err != nil {
				t.Fatalf("%q: the part %q has no tokens: %v", text, s, err)
			}
			got = append(got, tokens...)
		}
		semicolon := func(s string) bool { return s == ";" }
		if !slices.Equal(slices.DeleteFunc(got, semicolon), slices.DeleteFunc(want, semicolon)) {
			t.Errorf("%q: got tokens %q, want %q", text, got, want)
		}
	})
}

func tokenTexts(text string) (list []string, err error) {
	tokens, err := expr.Tokens(text)
	for _, token := range tokens {
		if token.Kind != expr.TokenEOF {
			list = append(list, token.Text)
		}
	}
	return list, err
}

// FuzzBatch holds that whatever comes in as a line is answered by one line of JSON with the id that it had.
func FuzzBatch(f *testing.F) {
	for _, seed := range []string{`{"id":1,"sql":"SELECT 1"}`, `{"id":"\u0000","sql":"SELECT 'a\nb'"}`, `{"sql":1}`, `[]`, `{"id":{"a":[1]},"sql":"SELEC"}`, "\xff", `{"id":1} {"id":2}`} {
		f.Add([]byte(seed))
	}
	db, err := openDatabase(f.Context(), nil, nil, local.Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := db.close(); err != nil {
			f.Error(err)
		}
	})
	f.Fuzz(func(t *testing.T, line []byte) {
		got := reply(t.Context(), db, line)
		if !json.Valid(got) || bytes.ContainsAny(got, "\n\r") {
			t.Errorf("%q is answered by %q", line, got)
		}
	})
}
