package delta

import (
	"context"
	"slices"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/skipping"
)

// conflicts decides whether a transaction can be put after commits that came first, as Spark's ConflictChecker does, with two differences that let more commits
// through: statistics are held against predicates, not partition values alone, and what only moves rows hides none of them.
type conflicts struct {
	commit  *commit
	readers []*pruner
}

func newConflicts(c *commit) *conflicts {
	k := &conflicts{commit: c}
	if c.tx.base == nil {
		return k
	}
	m := c.tx.currentLocked() // predicates read the columns as the transaction leaves them
	for _, r := range c.tx.reads {
		k.readers = append(k.readers, newPruner(r.predicate, m.schema.Fields(), m.Metadata))
	}
	return k
}

// check compares with one winner; before is the snapshot that the winner was put after.
func (k *conflicts) check(ctx context.Context, w *actions, before *Snapshot) error {
	if before == nil {
		return k.conflict(ConcurrentCreate, w, "", "")
	}
	if err := k.checkHeader(w, before); err != nil {
		return err
	}
	if err := k.checkAdds(w, before); err != nil {
		return err
	}
	return k.checkRemoves(ctx, w, before)
}

func (k *conflicts) checkHeader(w *actions, before *Snapshot) error {
	tx := k.commit.tx
	if tx.alone && len(w.adds)+len(w.removes) > 0 {
		return k.conflict(ConcurrentAppend, w, "", "")
	}
	if detail := k.protocolConflict(w, before); detail != "" {
		return k.conflict(ProtocolChanged, w, "", detail)
	}
	if w.metadata != nil {
		if detail := k.metadataConflict(w.metadata, before); detail != "" {
			return k.conflict(MetadataChanged, w, "", detail)
		}
	}
	for _, t := range w.txns {
		if slices.ContainsFunc(tx.txns, func(own Txn) bool { return own.AppID == t.AppID }) {
			return k.conflict(ConcurrentTransaction, w, "", "application "+t.AppID)
		}
	}
	for _, d := range w.domains {
		if d.name == rowTrackingDomain {
			continue // each attempt gives its rows IDs above the winners'
		}
		if slices.ContainsFunc(tx.domains, func(own domain) bool { return own.name == d.name }) {
			return k.conflict(ConcurrentDomain, w, "", "domain "+d.name)
		}
	}
	return nil
}

// checkAdds looks for rows that the transaction would have read. Files that only rearrange rows hold none, nor does one whose deletion vector has changed; a
// rearranging transaction reads none.
func (k *conflicts) checkAdds(w *actions, before *Snapshot) error {
	if k.commit.tx.op.Rearranges || !k.commit.reads() || k.ignoresAppend(w, before) {
		return nil
	}
	shrunk := make(map[string]bool) // files of which rows are removed, and none added
	for _, t := range w.removes {
		shrunk[canonicalPath(t.path)] = true
	}
	for _, f := range w.adds {
		if !f.DataChange || shrunk[canonicalPath(f.Path)] && onlyDeletes(w, before) {
			continue
		}
		if hit, by := k.readBy(f, before, false); hit {
			return k.conflict(ConcurrentAppend, w, f.Path, by)
		}
	}
	return nil
}

// onlyDeletes reports whether the deletion vectors of a commit hold all rows of those that they replace. Only RESTORE brings rows back, for others of the file
// perhaps.
func onlyDeletes(w *actions, before *Snapshot) bool {
	if parseCommitInfo(w.info).Operation == opRestore {
		return false
	}
	live := make(map[string]int64)
	for _, t := range w.removes {
		if f := before.files().index()[t.key()]; f != nil && f.vector() != nil {
			live[canonicalPath(t.path)] = f.vector().cardinality
		}
	}
	return !slices.ContainsFunc(w.adds, func(f *File) bool {
		v := f.vector()
		held := live[canonicalPath(f.Path)]
		return held > 0 && (v == nil || v.cardinality < held)
	})
}

// ignoresAppend is isolation level WriteSerializable: blind appends may be ordered after the transaction although they were committed before.
func (k *conflicts) ignoresAppend(w *actions, before *Snapshot) bool {
	return isolationLevel(before.metadata.Metadata) == writeSerializable && k.commit.tx.metadata == nil && parseCommitInfo(w.info).IsBlindAppend
}

// checkRemoves looks for files that the transaction removes too, and for rows that it has read and that are no more: a winner that only moves rows takes none,
// and a transaction that takes what it reads out of its files found nothing in the others.
func (k *conflicts) checkRemoves(ctx context.Context, w *actions, before *Snapshot) error {
	tx := k.commit.tx
	if len(w.removes) == 0 || (!k.commit.reads() && len(tx.removes) == 0 && !tx.op.Rearranges) {
		return nil
	}
	own := make(map[string]bool, len(tx.removes))
	for _, f := range tx.removes {
		own[canonicalPath(f.Path)] = true
	}
	if tx.op.Name == opBackfill {
		for _, f := range tx.adds { // they are there, and must not come back
			own[canonicalPath(f.Path)] = true
		}
	}
	live := before.files().index()
	for _, t := range w.removes {
		if own[canonicalPath(t.path)] {
			united, err := k.unite(ctx, w, t, before)
			if err != nil {
				return err
			}
			if !united {
				return k.conflict(ConcurrentDeleteDelete, w, t.path, "")
			}
			continue
		}
		f := live[t.key()]
		if f == nil || !t.dataChange || k.commit.tx.op.Rearranges {
			continue // it was no live file, or its rows are elsewhere now, or they are what the transaction leaves as they are
		}
		if hit, by := k.readBy(f, before, true); hit {
			return k.conflict(ConcurrentDeleteRead, w, t.path, by)
		}
	}
	return nil
}

// readBy reports whether the transaction read what the file holds, and by which predicate. others leaves those out whose rows it takes out of their files.
func (k *conflicts) readBy(f *File, before *Snapshot, others bool) (bool, string) {
	if k.commit.tx.readAll {
		return true, ""
	}
	if dirs := k.commit.tx.readDirs; dirs != nil {
		if dir := partitionDirectory(ordered(f, before.metadata.partitionNames())); dirs[dir] {
			return true, "partition " + dir
		}
	}
	for i, p := range k.readers {
		if others && k.commit.tx.reads[i].byRow {
			continue
		}
		b := make([]skipping.Bounds, len(p.leaves))
		p.fileBounds(f, b)
		if p.MayKeep(b) {
			return true, printed(k.commit.tx.reads[i].predicate)
		}
	}
	return false, ""
}

func printed(e expr.Bound) string {
	if e == nil {
		return ""
	}
	return e.String()
}

// conflict makes the error; what is the predicate that read the file or, for the kinds that are about no file, what both touch.
func (k *conflicts) conflict(kind ConflictKind, w *actions, file, what string) error {
	e := &ConflictError{Kind: kind, Table: k.commit.tx.table.Name(), Version: w.version, File: file}
	switch kind {
	case ConcurrentAppend, ConcurrentDeleteRead, ConcurrentDeleteDelete:
		e.Predicate = what
	default:
		e.Detail = what
	}
	return e
}

// The isolation levels of delta.isolationLevel, and that of commits which change no rows. Serializable is the default of open-source Delta.
const (
	serializable      = "Serializable"
	writeSerializable = "WriteSerializable"
	snapshotIsolation = "SnapshotIsolation"
)

func isolationLevel(m *Metadata) string {
	if m.Configuration["delta.isolationLevel"] == writeSerializable {
		return writeSerializable
	}
	return serializable
}

// isolation is the level that the transaction's commit tells: one that only moves rows sees its snapshot, whatever is committed beside it.
func (c *commit) isolation() string {
	if c.tx.op.Rearranges {
		return snapshotIsolation
	}
	return isolationLevel(c.tx.currentLocked().Metadata)
}
