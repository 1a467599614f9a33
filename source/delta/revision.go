package delta

import (
	"fmt"
	"slices"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/source"
)

// pieces are what a stream reads of a commit.
func (p *planner) pieces(r *delta.Revision) ([]piece, error) {
	if r.Metadata != nil {
		if err := p.checkMetadata(r.Version, r.Metadata); err != nil {
			return nil, err
		}
	}
	removes := slices.ContainsFunc(r.Removed, changesData)
	if p.source.config.feed {
		if removes || r.Recorded() {
			return p.whole(r)
		}
		return p.added(r)
	}
	adds := slices.ContainsFunc(r.Added, changesData)
	switch c := p.source.config; {
	case !removes:
		return p.added(r)
	case c.skipChanges, !adds && c.ignoreDeletes:
		return nil, nil
	case !adds:
		return nil, p.stop(r.Version, ErrRowsRemoved, "IgnoreDeletes passes such commits over, ReadChangeFeed reads them; or begin behind it with StartingVersion")
	default:
		return nil, p.stop(r.Version, ErrRowsChanged, fmt.Sprintf(
			"its %s wrote files anew, whose rows cannot be told from new ones: SkipChangeCommits passes such commits over, ReadChangeFeed reads what they changed", r.Commit().Operation))
	}
}

func changesData(f *delta.File) bool { return f.DataChange }

// checkMetadata refuses a version whose rows the stream's schema cannot hold, or that has another table's.
func (p *planner) checkMetadata(version int64, m *delta.Metadata) error {
	if err := p.checkID(version, m.ID, p.reading.ID()); err != nil {
		return err
	}
	if err := p.reading.CheckHolds(m); err != nil {
		return p.stop(version, err, "a new Source reads on with the new schema")
	}
	return nil
}

// added are the files that a commit adds, each a piece.
func (p *planner) added(r *delta.Revision) ([]piece, error) {
	if p.source.config.feed {
		changes, err := p.reading.Changes([]*delta.Revision{r})
		if err != nil {
			return nil, err
		}
		var pieces []piece
		for _, part := range changes.Split() {
			pieces = append(pieces, piece{splits: []source.Split{&changedRows{part}}, bytes: part.Bytes()})
		}
		return pieces, nil
	}
	var pieces []piece
	for _, f := range r.Added {
		if f.DataChange {
			pieces = append(pieces, piece{splits: []source.Split{&addedRows{p.reading, f}}, bytes: f.Size})
		}
	}
	return pieces, nil
}

// whole is what a commit changed, as one piece: both images of an updated row are in one batch.
func (p *planner) whole(r *delta.Revision) ([]piece, error) {
	changes, err := p.reading.Changes([]*delta.Revision{r})
	if err != nil {
		return nil, err
	}
	all := piece{bytes: changes.Bytes()}
	for _, part := range changes.Split() {
		all.splits = append(all.splits, &changedRows{part})
	}
	if len(all.splits) == 0 {
		return nil, nil
	}
	return []piece{all}, nil
}
