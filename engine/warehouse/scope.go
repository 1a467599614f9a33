package warehouse

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// scope is what queries read their relations from, and the tables that were staged for them.
type scope struct {
	session *session
	inputs  flow.Inputs
	sources map[*plan.SourceRelation]*stagedSource
	instead map[plan.Relation]string // what is read in a table's place
	stages  []*staged
	read    flow.ReadCounts
}

func (s *session) scope(in flow.Inputs) *scope {
	return &scope{session: s, inputs: in, sources: map[*plan.SourceRelation]*stagedSource{}, instead: map[plan.Relation]string{}}
}

// close drops what was staged, also when ctx has ended.
func (c *scope) close(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var faults []error
	for _, st := range c.stages {
		faults = append(faults, c.session.drop(ctx, st.ident))
	}
	c.stages = nil
	return errors.Join(faults...)
}

// prepare makes the relations that a query reads known to the warehouse: tables by their names, sources as staged rows.
func (c *scope) prepare(ctx context.Context, query plan.Node) error {
	for _, r := range flow.Relations(query) {
		var err error
		switch r := r.(type) {
		case *plan.Table:
			if in := c.inputs.Tables[r]; in.Snapshot != nil && c.instead[r] == "" {
				err = c.session.register(ctx, r.Ident, in.Snapshot)
			}
		case *plan.SourceRelation:
			err = c.stageSource(ctx, query, r)
		}
		if err != nil {
			return fmt.Errorf("input %s: %w", r.Name(), err)
		}
	}
	return nil
}

// relation is the SQL text by which a relation is read.
func (c *scope) relation(r plan.Relation) (string, error) {
	if text, ok := c.instead[r]; ok {
		return text, nil
	}
	switch r := r.(type) {
	case *staged:
		return c.session.name(r.ident), nil
	case *plan.Table:
		return c.table(r)
	case *plan.SourceRelation:
		return c.source(r), nil
	}
	return "", &engine.UnsupportedError{Engine: c.session.Engine, Table: r.Name(), What: fmt.Sprintf("reading a %T", r)}
}

// table reads a table at its version; of a stream, the rows of the files that were appended.
func (c *scope) table(t *plan.Table) (string, error) {
	in := c.inputs.Tables[t]
	if in.Snapshot == nil {
		none, err := plan.NewValues(t.Rows, nil)
		if err != nil {
			return "", err
		}
		text, err := Render(none, c.relation)
		return "(" + text + ")", err
	}
	name := fmt.Sprintf("%s VERSION AS OF %d", c.session.name(t.Ident), in.Snapshot.Version())
	if in.From == nil {
		return name, nil
	}
	files := make([]string, len(in.Files))
	for i, f := range in.Files {
		files[i] = expr.QuoteString(fileName(f.Path))
	}
	if len(files) == 0 {
		return "(SELECT * FROM " + name + " WHERE FALSE)", nil
	}
	where := "_metadata.file_name IN (" + strings.Join(files, ", ") + ")"
	if skip := narrow(t.Rows, in.Files); skip != "" {
		where += " AND " + skip
	}
	return "(SELECT * FROM " + name + " WHERE " + where + ")", nil
}

// query renders a query whose relations are prepared.
func (c *scope) query(n plan.Node) (string, error) { return Render(plan.Optimize(n), c.relation) }

// count counts what the query's scans of tables read, by the statistics of the files that its filters leave.
func (c *scope) count(query plan.Node) error {
	var fault error
	plan.Walk(query, func(n plan.Node) bool {
		scan, ok := n.(plan.Scan)
		if !ok {
			return true
		}
		switch r := scan.Relation.(type) {
		case *plan.View:
			fault = errors.Join(fault, c.count(plan.Optimize(r.Query)))
		case *plan.Table:
			in := c.inputs.Tables[r]
			if in.Snapshot == nil {
				return true
			}
			found, err := in.Scan(scan, nil)
			if err != nil {
				fault = errors.Join(fault, err)
				return true
			}
			c.read.Rows.Add(found.Rows)
			c.read.Bytes.Add(found.Bytes)
			c.read.Files.Add(int64(len(found.Files)))
		}
		return true
	})
	return fault
}

// numbers runs a query that gives one row of BIGINT columns.
func (c *scope) numbers(ctx context.Context, n plan.Node) ([]int64, error) {
	text, err := c.query(n)
	if err != nil {
		return nil, err
	}
	_, rows, err := c.session.server.Query(ctx, Statement{SQL: text, Rows: n.Schema()})
	if err != nil {
		return nil, err
	}
	var found []int64
	for rec, err := range rows {
		if err != nil {
			return nil, err
		}
		if rec.NumRows() > 0 {
			found = firstRow(rec)
		}
	}
	if len(found) != n.Schema().NumFields() {
		return nil, fmt.Errorf("warehouse: %s gave no row of %d numbers", text, n.Schema().NumFields())
	}
	return found, nil
}

func firstRow(rec arrow.RecordBatch) []int64 {
	var found []int64
	for _, c := range rec.Columns() {
		if numbers, ok := c.(*array.Int64); ok {
			found = append(found, numbers.Value(0))
		}
	}
	return found
}
