package statement_test

import (
	"context"
	"errors"
	"testing"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine/statement"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	storagememory "github.com/medallion-go/medallion/storage/memory"
)

// interrupted is a database to which others write right after a query has been planned.
type interrupted struct {
	*database
	others func()
}

func (i interrupted) Resolve(ctx context.Context, q *sql.Query) (plan.Node, error) {
	n, err := i.database.Resolve(ctx, q)
	i.others()
	return n, err
}

// TestWritesOfRowsOfTheTableItself: two writers that insert what is not there yet do not both insert it, and nothing is overwritten by what was read before it came. Rows
// that do not depend on the table, or on an older version of it, go behind what others append.
func TestWritesOfRowsOfTheTableItself(t *testing.T) {
	t.Parallel()
	const missing = "SELECT * FROM new n WHERE NOT EXISTS (SELECT 1 FROM t WHERE t.id = n.id)"
	tests := []struct {
		name, text string
		conflict   bool
	}{
		{"insert", "INSERT INTO t " + missing, true},
		{"insert of a view's rows", "INSERT INTO t SELECT * FROM absent", true},
		{"insert of a recursive query's rows", "INSERT INTO t WITH RECURSIVE r AS (SELECT id, name FROM t UNION ALL SELECT id + 10, name FROM r WHERE id < 20) SELECT * FROM r", true},
		{"overwrite", "INSERT OVERWRITE t SELECT id, upper(name) FROM t", true},
		{"replace where", "INSERT INTO t REPLACE WHERE id > 1 SELECT id, upper(name) FROM t WHERE id > 1", true},
		{"replace using", "INSERT INTO t REPLACE USING (id) SELECT id, upper(name) FROM t", true},
		{"merge", "MERGE INTO t USING (" + missing + ") s ON t.id = s.id WHEN NOT MATCHED THEN INSERT *", true},
		{"create or replace", "CREATE OR REPLACE TABLE t AS SELECT * FROM t WHERE id > 1", true},
		{"insert of other rows", "INSERT INTO t SELECT * FROM new", false},
		{"insert of an older version", "INSERT INTO t SELECT * FROM t VERSION AS OF 1", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDatabase(t, storagememory.New())
			d.must("CREATE TABLE t (id INT, name STRING)", "INSERT INTO t VALUES (1, 'a'), (2, 'b')", "INSERT INTO t VALUES (4, 'd')",
				"CREATE TABLE new (id INT, name STRING)", "INSERT INTO new VALUES (2, 'b'), (3, 'c')", "CREATE TEMP VIEW absent AS "+missing)
			s, err := sql.ParseStatement(tt.text, nil)
			if err != nil {
				t.Fatal(err)
			}
			once := false
			others := func() {
				if !once {
					once = true
					d.must("INSERT INTO t " + missing)
				}
			}
			_, _, err = (&statement.Runner{Session: d.session, Tables: interrupted{d, others}, Views: &d.views}).Run(t.Context(), s)
			var conflict *delta.ConflictError
			if got := errors.As(err, &conflict); got != tt.conflict || err != nil && !got {
				t.Errorf("got %v, conflict wanted: %t", err, tt.conflict)
			}
		})
	}
}
