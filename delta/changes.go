package delta

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

// The columns of a change data feed beside the table's own (Delta protocol: Change Data Files).
const (
	ChangeTypeColumn      = "_change_type"      // STRING: insert, delete, update_preimage or update_postimage
	CommitVersionColumn   = "_commit_version"   // BIGINT
	CommitTimestampColumn = "_commit_timestamp" // TIMESTAMP
)

// What the change type of a row is that no change file tells.
const (
	changeInsert = "insert"
	changeDelete = "delete"
)

// changeFeedProperty is the table property that makes writers record changes.
const changeFeedProperty = "delta.enableChangeDataFeed"

// ChangesConfig says which versions' changes are wanted. The zero ChangesConfig is all of them.
type ChangesConfig struct {
	From     int64     // first version
	To       *int64    // last version, or the newest where that is older; nil: the newest
	FromTime time.Time // instead of From: from the first version that is not earlier
	ToTime   time.Time // instead of To: to the last version that is not later
}

// Changes is the rows that a range of versions changed: the table's columns, and ChangeTypeColumn, CommitVersionColumn and CommitTimestampColumn after them. It
// is immutable, and can be read any number of times.
type Changes struct {
	snapshot *Snapshot // whose schema the rows have
	schema   *arrow.Schema
	files    []changedRows // oldest version first
}

// changedRows is a file with rows that a version changed.
type changedRows struct {
	file     *File // a copy, with the version's columns as partition values
	recorded bool  // the file tells each row's change type itself
}

// Changes reads which rows the commits of a range changed. As in Spark, the rows have the columns of the newest version, or, of a table with column mapping or
// where those cannot hold the rows, of the range's last version. It returns a *ChangesError where a version did not record its changes, or had columns that
// these cannot hold, and a *VersionError, which is ErrVersionNotFound, for versions that are not there, or no longer.
func (t *Table) Changes(ctx context.Context, c ChangesConfig) (*Changes, error) {
	newest, err := t.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	from, to, err := t.changeRange(ctx, newest, c)
	if err != nil {
		return nil, err
	}
	revisions, err := t.revisionsBetween(ctx, from, to)
	if err != nil {
		return nil, err
	}
	first, err := t.metadataOf(ctx, newest, revisions)
	if err != nil {
		return nil, err
	}
	if to == newest.version || newest.metadata.mapping() == mappingNone {
		changes, err := newest.changesAfter(first, revisions)
		if to == newest.version || !errors.Is(err, ErrSchemaChanged) {
			return changes, err
		}
	}
	end, err := t.SnapshotAt(ctx, to)
	if err != nil {
		return nil, err
	}
	return end.changesAfter(first, revisions)
}

func (t *Table) revisionsBetween(ctx context.Context, from, to int64) (list []*Revision, err error) {
	for r, err := range t.revisions(ctx, from, to) {
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// metadataOf is the metadata of the first of the revisions, which are not newer than the snapshot.
func (t *Table) metadataOf(ctx context.Context, newest *Snapshot, revisions []*Revision) (*tableMetadata, error) {
	first, last := revisions[0], revisions[len(revisions)-1]
	if first.Metadata != nil {
		m, err := parseMetadata(first.Metadata)
		if err != nil {
			return nil, newest.schemaError(err)
		}
		return m, nil
	}
	if last.Version == newest.version && !slices.ContainsFunc(revisions, func(r *Revision) bool { return r.Metadata != nil }) {
		return newest.metadata, nil
	}
	s, err := t.SnapshotAt(ctx, first.Version)
	if err != nil {
		return nil, err
	}
	return s.metadata, nil
}

// changesAfter is Changes for revisions of which the metadata of the first is known.
func (s *Snapshot) changesAfter(first *tableMetadata, revisions []*Revision) (*Changes, error) {
	if err := s.checkRecorded(revisions[0].Version, first); err != nil {
		return nil, err
	}
	return s.Changes(revisions)
}

// Changes gives the rows that revisions changed, with the columns of the snapshot. Revisions that set the table's metadata must record changes and have columns
// that the snapshot's can hold: *ChangesError.
func (s *Snapshot) Changes(revisions []*Revision) (*Changes, error) {
	if name := s.metadata.feedColumn(); name != "" {
		return nil, &ChangesError{Table: s.table.Name(), Version: s.version, Detail: "the table has a column of its own named " + name, Err: ErrNoChangeFeed}
	}
	c := &Changes{snapshot: s, schema: changesSchema(s.Schema())}
	for _, r := range revisions {
		if r.Metadata != nil {
			m, err := parseMetadata(r.Metadata)
			if err != nil {
				return nil, s.schemaError(err)
			}
			if err := s.checkRecorded(r.Version, m); err != nil {
				return nil, err
			}
		}
		if err := c.add(r); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// checkRecorded refuses metadata under which a version's changes were not recorded, or cannot be read with the snapshot's columns.
func (s *Snapshot) checkRecorded(version int64, m *tableMetadata) error {
	if m.Configuration[changeFeedProperty] != "true" {
		return &ChangesError{Table: s.table.Name(), Version: version, Detail: changeFeedProperty + " is not true", Err: ErrNoChangeFeed}
	}
	if reason := s.metadata.cannotHold(m); reason != "" {
		return &ChangesError{Table: s.table.Name(), Version: version, Detail: fmt.Sprintf("%s in version %d", reason, s.version), Err: ErrSchemaChanged}
	}
	return nil
}

// Table is the table whose changes these are.
func (c *Changes) Table() *Table { return c.snapshot.table }

// Schema is the rows' columns.
func (c *Changes) Schema() *arrow.Schema { return c.schema }

// Bytes is the size of the files that hold the rows, as far as the log tells it.
func (c *Changes) Bytes() int64 {
	n := int64(0)
	for _, f := range c.files {
		n += f.file.Size
	}
	return n
}

// Split gives the changes file by file, so that they can be read in parts.
func (c *Changes) Split() []*Changes {
	parts := make([]*Changes, len(c.files))
	for i := range c.files {
		parts[i] = &Changes{c.snapshot, c.schema, c.files[i : i+1]}
	}
	return parts
}

// add appends what holds the rows of a revision: its change files where it has any, else the files that it adds and removes.
func (c *Changes) add(r *Revision) error {
	if r.Recorded() {
		for _, f := range r.changes {
			c.put(r, &File{Path: f.path, PartitionValues: f.partitionValues, Size: f.size}, "")
		}
		return nil
	}
	return c.addFiles(r)
}

// addFiles is for a commit that has no change files: rows came and went with files, or with the deletion vectors of files that stayed.
func (c *Changes) addFiles(r *Revision) error {
	removed := make(map[string]*File)
	for _, f := range r.Removed {
		if f.DataChange {
			removed[canonicalPath(f.Path)] = f
		}
	}
	var added []*File
	for _, f := range r.Added {
		was := removed[canonicalPath(f.Path)]
		switch {
		case !f.DataChange:
		case was == nil:
			added = append(added, f)
		default:
			c.putDifference(r, f, was.vector(), f.vector())
			delete(removed, canonicalPath(f.Path))
		}
	}
	for _, f := range r.Removed {
		if removed[canonicalPath(f.Path)] != f {
			continue
		}
		if len(f.PartitionValues) == 0 && len(c.snapshot.metadata.PartitionColumns) > 0 {
			return &CorruptError{Table: c.Table().Name(), Version: r.Version, File: f.Path, Reason: "the remove action has no partition values, so its rows cannot be told"}
		}
		c.put(r, f, changeDelete)
	}
	for _, f := range added {
		c.put(r, f, changeInsert)
	}
	return nil
}

// putDifference appends a file that stayed, whose deletion vector, nil for none, is another one now.
func (c *Changes) putDifference(r *Revision, f *File, before, after *deletionVector) {
	told := func(in, notIn *deletionVector) *File {
		of := *f
		of.more = &fileMore{told: &toldRows{in, notIn}}
		return &of
	}
	if before != nil && after != nil && before.id() == after.id() {
		return
	}
	if after != nil {
		c.put(r, told(after, before), changeDelete)
	}
	if before != nil {
		c.put(r, told(before, after), changeInsert)
	}
}

// put appends a file whose rows changed in one way; an empty one says that the file tells it.
func (c *Changes) put(r *Revision, f *File, how string) {
	of := *f
	of.PartitionValues = append(f.PartitionValues[:len(f.PartitionValues):len(f.PartitionValues)],
		PartitionValue{Column: CommitVersionColumn, Value: formatScalar(skipping.Int(r.Version), schema.BigInt)},
		PartitionValue{Column: CommitTimestampColumn, Value: formatScalar(skipping.Int(r.Time.UnixMicro()), schema.Timestamp)})
	if how != "" {
		of.PartitionValues = append(of.PartitionValues, PartitionValue{Column: ChangeTypeColumn, Value: how})
	}
	c.files = append(c.files, changedRows{&of, how == ""})
}
