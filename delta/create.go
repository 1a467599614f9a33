package delta

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec"
)

// CreateAs creates the table with the source's rows in one commit (CREATE TABLE AS SELECT) and returns its version. The definition without a schema has the
// source's, in which every column may be NULL. Where there is a table already it returns ErrTableExists.
func (t *Table) CreateAs(ctx context.Context, d Definition, rows exec.Source, o WriteOptions) (int64, error) {
	switch _, err := t.Snapshot(ctx); {
	case err == nil:
		return 0, fmt.Errorf("%w: %s", ErrTableExists, t.Name())
	case !errors.Is(err, ErrNotTable):
		return 0, err
	}
	return t.define(ctx, nil, "CREATE TABLE", d, rows, o)
}

// Replace gives the table another definition and the source's rows (nil: none) in place of its own, in one commit, or creates it (CREATE OR REPLACE TABLE).
// Older versions remain. It conflicts with every commit that comes first.
func (t *Table) Replace(ctx context.Context, d Definition, rows exec.Source, o WriteOptions) (int64, error) {
	s, err := o.base(ctx, t.Snapshot)
	if err != nil && !errors.Is(err, ErrNotTable) {
		return 0, err
	}
	return t.define(ctx, s, "CREATE OR REPLACE TABLE", d, rows, o)
}

// define commits a definition and rows over what base has.
func (t *Table) define(ctx context.Context, base *Snapshot, name string, d Definition, rows exec.Source, o WriteOptions) (int64, error) {
	if rows != nil {
		name += " AS SELECT"
	}
	tx := t.Begin(base, d.operation(name))
	if d.Schema == nil && rows != nil {
		d.Schema = arrow.NewSchema(plain(rows.Schema().Fields()), nil)
	}
	if err := tx.SetMetadata(d.Schema, d.metadata()); err != nil {
		return 0, err
	}
	if err := tx.cluster(d.ClusterBy); err != nil {
		return 0, err
	}
	if base != nil {
		tx.ReadWholeTable()
		tx.removeFiles(base.files().live)
	}
	if rows == nil {
		return tx.Commit(ctx)
	}
	return t.write(ctx, tx, rows, o, nil)
}
