package delta

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// unmap writes all files anew under the columns' own names, and ends column mapping.
func (t *Table) unmap(ctx context.Context) (int64, error) {
	return t.rewriteAs(ctx, "REMOVE COLUMN MAPPING", func(a *alteration) ([]*File, error) {
		if err := checkPlainNames(a.fields); err != nil {
			return nil, err
		}
		a.fields = unmapped(a.fields)
		for _, key := range ownProperties("columnMapping") {
			delete(a.meta.Configuration, key)
		}
		a.tx.mapped = true
		return a.tx.base.files().live, nil
	})
}

// checkPlainNames refuses names that Parquet files of other writers cannot have.
func checkPlainNames(fields []arrow.Field) (err error) {
	eachField(fields, func(path []string, f arrow.Field) {
		if err == nil && strings.ContainsAny(f.Name, " ,;{}()\n\t=") {
			err = &SchemaError{quotePath(path), "its name can be only where column mapping is: rename it first"}
		}
	})
	return err
}

// rewriteNarrow writes files anew that hold values of narrower types than the table's columns, and forgets what types these had.
func (t *Table) rewriteNarrow(ctx context.Context) (int64, error) {
	return t.rewriteAs(ctx, opReorg, func(a *alteration) ([]*File, error) {
		a.fields = mapFields(a.fields, nil, func(_ []string, f arrow.Field) arrow.Field {
			f.Metadata = withoutKeys(f.Metadata, func(k string) bool { return k == typeChangesKey })
			return f
		})
		delete(a.meta.Configuration, typeWideningProperty)
		return a.tx.base.narrow(ctx)
	})
}

// rewriteAs changes the metadata and writes files anew by it, in one commit that changes no row.
func (t *Table) rewriteAs(ctx context.Context, name string, change func(*alteration) ([]*File, error)) (version int64, err error) {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	tx := t.Begin(s, Operation{Name: name, Rearranges: true})
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	a := &alteration{tx: tx, before: s.metadata, meta: s.Metadata(), fields: s.Schema().Fields()}
	files, err := change(a)
	if err != nil {
		return 0, err
	}
	if err := a.apply(); err != nil {
		return 0, err
	}
	tx.alone = true
	if err := tx.rewriteFiles(ctx, files); err != nil {
		return 0, err
	}
	return tx.Commit(ctx)
}

// rewriteFiles writes files of the snapshot anew with the metadata that the transaction sets.
func (tx *Transaction) rewriteFiles(ctx context.Context, files []*File) error {
	if len(files) == 0 {
		return nil
	}
	o := OptimizeOptions{}.withDefaults(tx.base.metadata.Metadata)
	bins := o.fill(tx.base.metadata.partitionNames(), slices.Clone(files))
	for _, b := range bins {
		for i, name := range tx.current().partitionNames() {
			b.values[i].Column = name
		}
	}
	c := &compaction{tx: tx, view: tx.base, env: WriteOptions{}.env(tx.table), layout: &layout{bins: bins}, target: o.TargetFileBytes}
	return c.run(ctx)
}
