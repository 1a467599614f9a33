package delta

import (
	"context"
	"slices"
)

// AddedSince gives the files that hold the rows appended after a version, up to this snapshot; -1 means all rows. Commits that only move rows between files are
// passed over, and so are rows that were appended after the version and taken out again, as a writer does that replaces its own last batch. appended is false
// when a commit removed or changed rows that were there before: then the files do not tell what happened. It returns ErrVersionNotFound where the log no
// longer holds the commits.
func (s *Snapshot) AddedSince(ctx context.Context, from int64) (files []*File, appended bool, err error) {
	if from < 0 {
		return slices.Collect(s.Files()), true, nil
	}
	for v := from + 1; v <= s.version; v++ {
		a, err := s.table.log.tryCommit(ctx, v)
		if err != nil {
			return nil, false, err
		}
		if a == nil {
			return nil, false, s.table.lost(ctx, v)
		}
		if files, appended = withoutRemoved(files, a.removes); !appended {
			return nil, false, nil
		}
		for _, f := range a.adds {
			if f.DataChange {
				files = append(files, f)
			}
		}
	}
	return files, true, nil
}

// withoutRemoved takes out of the files those that a commit removes; ok is false when it removes rows of others.
func withoutRemoved(files []*File, removes []*tombstone) (_ []*File, ok bool) {
	for _, t := range removes {
		if !t.dataChange {
			continue
		}
		at := slices.IndexFunc(files, func(f *File) bool { return f.key() == t.key() })
		if at < 0 {
			return nil, false
		}
		files = slices.Delete(files, at, at+1)
	}
	return files, true
}
