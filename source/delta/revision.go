package delta

import (
	"fmt"
	"slices"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/source"
)

// pieces are what a stream reads of a commit.
func (p *planner) pieces(r *delta.Revision) (pieces, error) {
	if r.Metadata != nil {
		if err := p.checkMetadata(r.Version, r.Metadata); err != nil {
			return pieces{}, err
		}
	}
	removes := slices.ContainsFunc(r.Removed, changesData)
	if p.source.config.feed {
		if removes || r.Recorded() {
			return p.whole(r)
		}
		return p.added(r), nil
	}
	adds := slices.ContainsFunc(r.Added, changesData)
	switch c := p.source.config; {
	case !removes:
		return p.added(r), nil
	case c.skipChanges, !adds && c.ignoreDeletes:
		return pieces{}, nil
	case !adds:
		return pieces{}, p.stop(r.Version, ErrRowsRemoved, "IgnoreDeletes passes such commits over, ReadChangeFeed reads them; or begin behind it with StartingVersion")
	default:
		return pieces{}, p.stop(r.Version, ErrRowsChanged, fmt.Sprintf(
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
func (p *planner) added(r *delta.Revision) pieces {
	files := slices.DeleteFunc(slices.Clone(r.Added), func(f *delta.File) bool { return !f.DataChange })
	return pieces{len(files), func(i int) (piece, error) {
		if p.source.config.feed {
			return p.changed(&delta.Revision{Version: r.Version, Time: r.Time, Added: files[i : i+1], Metadata: r.Metadata})
		}
		return piece{splits: []source.Split{&addedRows{p.reading, files[i]}}, bytes: files[i].Size}, nil
	}}
}

// whole is what a commit changed, as one piece: both images of an updated row are in one batch.
func (p *planner) whole(r *delta.Revision) (pieces, error) {
	all, err := p.changed(r)
	if err != nil || len(all.splits) == 0 {
		return pieces{}, err
	}
	return pieces{1, func(int) (piece, error) { return all, nil }}, nil
}

func (p *planner) changed(r *delta.Revision) (piece, error) {
	changes, err := p.reading.Changes([]*delta.Revision{r})
	if err != nil {
		return piece{}, err
	}
	all := piece{bytes: changes.Bytes()}
	for _, part := range changes.Split() {
		all.splits = append(all.splits, &changedRows{part})
	}
	return all, nil
}
