package warehouse

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// staged is a table of rows that a batch computes once and reads several times: c0, c1, … are the columns of the rows, whatever their own names are.
type staged struct {
	ident string
	rows  *arrow.Schema // as the table has them
}

var _ plan.Relation = (*staged)(nil)

// Name is the staged table's identifier.
func (st *staged) Name() string { return st.ident }

// Schema is the staged table's.
func (st *staged) Schema() *arrow.Schema { return st.rows }

const (
	stagingPrefix = "staging_"
	stagingTime   = "20060102t150405"
	// stagingAge is when a staged table is taken for one that a dead run has left.
	stagingAge = 24 * time.Hour
)

// newStage names a table to be staged.
func (c *scope) newStage(ctx context.Context, rows *arrow.Schema) (*staged, error) {
	s := c.session
	if err := s.sweep(ctx); err != nil {
		return nil, err
	}
	s.staged++
	run := strings.ToLower(strings.ReplaceAll(s.ID, "-", ""))
	st := &staged{ident: fmt.Sprintf("%s.%s%s_%s_%d", s.config.StagingSchema, stagingPrefix, s.Now().UTC().Format(stagingTime), run, s.staged), rows: rows}
	c.stages = append(c.stages, st)
	return st, s.makeSchema(ctx, st.ident)
}

// stage computes a query into a table of its own. extra are further columns over the query's, such as the outcomes of rules, named r0, r1, …
func (c *scope) stage(ctx context.Context, n plan.Node, extra ...expr.Bound) (*staged, error) {
	exprs, names := columns(n.Schema()), make([]string, 0, n.Schema().NumFields()+len(extra))
	for i := range exprs {
		names = append(names, fmt.Sprintf("c%d", i))
	}
	for i := range extra {
		names = append(names, fmt.Sprintf("r%d", i))
	}
	project, err := plan.NewProject(n, append(exprs, extra...), names)
	if err != nil {
		return nil, err
	}
	st, err := c.newStage(ctx, project.Schema())
	if err != nil {
		return nil, err
	}
	text, err := c.query(project)
	if err != nil {
		return nil, err
	}
	return st, c.session.exec(ctx, definition{Name: c.session.name(st.ident), Location: c.session.location(st.ident), As: text}.String())
}

// stagedSource is a source's batch.
type stagedSource struct {
	*staged
	columns []int // of the source's schema, that were staged
}

// scan reads the first columns of a staged table under the names that they have in rows.
func (st *staged) scan(from plan.Node, rows *arrow.Schema) (plan.Node, error) {
	names := make([]string, rows.NumFields())
	for i, f := range rows.Fields() {
		names[i] = f.Name
	}
	return plan.NewProject(from, columns(st.rows)[:len(names)], names)
}

// columns are a schema's columns as expressions.
func columns(s *arrow.Schema) []expr.Bound {
	exprs := make([]expr.Bound, s.NumFields())
	for i, f := range s.Fields() {
		exprs[i] = expr.BoundColumn{Index: i, Name: f.Name, Typ: f.Type, Null: f.Nullable}
	}
	return exprs
}

// stageSource reads a source's batch in this process, as its splits and offsets are the source's own, and stages the columns that the query uses.
func (c *scope) stageSource(ctx context.Context, query plan.Node, r *plan.SourceRelation) error {
	if c.sources[r] != nil {
		return nil
	}
	used := usedColumns(query, r)
	fields := make([]arrow.Field, len(used))
	for i, at := range used {
		fields[i] = r.Rows.Field(at)
		fields[i].Name = fmt.Sprintf("c%d", i)
	}
	st, err := c.newStage(ctx, arrow.NewSchema(fields, nil))
	if err != nil {
		return err
	}
	c.sources[r] = &stagedSource{staged: st, columns: used}
	if c.session.dry {
		return c.session.exec(ctx, fmt.Sprintf("-- %s is read by this process, and staged as %s", r.Name(), c.session.name(st.ident)))
	}
	if err := c.writeSource(ctx, st, plan.NewScanOf(r, used), r); err != nil {
		return err
	}
	return c.session.nameTable(ctx, st.ident)
}

// writeSource writes the rows as a Delta table.
func (c *scope) writeSource(ctx context.Context, st *staged, scan plan.Scan, r *plan.SourceRelation) (err error) {
	tx := c.session.Open(st.ident).Begin(nil, delta.Operation{Name: "CREATE TABLE AS SELECT"})
	defer func() { err = errors.Join(err, tx.Abort(context.WithoutCancel(ctx))) }()
	if err := tx.SetMetadata(st.rows, delta.Metadata{Name: st.ident}); err != nil {
		return err
	}
	w, err := tx.NewWriter(delta.WriterConfig{})
	if err != nil {
		return err
	}
	env := &exec.Env{Alloc: c.session.Alloc}
	if err := exec.Run(ctx, env, w.Sink(), exec.Pipeline{Source: flow.SourceRows(scan, c.inputs.Sources[r], nil, &c.read)}); err != nil {
		return err
	}
	_, err = tx.Commit(ctx)
	return err
}

// source reads a staged source under its columns' names.
func (c *scope) source(r *plan.SourceRelation) string {
	st := c.sources[r]
	list := make([]string, len(st.columns))
	for i, at := range st.columns {
		list[i] = fmt.Sprintf("c%d AS %s", i, expr.Quote(r.Rows.Field(at).Name))
	}
	return "(SELECT " + strings.Join(list, ", ") + " FROM " + c.session.name(st.ident) + ")"
}

// usedColumns are the columns of a source that a query's scans ask for, ascending; those of its views among them.
func usedColumns(query plan.Node, r *plan.SourceRelation) []int {
	used := make([]bool, r.Rows.NumFields())
	mark(query, r, used)
	var list []int
	for i, u := range used {
		if u {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		list = []int{0} // rows that are only counted
	}
	return list
}

func mark(query plan.Node, r *plan.SourceRelation, used []bool) {
	plan.Walk(query, func(n plan.Node) bool {
		scan, ok := n.(plan.Scan)
		if !ok {
			return true
		}
		if v, ok := scan.Relation.(*plan.View); ok {
			mark(v.Query, r, used)
		}
		if scan.Relation != plan.Relation(r) {
			return true
		}
		for i := range used {
			used[i] = used[i] || scan.Columns == nil
		}
		for _, at := range scan.Columns {
			used[at] = true
		}
		return true
	})
}

// drop takes a staged table out of the catalog and deletes its files, which an external table keeps.
func (s *session) drop(ctx context.Context, ident string) error {
	if s.dry {
		return nil
	}
	if err := s.exec(ctx, "DROP TABLE IF EXISTS "+s.name(ident)); err != nil {
		return err
	}
	return s.deleteAll(ctx, s.Lake.Path(ident)+"/")
}

func (s *session) deleteAll(ctx context.Context, prefix string) error {
	var keys []string
	for info, err := range s.Lake.Store.List(ctx, prefix, "") {
		if err != nil {
			return err
		}
		keys = append(keys, info.Key)
	}
	return s.Lake.Store.Delete(ctx, keys...)
}

// sweep drops what runs that died more than a day ago have staged.
func (s *session) sweep(ctx context.Context) error {
	if s.swept || s.dry {
		return nil
	}
	s.swept = true
	folder := s.Lake.Path(s.config.StagingSchema) + "/"
	var dead []string
	for info, err := range s.Lake.Store.List(ctx, folder+stagingPrefix, "") {
		if err != nil {
			return err
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(info.Key, folder), "/")
		made, _, _ := strings.Cut(strings.TrimPrefix(name, stagingPrefix), "_")
		at, err := time.Parse(stagingTime, made)
		if err != nil || s.Now().Sub(at) < stagingAge || (len(dead) > 0 && dead[len(dead)-1] == name) {
			continue
		}
		dead = append(dead, name)
	}
	for _, name := range dead {
		if err := s.drop(ctx, s.config.StagingSchema+"."+name); err != nil {
			return fmt.Errorf("drop %s, which a dead run has left: %w", name, err)
		}
	}
	return nil
}

// fileName is the last part of a data file's path, as the warehouse shows it.
func fileName(p string) string {
	if decoded, err := url.PathUnescape(p); err == nil {
		p = decoded
	}
	return path.Base(p)
}
