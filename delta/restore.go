package delta

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
)

// RestoreOptions says how an older version is restored. The zero RestoreOptions is usable.
type RestoreOptions struct {
	IgnoreMissing bool // restore without the files that are gone, and thus without their rows
}

// MissingFilesError says that an older version cannot be restored, as VACUUM or somebody else removed files that it needs.
type MissingFilesError struct {
	Table   string
	Version int64    // that needs them
	Files   []string // as in the log; of many, some

	Restored bool // the version is the one that RESTORE has made: the files were removed meanwhile
}

// Error names the version and the files.
func (e *MissingFilesError) Error() string {
	if e.Restored {
		return fmt.Sprintf("delta: %s version %d: %d of its files were removed while it was restored, by a VACUUM beside it: %s; restore another version, or take them out by Repair",
			e.Table, e.Version, len(e.Files), strings.Join(e.Files[:min(len(e.Files), 5)], ", "))
	}
	return fmt.Sprintf("delta: %s version %d: %d of its files are gone, so that it cannot be had again as a whole: %s; restore a newer version, or without them by IgnoreMissing",
		e.Table, e.Version, len(e.Files), strings.Join(e.Files[:min(len(e.Files), 5)], ", "))
}

// Retryable is false: files do not come back.
func (e *MissingFilesError) Retryable() bool { return false }

// Restore makes the table what an older version of it was: rows, schema, properties and domains; the versions in between remain. The protocol is never
// lowered, and what applications have written (Txn) counts on. Files of that version which are gone are a *MissingFilesError; so are, beside a result, those that a
// VACUUM beside it removed before the commit. It conflicts with every commit that changes rows in the meantime. The metrics have Spark's names: numRestoredFiles,
// numRemovedFiles, tableSizeAfterRestore, …
func (t *Table) Restore(ctx context.Context, old *Snapshot, o RestoreOptions) (res *Result, err error) {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case old.ID() != s.ID():
		return nil, fmt.Errorf("delta: restore %s: the version is that of another table, %s", t.Name(), old.table.Name())
	case old.version >= s.version:
		return nil, fmt.Errorf("%w: restore %s: version %d is not older than the newest, %d", ErrVersionNotFound, t.Name(), old.version, s.version)
	}
	tx := t.Begin(s, Operation{Name: opRestore, Parameters: map[string]string{"version": strconv.FormatInt(old.version, 10)}})
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	r := &restoration{tx: tx, from: s, to: old}
	if err := r.files(ctx, o.IgnoreMissing); err != nil {
		return nil, err
	}
	if err := r.metadata(); err != nil {
		return nil, err
	}
	r.domains()
	tx.ReadWholeTable()
	res = &Result{Metrics: tx.metrics}
	if res.Version, err = tx.Commit(ctx); err != nil {
		return res, err
	}
	return res, r.verify(ctx, res.Version)
}

// verify looks for the files once more when they are the table's again: a VACUUM that found them before may have removed them since.
func (r *restoration) verify(ctx context.Context, version int64) error {
	gone, err := r.to.missing(ctx, r.tx.adds)
	if err == nil && len(gone) > 0 {
		err = &MissingFilesError{Table: r.to.table.Name(), Version: version, Files: filePaths(gone), Restored: true}
	}
	return err
}

// restoration is what leads from one version to an older one.
type restoration struct {
	tx       *Transaction
	from, to *Snapshot
}

// files removes what the older version does not have, and adds what it has besides.
func (r *restoration) files(ctx context.Context, ignoreMissing bool) error {
	now, then := r.from.files(), r.to.files()
	var add, remove []*File
	for _, f := range then.live {
		if now.index()[f.key()] == nil {
			again := *f
			again.DataChange = true
			add = append(add, &again)
		}
	}
	for _, f := range now.live {
		if then.index()[f.key()] == nil {
			remove = append(remove, f)
		}
	}
	gone, err := r.to.missing(ctx, add)
	if err != nil {
		return err
	}
	size := then.bytes
	if len(gone) > 0 {
		if !ignoreMissing {
			return &MissingFilesError{Table: r.to.table.Name(), Version: r.to.version, Files: filePaths(gone)}
		}
		add = slices.DeleteFunc(add, func(f *File) bool { return slices.Contains(gone, f) })
		size -= sizeOf(gone)
	}
	r.tx.Add(add...)
	r.tx.Remove(remove...)
	for name, n := range map[string]int64{
		"numRestoredFiles": int64(len(add)), "restoredFilesSize": sizeOf(add), "numRemovedFiles": int64(len(remove)), "removedFilesSize": sizeOf(remove),
		"numOfFilesAfterRestore": int64(len(then.live) - len(gone)), "tableSizeAfterRestore": size,
	} {
		r.tx.AddMetric(name, n)
	}
	return nil
}

func sizeOf(files []*File) (bytes int64) {
	for _, f := range files {
		bytes += f.Size
	}
	return bytes
}

func filePaths(files []*File) []string {
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.Path
	}
	return paths
}

// missing are those of the files that are gone, or whose deletion vectors are. They come in their order.
func (s *Snapshot) missing(ctx context.Context, files []*File) ([]*File, error) {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(replayParallel)
	var mu sync.Mutex
	gone := make(map[*File]bool)
	for _, f := range files {
		g.Go(func() error {
			there, err := s.isThere(ctx, f)
			if err == nil && !there {
				mu.Lock()
				defer mu.Unlock()
				gone[f] = true
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(files), func(f *File) bool { return !gone[f] }), nil
}

// isThere reports whether a file and its deletion vector are in the store.
func (s *Snapshot) isThere(ctx context.Context, f *File) (bool, error) {
	paths := []string{f.Path}
	if v := f.vector(); v != nil {
		file, err := v.path()
		if err != nil {
			return false, s.corrupt("file "+f.Path, err)
		}
		if file != "" {
			paths = append(paths, file)
		}
	}
	for _, path := range paths {
		key, err := s.table.objectKey(path)
		if err != nil {
			return false, err
		}
		o, err := s.table.store.Open(ctx, key)
		if errors.Is(err, storage.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("delta: look for %s of %s: %w", path, s.table.Name(), err)
		}
		if err := o.Close(); err != nil {
			return false, err
		}
	}
	return true, nil
}

// metadata takes over the older version's, without going back where numbers may never be given twice.
func (r *restoration) metadata() error {
	m := r.to.Metadata()
	m.ID = r.from.metadata.ID
	if m.mapping() != mappingNone {
		was, _ := strconv.ParseInt(m.Configuration[maxColumnIDKey], 10, 64)
		is, _ := strconv.ParseInt(r.from.Property(maxColumnIDKey), 10, 64)
		m.Configuration[maxColumnIDKey] = strconv.FormatInt(max(was, is), 10)
	}
	text, err := schema.MarshalDelta(withHighWaterMarks(r.to.Schema(), r.from.Schema()))
	if err != nil {
		return err
	}
	m.SchemaString = text
	r.tx.mapped = true // as that version was, whose files are without mapping where it has none
	r.tx.require(r.to.protocol.listed()...)
	return r.tx.setMetadata(&m)
}

// domains restores the domains, but for that of row tracking, whose numbers are never given twice.
func (r *restoration) domains() {
	for name, d := range r.to.domains {
		if name != rowTrackingDomain && r.from.domains[name] != d {
			r.tx.setDomain(d)
		}
	}
	for name, d := range r.from.domains {
		if _, was := r.to.domains[name]; !was && name != rowTrackingDomain {
			d.removed = true
			r.tx.setDomain(d)
		}
	}
}
