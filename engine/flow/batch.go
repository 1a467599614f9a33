package flow

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/medallion-go/medallion/source"
)

// Batch is what one run of a flow covers. It is written to <table>/_medallion/flows/<flow>/<number>.json before any row is, is never changed, and is done once
// the table's log says so (see LastNumbers). A batch that is there but not done is run again, exactly: two runners meet on this file first and on the log
// last.
type Batch struct {
	Flow    string   `json:"flow"`
	Number  int64    `json:"batch"`
	RunID   string   `json:"run"`
	Created string   `json:"created"` // RFC 3339, of the run that planned it
	Query   string   `json:"query"`   // fingerprint of the query, the rules and the columns
	Inputs  []Input  `json:"inputs,omitempty"`
	Streams []Stream `json:"streams,omitempty"`
	// Base is the target's version when the batch was planned, -1 for none, where the batch's rows depend on what the target held: a batch that is run again
	// after its rows were committed then gives the same rows again.
	Base *int64 `json:"base,omitempty"`
}

// Input is a table as a batch reads it: as a whole at Version, or for a stream the rows that were appended after From.
type Input struct {
	Table   string `json:"table"`
	ID      string `json:"id"` // metaData.id: another table under the same name is another input
	From    *int64 `json:"from,omitempty"`
	Version int64  `json:"version"`
}

// Stream is a source as a batch reads it.
type Stream struct {
	Source string          `json:"source"`
	Until  source.Offset   `json:"until"`
	Work   json.RawMessage `json:"work"`
}

// input is how the batch reads a table, or nil.
func (b *Batch) input(table string) *Input {
	if b == nil {
		return nil
	}
	for i := range b.Inputs {
		if b.Inputs[i].Table == table {
			return &b.Inputs[i]
		}
	}
	return nil
}

// stream is the offset that covers a source up to and including the batch, or nil.
func (b *Batch) stream(name string) json.RawMessage {
	if b == nil {
		return nil
	}
	for _, s := range b.Streams {
		if s.Source == name {
			return s.Until
		}
	}
	return nil
}

// sameInputs tells whether two batches cover the same.
func sameInputs(a, b *Batch) bool {
	return len(a.Inputs) == len(b.Inputs) && len(a.Streams) == len(b.Streams) &&
		!slices.ContainsFunc(a.Inputs, func(in Input) bool {
			o := b.input(in.Table)
			return o == nil || o.ID != in.ID || o.Version != in.Version
		}) &&
		!slices.ContainsFunc(a.Streams, func(st Stream) bool { return !slices.Equal(compact(b.stream(st.Source)), compact(st.Until)) })
}

// sameStart tells whether two batches that cover the same begin at the same versions.
func sameStart(a, b *Batch) bool {
	return !slices.ContainsFunc(a.Inputs, func(in Input) bool {
		from := b.input(in.Table).From
		return (in.From == nil) != (from == nil) || (from != nil && *in.From != *from)
	})
}

// compact is a JSON text without its white space, to compare texts that were indented with those that were not.
func compact(text json.RawMessage) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		return text
	}
	return b.Bytes()
}
