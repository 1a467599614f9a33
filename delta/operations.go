package delta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec"
)

// Definition is what a table is created with.
type Definition struct {
	Schema      *arrow.Schema
	PartitionBy []string
	Properties  map[string]string
	Name        string
	Description string
	ClusterBy   []string // up to four columns, "a" or "a.b", that Optimize clusters the rows by; not of a partitioned table
}

// metadata is the definition as the log holds it.
func (d Definition) metadata() Metadata {
	return Metadata{Name: d.Name, Description: d.Description, PartitionColumns: d.PartitionBy, Configuration: maps.Clone(d.Properties)}
}

func (d Definition) operation(name string) Operation {
	return Operation{Name: name, Parameters: map[string]string{
		"partitionBy": jsonList(d.PartitionBy), "clusterBy": jsonList(d.ClusterBy), "properties": jsonMap(d.Properties),
	}}
}

// WriteOptions says how an operation writes. The zero WriteOptions is usable.
type WriteOptions struct {
	Writer     WriterConfig    // Schema is the source's
	Env        *exec.Env       // default: the table's allocator, and exec's defaults
	AppID      string          // with AppVersion: what the write does is done once for each pair
	AppVersion int64           // the application's version of this write
	Read       *Snapshot       // of the table, which the rows were computed of: what others commit since is a conflict; default: none, the rows are others'
	Info       json.RawMessage // a member "medallion" of the commit's commitInfo; default: none
}

func (o WriteOptions) env(t *Table) *exec.Env {
	if o.Env != nil {
		return o.Env
	}
	return &exec.Env{Alloc: t.config.Alloc}
}

// base is the snapshot that a write begins on.
func (o WriteOptions) base(ctx context.Context, newest func(context.Context) (*Snapshot, error)) (*Snapshot, error) {
	if o.Read != nil {
		return o.Read, nil
	}
	return newest(ctx)
}

// Result is what an operation did that changes rows.
type Result struct {
	Version int64            // the commit; the version that was read where there was nothing to change
	Metrics map[string]int64 // under Spark's names: numDeletedRows, numTargetRowsInserted, …
}

// Create creates an empty table and returns its first version. Where there is a table already it returns ErrTableExists.
func (t *Table) Create(ctx context.Context, d Definition) (int64, error) {
	switch _, err := t.Snapshot(ctx); {
	case err == nil:
		return 0, fmt.Errorf("%w: %s", ErrTableExists, t.Name())
	case !errors.Is(err, ErrNotTable):
		return 0, err
	}
	tx := t.Begin(nil, d.operation("CREATE TABLE"))
	if err := tx.SetMetadata(d.Schema, d.metadata()); err != nil {
		return 0, err
	}
	if err := tx.cluster(d.ClusterBy); err != nil {
		return 0, err
	}
	return tx.Commit(ctx)
}

// Append adds the source's rows as one commit and returns its version.
func (t *Table) Append(ctx context.Context, rows exec.Source, o WriteOptions) (int64, error) {
	s, err := o.base(ctx, t.recent)
	if err != nil {
		return 0, err
	}
	return t.write(ctx, t.Begin(s, writeOperation("Append", s.PartitionColumns())), rows, o, nil)
}

// Overwrite replaces all rows by the source's. It conflicts with every commit that changes rows in the meantime.
func (t *Table) Overwrite(ctx context.Context, rows exec.Source, o WriteOptions) (int64, error) {
	s, err := o.base(ctx, t.Snapshot)
	if err != nil {
		return 0, err
	}
	tx := t.Begin(s, writeOperation("Overwrite", s.PartitionColumns()))
	return t.write(ctx, tx, rows, o, func(context.Context) error {
		tx.ReadWholeTable()
		tx.removeFiles(s.files().live)
		return nil
	})
}

// write runs the source into the transaction's table, then what else the operation does, and commits.
func (t *Table) write(ctx context.Context, tx *Transaction, rows exec.Source, o WriteOptions, then func(context.Context) error) (version int64, err error) {
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	done, err := tx.startWrite(o)
	if err != nil {
		return 0, err
	}
	if done {
		return tx.base.version, nil
	}
	o.Writer.Schema = rows.Schema()
	w, err := tx.NewWriter(o.Writer)
	if err != nil {
		return 0, err
	}
	if err := (exec.Pipeline{Source: rows}).Run(ctx, o.env(t), w.Sink()); err != nil {
		return 0, err
	}
	if then != nil {
		if err := then(ctx); err != nil {
			return 0, err
		}
	}
	return tx.commitOnce(ctx, o)
}

// startWrite records what the options say of the write. done reports that the application's write is there already.
func (tx *Transaction) startWrite(o WriteOptions) (done bool, err error) {
	if o.doneAt(tx.base) {
		return true, nil
	}
	if o.AppID != "" {
		tx.SetTxn(o.AppID, o.AppVersion)
	}
	if o.Read != nil {
		tx.ReadWholeTable()
	}
	if o.Info != nil {
		return false, tx.SetCommitInfo("medallion", o.Info)
	}
	return false, nil
}

func writeOperation(mode string, partitionBy []string) Operation {
	return Operation{Name: "WRITE", Parameters: map[string]string{"mode": mode, "partitionBy": jsonList(partitionBy)}}
}

func jsonList(list []string) string { return string(appendStrings(nil, list)) }

func jsonMap(m map[string]string) string { return strings.TrimSpace(string(appendStringMap(nil, m))) }
