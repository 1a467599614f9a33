package parquet

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
)

// ReadConfig says what is read.
type ReadConfig struct {
	RowGroups      []int                  // in that order; nil: all
	Columns        []int                  // top-level fields of Schema, in that order, each once; nil: all
	Parts          map[int]arrow.DataType // of Columns: structs that have only the fields that are read, by their names
	BatchRows      int                    // most rows of a batch; default: 65,536
	KeepDictionary bool                   // top-level STRING and BINARY columns come as *array.Dictionary (int32 indices) in the batches where the file has them so
	Rows           []RowRange             // of the only row group in RowGroups, ascending; nil: all rows
	FetchBytes     int                    // most bytes of the file that are held; default: 64 MiB, and never less than 256 KiB a leaf

	// Stages, where there are any, choose rows before all columns are read. They take the first of Columns in turn; yield gets a batch of the columns that are
	// left, with the rows that were chosen, and none where there are none. What stages were given stays valid until yield has returned.
	Stages []Stage
}

// Stage reads some columns of those rows of a batch that the stages before it have chosen, and chooses among them.
type Stage struct {
	Columns int  // how many
	Codes   bool // flat columns of a fixed width, but BOOLEAN, come as *array.Dictionary too (int32 indices) where the file has them so
	// Select is given the columns of the rows at the positions of (nil: of all rows, as most are still wanted) and returns which are wanted: positions in the batch
	// that ascend, or nil for all.
	Select func(columns arrow.RecordBatch, of []int32) ([]int32, error)
}

// complete sets the defaults and finds faults.
func (f *File) complete(c *ReadConfig) error {
	if c.RowGroups == nil {
		for i := range f.meta.RowGroups {
			c.RowGroups = append(c.RowGroups, i)
		}
	}
	if c.Columns == nil {
		for i := range f.nodes {
			c.Columns = append(c.Columns, i)
		}
	}
	if c.BatchRows <= 0 {
		c.BatchRows = 1 << 16
	}
	if c.FetchBytes <= 0 {
		c.FetchBytes = 64 << 20
	}
	for _, g := range c.RowGroups {
		if g < 0 || g >= len(f.meta.RowGroups) {
			return fmt.Errorf("parquet: row group %d of %d", g, len(f.meta.RowGroups))
		}
	}
	for i, k := range c.Columns {
		if k < 0 || k >= len(f.nodes) || slices.Contains(c.Columns[:i], k) {
			return fmt.Errorf("parquet: column %d of %d, or the same twice", k, len(f.nodes))
		}
	}
	if err := f.checkStages(c); err != nil {
		return err
	}
	return f.checkRanges(c)
}

func (f *File) checkStages(c *ReadConfig) error {
	late := c.Columns
	for i, st := range c.Stages {
		if st.Columns < 0 || st.Columns > len(late) {
			return fmt.Errorf("parquet: stage %d reads %d of %d columns", i, st.Columns, len(late))
		}
		late = late[st.Columns:]
		for _, k := range late {
			if n := f.nodes[k]; n.kind != nodeLeaf || !n.leaf.flat {
				return fmt.Errorf("parquet: column %s is nested, and its rows cannot be read singly", n.field.Name)
			}
		}
	}
	return nil
}

// codes tells whether the stage of the k-th column wants codes.
func (c *ReadConfig) codes(k int) bool {
	for _, st := range c.Stages {
		if k -= st.Columns; k < 0 {
			return st.Codes
		}
	}
	return false
}

func (f *File) checkRanges(c *ReadConfig) error {
	if c.Rows == nil {
		return nil
	}
	if len(c.RowGroups) != 1 {
		return fmt.Errorf("parquet: row ranges of %d row groups; they are of one", len(c.RowGroups))
	}
	at := int64(0)
	for _, r := range c.Rows {
		if r.From < at || r.To < r.From || r.To > f.meta.RowGroups[c.RowGroups[0]].NumRows {
			return fmt.Errorf("parquet: row range [%d, %d) is not in order, or not in the row group", r.From, r.To)
		}
		at = r.To
	}
	return nil
}
