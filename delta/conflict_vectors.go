package delta

import (
	"context"
	"fmt"
	"slices"

	"github.com/medallion-go/medallion/delta/internal/deletionvector"
)

// unite puts a transaction's deletion of rows of a file after a winner's of rows of the same file, and reports false where it cannot:
//
//   - both have given it a deletion vector: the file's becomes both. Rows that both delete are one deletion where the transaction only deletes; where it writes rows
//     again, which values they had for the one that comes second is not known.
//   - the winner has given it a deletion vector, and the transaction, which only deletes, removes it: it removes what the winner has left.
//   - the winner has removed it, and the transaction only deletes: there is nothing left to do. Where the winner has written the rows elsewhere, checkAdds has found
//     that none of them is meant; a winner that only moves rows does not say so.
func (k *conflicts) unite(ctx context.Context, w *actions, t *tombstone, before *Snapshot) (bool, error) {
	tx := k.commit.tx
	sameFile := func(f *File) bool { return canonicalPath(f.Path) == canonicalPath(t.path) }
	removed := slices.IndexFunc(tx.removes, func(f *File) bool { return f.key() == t.key() })
	if !tx.byRow() || removed < 0 {
		return false, nil
	}
	added, theirs := slices.IndexFunc(tx.adds, sameFile), slices.IndexFunc(w.adds, sameFile)
	marked, forGood := tx.deleted[t.key()]
	switch {
	case theirs < 0 && forGood && t.dataChange:
		k.leaveOut(removed, added)
		return true, nil
	case theirs < 0 || w.adds[theirs].vector() == nil:
		return false, nil
	case added < 0 && forGood:
		winner, was := w.adds[theirs], tx.removes[removed]
		k.uncount(map[string]int64{"numDeletedRows": winner.vector().cardinality - was.numDeleted()})
		k.recount(removalMetrics(tx.op.Name, was, marked), removalMetrics(tx.op.Name, winner, marked))
		k.removeInstead(removed, winner)
		return true, nil
	case added < 0 || tx.adds[added].vector() == nil:
		return false, nil
	}
	return k.uniteVectors(ctx, removed, added, w.adds[theirs], before, forGood)
}

// uniteVectors makes one deletion vector of the transaction's and the winner's. again says that rows may be in both.
func (k *conflicts) uniteVectors(ctx context.Context, removed, added int, winner *File, before *Snapshot, again bool) (bool, error) {
	tx := k.commit.tx
	all, twice, err := union(ctx, before, tx.removes[removed], tx.adds[added], winner)
	if err != nil || twice > 0 && !again {
		return false, err
	}
	records, ok := statsNumRecords(winner.Stats)
	if !ok {
		return false, nil
	}
	if again {
		k.uncount(map[string]int64{"numDeletedRows": twice})
	}
	gone := all.Count() >= records
	k.recount(markingOf(tx.removes[removed], false).metrics(tx.op.Name), markingOf(winner, gone).metrics(tx.op.Name))
	k.removeInstead(removed, winner)
	tx.adds = slices.Clone(tx.adds)
	if gone {
		tx.adds = slices.Delete(tx.adds, added, added+1)
		return true, nil
	}
	tx.adds[added], err = k.commit.withRows(ctx, winner, all, records)
	return err == nil, err
}

// removeInstead has the transaction remove a file as the winner has left it.
func (k *conflicts) removeInstead(removed int, winner *File) {
	tx := k.commit.tx
	if marked, ok := tx.deleted[tx.removes[removed].key()]; ok {
		tx.deleted[winner.key()] = marked // for the next winner
	}
	tx.removes = slices.Clone(tx.removes)
	tx.removes[removed] = winner
	k.commit.removes[removed] = k.commit.tombstone(winner)
}

// leaveOut takes a file that is no more out of the transaction; added is where it adds the file again, negative where it does not.
func (k *conflicts) leaveOut(removed, added int) {
	tx := k.commit.tx
	f := tx.removes[removed]
	tx.removes = slices.Delete(slices.Clone(tx.removes), removed, removed+1)
	k.commit.removes = slices.Delete(k.commit.removes, removed, removed+1)
	if added >= 0 {
		k.uncount(map[string]int64{"numDeletedRows": tx.adds[added].numDeleted() - f.numDeleted()})
		k.uncount(markingOf(f, false).metrics(tx.op.Name))
		tx.adds = slices.Delete(slices.Clone(tx.adds), added, added+1)
		return
	}
	k.uncount(removalMetrics(tx.op.Name, f, tx.deleted[f.key()]))
	if rows, ok := f.NumRows(); ok {
		k.uncount(map[string]int64{"numDeletedRows": rows})
	}
}

// removalMetrics is what a DELETE has counted of a file that it removes: as one whose rows were marked, or as a whole.
func removalMetrics(operation string, f *File, marked bool) map[string]int64 {
	m := markingOf(f, true)
	if marked {
		return m.metrics(operation)
	}
	counts := m.vectorMetrics(operation)
	counts["numRemovedFiles"], counts["numRemovedBytes"] = 1, f.Size
	return counts
}

// recount puts what is done of a file now in place of what was to be done, in the transaction's metrics.
func (k *conflicts) recount(was, now map[string]int64) {
	k.uncount(was)
	for name, n := range now {
		k.commit.tx.metrics[name] += n
	}
}

// uncount takes off the transaction's metrics what a winner has done already.
func (k *conflicts) uncount(metrics map[string]int64) {
	for name, n := range metrics {
		k.commit.tx.metrics[name] -= n
	}
}

// deletesOf records that the transaction deletes rows of these files, and writes none of their rows again. marked says that deletion vectors do so; else the files are
// removed as a whole.
func (tx *Transaction) deletesOf(files []*File, marked bool) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if tx.deleted == nil {
		tx.deleted = make(map[string]bool, len(files))
	}
	for _, f := range files {
		tx.deleted[f.key()] = marked
	}
}

// byRow reports whether the transaction takes all rows that it reads out of their files, and reads none besides.
func (tx *Transaction) byRow() bool {
	return !tx.readAll && tx.readDirs == nil && !slices.ContainsFunc(tx.reads, func(r read) bool { return !r.byRow })
}

// union is what a file's two new deletion vectors hold together, and how many rows that the file still had are in both.
func union(ctx context.Context, s *Snapshot, base, ours, theirs *File) (all *deletionvector.Vector, twice int64, err error) {
	var vectors [3]*deletionvector.Vector
	for i, f := range []*File{base, ours, theirs} {
		if vectors[i], err = s.deletedRows(ctx, f); err != nil {
			return nil, 0, err
		}
	}
	was, mine, winner := vectors[0], vectors[1], vectors[2]
	all = mine.Clone()
	all.Union(winner)
	return all, mine.Count() + winner.Count() - all.Count() - was.Count(), nil
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
