package delta

import (
	"context"
	"slices"

	"github.com/medallion-go/medallion/exec"
)

// Preview is the table as the transaction would leave it, for checks before its Commit. Its version is the next one, and is not in the log.
func (tx *Transaction) Preview() (*Snapshot, error) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if tx.ended {
		return nil, errEnded
	}
	c, err := tx.prepare()
	if err != nil {
		return nil, err
	}
	base := tx.base
	if base == nil {
		base = &Snapshot{table: tx.table, version: -1, protocol: c.protocol, metadata: tx.metadata, base: newFileSet(nil, nil), checkpoint: -1}
	}
	a := &actions{version: base.version + 1, protocol: c.protocol, adds: slices.Clone(tx.adds), removes: c.removes, txns: slices.Clone(tx.txns)}
	if tx.metadata != nil {
		a.metadata = tx.metadata.Metadata
	}
	return base.advance([]*actions{a}, tx.table.config.Clock())
}

// Metric is what the operation has counted so far under one of Spark's names.
func (tx *Transaction) Metric(name string) int64 {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	return tx.metrics[name]
}

// DeleteWhere removes the rows for which the condition, in SQL over the table's columns, is TRUE, as part of the transaction. env may be nil.
func (tx *Transaction) DeleteWhere(ctx context.Context, where string, env *exec.Env) error {
	r, err := newRewrite(tx, where, WriteOptions{Env: env}.env(tx.table))
	if err != nil {
		return err
	}
	return r.run(ctx)
}
