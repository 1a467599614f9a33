package delta

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/source"
)

// planner gathers one batch.
type planner struct {
	source  *Source
	reading *delta.Snapshot // whose schema the rows have
	newest  *delta.Snapshot
	limits  source.Limits
	to      *position // the batch ends there; nil: where the limits or the log end
	batch   source.Batch
}

// piece is what is read as a whole, or not at all.
type piece struct {
	splits []source.Split
	bytes  int64
}

// pieces are those of one version, made when they are taken: a large table has many more of them than a batch takes.
type pieces struct {
	n  int
	at func(i int) (piece, error)
}

// initial is a snapshot that is read at a stream's beginning, its files in an order that does not depend on how it was loaded.
type initial struct {
	snapshot *delta.Snapshot
	at       time.Time
	files    []*delta.File
}

func (s *Source) newPlanner(ctx context.Context, limits source.Limits) (*planner, error) {
	reading, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	newest, err := s.table.Snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", s.Name(), err)
	}
	p := &planner{source: s, reading: reading, newest: newest, limits: limits}
	return p, p.checkID(newest.Version(), newest.ID(), reading.ID())
}

// begin plans the first batch.
func (p *planner) begin(ctx context.Context) (source.Batch, error) {
	var err error
	from := position{TableID: p.newest.ID(), Version: p.newest.Version()}
	switch c := p.source.config; c.start {
	case atSnapshot:
		from.Initial = true
	case atVersion:
		from.Version = c.version
	case atTime:
		if from.Version, err = p.source.table.VersionFrom(ctx, c.time); err != nil {
			return source.Batch{}, err
		}
	case atLatest:
		from.Version++
		p.take(piece{splits: []source.Split{nothing{}}}) // so that a commit of the flow records where it began
	}
	if err := p.checkStart(ctx, from); err != nil {
		return source.Batch{}, err
	}
	return p.plan(ctx, from)
}

// checkStart refuses a version that is not there, and one whose changes were not recorded where they are wanted.
func (p *planner) checkStart(ctx context.Context, from position) error {
	newest := p.newest
	switch {
	case from.Version < 0 || from.Version > newest.Version()+1:
		return fmt.Errorf("source %s: %w: there is no version %d, the newest is %d", p.source.Name(), delta.ErrVersionNotFound, from.Version, newest.Version())
	case !p.source.config.feed || from.Version > newest.Version():
		return nil
	}
	_, err := p.source.table.Changes(ctx, delta.ChangesConfig{From: from.Version, To: &from.Version})
	return err
}

// plan gathers what follows a position.
func (p *planner) plan(ctx context.Context, from position) (source.Batch, error) {
	at, err := p.gather(ctx, from)
	if err != nil {
		return source.Batch{}, err
	}
	if p.batch.Until, err = json.Marshal(at); err != nil {
		return source.Batch{}, err
	}
	p.batch.Work, err = json.Marshal(batchWork{from})
	return p.batch, err
}

// gather takes pieces until the batch is full, and gives where it ends.
func (p *planner) gather(ctx context.Context, at position) (position, error) {
	if err := p.checkID(at.Version, p.reading.ID(), at.TableID); err != nil {
		return at, err
	}
	if at.Initial {
		pieces, err := p.initialPieces(ctx, at.Version)
		if err != nil {
			return at, err
		}
		if full, err := p.takeFrom(pieces, &at); full || err != nil {
			return at, err
		}
	}
	for r, err := range p.source.table.Revisions(ctx, at.Version) {
		if at.reached(p.to) {
			break
		}
		var next pieces
		if err == nil {
			next, err = p.pieces(r)
		} else if errors.Is(err, delta.ErrVersionNotFound) {
			err = p.stop(at.Version, err, "its rows are lost to the stream: build what was made of it anew, and keep the log for longer (delta.logRetentionDuration)")
		}
		if err != nil && len(p.batch.Splits) > 0 && p.to == nil {
			break // all that comes before it first
		}
		if err != nil {
			return at, err
		}
		if full, err := p.takeFrom(next, &at); full || err != nil {
			return at, err
		}
	}
	return at, nil
}

// takeFrom takes the pieces of a version that are still wanted; full says that the batch ends within it or with it.
func (p *planner) takeFrom(from pieces, at *position) (full bool, err error) {
	for at.Index < from.n {
		if at.reached(p.to) {
			return true, nil
		}
		next, err := from.at(at.Index)
		if err != nil || !p.fits(next) {
			return true, err
		}
		p.take(next)
		at.Index++
	}
	*at = at.next()
	return at.reached(p.to), nil
}

func (p *planner) fits(next piece) bool {
	files, bytes := p.batch.Files+int64(len(next.splits)), p.batch.Bytes+next.bytes
	return p.batch.Files == 0 || (p.limits.Files == 0 || files <= int64(p.limits.Files)) && (p.limits.Bytes == 0 || bytes <= p.limits.Bytes)
}

func (p *planner) take(next piece) {
	p.batch.Splits = append(p.batch.Splits, next.splits...)
	p.batch.Bytes += next.bytes
	for _, s := range next.splits {
		if _, none := s.(nothing); !none {
			p.batch.Files++
		}
	}
}

// initialPieces are the files of the snapshot at the stream's beginning.
func (p *planner) initialPieces(ctx context.Context, version int64) (pieces, error) {
	in, err := p.source.initialAt(ctx, version)
	if err != nil {
		return pieces{}, p.stop(version, err, "the rows that the stream began with can no longer be told: build what was made of it anew")
	}
	m := in.snapshot.Metadata()
	if err := p.checkMetadata(version, &m); err != nil {
		return pieces{}, err
	}
	return p.added(&delta.Revision{Version: version, Time: in.at, Added: in.files}), nil
}

// initialAt loads a snapshot once for all batches that read it.
func (s *Source) initialAt(ctx context.Context, version int64) (*initial, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.initial != nil && s.initial.snapshot.Version() == version {
		return s.initial, nil
	}
	snapshot, err := s.table.SnapshotAt(ctx, version)
	if err != nil {
		return nil, err
	}
	in := &initial{snapshot: snapshot}
	for r, err := range s.table.Revisions(ctx, version) {
		if err != nil && s.config.feed {
			return nil, err
		}
		if err == nil {
			in.at = r.Time
		}
		break
	}
	for f := range snapshot.Files() {
		whole := *f
		whole.DataChange = true
		in.files = append(in.files, &whole)
	}
	slices.SortFunc(in.files, func(a, b *delta.File) int {
		return cmp.Or(cmp.Compare(a.ModificationTime, b.ModificationTime), cmp.Compare(a.Path, b.Path))
	})
	s.initial = in
	return in, nil
}

// checkID refuses another table than the one that was read so far.
func (p *planner) checkID(version int64, is, was string) error {
	if is == was {
		return nil
	}
	return p.stop(version, ErrReplaced, fmt.Sprintf("its id is %s and was %s: build what was made of the stream anew", is, was))
}

func (p *planner) stop(version int64, err error, hint string) error {
	return &Error{Table: p.source.table.Name(), Version: version, Err: err, Hint: hint}
}
