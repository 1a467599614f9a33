package enginetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/storage/memory"
)

// TestErrorsHavePlaces holds that the error of every case that has one carries its SQLSTATE and the place in the text, also where a row raises it.
func TestErrorsHavePlaces(t *testing.T) {
	t.Parallel()
	all := load(t)
	s := open(t, local.New(local.Config{}), newRun(engine.Lake{Store: memory.New()}))
	check := func(name, text string, o outcome) {
		var e *expr.Error
		if errors.As(o.err, &e) && (e.Line < 1 || e.Column < 1 || len(e.SQLState) != 5) {
			t.Errorf("%s: %s: got %v with SQLSTATE %q at %d:%d", name, text, e, e.SQLState, e.Line, e.Column)
		}
	}
	for name, f := range all.values {
		for _, c := range f.cases {
			if strings.HasPrefix(c.want, "!") {
				check(name, c.text, literally(t.Context(), s)([]valueCase{c}))
				check(name, c.text, fromColumns(t.Context(), s)([]valueCase{c}))
			}
		}
	}
	for name, cases := range all.queries {
		for _, c := range cases {
			check(name, c.text, planned(t.Context(), s, nodes(all.tables))(c))
		}
	}
}
