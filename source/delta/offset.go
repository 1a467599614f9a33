package delta

import (
	"encoding/json"
	"fmt"

	"github.com/medallion-go/medallion/source"
)

// position is an Offset: how far a table is read.
type position struct {
	TableID string `json:"tableId"` // metaData.id: another table at the same place is another stream
	Version int64  `json:"version"` // all versions before it are read
	Index   int    `json:"index"`   // and so many pieces of it
	Initial bool   `json:"initial,omitempty"`
}

// batchWork describes a batch beside the offset at its end.
type batchWork struct {
	From position `json:"from"`
}

func decodeOffset(o source.Offset) (p position, err error) {
	if err := json.Unmarshal(o, &p); err != nil {
		return p, fmt.Errorf("delta: read offset: %w", err)
	}
	if p.TableID == "" || p.Version < 0 || p.Index < 0 {
		return p, fmt.Errorf("delta: read offset: %s is none", o)
	}
	return p, nil
}

// next is the position behind the version.
func (p position) next() position { return position{TableID: p.TableID, Version: p.Version + 1} }

// reached reports whether the position is at the end, nil for none, or beyond it.
func (p position) reached(end *position) bool {
	return end != nil && (p.Version > end.Version || p.Version == end.Version && p.Index >= end.Index)
}
