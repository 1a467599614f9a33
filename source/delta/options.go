package delta

import (
	"time"

	"github.com/medallion-go/medallion/source"
)

// Option says how a table is read.
type Option func(*config)

type config struct {
	start         start
	version       int64
	time          time.Time
	limits        source.Limits
	ignoreDeletes bool
	skipChanges   bool
	feed          bool
}

// start is where a stream begins that has not read anything.
type start uint8

const (
	atSnapshot start = iota // the rows that the table holds
	atVersion
	atTime
	atLatest
)

// StartingVersion begins with what the version's commit did, rather than with the rows that the table holds.
func StartingVersion(version int64) Option {
	return func(c *config) { c.start, c.version = atVersion, version }
}

// StartingTimestamp begins with the first commit that is not earlier, rather than with the rows that the table holds.
func StartingTimestamp(at time.Time) Option {
	return func(c *config) { c.start, c.time = atTime, at }
}

// StartingLatest begins with the commits that follow the version which is the newest when the first batch is planned.
func StartingLatest() Option { return func(c *config) { c.start = atLatest } }

// MaxFilesPerTrigger bounds a batch by files. A commit of a change feed that changes rows is never divided.
func MaxFilesPerTrigger(n int) Option { return func(c *config) { c.limits.Files = n } }

// MaxBytesPerTrigger bounds a batch by the files' bytes; at least one file is taken.
func MaxBytesPerTrigger(n int64) Option { return func(c *config) { c.limits.Bytes = n } }

// IgnoreDeletes passes over commits that delete rows and do nothing else to them.
func IgnoreDeletes() Option { return func(c *config) { c.ignoreDeletes = true } }

// SkipChangeCommits passes over commits that delete or change rows, with all that they add.
func SkipChangeCommits() Option { return func(c *config) { c.skipChanges = true } }

// ReadChangeFeed reads the rows that commits changed, as delta.Changes tells them, and the rows that the table holds as insertions. The table must have
// delta.enableChangeDataFeed.
func ReadChangeFeed() Option { return func(c *config) { c.feed = true } }
