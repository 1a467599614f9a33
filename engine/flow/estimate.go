package flow

import (
	"context"
	"slices"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/plan"
)

// Estimate sums up what the table's flows would read now: what is new in their streams, and the files of their other inputs that the queries' filters leave.
// An input that does not exist yet counts nothing, and exact is false.
func (s *Session) Estimate(ctx context.Context, t *plan.Table) (bytes int64, exact bool, err error) {
	exact = true
	for _, f := range t.Flows {
		e, err := s.estimate(ctx, t, f)
		if err != nil {
			return 0, false, err
		}
		n, known, err := e.query(ctx, f.Query)
		if err != nil {
			return 0, false, err
		}
		bytes += n
		exact = exact && known
	}
	return bytes, exact, nil
}

// estimate sums up what one flow would read.
type estimate struct {
	*Session
	last    *Batch          // that the flow has done; nil: none
	streams []plan.Relation // of which it reads what is new
}

func (s *Session) estimate(ctx context.Context, t *plan.Table, f plan.Flow) (e *estimate, err error) {
	j := &Job{Session: s, Table: t, Flow: f, claims: newClaims(s.Lake.Store, s.Lake.Path(t.Ident), f.ID)}
	e = &estimate{Session: s}
	if j.Snapshot, err = s.Latest(ctx, t.Ident); err != nil {
		return nil, err
	}
	if e.streams, err = streams(f.Effect, f.Query); err != nil {
		return nil, err
	}
	e.last, err = j.last(ctx)
	return e, err
}

// query sums up the scans of a query, those of its views among them.
func (e *estimate) query(ctx context.Context, query plan.Node) (bytes int64, exact bool, err error) {
	exact = true
	plan.Walk(plan.Optimize(query), func(n plan.Node) bool {
		if scan, ok := n.(plan.Scan); ok && err == nil {
			var b int64
			var known bool
			b, known, err = e.scan(ctx, scan)
			bytes += b
			exact = exact && known
		}
		return err == nil
	})
	return bytes, exact, err
}

func (e *estimate) scan(ctx context.Context, n plan.Scan) (bytes int64, exact bool, err error) {
	switch r := n.Relation.(type) {
	case *plan.Table:
		return e.table(ctx, r, n)
	case *plan.SourceRelation:
		b, err := r.Source.Plan(ctx, e.last.stream(r.Name()), r.Limits)
		return b.Bytes, true, err
	case *plan.View:
		return e.query(ctx, r.Query)
	case *Version:
		scan, err := TableInput{Snapshot: r.Snapshot}.Scan(n, nil)
		if err != nil {
			return 0, false, err
		}
		return scan.Bytes, true, nil
	case *Feed:
		return r.Changes.Bytes(), true, nil
	}
	return 0, false, nil
}

// table counts the files that the filter leaves; of a stream, those that came after the last batch.
func (e *estimate) table(ctx context.Context, t *plan.Table, n plan.Scan) (bytes int64, exact bool, err error) {
	in := TableInput{}
	if in.Snapshot, err = e.Latest(ctx, t.Ident); err != nil || in.Snapshot == nil {
		return 0, false, err
	}
	if before := e.last.input(t.Ident); before != nil && slices.Contains(e.streams, plan.Relation(t)) {
		added, appended, err := in.Snapshot.AddedSince(ctx, before.Version)
		if err != nil {
			return 0, false, err
		}
		if appended {
			in.Files = append([]*delta.File{}, added...)
		}
	}
	scan, err := in.Scan(n, nil)
	if err != nil {
		return 0, false, err
	}
	return scan.Bytes, true, nil
}
