package warehouse

import (
	"testing"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema/schematest"
)

func TestNarrow(t *testing.T) {
	t.Parallel()
	s := schematest.DDL(t, "id BIGINT, name STRING, day DATE, at TIMESTAMP, n INT, `a b` BIGINT")
	files := []*delta.File{
		{Stats: `{"numRecords":3,"minValues":{"id":5,"name":"a","day":"2026-01-02","at":"2026-01-02T03:04:05.678Z","a b":-9223372036854775808},` +
			`"maxValues":{"id":7,"name":"z","day":"2026-01-03","at":"2026-01-02T03:04:05.678Z","a b":1},"nullCount":{"id":0,"name":0,"day":1,"at":0,"n":3,"a b":0}}`},
		{Stats: `{"numRecords":2,"minValues":{"id":1,"day":"2025-12-31","at":"2026-01-01T00:00:00.000Z","a b":4},` +
			`"maxValues":{"id":9,"day":"2025-12-31","at":"2026-01-01T00:00:00.000Z","a b":4},"nullCount":{"id":0,"day":0,"at":0,"n":2,"a b":0}}`},
	}
	want := "id BETWEEN 1L AND 9L AND (day BETWEEN DATE '2025-12-31' AND DATE '2026-01-03' OR day IS NULL)" +
		" AND at BETWEEN TIMESTAMP '2026-01-01 00:00:00' AND TIMESTAMP '2026-01-02 03:04:05.679' AND `a b` BETWEEN -9223372036854775808L AND 4L"
	if got := narrow(s, files); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, stats := range []string{``, `{`, `{"numRecords":1}`} {
		if got := narrow(s, append(files, &delta.File{Stats: stats})); got != "" {
			t.Errorf("with a file whose statistics are %q: got %s, want nothing", stats, got)
		}
	}
}
