package delta_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/memory"
)

// TestLargeCommits reads commits that are not held as a whole: of many lines, of one line longer than a piece, with an action over several lines, without a line
// end, and damaged ones.
func TestLargeCommits(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	const files = 4_000
	for i := range files {
		fmt.Fprintf(&text, `{"add":{"path":"part-%d","partitionValues":{},"size":7,"modificationTime":1,"dataChange":true,"stats":"{\"numRecords\":1,\"minValues\":{\"id\":\"%01200d\"}}"}}`+"\n", i, i)
	}
	lines := text.String()
	long := `{"add":{"path":"long","partitionValues":{},"size":7,"modificationTime":1,"dataChange":true,"stats":"` + strings.Repeat("x", 5<<20) + `"}}` + "\n"
	tests := []struct {
		name, text string
		files      int // -1: the commit is damaged
	}{
		{"many lines", lines, files},
		{"no line end", strings.TrimSpace(lines), files},
		{"Windows line ends and empty lines", strings.ReplaceAll(lines, "\n", "\r\n\r\n"), files},
		{"a long line", lines + long + strings.ReplaceAll(lines, "part-", "more-"), 2*files + 1},
		{"an action over lines", strings.ReplaceAll(lines, `,"size"`, ",\n\"size\""), files},
		{"cut off", lines[:len(lines)-30], -1},
		{"two protocols, far apart", `{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}` + "\n" + lines + `{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}`, -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := memory.New()
			create(t, store, testConfig(), nil)
			putCommit(t, store, 1, tt.text)
			s, err := delta.Open(store, "t", testConfig()).Snapshot(t.Context())
			var corrupt *delta.CorruptError
			if tt.files < 0 {
				if !errors.As(err, &corrupt) || corrupt.Version != 1 || !strings.Contains(err.Error(), fmt.Sprintf("line %d", strings.Count(tt.text, "\n")+1)) {
					t.Errorf("%v, want a *CorruptError about the last line", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if rows, _ := s.NumRows(); s.NumFiles() != tt.files || rows < files {
				t.Errorf("%d files of %d rows, want %d", s.NumFiles(), rows, tt.files)
			}
		})
	}
}
