package delta

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// The properties and the domain of row tracking (Delta protocol: Row Tracking).
const (
	rowTrackingProperty  = "delta.enableRowTracking"
	rowTrackingSuspended = "delta.rowTrackingSuspended"
	rowIDNameKey         = "delta.rowTracking.materializedRowIdColumnName"
	rowVersionNameKey    = "delta.rowTracking.materializedRowCommitVersionColumnName"
	rowTrackingTag       = "delta.rowTracking.preserved"
)

// opBackfill is the operation that numbers the rows of a table that is older than its row tracking.
const opBackfill = "ROW TRACKING BACKFILL"

// backfillFiles is how many files one commit numbers.
const backfillFiles = 100_000

// tracksRows reports whether rows keep their IDs when files are written anew.
func (m *Metadata) tracksRows() bool { return m.Configuration[rowTrackingProperty] == "true" }

// numbersRows reports whether every file must have row IDs.
func numbersRows(p *Protocol, m *Metadata) bool {
	return p.supports("rowTracking") && m.Configuration[rowTrackingSuspended] != "true"
}

// trackRows names the columns that keep the IDs and versions of rows in files that are written anew.
func trackRows(before, after *tableMetadata, newID func() string) (*tableMetadata, error) {
	if !after.tracksRows() {
		return after, nil
	}
	if after.Configuration[rowTrackingSuspended] == "true" {
		return nil, &PropertyError{Name: rowTrackingSuspended, Value: "true", Reason: "it must be false while " + rowTrackingProperty + " is true"}
	}
	meta := after.clone()
	for key, prefix := range map[string]string{rowIDNameKey: "_row-id-col-", rowVersionNameKey: "_row-commit-version-col-"} {
		switch {
		case meta.Configuration[key] != "":
		case before != nil && before.Configuration[key] != "":
			meta.Configuration[key] = before.Configuration[key]
		default:
			meta.Configuration[key] = prefix + newID()
		}
	}
	return &tableMetadata{&meta, after.schema}, nil
}

// trackedFields are the columns that keep the IDs and versions of rows in files that are written anew.
func (m *Metadata) trackedFields() []arrow.Field {
	return []arrow.Field{
		{Name: m.Configuration[rowIDNameKey], Type: schema.BigInt, Nullable: true},
		{Name: m.Configuration[rowVersionNameKey], Type: schema.BigInt, Nullable: true},
	}
}

// numberRows gives the attempt's new files IDs for their rows, above all that the table has had, and its version. Each attempt needs its own: the commit before
// may have used the IDs up.
func (c *commit) numberRows() error {
	tx := c.tx
	c.adds, c.domains = tx.adds, tx.domains
	protocol, m := c.outcome()
	if !numbersRows(protocol, m.Metadata) {
		return nil
	}
	if err := c.checkNumbered(m); err != nil {
		return err
	}
	highest, err := c.latest.highestRowID()
	if err != nil {
		return err
	}
	c.adds, c.preserves = make([]*File, len(tx.adds)), true
	there := c.there()
	next := highest + 1
	for i, f := range tx.adds {
		if c.adds[i], err = c.numbered(f, there[f.Path], &next); err != nil {
			return err
		}
	}
	if next > highest+1 || c.latest == nil || c.latest.domains[rowTrackingDomain].name == "" {
		c.domains = append(c.domains[:len(c.domains):len(c.domains)], domain{
			name: rowTrackingDomain, configuration: `{"rowIdHighWaterMark":` + strconv.FormatInt(next-1, 10) + `}`,
		})
	}
	return nil
}

// numbered is the file with IDs from next on, which it moves on, unless the file has its own, or is there already and has got them.
func (c *commit) numbered(f, there *File, next *int64) (*File, error) {
	rows, ok := statsNumRecords(f.Stats)
	if !ok {
		return nil, fmt.Errorf("file %s has no numRecords in its statistics, by which row tracking numbers its rows", f.Path)
	}
	of, more := *f, fileMore{}
	if f.more != nil {
		more = *f.more
	}
	of.more = &more
	if more.baseRowID == nil && there != nil {
		more.baseRowID, more.defaultRowCommitVersion = there.more.baseRowID, there.more.defaultRowCommitVersion
	}
	if more.baseRowID == nil {
		first := *next
		more.baseRowID = &first
		c.preserves = c.preserves && c.tx.tracked
	}
	if more.defaultRowCommitVersion == nil {
		version := c.version()
		more.defaultRowCommitVersion = &version
	}
	*next = max(*next, *more.baseRowID+rows)
	return &of, nil
}

// there are, by their paths, the files that the transaction adds again, with another deletion vector perhaps, as the commit meets them: their rows may have been given
// IDs since the transaction began.
func (c *commit) there() map[string]*File {
	tx := c.tx
	if c.latest == nil || !tx.again && !slices.ContainsFunc(tx.adds, func(f *File) bool { return f.vector() != nil && f.more.baseRowID == nil }) {
		return nil
	}
	again := tx.removes
	if tx.again {
		again = slices.Concat(tx.removes, tx.adds)
	}
	live, there := c.latest.files().index(), make(map[string]*File)
	for _, f := range again {
		if now := live[f.key()]; now != nil && now.more != nil {
			there[f.Path] = now
		}
	}
	return there
}

// checkNumbered refuses to enable row tracking while there are files without row IDs.
func (c *commit) checkNumbered(m *tableMetadata) error {
	if c.latest == nil || c.latest.metadata.tracksRows() || !m.tracksRows() {
		return nil
	}
	removed := make(map[string]bool, len(c.removes))
	for _, t := range c.removes {
		removed[t.key()] = true
	}
	for _, f := range c.latest.files().live {
		if (f.more == nil || f.more.baseRowID == nil) && !removed[f.key()] {
			return &PropertyError{Name: rowTrackingProperty, Value: "true", Reason: "file " + f.Path + " has no row IDs yet: enable it by SetProperties, which numbers the rows that are there"}
		}
	}
	return nil
}

// highestRowID is the highest ID that a row of the table has had, -1 for none.
func (s *Snapshot) highestRowID() (int64, error) {
	if s == nil {
		return -1, nil
	}
	d, ok := s.domains[rowTrackingDomain]
	if !ok {
		return -1, nil
	}
	highest := int64(-1)
	p := &scanner{text: d.configuration}
	p.open('{')
	for k, more := p.key(); more; k, more = p.key() {
		if k == "rowIdHighWaterMark" {
			highest = p.int64()
		} else {
			p.skip(0)
		}
	}
	if p.err != nil {
		return 0, s.corrupt("domain "+rowTrackingDomain+" cannot be parsed", p.err)
	}
	return highest, nil
}

// keepRowIDs says that the rows which the transaction writes anew keep their IDs.
func (tx *Transaction) keepRowIDs() {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.tracked = true
}

// backfillRowIDs numbers the rows that are there, in commits that come before the one that enables row tracking. Writers number what they add from the first
// of them on.
func (t *Table) backfillRowIDs(ctx context.Context) error {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return err
	}
	if !s.protocol.supports("rowTracking") {
		_, err := t.alter(ctx, Operation{Name: "UPGRADE PROTOCOL"}, func(a *alteration) error {
			a.tx.require("rowTracking")
			return nil
		})
		if err != nil {
			return err
		}
	}
	for attempt := 0; ; {
		more, err := t.backfillSome(ctx)
		var lost *ConflictError
		switch {
		case errors.As(err, &lost) && lost.Retryable() && attempt < t.config.Retries:
			attempt++
		case err != nil:
			return fmt.Errorf("delta: number the rows of %s: %w", t.Name(), err)
		case !more:
			return nil
		}
	}
}

// backfillSome numbers the rows of some files that have none; more is false when there were none.
func (t *Table) backfillSome(ctx context.Context) (more bool, err error) {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return false, err
	}
	tx := t.Begin(s, Operation{Name: opBackfill, Rearranges: true})
	for f := range s.Files() {
		if f.more != nil && f.more.baseRowID != nil {
			continue
		}
		again := *f
		again.DataChange = false
		if tx.addAgain(&again); len(tx.adds) == backfillFiles {
			break
		}
	}
	if len(tx.adds) == 0 {
		return false, nil
	}
	_, err = tx.Commit(ctx)
	return true, err
}
