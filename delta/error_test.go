package delta_test

import (
	"errors"
	"testing"

	"github.com/medallion-go/medallion/delta"
)

// TestCorruptErrorSaysWhatToDo is about the two kinds of objects that can be damaged, and what helps with each.
func TestCorruptErrorSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  delta.CorruptError
		want string
	}{
		{
			delta.CorruptError{Table: "s3://b/t", Version: 3, File: "t/_delta_log/00000000000000000003.json", Reason: "the commit cannot be parsed", Err: errors.New("line 1")},
			"delta: s3://b/t version 3: _delta_log/00000000000000000003.json: table is damaged: the commit cannot be parsed: line 1 " +
				"(put a sound copy of it back; versions that do not need it can still be read)",
		},
		{
			delta.CorruptError{Table: "s3://b/t", Version: 3, File: "p=1/a.parquet", Reason: "the data file cannot be read"},
			"delta: s3://b/t version 3: p=1/a.parquet: table is damaged: the data file cannot be read " +
				"(put a sound copy of the file back, or remove it and have Repair, FSCK REPAIR TABLE, take it and its rows out of the table)",
		},
		{delta.CorruptError{Table: "s3://b/t", Version: -1, Reason: "there is no metadata"}, "delta: s3://b/t: table is damaged: there is no metadata"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}
