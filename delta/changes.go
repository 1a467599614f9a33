package delta

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

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
// these cannot hold, and ErrVersionNotFound for versions that are not there, or no longer.
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
	for r, err := range t.Revisions(ctx, from) {
		if err != nil {
			return nil, err
		}
		if r.Version > to {
			break
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

// feedColumn is a column of the table's own that is called as one of its feed's, empty for none.
func (m *tableMetadata) feedColumn() string {
	for _, name := range []string{ChangeTypeColumn, CommitVersionColumn, CommitTimestampColumn} {
		if schema.Find(m.schema.Fields(), name) >= 0 {
			return name
		}
	}
	return ""
}

// checkFeedColumns refuses to enable the feed of a table with such a column.
func (m *tableMetadata) checkFeedColumns() error {
	if name := m.feedColumn(); name != "" && m.Configuration[changeFeedProperty] == "true" {
		return &PropertyError{Name: changeFeedProperty, Value: "true", Reason: "the table has a column " + name + ", as the change data feed has one: rename it"}
	}
	return nil
}

// changesSchema is a table's columns with those of its changes.
func changesSchema(s *arrow.Schema) *arrow.Schema {
	fields := append(s.Fields()[:s.NumFields():s.NumFields()],
		arrow.Field{Name: ChangeTypeColumn, Type: schema.String, Nullable: true},
		arrow.Field{Name: CommitVersionColumn, Type: schema.BigInt, Nullable: true},
		arrow.Field{Name: CommitTimestampColumn, Type: schema.Timestamp, Nullable: true})
	return arrow.NewSchema(fields, nil)
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
		PartitionValue{Column: CommitVersionColumn, Value: formatScalar(intScalar(r.Version), schema.BigInt)},
		PartitionValue{Column: CommitTimestampColumn, Value: formatScalar(intScalar(r.Time.UnixMicro()), schema.Timestamp)})
	if how != "" {
		of.PartitionValues = append(of.PartitionValues, PartitionValue{Column: ChangeTypeColumn, Value: how})
	}
	c.files = append(c.files, changedRows{&of, how == ""})
}

// CheckHolds returns an error that wraps ErrSchemaChanged unless rows that were written under the metadata can be read with the snapshot's columns, and lose
// nothing: each column is there under its name, and can hold its values.
func (s *Snapshot) CheckHolds(m *Metadata) error {
	parsed, err := parseMetadata(m)
	if err != nil {
		return s.schemaError(err)
	}
	if reason := s.metadata.cannotHold(parsed); reason != "" {
		return fmt.Errorf("%w: %s in version %d", ErrSchemaChanged, reason, s.version)
	}
	return nil
}

// cannotHold says why the columns of other metadata cannot be read as these without loss: one was dropped or renamed, or has values that do not fit. Empty: they
// can.
func (m *tableMetadata) cannotHold(other *tableMetadata) string {
	if len(m.PartitionColumns) != len(other.PartitionColumns) {
		return "the partition columns differ from those"
	}
	for i, c := range m.PartitionColumns {
		if !strings.EqualFold(c, other.PartitionColumns[i]) {
			return "the partition columns differ from those"
		}
	}
	return m.cannotHoldFields(other.Metadata, "", other.schema.Fields(), m.schema.Fields())
}

func (m *tableMetadata) cannotHoldFields(other *Metadata, path string, from, to []arrow.Field) string {
	for _, f := range from {
		name := path + f.Name
		var at *arrow.Field
		for i := range to {
			if strings.EqualFold(m.physical(to[i]), other.physical(f)) {
				at = &to[i]
			}
		}
		switch {
		case at == nil:
			return "column " + schema.Quote(name) + " is not there"
		case !strings.EqualFold(at.Name, f.Name):
			return "column " + schema.Quote(name) + " is called " + schema.Quote(path+at.Name)
		case f.Nullable && !at.Nullable:
			return "column " + schema.Quote(name) + " is NOT NULL"
		}
		if reason := m.cannotHoldType(other, name, f.Type, at.Type); reason != "" {
			return reason
		}
	}
	return ""
}

func (m *tableMetadata) cannotHoldType(other *Metadata, path string, from, to arrow.DataType) string {
	switch t := to.(type) {
	case *arrow.StructType:
		if f, ok := from.(*arrow.StructType); ok {
			return m.cannotHoldFields(other, path+".", f.Fields(), t.Fields())
		}
	case *arrow.ListType:
		if f, ok := from.(*arrow.ListType); ok {
			return m.cannotHoldType(other, path+".element", f.Elem(), t.Elem())
		}
	case *arrow.MapType:
		if f, ok := from.(*arrow.MapType); ok {
			if reason := m.cannotHoldType(other, path+".key", f.KeyType(), t.KeyType()); reason != "" {
				return reason
			}
			return m.cannotHoldType(other, path+".value", f.ItemType(), t.ItemType())
		}
	}
	if _, err := newConversion(path, from, to, reading); err != nil {
		return fmt.Sprintf("column %s is %s and was %s", schema.Quote(path), schema.Name(to), schema.Name(from))
	}
	return ""
}
