package flow

import (
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/plan"
)

// DuplicateKeyError says that a batch holds several rows of one key, so that which of them the table would keep is not defined.
type DuplicateKeyError struct {
	Flow string
	Keys []string
	N    int64 // keys with several rows
}

// Error says what to do.
func (e *DuplicateKeyError) Error() string {
	return fmt.Sprintf("flow: %s: %d keys (%s) have several rows in the batch: bring one of each, or use silver.ApplyChanges, whose SequenceBy says which is the last", e.Flow, e.N, strings.Join(e.Keys, ", "))
}

// NullKeyError says that change events have a NULL key or sequence: their place among the key's events cannot be told.
type NullKeyError struct {
	Flow, Column string
	Rows         int64 // that were found so far
}

// Error names the column and the remedy.
func (e *NullKeyError) Error() string {
	what := "key column " + e.Column
	if e.Column == sequenceColumn {
		what = "SequenceBy"
	}
	return fmt.Sprintf("flow: %s: %s is NULL in %d events: quarantine them with a rule such as %q before they are applied", e.Flow, what, e.Rows, e.Column+" IS NOT NULL")
}

// Duplicates is the query that counts the keys that several rows of the relation have: one row, one BIGINT.
func Duplicates(rows plan.Node, keys []string) (plan.Node, error) {
	return Query(fmt.Sprintf("SELECT count(*) AS n FROM (SELECT count(*) AS n FROM b GROUP BY %s) WHERE n > 1", list("", keys)), map[string]plan.Node{"b": rows})
}
