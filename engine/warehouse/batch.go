package warehouse

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/plan"
)

// batch is one batch of a flow in this engine's hands. It goes through these files in this order: stage.go stages the rows of sources, rules.go those that are
// checked, and counts; effect.go says what is written; checks.go tries it on a copy; quarantine.go and then commit write.
type batch struct {
	*flow.Job
	*scope
	rules       []engine.RuleCount
	dropped     int64
	quarantined int64
	aside       *quarantine // nil: nothing is set aside
}

// execute does the batch.
func (s *session) execute(ctx context.Context, j *flow.Job) (res engine.Result, err error) {
	in, err := j.Inputs(ctx)
	if err != nil {
		return res, err
	}
	b := &batch{Job: j, scope: s.scope(in)}
	defer func() { err = errors.Join(err, b.close(ctx)) }()
	if err := b.prepare(ctx, j.Query); err != nil {
		return res, err
	}
	if err := b.scope.count(plan.Optimize(j.Query)); err != nil {
		return res, err
	}
	return b.run(ctx)
}

// run stages, decides and commits.
func (b *batch) run(ctx context.Context) (res engine.Result, err error) {
	e, err := b.effect(ctx)
	b.scope.read.Count(&res)
	res.Rules, res.Dropped, res.Quarantined = b.rules, b.dropped, b.quarantined
	if err != nil {
		return res, err
	}
	res.Mode = e.mode
	if err := b.Decide(&res, func() ([]engine.CheckResult, error) { return b.tableChecks(ctx, e) }); err != nil {
		return res, err
	}
	if err := b.aside.commit(ctx, b.Overwrites()); err != nil {
		return res, err
	}
	return b.commit(ctx, e, res)
}

// commit writes the rows, and then says in the table's properties that they are there. A run that ends between the two is made up for by the next one: what
// it writes changes nothing that these have written.
func (b *batch) commit(ctx context.Context, e *effect, res engine.Result) (engine.Result, error) {
	s := b.scope.session
	if err := s.exec(ctx, e.statement(s.name(b.Table.Ident))); err != nil {
		return res, err
	}
	if err := b.written(ctx, &res); err != nil {
		return res, err
	}
	info, err := b.Info(res)
	if err != nil {
		return res, err
	}
	if err := s.exec(ctx, setProperties(s.name(b.Table.Ident), map[string]string{
		flow.PropertyPrefix + b.Flow.ID: strconv.FormatInt(b.Batch.Number, 10),
		flow.InfoPrefix + b.Flow.ID:     string(info),
	})); err != nil {
		return res, err
	}
	if s.dry {
		return res, nil
	}
	after, err := s.Latest(ctx, b.Table.Ident)
	if err != nil {
		return res, err
	}
	res.Version = after.Version()
	return res, nil
}

// written reads from the table's log what the statement wrote.
func (b *batch) written(ctx context.Context, res *engine.Result) error {
	if b.scope.session.dry {
		return nil
	}
	commits, err := b.Target.History(ctx, mostWritten)
	if err != nil {
		return err
	}
	for _, c := range commits {
		if b.Snapshot != nil && c.Version <= b.Snapshot.Version() {
			break
		}
		m := metrics(c.Metrics)
		if strings.HasPrefix(c.Operation, "MERGE") {
			res.RowsOut = m.number("numTargetRowsInserted") + m.number("numTargetRowsUpdated")
			res.RowsDeleted = m.number("numTargetRowsDeleted")
			res.FilesOut, res.BytesOut = m.number("numTargetFilesAdded"), m.number("numTargetBytesAdded")
			return nil
		}
		if _, ok := c.Metrics["numOutputRows"]; ok {
			res.RowsOut, res.FilesOut, res.BytesOut = m.number("numOutputRows"), m.number("numFiles"), m.number("numOutputBytes")
			return nil
		}
	}
	return nil
}

// mostWritten is how many of the newest commits are looked through for the one that a statement has just made.
const mostWritten = 20
