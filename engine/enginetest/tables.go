package enginetest

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
)

//go:embed testdata
var testdata embed.FS

// table is one of the suite's fixed tables: a query over constants.
type table struct {
	name string
	text string // the query as SQL
	node plan.Node
}

// tables are the suite's fixed tables, in order: each may read those before it.
func tables() ([]table, error) {
	text, err := testdata.ReadFile("testdata/tables.sql")
	if err != nil {
		return nil, err
	}
	var all []table
	for _, part := range strings.Split("\n"+string(text), "\n-- ")[1:] {
		head, query, _ := strings.Cut(part, "\n")
		name, _, _ := strings.Cut(head, ":")
		q, err := sql.Parse(query)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", name, err)
		}
		n, err := q.Resolve(nodes(all))
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", name, err)
		}
		all = append(all, table{name: name, text: strings.TrimSpace(query), node: n})
	}
	return all, nil
}

func nodes(all []table) map[string]plan.Node {
	byName := make(map[string]plan.Node, len(all))
	for _, t := range all {
		byName[t.name] = t.node
	}
	return byName
}

// with is a WITH clause that defines the tables, for a query that has none.
func with(all []table) string {
	parts := make([]string, len(all))
	for i, t := range all {
		parts[i] = t.name + " AS (" + t.text + ")"
	}
	return "WITH " + strings.Join(parts, ",\n")
}

// stored are scans of the tables as Delta tables of the lake, which are written where they do not exist yet.
func stored(ctx context.Context, lake engine.Lake, r engine.Run, all []table) (map[string]plan.Node, error) {
	s, err := local.New(local.Config{}).Open(ctx, r)
	if err != nil {
		return nil, err
	}
	byName := make(map[string]plan.Node, len(all))
	for _, t := range all {
		stored := &plan.Table{Ident: "conformance." + t.name, Rows: t.node.Schema()}
		_, err := delta.Open(lake.Store, lake.Path(stored.Ident), delta.Config{}).Snapshot(ctx)
		if errors.Is(err, delta.ErrNotTable) {
			err = write(ctx, s, lake, stored, t.node)
		}
		if err != nil {
			return nil, fmt.Errorf("write table %s: %w", t.name, err)
		}
		byName[t.name] = plan.NewScan(stored)
	}
	return byName, s.Close()
}

// write makes the table with the rows of the query.
func write(ctx context.Context, s engine.Session, lake engine.Lake, t *plan.Table, query plan.Node) error {
	to := delta.Open(lake.Store, lake.Path(t.Ident), delta.Config{})
	if _, err := to.Create(ctx, delta.Definition{Schema: query.Schema()}); err != nil {
		return err
	}
	return insert(ctx, s, to, query)
}

// insert appends the rows of the query.
func insert(ctx context.Context, s engine.Session, to *delta.Table, query plan.Node) error {
	schema, batches, err := s.Query(ctx, query)
	if err != nil {
		return err
	}
	rows := &queryRows{schema: schema}
	defer rows.release()
	for batch, err := range batches {
		if err != nil {
			return err
		}
		batch.Retain()
		rows.batches = append(rows.batches, batch)
	}
	_, err = to.Append(ctx, rows, delta.WriteOptions{})
	return err
}

// queryRows are batches as a source of rows.
type queryRows struct {
	schema  *arrow.Schema
	batches []arrow.RecordBatch
}

func (q *queryRows) Schema() *arrow.Schema { return q.schema }

func (q *queryRows) Ordered() bool { return true }

func (q *queryRows) Morsels(context.Context) ([]exec.Morsel, error) {
	return []exec.Morsel{func(_ context.Context, yield func(*exec.Batch) error) error {
		for _, batch := range q.batches {
			if err := yield(&exec.Batch{Columns: batch.Columns(), N: int(batch.NumRows())}); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}

func (q *queryRows) release() {
	for _, batch := range q.batches {
		batch.Release()
	}
}
