package expr_test

import (
	"strings"
	"testing"

	"github.com/medallion-go/medallion/expr"
)

func TestExcerpt(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 100) + "b" + strings.Repeat("c", 100)
	tests := []struct {
		name, text   string
		line, column int
		want         string
	}{
		{"no place", "SELECT 1", 0, 0, ""},
		{"another text", "SELECT 1", 2, 1, ""},
		{"first line", "SELECT a", 1, 8, "SELECT a\n       ^\n"},
		{"after umlauts", "SELECT\r\n'äöü' + a\r\n", 2, 9, "'äöü' + a\n        ^\n"},
		{"a tab", "\ta", 1, 2, "\ta\n\t^\n"},
		{"the end", "SELECT", 1, 7, "SELECT\n      ^\n"},
		{
			"a long line", long, 1, 101,
			"…" + strings.Repeat("a", 60) + "b" + strings.Repeat("c", 59) + "…\n" + strings.Repeat(" ", 61) + "^\n",
		},
	}
	for _, tt := range tests {
		e := &expr.Error{Line: tt.line, Column: tt.column}
		if got := e.Excerpt(tt.text); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
