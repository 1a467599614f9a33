package delta

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// ErrAppendOnly says that the table's delta.appendOnly forbids to remove rows.
var ErrAppendOnly = errors.New("delta: table is append-only")

// errEnded says that a transaction was used after Commit or Abort.
var errEnded = errors.New("delta: transaction has ended")

// Operation is what a commit says that it does, in Spark's words, for DESCRIBE HISTORY.
type Operation struct {
	Name       string            // WRITE, MERGE, DELETE, …
	Parameters map[string]string // Spark's operationParameters; values are text, often JSON
	Rearranges bool              // only moves rows between files (compaction): readers of changes pass the commit over
}

// Transaction gathers the actions of one commit. What it read decides which concurrent commits it can be put after. It is safe for concurrent use until
// Commit or Abort, one of which ends it.
type Transaction struct {
	table *Table
	base  *Snapshot // nil: the table does not exist yet
	op    Operation
	id    string // finds our own commit again when the store's answer was lost

	mu         sync.Mutex
	ended      bool
	metadata   *tableMetadata // the new metadata; nil: unchanged
	identities []*identity
	dropped    string   // a feature that the protocol is to lose; empty: none
	again      bool     // files that are there are added again
	alone      bool     // its outcome depends on every file: none may come or go in between
	mapped     bool     // its metadata needs nothing more of column mapping
	features   []string // that the table is to have although nothing in its metadata asks for them
	txns       []Txn
	domains    []domain
	adds       []*File
	removes    []*File
	changes    []*changeFile
	deleted    map[string]bool // by key: files whose rows it deletes, and writes none of again; true: by deletion vectors, false: by removing the files
	reads      []read
	readAll    bool
	tracked    bool            // files that are written anew keep the IDs of their rows
	readDirs   map[string]bool // partitions that were read, by directory name
	info       map[string]json.RawMessage
	metrics    map[string]int64
	written    []string // keys of the data files that were written for this transaction
}

// read is a predicate, over the table's columns, whose rows the outcome depends on.
type read struct {
	predicate expr.Bound
	byRow     bool // the transaction takes each of these rows out of its file
}

// Begin starts a transaction on a snapshot of the table, or, with a nil snapshot, one that creates the table; it then needs SetMetadata.
func (t *Table) Begin(s *Snapshot, op Operation) *Transaction {
	return &Transaction{table: t, base: s, op: op, id: t.config.NewID(), info: make(map[string]json.RawMessage), metrics: make(map[string]int64)}
}

// Snapshot is what the transaction is based on, nil where it creates the table.
func (tx *Transaction) Snapshot() *Snapshot { return tx.base }

// Schema is the table's schema as the commit leaves it, nil before SetMetadata on a new table.
func (tx *Transaction) Schema() *arrow.Schema {
	if m := tx.current(); m != nil {
		return m.schema
	}
	return nil
}

// current is the metadata as the commit leaves it.
func (tx *Transaction) current() *tableMetadata {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	return tx.currentLocked()
}

func (tx *Transaction) currentLocked() *tableMetadata {
	if tx.metadata == nil && tx.base != nil {
		return tx.base.metadata
	}
	return tx.metadata
}

// view is what the transaction reads: the files of its snapshot with the metadata that it sets, so that rows are read with the columns they will have.
func (tx *Transaction) view() (*Snapshot, error) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if tx.metadata == nil {
		return tx.base, nil
	}
	base := tx.base
	if base == nil {
		base = &Snapshot{table: tx.table, version: -1, base: newFileSet(nil, nil), checkpoint: -1}
	}
	v, err := base.advance(nil, tx.table.config.Clock())
	if err != nil {
		return nil, err
	}
	v.metadata = tx.metadata
	v.protocol = tx.requiredProtocol(base.protocol)
	return v, nil
}

// require makes the table have features, though nothing in its metadata asks for them.
func (tx *Transaction) require(features ...string) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.features = append(tx.features, features...)
}

// SetTxn records that the application has got to the version; a concurrent commit that does so for the same application is a conflict.
func (tx *Transaction) SetTxn(appID string, version int64) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.txns = append(tx.txns, Txn{AppID: appID, Version: version, LastUpdated: tx.table.config.Clock().UnixMilli()})
}

// SetDomainMetadata keeps a configuration, often JSON, under a name of the user's or of an application; empty takes it away. Names that begin with delta.
// are the protocol's own and refused (Delta protocol: Domain Metadata).
func (tx *Transaction) SetDomainMetadata(name, configuration string) error {
	if strings.HasPrefix(name, "delta.") {
		return fmt.Errorf("delta: domain %s of %s: names that begin with delta. are the protocol's own", name, tx.table.Name())
	}
	tx.setDomain(domain{name: name, configuration: configuration, removed: configuration == ""})
	return nil
}

// setDomain sets or removes a domain; a second one of the same name takes the first one's place.
func (tx *Transaction) setDomain(d domain) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.domains = append(slices.DeleteFunc(tx.domains, func(o domain) bool { return o.name == d.name }), d)
}

// addChanges adds files that hold what the commit changes, row by row, for the change data feed.
func (tx *Transaction) addChanges(files ...*changeFile) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.changes = append(tx.changes, files...)
}

// Add adds data files that lie where their paths say.
func (tx *Transaction) Add(files ...*File) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.adds = append(tx.adds, files...)
}

// addAgain adds a live file of the snapshot again, with more or less told of it.
func (tx *Transaction) addAgain(f *File) {
	tx.Add(f)
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.again = true
}

// Remove removes live files of the snapshot.
func (tx *Transaction) Remove(files ...*File) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.removes = append(tx.removes, files...)
}

// Read records that the outcome depends on the rows that the predicate, over the table's columns, keeps.
func (tx *Transaction) Read(predicate expr.Bound) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.reads = append(tx.reads, read{predicate, false})
}

// readByRow is Read where the transaction takes each of these rows out of its file: what others do to further rows is no concern of it.
func (tx *Transaction) readByRow(predicate expr.Bound) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.reads = append(tx.reads, read{predicate, true})
}

// readPartitions records that the outcome depends on every row of these partitions, given by their directory names.
func (tx *Transaction) readPartitions(directories map[string]bool) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.readDirs = directories
}

// ReadWholeTable records that the outcome depends on every row.
func (tx *Transaction) ReadWholeTable() {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.readAll = true
}

// SetCommitInfo puts a member of its own into the commit's commitInfo, which is there if and only if the commit's rows are. The value must be JSON and the
// name none of the protocol's.
func (tx *Transaction) SetCommitInfo(key string, value json.RawMessage) error {
	var compact bytes.Buffer
	if err := json.Compact(&compact, value); err != nil {
		return fmt.Errorf("delta: commitInfo member %s: %w", key, err)
	}
	switch key {
	case "timestamp", "operation", "operationParameters", "readVersion", "isolationLevel", "isBlindAppend", "operationMetrics", "engineInfo", "txnId", "inCommitTimestamp", "tags":
		return fmt.Errorf("delta: commitInfo member %s: the name is the protocol's own", key)
	}
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.info[key] = compact.Bytes()
	return nil
}

// AddMetric adds to one of the operation's metrics, under Spark's name.
func (tx *Transaction) AddMetric(name string, n int64) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.metrics[name] += n
}

// Abort ends the transaction without a commit and removes the data files that were written for it. After Commit it does nothing, so it can be deferred.
func (tx *Transaction) Abort(ctx context.Context) error {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if tx.ended {
		return nil
	}
	tx.ended = true
	if len(tx.written) == 0 {
		return nil
	}
	if err := tx.table.store.Delete(context.WithoutCancel(ctx), tx.written...); err != nil {
		return fmt.Errorf("delta: remove the files of an aborted write to %s: %w", tx.table.Name(), err)
	}
	return nil
}

// wrote remembers a data file for Abort.
func (tx *Transaction) wrote(key string) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.written = append(tx.written, key)
}
