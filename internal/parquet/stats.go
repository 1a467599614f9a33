package parquet

import "github.com/apache/arrow-go/v18/arrow"

// Footer tells what a finished file holds.
type Footer struct {
	Rows    int64
	Bytes   int64         // size of the whole file
	Columns []ColumnStats // one per leaf, over all row groups, in the order of the schema
}

// ColumnStats describes the values of one leaf in a file, a row group or a page.
//
// Min and Max are nil when unknown or when there is no value to compare; else they are bool, int64 (all integers, dates, timestamps in microseconds),
// float32, float64, []byte (STRING and BINARY) or decimal128.Num. NaN is in neither of them; a zero minimum is -0, a zero maximum +0.
type ColumnStats struct {
	Path      []string       // as in the Parquet schema: "a", "b" for a.b; lists and maps have their middle names in it
	Type      arrow.DataType // of the leaf
	Values    int64          // entries, nulls among them; -1 when unknown
	NullCount int64          // entries that are null; a null struct counts in each of its leaves; -1 when unknown
	Min, Max  any
	MinExact  bool // Min is a value that occurs; else it is a lower bound
	MaxExact  bool // Max is a value that occurs; else it is an upper bound
	HasNaN    bool // a FLOAT or DOUBLE leaf holds NaN, or may hold it for all that is known
}

// Page is one data page of a column chunk, as its column and offset index tell.
type Page struct {
	Rows RowRange
	ColumnStats
}

// RowRange is the rows [From, To) of a row group.
type RowRange struct{ From, To int64 }
