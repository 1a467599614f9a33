package sql_test

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan/sql"
)

// wrongQueries are texts that fail.
func wrongQueries(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/wrong.sql")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, part := range strings.Split(string(data), "\n\n") {
		if text := strings.TrimSpace(part); text != "" && !strings.HasPrefix(text, "-- ") {
			list = append(list, text)
		}
	}
	return list
}

var state = regexp.MustCompile(`^[0-9A-Z]{5}$`)

// TestErrorsHavePlaces holds that every fault of a query is told in Databricks' words, with its place in the text.
func TestErrorsHavePlaces(t *testing.T) {
	t.Parallel()
	inputs := tables(t)
	for _, text := range wrongQueries(t) {
		q, err := sql.Parse(text)
		if err == nil {
			_, err = q.Resolve(inputs)
		}
		var e *expr.Error
		switch {
		case err == nil:
			t.Errorf("%s\ngot no error", text)
		case !errors.As(err, &e):
			t.Errorf("%s\ngot %v, which is no *expr.Error", text, err)
		case e.Class == "" || e.Class == "INTERNAL_ERROR" || !state.MatchString(e.SQLState) || e.Message == "":
			t.Errorf("%s\ngot class %q, SQLSTATE %q, message %q", text, e.Class, e.SQLState, e.Message)
		case e.Excerpt(text) == "" || e.Column < 1:
			t.Errorf("%s\ngot %v at %d:%d, which is no place in the text", text, err, e.Line, e.Column)
		}
	}
}
