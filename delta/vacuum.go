package delta

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// VacuumOptions says what VACUUM removes. The zero VacuumOptions is usable.
type VacuumOptions struct {
	Retention time.Duration // versions of this time keep their files; default: the table's delta.deletedFileRetentionDuration, else 7 days; below 0: none do
	Force     bool          // a Retention shorter than the table's is allowed: versions that readers and writers are using now may lose their files
	DryRun    bool          // nothing is removed
	Lite      bool          // only files that the log tells of are removed, and the table's folder is not listed: quick, but what was never committed stays
	NoLog     bool          // no VACUUM START and VACUUM END are committed
}

// VacuumResult is the files that Vacuum removed, or would remove.
type VacuumResult struct {
	Version int64 // of the table whose files stayed; what VACUUM itself commits comes after it
	Files   []VacuumedFile
	Bytes   int64 // of Files
}

// VacuumedFile is a file that the table needs no longer.
type VacuumedFile struct {
	Path     string    // its URL where the store has one, else its key
	Size     int64     // bytes; of a lite run: by the log, 0 where it does not tell
	Modified time.Time // zero of a lite run
	Reason   VacuumReason

	key string
}

// VacuumReason is why a file goes.
type VacuumReason uint8

// The reasons.
const (
	Unreferenced  VacuumReason = iota // no version that the log still tells of has it: it was written and never committed, or was removed long ago
	RemovedFile                       // a data file that a commit removed before the retention's time
	RemovedVector                     // a file of deletion vectors that newer ones replaced before the retention's time
	UnusedVector                      // a file of deletion vectors that no version has
	OldChangeData                     // change data from before the retention's time
)

// String says it in words.
func (r VacuumReason) String() string {
	switch r {
	case RemovedFile:
		return "removed before the retention"
	case RemovedVector:
		return "deletion vector replaced before the retention"
	case UnusedVector:
		return "deletion vector of no version"
	case OldChangeData:
		return "change data from before the retention"
	default:
		return "of no version"
	}
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
// The log is read again before each thousand files, and those stay that a RESTORE has added again. When it ends early the result holds what was removed so
// far. A retention below the table's is a *RetentionError, unless it is forced; one above the table's holds for the files' times, but the log may have
// forgotten by then which files were removed when. As Spark does, it commits VACUUM START before and VACUUM
// END behind the first and the last file that it removes; a lite run, which needs the log since the run before, is refused with ErrVersionNotFound where
// that is gone.
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
	v := &vacuum{table: t, snapshot: s, seen: s.version, options: o, keep: keep, before: now.Add(-keep)}
	unused, err := v.unused(ctx)
	if err != nil {
		return nil, fmt.Errorf("delta: vacuum %s: %w", t.Name(), err)
	}
	res := &VacuumResult{Version: s.version}
	if o.DryRun {
		res.add(unused)
		return res, nil
	}
	if err := v.logged(ctx, res, unused); err != nil {
		return res, fmt.Errorf("delta: vacuum %s: after %d of %d files: %w", t.Name(), len(res.Files), len(unused), err)
	}
	return res, nil
}

// vacuum is one run.
type vacuum struct {
	table    *Table
	snapshot *Snapshot
	options  VacuumOptions
	keep     time.Duration
	before   time.Time       // what was modified or removed since stays
	used     map[string]bool // keys of files that the table needs
	removed  map[string]VacuumReason
	seen     int64           // version up to which used is known
	folders  map[string]bool // that were listed
	through  int64           // the newest commit that is older than before; -1: none. Known in a lite run alone
}

// unused lists the files that go.
func (v *vacuum) unused(ctx context.Context) ([]VacuumedFile, error) {
	if err := v.use(); err != nil {
		return nil, err
	}
	if v.options.Lite {
		return v.logList(ctx)
	}
	return v.list(ctx)
}

// remove removes the files, a batch at a time.
func (v *vacuum) remove(ctx context.Context, res *VacuumResult, files []VacuumedFile) error {
	for batch := range slices.Chunk(files, vacuumBatch) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := v.catchUp(ctx); err != nil {
			return err
		}
		batch = slices.DeleteFunc(batch, func(f VacuumedFile) bool { return v.used[f.key] })
		keys := make([]string, len(batch))
		for i, f := range batch {
			keys[i] = f.key
		}
		if len(keys) == 0 {
			continue
		}
		if err := v.table.store.Delete(ctx, keys...); err != nil {
			return err
		}
		res.add(batch)
	}
	return nil
}

// catchUp keeps what was committed since the files were looked for: a RESTORE may have added some of them again.
func (v *vacuum) catchUp(ctx context.Context) error {
	now, err := v.table.stillIs(ctx, v.snapshot)
	if err != nil {
		return err
	}
	if now != nil {
		v.snapshot, v.seen = now, now.version
		return v.use()
	}
	for {
		a, err := v.table.log.tryCommit(ctx, v.seen+1)
		if err != nil || a == nil {
			return err
		}
		if err := v.useCommit(a); err != nil {
			return err
		}
		v.seen++
	}
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

func (r *VacuumResult) add(files []VacuumedFile) {
	r.Files = append(r.Files, files...)
	for _, f := range files {
		r.Bytes += f.Size
	}
}
