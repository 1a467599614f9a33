package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// everything makes the batch cover all that the inputs hold now.
func (j *Job) everything(ctx context.Context, b *Batch) error {
	for _, r := range Relations(j.Query) {
		var err error
		switch r := r.(type) {
		case *plan.Table:
			err = j.coverTable(ctx, b, r, nil)
		case *plan.SourceRelation:
			_, err = j.coverSource(ctx, b, r, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// newRows makes the batch cover what the streams have beyond the last batch, and the other inputs as they are.
func (j *Job) newRows(ctx context.Context, b, last *Batch) (*Batch, error) {
	fresh := false
	for _, r := range Relations(j.Query) {
		isNew, err := j.coverStream(ctx, b, last, r)
		if err != nil {
			return nil, err
		}
		fresh = fresh || isNew
	}
	if !fresh {
		j.Why = "nothing new in " + names(j.streams)
		return nil, nil
	}
	return b, nil
}

// coverStream reports whether the relation is a stream that has something new.
func (j *Job) coverStream(ctx context.Context, b, last *Batch, r plan.Relation) (bool, error) {
	switch r := r.(type) {
	case *plan.SourceRelation:
		return j.coverSource(ctx, b, r, last.stream(r.Name()))
	case *plan.Table:
		if !slices.Contains(j.streams, plan.Relation(r)) {
			return false, j.coverTable(ctx, b, r, nil)
		}
		from := int64(-1)
		if in := last.input(r.Ident); in != nil {
			from = in.Version
		}
		if err := j.coverTable(ctx, b, r, &from); err != nil {
			return false, err
		}
		in := b.input(r.Ident)
		if before := last.input(r.Ident); before != nil && before.ID != in.ID {
			return false, fmt.Errorf("%s is another table than the one that was read so far (its id is %s, it was %s): rebuild %s, or restore its input",
				r.Ident, in.ID, before.ID, j.Table.Ident)
		}
		return in.Version > from, nil
	}
	return false, nil
}

// replacement makes the batch cover everything, or only the new rows where they provably only add to the result; nil when the result would be the same.
func (j *Job) replacement(ctx context.Context, b, last *Batch) (*Batch, error) {
	if err := j.everything(ctx, b); err != nil {
		return nil, err
	}
	if last == nil {
		j.Why = "the table was built for the first time"
		return b, nil
	}
	if last.Query != b.Query {
		j.Why = "its query has changed, so it was recomputed"
		return b, nil
	}
	if sameInputs(b, last) {
		j.Why = "its inputs are unchanged"
		return nil, nil
	}
	grown, err := j.grown(ctx, b, last)
	if err != nil {
		return nil, err
	}
	if !grown {
		j.Why = "its query needs all rows of its inputs, so it was recomputed"
	}
	return b, nil
}

// grown tells whether the only difference to the last batch is rows appended to a table that the query reads row by row; the batch then covers those alone.
func (j *Job) grown(ctx context.Context, b, last *Batch) (bool, error) {
	t, ok := rowwise(j.Query)
	if j.Recompute || !ok || len(b.Streams) > 0 || !j.quarantineKeepsBatches() {
		return false, nil
	}
	for i := range b.Inputs {
		in, before := &b.Inputs[i], last.input(b.Inputs[i].Table)
		if before == nil || before.ID != in.ID || (in.Table != t.Ident && before.Version != in.Version) {
			return false, nil
		}
	}
	in, from := b.input(t.Ident), last.input(t.Ident).Version
	added, err := j.appendedOnly(ctx, t, from, in.Version)
	if err != nil || !added {
		return false, err
	}
	in.From = &from
	j.Why = "new rows of " + t.Ident + " only add to it"
	return true, nil
}

// quarantineKeepsBatches tells whether the rows of one batch can be told from others' in the flow's quarantine, as replacing them asks for.
func (j *Job) quarantineKeepsBatches() bool {
	for _, c := range plan.Checks(j.Query) {
		if c.Quarantines() && schema.Find(c.QuarantineSchema().Fields(), QuarantineBatch) < 0 {
			return false
		}
	}
	return true
}

// appendedOnly tells whether every commit after from did nothing but add rows.
func (j *Job) appendedOnly(ctx context.Context, t *plan.Table, from, to int64) (bool, error) {
	s, err := j.Open(t.Ident).SnapshotAt(ctx, to)
	if err != nil {
		return false, err
	}
	_, appended, err := s.AddedSince(ctx, from)
	return appended, err
}

// coverTable records the table's present version; a table that does not exist yet has none, and is empty.
func (j *Job) coverTable(ctx context.Context, b *Batch, t *plan.Table, from *int64) error {
	if b.input(t.Ident) != nil {
		return nil
	}
	s, err := j.Latest(ctx, t.Ident)
	if err != nil {
		return fmt.Errorf("input %s: %w", t.Ident, err)
	}
	in := Input{Table: t.Ident, Version: -1, From: from}
	if s != nil {
		in.ID, in.Version = s.ID(), s.Version()
	}
	b.Inputs = append(b.Inputs, in)
	return nil
}

// coverSource plans the source beyond the offset and reports whether there is anything.
func (j *Job) coverSource(ctx context.Context, b *Batch, r *plan.SourceRelation, after json.RawMessage) (bool, error) {
	if b.stream(r.Name()) != nil {
		return false, nil
	}
	limits := r.Limits
	if after == nil && len(j.streams) == 0 {
		limits.Files, limits.Bytes = 0, 0 // a batch that covers everything has no bounds
	}
	planned, err := r.Source.Plan(ctx, after, limits)
	if err != nil {
		return false, fmt.Errorf("source %s: %w", r.Name(), err)
	}
	j.Planned[r] = planned
	b.Streams = append(b.Streams, Stream{Source: r.Name(), Until: planned.Until, Work: planned.Work})
	return len(planned.Splits) > 0, nil
}
