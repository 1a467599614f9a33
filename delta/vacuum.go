package delta

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/medallion-go/medallion/storage"
)

// VacuumOptions says what VACUUM removes. The zero VacuumOptions is usable.
type VacuumOptions struct {
	Retention time.Duration // versions of this time keep their files; default: the table's delta.deletedFileRetentionDuration, else 7 days; below 0: none do
	Force     bool          // a Retention shorter than the table's is allowed: versions that readers and writers are using now may lose their files
	DryRun    bool          // nothing is removed
}

// VacuumResult is the files that Vacuum removed, or would remove.
type VacuumResult struct {
	Version int64 // of the table whose files stayed
	Files   []VacuumedFile
	Bytes   int64 // of Files
}

// VacuumedFile is a file that the table needs no longer.
type VacuumedFile struct {
	Path     string // its URL where the store has one, else its key
	Size     int64  // bytes
	Modified time.Time

	key string
}

// RetentionError says that Vacuum was asked to keep files for a shorter time than the table promises.
type RetentionError struct {
	Table string
	Asked time.Duration
	Least time.Duration // the table's
}

// Error says how to vacuum with a shorter retention all the same.
func (e *RetentionError) Error() string {
	return fmt.Sprintf("delta: %s: files are to be kept for %v, but the table's retention is %v: set delta.deletedFileRetentionDuration, or force it when nobody "+
		"reads or writes the table", e.Table, e.Asked, e.Least)
}

// Retryable is false: the table's retention stays.
func (e *RetentionError) Retryable() bool { return false }

// Vacuum removes files under the table that neither its newest version nor one of the retention's time needs. Files stay that were modified within that time,
// perhaps by a writer that has yet to commit, files of change data for as long, all in folders and under names that begin with _ or ., and other tables.
// When it ends early the result holds what was removed so far. A retention below the table's is a *RetentionError, unless it is forced; one above the table's
// holds for the files' times, but the log may have forgotten by then which files were removed when.
func (t *Table) Vacuum(ctx context.Context, o VacuumOptions) (*VacuumResult, error) {
	now := t.config.Clock()
	s, err := t.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkWriterFeatures(t.Name(), s.version, s.protocol); err != nil {
		return nil, err
	}
	keep, err := o.retention(s)
	if err != nil {
		return nil, err
	}
	unused, err := s.unused(ctx, now.Add(-keep))
	if err != nil {
		return nil, fmt.Errorf("delta: vacuum %s: %w", t.Name(), err)
	}
	res := &VacuumResult{Version: s.version}
	if o.DryRun {
		res.add(unused)
		return res, nil
	}
	for batch := range slices.Chunk(unused, vacuumBatch) {
		if err := t.vacuum(ctx, batch); err != nil {
			return res, fmt.Errorf("delta: vacuum %s: after %d of %d files: %w", t.Name(), len(res.Files), len(unused), err)
		}
		res.add(batch)
	}
	return res, nil
}

// vacuumBatch is how many files are removed by one call.
const vacuumBatch = 1000

// retention is how long files stay.
func (o VacuumOptions) retention(s *Snapshot) (time.Duration, error) {
	least := s.retention("delta.deletedFileRetentionDuration", defaultTombstoneRetention)
	if o.Retention == 0 {
		return least, nil
	}
	keep := max(o.Retention, 0)
	if keep < least && !o.Force {
		return 0, &RetentionError{Table: s.table.Name(), Asked: keep, Least: least}
	}
	return keep, nil
}

func (t *Table) vacuum(ctx context.Context, files []VacuumedFile) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	keys := make([]string, len(files))
	for i, f := range files {
		keys[i] = f.key
	}
	return t.store.Delete(ctx, keys...)
}

func (r *VacuumResult) add(files []VacuumedFile) {
	r.Files = append(r.Files, files...)
	for _, f := range files {
		r.Bytes += f.Size
	}
}

// unused lists the files under the table that were modified before a time and that no version since needs.
func (s *Snapshot) unused(ctx context.Context, before time.Time) ([]VacuumedFile, error) {
	used, err := s.usedSince(before.UnixMilli())
	if err != nil {
		return nil, err
	}
	root := s.table.log.root
	url := func(key string) string { return key }
	if l, ok := s.table.store.(storage.Locator); ok {
		url = l.URL
	}
	var list []VacuumedFile
	var tables []string // the folders of other tables under this one
	for o, err := range s.table.store.List(ctx, root, "") {
		if err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(o.Key, root)
		if at := strings.Index(name, "/_delta_log/"); at >= 0 {
			if folder := root + name[:at+1]; !slices.Contains(tables, folder) {
				tables = append(tables, folder)
			}
		}
		if used[o.Key] || s.hidden(name) || !o.ModTime.Before(before) {
			continue
		}
		list = append(list, VacuumedFile{Path: url(o.Key), Size: o.Size, Modified: o.ModTime, key: o.Key})
	}
	return slices.DeleteFunc(list, func(f VacuumedFile) bool {
		return slices.ContainsFunc(tables, func(folder string) bool { return strings.HasPrefix(f.key, folder) })
	}), nil
}

// hidden reports whether a name, relative to the table, is none of the table's files: a part of it begins with _ or ., and is neither the folder of a partition
// nor that of the change data.
func (s *Snapshot) hidden(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] != '_' && part[0] != '.' || part == changeDataFolder {
			continue
		}
		if !slices.ContainsFunc(s.metadata.partitionNames(), func(c string) bool { return strings.HasPrefix(part, string(appendHiveEscaped(nil, c))+"=") }) {
			return true
		}
	}
	return false
}

// changeDataFolder holds change data, which no tombstone tells of: its files stay for the retention after they were written.
const changeDataFolder = "_change_data"

// usedSince are the keys of the live files, of those removed since a time in ms since the epoch, and of their deletion vectors.
func (s *Snapshot) usedSince(since int64) (map[string]bool, error) {
	set := s.files()
	used := make(map[string]bool, len(set.live))
	for _, f := range set.live {
		if err := s.use(used, f.Path, f.more); err != nil {
			return nil, err
		}
	}
	for _, t := range set.tombstones {
		if t.deletionTimestamp < since {
			continue
		}
		if err := s.use(used, t.path, t.more); err != nil {
			return nil, err
		}
	}
	return used, nil
}

func (s *Snapshot) use(used map[string]bool, path string, more *fileMore) error {
	if err := s.usePath(used, path); err != nil || more == nil || more.vector == nil {
		return err
	}
	file, err := more.vector.path()
	if err != nil {
		return s.corrupt("file "+path, err)
	}
	if file == "" {
		return nil
	}
	return s.usePath(used, file)
}

// usePath adds the key of a path in the log. An absolute path that the store does not know by this address may be the table's under another, such as s3a: for
// s3:, so whatever ends like it stays.
func (s *Snapshot) usePath(used map[string]bool, path string) error {
	key, err := s.table.objectKey(path)
	var outside *UnsupportedError
	switch {
	case errors.As(err, &outside):
		s.useEnding(used, canonicalPath(path))
		return nil
	case err != nil:
		return err
	}
	used[key] = true
	return nil
}

func (s *Snapshot) useEnding(used map[string]bool, path string) {
	root := s.table.log.root
	if _, rest, ok := strings.Cut(path, "://"); ok {
		path = rest
	}
	if root == "" {
		_, rest, _ := strings.Cut(path, "/")
		used[rest] = true
	} else if at := strings.LastIndex(path, "/"+root); at >= 0 {
		used[path[at+1:]] = true
	}
}
