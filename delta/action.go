package delta

import (
	"strconv"
	"strings"
)

// Protocol is the versions and features that a reader or writer of the table must know.
type Protocol struct {
	MinReaderVersion int
	MinWriterVersion int
	ReaderFeatures   []string // present if and only if MinReaderVersion is 3
	WriterFeatures   []string // present if and only if MinWriterVersion is 7
}

// Metadata is the table's schema, partitioning and properties: the protocol's metaData action.
type Metadata struct {
	ID               string
	Name             string
	Description      string
	SchemaString     string // Delta's JSON
	PartitionColumns []string
	Configuration    map[string]string // table properties
	CreatedTime      int64             // ms since the epoch; 0 where unknown

	provider string // always parquet
	options  map[string]string
	unknown  string // members that this package does not know, as JSON text with commas between
}

// File is one data file of the table: the protocol's add action.
type File struct {
	Path             string // as in the log: URI-encoded, relative to the table unless absolute
	PartitionValues  []PartitionValue
	Size             int64 // bytes
	ModificationTime int64 // ms since the epoch
	DataChange       bool  // false: the commit only rearranged rows
	Stats            string

	more *fileMore
}

// PartitionValue is the value that a partition column has in all rows of a file, as text of the protocol's Partition Value Serialization.
type PartitionValue struct {
	Column string
	Value  string
	Null   bool // the empty string is NULL too
}

// fileMore is what few files have.
type fileMore struct {
	tags                    string // JSON object
	vector                  *deletionVector
	told                    *toldRows
	baseRowID               *int64
	defaultRowCommitVersion *int64
	clusteringProvider      string
	unknown                 string
}

// deletionVector names the rows of a file that are deleted.
type deletionVector struct {
	storageType  string
	pathOrInline string
	offset       *int64
	sizeInBytes  int64
	cardinality  int64
	maxRowIndex  *int64
}

// toldRows are the rows of a file that a commit deleted or brought back, as the difference of the file's deletion vectors: those that are in one and not in the
// other. They are of files in Changes alone, which then have no other vector.
type toldRows struct{ in, notIn *deletionVector }

// id is the protocol's unique ID of the vector within its file.
func (v *deletionVector) id() string {
	s := v.storageType + v.pathOrInline
	if v.offset != nil {
		s += "@" + strconv.FormatInt(*v.offset, 10)
	}
	return s
}

// key identifies the logical file: the canonical path, and the deletion vector where there is one (Delta protocol: Action Reconciliation).
func (f *File) key() string { return logicalKey(f.Path, f.more) }

// Partition gives the value of a partition column; null is true also where the log has no value.
func (f *File) Partition(column string) (value string, null bool) {
	for _, p := range f.PartitionValues {
		if p.Column == column {
			return p.Value, p.Null || p.Value == ""
		}
	}
	for _, p := range f.PartitionValues { // other writers may spell it in another case
		if strings.EqualFold(p.Column, column) {
			return p.Value, p.Null || p.Value == ""
		}
	}
	return "", true
}

func (f *File) vector() *deletionVector {
	if f.more == nil {
		return nil
	}
	return f.more.vector
}

// told are the rows that a change data feed tells of the file; nil: all.
func (f *File) told() *toldRows {
	if f.more == nil {
		return nil
	}
	return f.more.told
}

func logicalKey(path string, more *fileMore) string {
	k := canonicalPath(path)
	if more != nil && more.vector != nil {
		k += "\x00" + more.vector.id()
	}
	return k
}

// tombstone is a removed file: the protocol's remove action.
type tombstone struct {
	path              string
	deletionTimestamp int64 // ms since the epoch; 0 where unknown
	dataChange        bool
	extended          bool // partitionValues and size are there
	partitionValues   []PartitionValue
	size              int64
	more              *fileMore
}

func (t *tombstone) key() string { return logicalKey(t.path, t.more) }

// changeFile holds rows that a commit changed, for the change data feed: the protocol's cdc action.
type changeFile struct {
	path            string // as in the log: URI-encoded, relative to the table
	partitionValues []PartitionValue
	size            int64 // bytes
}

// Txn is how far an application has got: the protocol's txn action.
type Txn struct {
	AppID       string
	Version     int64
	LastUpdated int64 // ms since the epoch; 0 where unknown
}

// domain is a piece of metadata that a feature or a user keeps under a name.
type domain struct {
	name          string
	configuration string
	removed       bool
}

// actions is one commit, or what else holds actions, by kind. Order within a commit has no meaning.
type actions struct {
	version  int64
	info     string // commitInfo, as JSON; empty where there is none
	protocol *Protocol
	metadata *Metadata
	txns     []Txn
	domains  []domain
	adds     []*File
	removes  []*tombstone
	changes  []*changeFile
	unknown  bool     // holds actions or fields that this package does not know, and a Parquet checkpoint could not keep
	extras   []string // the actions among them, as lines of JSON
	opaque   bool     // holds such in Parquet, and they have not been read
}
