package delta

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// conflicts decides whether a transaction can be put after commits that came first, as Spark's ConflictChecker does.
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
		k.readers = append(k.readers, newPruner(r, m.schema.Fields(), m.Metadata))
	}
	return k
}

// check compares with one winner; before is the snapshot that the winner was put after.
func (k *conflicts) check(w *actions, before *Snapshot) error {
	if before == nil {
		return k.conflict(ConcurrentCreate, w, "", "")
	}
	if err := k.checkHeader(w, before); err != nil {
		return err
	}
	if err := k.checkAdds(w, before); err != nil {
		return err
	}
	return k.checkRemoves(w, before)
}

func (k *conflicts) checkHeader(w *actions, before *Snapshot) error {
	tx := k.commit.tx
	if w.protocol != nil && (k.commit.protocol != nil || dropsFeatures(before.protocol, w.protocol)) {
		return k.conflict(ProtocolChanged, w, "", "")
	}
	if w.metadata != nil {
		return k.conflict(MetadataChanged, w, "", "")
	}
	for _, t := range w.txns {
		if slices.ContainsFunc(tx.txns, func(own Txn) bool { return own.AppID == t.AppID }) {
			return k.conflict(ConcurrentTransaction, w, "", "application "+t.AppID)
		}
	}
	for _, d := range w.domains {
		if slices.ContainsFunc(tx.domains, func(own domain) bool { return own.name == d.name }) {
			return k.conflict(ConcurrentDomain, w, "", "domain "+d.name)
		}
	}
	return nil
}

// dropsFeatures reports whether the new protocol no longer asks for something that the old one did.
func dropsFeatures(before, after *Protocol) bool {
	missing := func(have []string) func(string) bool {
		return func(f string) bool { return !slices.Contains(have, f) }
	}
	return slices.ContainsFunc(before.ReaderFeatures, missing(after.ReaderFeatures)) || slices.ContainsFunc(before.WriterFeatures, missing(after.WriterFeatures)) ||
		after.MinReaderVersion < before.MinReaderVersion || after.MinWriterVersion < before.MinWriterVersion
}

// checkAdds looks for rows that the transaction would have read. Files that only rearrange rows hold none; a rearranging transaction reads none.
func (k *conflicts) checkAdds(w *actions, before *Snapshot) error {
	if k.commit.tx.op.Rearranges || !k.commit.reads() || k.ignoresAppend(w, before) {
		return nil
	}
	for _, f := range w.adds {
		if !f.DataChange {
			continue
		}
		if hit, by := k.readBy(f, before); hit {
			return k.conflict(ConcurrentAppend, w, f.Path, by)
		}
	}
	return nil
}

// ignoresAppend is isolation level WriteSerializable: blind appends may be ordered after the transaction although they were committed before.
func (k *conflicts) ignoresAppend(w *actions, before *Snapshot) bool {
	return isolationLevel(before.metadata.Metadata) == writeSerializable && k.commit.tx.metadata == nil && parseCommitInfo(w.info).IsBlindAppend
}

func (k *conflicts) checkRemoves(w *actions, before *Snapshot) error {
	if len(w.removes) == 0 || (!k.commit.reads() && len(k.commit.tx.removes) == 0) {
		return nil
	}
	own := make(map[string]bool, len(k.commit.tx.removes))
	for _, f := range k.commit.tx.removes {
		own[canonicalPath(f.Path)] = true
	}
	live := before.files().index()
	for _, t := range w.removes {
		if own[canonicalPath(t.path)] {
			return k.conflict(ConcurrentDeleteDelete, w, t.path, "")
		}
		f := live[t.key()]
		if f == nil {
			continue // it was no live file, so nothing was read from it
		}
		if hit, by := k.readBy(f, before); hit {
			return k.conflict(ConcurrentDeleteRead, w, t.path, by)
		}
	}
	return nil
}

// readBy reports whether the transaction read what the file holds, and by which predicate.
func (k *conflicts) readBy(f *File, before *Snapshot) (bool, string) {
	if k.commit.tx.readAll {
		return true, ""
	}
	if dirs := k.commit.tx.readDirs; dirs != nil {
		if dir := partitionDirectory(ordered(f, before.metadata.partitionNames())); dirs[dir] {
			return true, "partition " + dir
		}
	}
	for i, p := range k.readers {
		b := make([]bounds, len(p.leaves))
		p.fileBounds(f, b)
		if p.mayKeep(b) {
			return true, printed(k.commit.tx.reads[i])
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

func (k *conflicts) conflict(kind ConflictKind, w *actions, file, predicate string) error {
	e := &ConflictError{Kind: kind, Table: k.commit.tx.table.Name(), Version: w.version, File: file}
	if kind == ConcurrentTransaction || kind == ConcurrentDomain {
		e.Detail = predicate
	} else {
		e.Predicate = predicate
	}
	return e
}

// The isolation levels of delta.isolationLevel. Serializable is the default of open-source Delta.
const (
	serializable      = "Serializable"
	writeSerializable = "WriteSerializable"
)

func isolationLevel(m *Metadata) string {
	if m.Configuration["delta.isolationLevel"] == writeSerializable {
		return writeSerializable
	}
	return serializable
}
