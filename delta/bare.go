package delta

import "context"

// A bare snapshot is the newest version as its checksum file tells it: all but the files. A blind write needs no more, and is spared the checkpoint and the commits
// after it. No other code gets to see one.

// newestBare is the newest version for a blind write: bare where its checksum file tells all that is needed, else whole.
func (t *Table) newestBare(ctx context.Context) (*Snapshot, error) {
	s, err := t.readBare(ctx)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return t.Snapshot(ctx)
	}
	t.keep(s)
	return s, nil
}

// readBare is nil where there is no checksum file of the newest version that is younger than its commit, as one left over from another table is not, or it does not
// tell enough.
func (t *Table) readBare(ctx context.Context) (*Snapshot, error) {
	from, err := t.log.lastCheckpoint(ctx)
	if err != nil || from < 0 {
		return nil, ctx.Err() // the commits since the beginning are few, or their reading tells what is wrong
	}
	found, err := t.log.list(ctx, from)
	if err != nil {
		return nil, err
	}
	if len(found.commits) == 0 || len(found.checkpoints) == 0 {
		return nil, nil
	}
	last := found.commits[len(found.commits)-1]
	if sum := found.checksum; sum.version != last.version || sum.info.ModTime.Before(last.info.ModTime) {
		return nil, nil
	}
	c, err := t.log.readChecksum(ctx, last.version)
	if err != nil || c == nil || !c.tellsAll() {
		return nil, ctx.Err()
	}
	metadata, err := parseMetadata(c.metadata)
	if err != nil || metadata.Configuration[manifestProperty] == "true" {
		return nil, nil
	}
	s := &Snapshot{
		table: t, version: last.version, seen: t.config.Clock(), protocol: c.protocol, metadata: metadata,
		txns: mapOf(c.txns, func(t Txn) string { return t.AppID }), domains: mapOf(c.domains, func(d domain) string { return d.name }),
		base: newFileSet(nil, nil), totals: &c.totals, mark: markOf(last.info), checkpoint: from, bare: true,
	}
	if c.committed != nil {
		s.committed = *c.committed
	}
	return s, s.checkReadable()
}

// tellsAll reports whether a checksum file has everything of a version but its files.
func (c *checksum) tellsAll() bool {
	return c.protocol != nil && c.metadata != nil && c.txns != nil && c.domains != nil && (c.hasVectors || !c.protocol.supports("deletionVectors")) &&
		(c.committed != nil || !inCommitTimes(c.protocol, c.metadata))
}

// whole is the snapshot with its files.
func (s *Snapshot) whole(ctx context.Context) (*Snapshot, error) {
	if !s.bare {
		return s, nil
	}
	return s.table.load(ctx, s.version)
}
