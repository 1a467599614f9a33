package flow

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
)

// Version is a Delta table at one of its versions, wherever it lies: a relation for queries over tables that no pipeline declares.
type Version struct {
	Ident    string // as plans and errors name it
	Snapshot *delta.Snapshot
}

// Name is what the table is called.
func (v *Version) Name() string { return v.Ident }

// Schema is the table's.
func (v *Version) Schema() *arrow.Schema { return v.Snapshot.Schema() }
