package delta

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/medallion-go/medallion/storage"
)

// CloneOptions says how a table is cloned. The zero CloneOptions is usable.
type CloneOptions struct {
	Replace    bool              // where there is a table without files already, it becomes the clone (CREATE OR REPLACE TABLE … SHALLOW CLONE)
	Properties map[string]string // of the clone, besides those of the version
}

// ShallowClone creates a table that begins with the version's rows and shares its files, which its log names by their whole addresses. What either table
// writes from then on is its own. VACUUM of the cloned table knows nothing of the clone and may remove files that it needs. The clone's store must reach the
// files: both tables lie in one store, which has addresses (storage.Locator). Row numbers (row tracking) begin anew.
//
// Where there is a table already it returns ErrTableExists. The metrics have Spark's names: sourceNumOfFiles, sourceTableSize, …
func (s *Snapshot) ShallowClone(ctx context.Context, target *Table, o CloneOptions) (res *Result, err error) {
	base, err := target.Snapshot(ctx)
	switch {
	case errors.Is(err, ErrNotTable):
		base = nil
	case err != nil:
		return nil, err
	case !o.Replace:
		return nil, fmt.Errorf("%w: %s", ErrTableExists, target.Name())
	case base.NumFiles() > 0:
		return nil, fmt.Errorf("%w: %s has files: only a table without any can become a clone", ErrTableExists, target.Name())
	}
	tx := target.Begin(base, Operation{Name: "CLONE", Parameters: map[string]string{
		"source": s.table.Name(), "sourceVersion": strconv.FormatInt(s.version, 10),
	}})
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	if err := s.define(tx, o); err != nil {
		return nil, err
	}
	for _, f := range s.files().live {
		shared, err := s.shared(target, f)
		if err != nil {
			return nil, err
		}
		tx.Add(shared)
	}
	for name, n := range map[string]int64{
		"sourceNumOfFiles": int64(s.NumFiles()), "sourceTableSize": s.Size(), "numRemovedFiles": 0, "numCopiedFiles": 0, "removedFilesSize": 0, "copiedFilesSize": 0,
	} {
		tx.AddMetric(name, n)
	}
	tx.ReadWholeTable()
	res = &Result{Metrics: tx.metrics}
	res.Version, err = tx.Commit(ctx)
	return res, err
}

// define gives the transaction's table the version's metadata, protocol and domains.
func (s *Snapshot) define(tx *Transaction, o CloneOptions) error {
	m := s.Metadata()
	m.ID, m.Name, m.Description, m.CreatedTime = tx.table.config.NewID(), "", "", tx.table.config.Clock().UnixMilli()
	if tx.base != nil {
		m.ID, m.Name, m.Description, m.CreatedTime = tx.base.metadata.ID, tx.base.metadata.Name, tx.base.metadata.Description, tx.base.metadata.CreatedTime
	}
	if m.Configuration == nil {
		m.Configuration = make(map[string]string)
	}
	properties, features, err := checkProperties(maps.Clone(o.Properties))
	if err != nil {
		return fmt.Errorf("delta: clone %s: %w", s.table.Name(), err)
	}
	maps.Copy(m.Configuration, properties)
	delete(m.Configuration, rowIDNameKey) // what the files hold under these names are other rows' IDs
	delete(m.Configuration, rowVersionNameKey)
	delete(m.Configuration, inCommitVersion) // the clone's first commit has its time already
	delete(m.Configuration, inCommitTimestamp)
	tx.require(append(features, s.protocol.listed()...)...)
	if err := tx.setMetadata(&m); err != nil {
		return err
	}
	for name, d := range s.domains {
		if name != rowTrackingDomain {
			tx.setDomain(d)
		}
	}
	return nil
}

// shared is a file as another table names it.
func (s *Snapshot) shared(target *Table, f *File) (*File, error) {
	path, err := s.sharedPath(target, f.Path)
	if err != nil {
		return nil, err
	}
	c := *f
	c.Path, c.DataChange = path, true
	if f.more == nil {
		return &c, nil
	}
	more := *f.more
	more.baseRowID, more.defaultRowCommitVersion = nil, nil
	c.more = &more
	if more.vector == nil {
		return &c, nil
	}
	file, err := more.vector.path()
	if err != nil {
		return nil, s.corrupt("file "+f.Path, err)
	}
	if file == "" {
		return &c, nil
	}
	v := *more.vector
	v.storageType = "p"
	v.pathOrInline, err = s.sharedPath(target, file)
	more.vector = &v
	return &c, err
}

// sharedPath is the whole address of a file, by which the other table finds it.
func (s *Snapshot) sharedPath(target *Table, path string) (string, error) {
	refuse := func(why string) error {
		return &UnsupportedError{Feature: "shallow clone", Table: s.table.Name(), Version: s.version, Detail: why}
	}
	key, err := s.table.objectKey(path)
	if err != nil {
		return "", err
	}
	if isAbsolute(canonicalPath(path)) {
		return path, nil
	}
	l, ok := s.table.store.(storage.Locator)
	if !ok {
		return "", refuse("its store has no addresses")
	}
	address := absolutePath(l, key)
	if there, err := target.objectKey(address); err != nil || there != key && target.store == s.table.store {
		return "", refuse(target.Name() + " lies in a store that does not reach its files")
	}
	return address, nil
}

// absolutePath is the address of an object as paths in the log are: URI-encoded.
func absolutePath(l storage.Locator, key string) string {
	return encodePath(strings.TrimSuffix(decodePath(l.URL("")), "/") + "/" + key)
}
