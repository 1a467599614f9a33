package delta

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/medallion-go/medallion/storage"
)

// maxBackoff is the longest wait between two attempts.
const maxBackoff = 5 * time.Second

// commit is the attempt to put a transaction's actions at the end of the log.
type commit struct {
	tx        *Transaction
	protocol  *Protocol      // the new protocol; nil: unchanged
	metadata  *tableMetadata // the new metadata; nil: unchanged
	latest    *Snapshot      // what the commit comes after; nil: nothing
	removes   []*tombstone
	adds      []*File  // the transaction's, numbered where the table tracks rows
	domains   []domain // the transaction's, and that of row tracking
	at        int64    // ms since the epoch
	committed int64    // the in-commit timestamp, ms since the epoch; 0 where the table has none
	preserves bool     // the rows that it moves keep their IDs
}

// Commit writes the transaction's actions as the table's next version, which it returns. When other commits came first it checks for conflicts, puts the
// transaction after them and tries again; conflicts that cannot be reconciled are *ConflictError. Once the commit is durable it succeeds, whatever
// happens to ctx. An error that wraps storage.ErrUndecided leaves open whether the commit took place.
func (tx *Transaction) Commit(ctx context.Context) (int64, error) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if tx.ended {
		return 0, errEnded
	}
	c, err := tx.prepare()
	if err != nil {
		return 0, err
	}
	err = c.checkTable(ctx, c.isLate())
	var after *Snapshot
	if err == nil {
		after, err = c.run(ctx)
	}
	if err != nil {
		// The data files must stay when the commit may have taken place.
		tx.ended = tx.ended || errors.Is(err, storage.ErrUndecided)
		return 0, fmt.Errorf("delta: commit to %s: %w", tx.table.Name(), err)
	}
	after = tx.table.afterCommit(ctx, after)
	tx.table.keep(after)
	if err := tx.table.updateManifest(ctx, after, tx.adds, tx.removes); err != nil {
		tx.table.warn(ctx, "delta: the manifest was not brought up to date", err)
	}
	return after.version, nil
}

// checkTable makes sure that the table is the one that the transaction began on, and not another in its place: the versions of that one would not tell, and one beyond
// them could be taken. A look at the commit that it began on does. A transaction that has taken its time is held against the whole log: that may have lost the
// commits that came since, and the place of one of them would look free.
func (c *commit) checkTable(ctx context.Context, late bool) error {
	t, base := c.tx.table, c.tx.base
	if base == nil {
		return nil
	}
	now, err := t.stillIs(ctx, base)
	if now == nil && err == nil && late {
		now, err = t.Snapshot(ctx)
	}
	if now == nil || err != nil || now.version == base.version {
		return err
	}
	next, err := t.log.tryCommit(ctx, base.version+1)
	if err == nil && next == nil {
		return fmt.Errorf("%w: the log of %s no longer holds what was committed after version %d, on which the transaction began: read the table again and repeat the operation",
			ErrVersionNotFound, t.Name(), base.version)
	}
	return err
}

// isLate reports whether the transaction began some time ago.
func (c *commit) isLate() bool {
	return c.tx.base != nil && c.tx.table.config.Clock().Sub(c.tx.base.seen) >= c.tx.table.config.Freshness
}

// prepare checks what can be checked before anything is written.
func (tx *Transaction) prepare() (*commit, error) {
	if err := tx.recordIdentities(); err != nil {
		return nil, err
	}
	m := tx.currentLocked()
	if m == nil {
		return nil, fmt.Errorf("delta: %s does not exist: SetMetadata before Commit creates it: %w", tx.table.Name(), ErrNotTable)
	}
	c := &commit{tx: tx, latest: tx.base, at: tx.table.config.Clock().UnixMilli()}
	var have *Protocol
	version := int64(-1)
	if tx.base != nil {
		have, version = tx.base.protocol, tx.base.version
	}
	want := have
	if tx.metadata != nil {
		want = tx.requiredProtocol(have)
	}
	if err := checkWritable(tx.table.Name(), version, want, m); err != nil {
		return nil, err
	}
	if have == nil || !want.equal(have) {
		c.protocol = want
	}
	if m.Configuration["delta.appendOnly"] == "true" && len(tx.removes) > 0 && !tx.op.Rearranges {
		return nil, fmt.Errorf("%w: %s: a %s that removes rows is not possible while delta.appendOnly is set", ErrAppendOnly, tx.table.Name(), tx.op.Name)
	}
	for _, f := range tx.removes {
		c.removes = append(c.removes, c.tombstone(f))
	}
	return c, nil
}

// tombstone is what is left of a file that the commit removes.
func (c *commit) tombstone(f *File) *tombstone {
	return &tombstone{
		path: f.Path, deletionTimestamp: c.at, dataChange: !c.tx.op.Rearranges, extended: true, partitionValues: f.PartitionValues, size: f.Size, more: f.more,
	}
}

func (p *Protocol) equal(o *Protocol) bool {
	return p.MinReaderVersion == o.MinReaderVersion && p.MinWriterVersion == o.MinWriterVersion &&
		slices.Equal(p.ReaderFeatures, o.ReaderFeatures) && slices.Equal(p.WriterFeatures, o.WriterFeatures)
}

// reads reports whether the transaction's outcome depends on what the table held.
func (c *commit) reads() bool { return c.tx.readAll || len(c.tx.reads) > 0 || c.tx.readDirs != nil }

func (c *commit) version() int64 {
	if c.latest == nil {
		return 0
	}
	return c.latest.version + 1
}

// outcome is the protocol and the metadata of the version that the commit makes.
func (c *commit) outcome() (*Protocol, *tableMetadata) {
	protocol, m := c.protocol, c.metadata
	if c.latest != nil && protocol == nil {
		protocol = c.latest.protocol
	}
	if c.latest != nil && m == nil {
		m = c.latest.metadata
	}
	return protocol, m
}

// run tries one version after the other until the commit is there or cannot be.
func (c *commit) run(ctx context.Context) (*Snapshot, error) {
	checks := newConflicts(c)
	for attempt := 0; ; attempt++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := c.stamp(ctx); err != nil {
			return nil, err
		}
		if err := c.numberRows(); err != nil {
			return nil, err
		}
		data := c.encode()
		won, err := c.put(ctx, data)
		if err != nil {
			return nil, err
		}
		if won {
			c.tx.ended = true // the files are the table's now, whatever follows
			return c.succeed(context.WithoutCancel(ctx), commitMark{size: int64(len(data)), txnID: c.tx.id})
		}
		if attempt >= c.tx.table.config.Retries {
			return nil, &ConflictError{Kind: RetriesExceeded, Table: c.tx.table.Name(), Version: c.version(), Detail: fmt.Sprintf("%d attempts", attempt+1)}
		}
		// Waiting comes first: what others commit meanwhile is caught up with, so that the version that is tried next was free a moment ago.
		if err := c.wait(ctx, attempt); err != nil {
			return nil, err
		}
		if err := c.catchUp(ctx, checks); err != nil {
			return nil, err
		}
		if err := c.checkTable(ctx, false); err != nil {
			return nil, err // what was caught up with may have been another table's
		}
	}
}

// put writes the commit if its version is free. Whatever the store answers, a commit with our own ID at that version means that we have won. A version that is taken
// by a commit that cannot be read yet is looked at again. An error that does not wrap storage.ErrUndecided is certain: the commit is not there and will not be.
func (c *commit) put(ctx context.Context, data []byte) (won bool, err error) {
	log := c.tx.table.log
	certain := true // no attempt may be there by now, or get there yet
	for attempt := 0; ; attempt++ {
		err = log.store.PutIfAbsent(ctx, log.key(commitName(c.version())), data)
		if err == nil {
			return true, nil
		}
		taken := errors.Is(err, storage.ErrExists)
		certain = certain && !taken && !errors.Is(err, storage.ErrUndecided)
		there, lookErr := log.tryCommit(context.WithoutCancel(ctx), c.version())
		var unreadable *CorruptError
		switch {
		case there != nil:
			return parseCommitInfo(there.info).TxnID == c.tx.id, nil
		case taken && errors.As(lookErr, &unreadable):
			return false, lookErr // it is not what we write
		case lookErr != nil:
			return false, c.undecided(err, lookErr)
		case certain:
			return false, fmt.Errorf("version %d: %w", c.version(), err)
		case attempt >= c.tx.table.config.Retries || ctx.Err() != nil:
			return false, c.undecided(err)
		}
		if waitErr := c.wait(ctx, attempt); waitErr != nil {
			return false, c.undecided(err, waitErr)
		}
	}
}

// undecided leaves open whether the commit is there.
func (c *commit) undecided(errs ...error) error {
	return fmt.Errorf("%w: version %d: %w", storage.ErrUndecided, c.version(), errors.Join(errs...))
}

// catchUp reads the commits that came first, checks each for conflicts and moves behind them.
func (c *commit) catchUp(ctx context.Context, checks *conflicts) error {
	for {
		w, err := c.tx.table.log.tryCommit(ctx, c.version())
		if err != nil || w == nil {
			return err
		}
		if err := checks.check(ctx, w, c.latest); err != nil {
			return err
		}
		next, err := c.latest.advance([]*actions{w}, c.tx.table.config.Clock())
		if err != nil {
			return err
		}
		if err := checkWritable(c.tx.table.Name(), next.version, next.protocol, next.metadata); err != nil {
			return err
		}
		c.latest = next
	}
}

// wait sleeps for a random time that may be twice as long with each attempt.
func (c *commit) wait(ctx context.Context, attempt int) error {
	longest := min(c.tx.table.config.Backoff<<min(attempt, 20), maxBackoff)
	timer := time.NewTimer(rand.N(longest))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// succeed is the snapshot after the commit.
func (c *commit) succeed(ctx context.Context, own commitMark) (*Snapshot, error) {
	tx := c.tx
	done := &actions{version: c.version(), protocol: c.protocol, txns: tx.txns, domains: c.domains, adds: c.adds, removes: c.removes}
	if c.metadata != nil {
		done.metadata = c.metadata.Metadata
	}
	before := c.latest
	if before == nil {
		before = &Snapshot{table: tx.table, version: -1, base: newFileSet(nil, nil), checkpoint: -1, totals: &totals{}}
	}
	after, err := before.advance([]*actions{done}, tx.table.config.Clock())
	if err != nil {
		return nil, err
	}
	after.committed, after.mark = c.committed, own
	if known := before.knownTotals(ctx); known != nil && tx.again {
		t := after.files().totals
		after.totals = &t
	} else if known != nil {
		t := *known
		for _, f := range c.adds {
			t.add(f, 1)
		}
		for _, f := range tx.removes {
			t.add(f, -1)
		}
		after.totals = &t
	}
	return after, nil
}
