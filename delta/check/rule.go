package check

// Rule is something that the protocol demands.
type Rule struct {
	ID      string // short and stable, for programs
	Section string // of the protocol's text
	Demand  string // what must hold
}

// The rules.
var (
	CommitGap       = Rule{"commit-gap", "Delta Log Entries", "versions are contiguous"}
	LogStart        = Rule{"log-start", "Metadata Cleanup", "the log begins with version 0 or with a checkpoint"}
	CommitJSON      = Rule{"commit-json", "Delta Log Entries", "each line is one JSON object with one action"}
	FieldMissing    = Rule{"field-missing", "Actions", "required members are there"}
	FieldType       = Rule{"field-type", "Actions", "members have their types"}
	ActionTwice     = Rule{"action-twice", "Action Reconciliation", "a commit has at most one protocol, metaData and commitInfo, and one txn or domain of a name"}
	FileTwice       = Rule{"file-twice", "Action Reconciliation", "a commit adds or removes a file at most once"}
	FirstCommit     = Rule{"first-commit", "Requirements for Writers", "version 0 has protocol and metaData"}
	PathLiveTwice   = Rule{"path-live-twice", "Writer Requirement for Deletion Vectors", "a file is live with one deletion vector at most"}
	RemoveNotLive   = Rule{"remove-not-live", "Add File and Remove File", "what is removed was there"}
	AppendOnly      = Rule{"append-only", "Append-only Tables", "no rows are removed while delta.appendOnly is set"}
	ChangeFile      = Rule{"change-file", "Add CDC File", "change files have dataChange false and lie in _change_data"}
	ProtocolVersion = Rule{"protocol-version", "Protocol Evolution", "reader version 3 has readerFeatures and writer version 7, which has writerFeatures; others have none"}
	ProtocolFeature = Rule{"protocol-feature", "Table Features", "features of readers are in both lists, and each is listed once"}
	FeatureNeeds    = Rule{"feature-needs", "Table Features", "features come with those that they need"}
	FeatureMissing  = Rule{"feature-missing", "Table Features", "what a table uses is a feature of its protocol"}
	Format          = Rule{"format", "Format Specification", "the format is parquet"}
	SchemaJSON      = Rule{"schema-json", "Schema Serialization Format", "the schema can be parsed"}
	SchemaName      = Rule{"schema-name", "Schema Serialization Format", "names are unique without regard to case"}
	PartitionColumn = Rule{"partition-column", "Change Metadata", "partition columns are columns of primitive types, each once"}
	MappingMode     = Rule{"mapping-mode", "Column Mapping", "the mode is none, name or id"}
	MappingField    = Rule{"mapping-field", "Writer Requirements for Column Mapping", "every field has an ID and a physical name"}
	MappingTwice    = Rule{"mapping-twice", "Writer Requirements for Column Mapping", "IDs and physical names are unique"}
	MappingMaxID    = Rule{"mapping-max-id", "Writer Requirements for Column Mapping", "delta.columnMapping.maxColumnId is there, no ID is above it and it never falls"}
	PathEncoding    = Rule{"path-encoding", "Add File and Remove File", "paths are URIs"}
	FileSize        = Rule{"size-negative", "Add File and Remove File", "sizes are not negative"}
	PartitionKeys   = Rule{"partition-keys", "Add File and Remove File", "a file has a value for each partition column and for no other"}
	PartitionValue  = Rule{"partition-value", "Partition Value Serialization", "partition values are of their columns' types"}
	StatsJSON       = Rule{"stats-json", "Per-file Statistics", "statistics are a JSON object"}
	StatsValue      = Rule{"stats-value", "Per-file Statistics", "statistics are of their columns' types, minima are not above maxima nor counts of NULL above that of rows"}
	VectorRecords   = Rule{"vector-records", "Writer Requirement for Deletion Vectors", "a file with a deletion vector has numRecords"}
	Vector          = Rule{"vector", "Deletion Vector Descriptor Schema", "deletion vectors are described in full"}
	TimestampFirst  = Rule{"ict-first", "In-Commit Timestamps", "commitInfo with inCommitTimestamp comes first"}
	TimestampOrder  = Rule{"ict-order", "In-Commit Timestamps", "in-commit timestamps ascend"}
	TimestampSince  = Rule{"ict-enablement", "In-Commit Timestamps", "the commit that enables in-commit timestamps on a table with history says so in its properties"}
	RowIDMissing    = Rule{"row-id-missing", "Writer Requirements for Row Tracking", "every added file has baseRowId and defaultRowCommitVersion"}
	RowIDHighWater  = Rule{"row-id-high-water", "Writer Requirements for Row Tracking", "no row ID is above the high-water mark, which never falls"}
	RowIDTwice      = Rule{"row-id-twice", "Row IDs", "no two live rows have one default row ID"}
	RowVersion      = Rule{"row-commit-version", "Row Commit Versions", "defaultRowCommitVersion is no later version"}
	DomainJSON      = Rule{"domain-json", "Domain Metadata", "the protocol's own domains can be parsed"}
	Clustering      = Rule{"clustering", "Writer Requirements for Clustered Table", "clustering columns are columns with statistics, of a table that is not partitioned"}
	CheckpointRead  = Rule{"checkpoint-read", "Checkpoints", "checkpoints can be read, with all their parts and sidecars"}
	CheckpointShape = Rule{"checkpoint-shape", "Checkpoint Specs", "checkpoints hold what their kind may, each action once"}
	CheckpointState = Rule{"checkpoint-state", "Action Reconciliation", "a checkpoint is the state at its version"}
	Compaction      = Rule{"compaction", "Log Compaction Files", "a compacted file is what its commits come to"}
	Checksum        = Rule{"checksum", "Version Checksum File", "a checksum file tells the state at its version"}
	Hint            = Rule{"last-checkpoint", "Last Checkpoint File", "_last_checkpoint is about a checkpoint that is there"}
	ObjectMissing   = Rule{"file-missing", "Data Files", "live files and their deletion vectors are there"}
	ObjectSize      = Rule{"file-size", "Add File and Remove File", "files have the size that the log tells"}
	DataFile        = Rule{"data-file", "Consistency Between Table Metadata and Data Files", "data files can be read and have the table's columns (deep)"}
	VectorFile      = Rule{"vector-file", "Deletion Vector Format", "deletion vectors can be read and hold as many rows as is told (deep)"}
	StatsWrong      = Rule{"stats-wrong", "Per-file Statistics", "statistics hold for the rows of their files (deep)"}
	NotNull         = Rule{"not-null", "Column Invariants", "columns that are not nullable hold no NULL (deep)"}
	Constraint      = Rule{"constraint", "CHECK Constraints", "constraints and invariants are true of all rows (deep)"}
)

// Rules are all rules that Table checks.
func Rules() []Rule {
	return []Rule{
		CommitGap, LogStart, CommitJSON, FieldMissing, FieldType, ActionTwice, FileTwice, FirstCommit, PathLiveTwice, RemoveNotLive, AppendOnly, ChangeFile,
		ProtocolVersion, ProtocolFeature, FeatureNeeds, FeatureMissing, Format, SchemaJSON, SchemaName, PartitionColumn, MappingMode, MappingField, MappingTwice,
		MappingMaxID, PathEncoding, FileSize, PartitionKeys, PartitionValue, StatsJSON, StatsValue, VectorRecords, Vector, TimestampFirst, TimestampOrder,
		TimestampSince, RowIDMissing, RowIDHighWater, RowIDTwice, RowVersion, DomainJSON, Clustering, CheckpointRead, CheckpointShape, CheckpointState, Compaction,
		Checksum, Hint, ObjectMissing, ObjectSize, DataFile, VectorFile, StatsWrong, NotNull, Constraint,
	}
}
