package delta

import (
	"context"
	"fmt"
	"slices"

	"github.com/medallion-go/medallion/delta/internal/deletionvector"
)

// unite puts a transaction's deletion of rows of a file after a winner's of other rows of the same file: the file's deletion vector becomes both. It does nothing,
// and reports false, where they are not told by deletion vectors both, or where rows are among them that both delete: which values such a row had for the one that
// comes second is not known.
func (k *conflicts) unite(ctx context.Context, w *actions, t *tombstone, before *Snapshot) (bool, error) {
	tx := k.commit.tx
	sameFile := func(f *File) bool { return canonicalPath(f.Path) == canonicalPath(t.path) && f.vector() != nil }
	removed := slices.IndexFunc(tx.removes, func(f *File) bool { return f.key() == t.key() })
	added := slices.IndexFunc(tx.adds, sameFile)
	theirs := slices.IndexFunc(w.adds, sameFile)
	if !tx.byRow() || removed < 0 || added < 0 || theirs < 0 {
		return false, nil
	}
	base, winner := tx.removes[removed], w.adds[theirs]
	all, err := disjointUnion(ctx, before, base, tx.adds[added], winner)
	if all == nil || err != nil {
		return false, err
	}
	records, ok := statsNumRecords(winner.Stats)
	if !ok {
		return false, nil
	}
	tx.removes = slices.Clone(tx.removes)
	tx.removes[removed] = winner
	k.commit.removes[removed] = k.commit.tombstone(winner)
	if all.Count() >= records {
		tx.adds = slices.Delete(slices.Clone(tx.adds), added, added+1)
		return true, nil
	}
	f, err := k.commit.withRows(ctx, winner, all, records)
	if err != nil {
		return false, err
	}
	tx.adds = slices.Clone(tx.adds)
	tx.adds[added] = f
	return true, nil
}

// byRow reports whether the transaction takes all rows that it reads out of their files, and reads none besides.
func (tx *Transaction) byRow() bool {
	return !tx.readAll && tx.readDirs == nil && !slices.ContainsFunc(tx.reads, func(r read) bool { return !r.byRow })
}

// disjointUnion is what a file's two new deletion vectors hold together, nil where both delete one row that the file still had.
func disjointUnion(ctx context.Context, s *Snapshot, base, ours, theirs *File) (*deletionvector.Vector, error) {
	var vectors [3]*deletionvector.Vector
	for i, f := range []*File{base, ours, theirs} {
		var err error
		if vectors[i], err = s.deletedRows(ctx, f); err != nil {
			return nil, err
		}
	}
	was, mine, winner := vectors[0], vectors[1], vectors[2]
	all := mine.Clone()
	all.Union(winner)
	if mine.Count()+winner.Count()-all.Count() != was.Count() {
		return nil, nil
	}
	return all, nil
}

// withRows is the file with a deletion vector of these rows, which is written into a file of its own.
func (c *commit) withRows(ctx context.Context, f *File, rows *deletionvector.Vector, records int64) (*File, error) {
	var vectors deletionvector.File
	offset, size, err := vectors.Add(rows)
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", f.Path, err)
	}
	name := vectorName(c.tx.table.config.NewID())
	if err := c.tx.writeVectorsLocked(ctx, vectorFileName(name[:]), vectors.Bytes()); err != nil {
		return nil, fmt.Errorf("write the deletion vector of file %s: %w", f.Path, err)
	}
	return f.withVector(&deletionVector{
		storageType: vectorRelative, pathOrInline: deletionvector.EncodeZ85(name[:]), offset: &offset, sizeInBytes: size, cardinality: rows.Count(),
	}, records), nil
}
