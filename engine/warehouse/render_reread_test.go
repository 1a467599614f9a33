package warehouse_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/enginetest"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/storage/memory"
)

// reread runs, in place of each query's plan, the plan that its SQL text reads as.
type reread struct{ engine.Engine }

// Open gives a session of the engine underneath.
func (e reread) Open(ctx context.Context, run engine.Run) (engine.Session, error) {
	s, err := e.Engine.Open(ctx, run)
	return rereadSession{s}, err
}

type rereadSession struct{ engine.Session }

// Query renders, parses and runs.
func (s rereadSession) Query(ctx context.Context, n plan.Node) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	again, err := readAgain(n)
	if err != nil {
		return nil, nil, err
	}
	return s.Session.Query(ctx, again)
}

// readAgain is the plan that a plan's SQL text reads as.
func readAgain(n plan.Node) (plan.Node, error) {
	relations := map[string]plan.Node{}
	text, err := warehouse.Render(n, func(r plan.Relation) (string, error) {
		name := fmt.Sprintf("relation%d", len(relations))
		relations[name] = plan.NewScan(r)
		return name, nil
	})
	if err != nil {
		return nil, err
	}
	q, err := sql.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w in:\n%s", err, text)
	}
	again, err := q.Resolve(relations)
	if err != nil {
		return nil, fmt.Errorf("%w in:\n%s", err, text)
	}
	return again, nil
}

// TestRenderedPlansMeanTheSame holds the text of every case of the conformance suite to the rows of the case.
func TestRenderedPlansMeanTheSame(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, enginetest.Subject{Engine: reread{local.New(local.Config{})}, Lake: engine.Lake{Store: memory.New()}})
}
