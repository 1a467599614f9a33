package delta

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/schema"
)

// The columns that ScanConfig.RowTracking appends, both BIGINT: the row's ID, which it keeps for as long as it lives, and the version that last changed it.
const (
	RowIDColumn            = "_metadata.row_id"
	RowCommitVersionColumn = "_metadata.row_commit_version"
)

// trackedColumn is what of a row's tracking an output column tells.
type trackedColumn uint8

const (
	untracked trackedColumn = iota // it is the table's own column
	trackedID
	trackedVersion
)

// trackedColumns are the columns that ScanConfig.RowTracking appends.
func trackedColumns() []arrow.Field {
	return []arrow.Field{{Name: RowIDColumn, Type: schema.BigInt, Nullable: true}, {Name: RowCommitVersionColumn, Type: schema.BigInt, Nullable: true}}
}

func isTracked(name string) bool { return name == RowIDColumn || name == RowCommitVersionColumn }

// trackedSource is what a column tells, and which of the file's columns keeps it for rows that came from another file; -1: none does.
func (r *fileReader) trackedSource(name string) (trackedColumn, int) {
	what, key := trackedID, rowIDNameKey
	if name == RowCommitVersionColumn {
		what, key = trackedVersion, rowVersionNameKey
	}
	stored := r.scan.snapshot.metadata.Configuration[key]
	return what, schema.Find(r.parquet.Schema().Fields(), stored)
}

// track puts into a column of row IDs or versions those that the file does not keep row by row: IDs count up with the row's position in the file. The values are
// of the rows at the given distances from position, nil: of each one. It takes a over.
func (r *fileReader) track(c *outputColumn, a arrow.Array, position int64, rows []int32) (arrow.Array, error) {
	if c.tracked == untracked || a.NullN() == 0 {
		return a, nil
	}
	defer a.Release()
	more := r.file.more
	if more == nil || more.baseRowID == nil || more.defaultRowCommitVersion == nil {
		return nil, r.scan.corrupt(r.file, "its add action has no baseRowId and defaultRowCommitVersion, which "+rowTrackingProperty+" promises")
	}
	stored := a.(*array.Int64)
	b := array.NewInt64Builder(r.scan.config.Alloc)
	defer b.Release()
	b.Reserve(stored.Len())
	for i := range stored.Len() {
		switch {
		case stored.IsValid(i):
			b.UnsafeAppend(stored.Value(i))
		case c.tracked == trackedVersion:
			b.UnsafeAppend(*more.defaultRowCommitVersion)
		default:
			b.UnsafeAppend(*more.baseRowID + position + int64(rowOf(rows, i)))
		}
	}
	return b.NewArray(), nil
}
