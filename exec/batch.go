// Package exec is columnar execution: batches of Arrow arrays with selections, pipelines that workers drive from a source through steps into a sink,
// and the operators that need more than one batch (aggregation, join, sort, window, de-duplication), each within one memory budget and spilling beyond
// it. It knows neither plans nor Delta. exec/kernel evaluates expressions over one batch.
package exec

import "github.com/apache/arrow-go/v18/arrow"

// Batch is a set of rows in columns. Inside one worker a batch is borrowed: whoever needs its arrays after the call that handed it over retains them, and
// whoever needs a single text of them copies it, for released memory holds other rows soon.
type Batch struct {
	Columns   []arrow.Array // each of length N; a STRING or BINARY column may be an *array.Dictionary over that type
	Selection []int32       // ascending positions of the rows that count; nil: all N
	N         int
}

// Len is the number of selected rows.
func (b *Batch) Len() int {
	if b.Selection == nil {
		return b.N
	}
	return len(b.Selection)
}
