package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/engine/statement"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/source/files"
)

// database is the tables that statements may name, and the session that runs them.
type database struct {
	session session
	places  map[string]string // what --table said, by name
	params  []sql.Arg
	delta   map[string]*delta.Table
	nodes   map[string]plan.Node // as they were opened last; of data files, for good
	views   statement.Views
}

// session runs queries and tells how.
type session interface {
	engine.Session
	engine.Profiler
}

// openDatabase opens every table that is named, so that a wrong name is told at once.
func openDatabase(ctx context.Context, places map[string]string, params []sql.Arg, config local.Config) (*database, error) {
	run := engine.Run{ID: uuid.NewString(), Now: time.Now, NewID: uuid.NewString, Logger: slog.New(slog.DiscardHandler)}
	opened, err := local.New(config).Open(ctx, run)
	if err != nil {
		return nil, err
	}
	d := &database{session: opened.(session), places: places, params: params, delta: map[string]*delta.Table{}, nodes: map[string]plan.Node{}}
	for _, name := range d.names() {
		if err := d.open(ctx, name); err != nil {
			return nil, errors.Join(fmt.Errorf("table %s: %w", name, err), d.close())
		}
	}
	return d, nil
}

func (d *database) close() error { return d.session.Close() }

// names are the tables that --table gave, in order.
func (d *database) names() []string { return slices.Sorted(maps.Keys(d.places)) }

// Resolve plans a query over the newest versions of its tables, or those that it asks for.
func (d *database) Resolve(ctx context.Context, q *sql.Query) (plan.Node, error) {
	views, err := d.views.In(ctx, q, d.Resolve)
	if err != nil {
		return nil, err
	}
	for _, t := range q.Tables() {
		switch _, isView := views[t.Name]; {
		case isView:
		case t.Travels || t.Changes:
			err = d.travel(ctx, t)
		default:
			err = d.open(ctx, t.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", t, err)
		}
	}
	nodes := d.nodes
	if len(views) > 0 {
		for name, n := range d.nodes {
			if !d.views.Has(name) {
				views[name] = n
			}
		}
		nodes = views
	}
	n, err := q.Resolve(nodes)
	var unknown *expr.Error
	if len(nodes) == 0 && errors.As(err, &unknown) && unknown.Class == "TABLE_OR_VIEW_NOT_FOUND" {
		unknown.Hint = "name it with --table name=TABLE, or write where it lies: delta.`/path/to/table`, parquet.`…`, json.`…` or csv.`…`"
	}
	return n, err
}

// List is the tables that --table gave.
func (d *database) List() []statement.Listing {
	var list []statement.Listing
	for _, name := range d.names() {
		list = append(list, statement.Listing{Name: name, Location: d.places[name]})
	}
	return list
}

// Open is the Delta table of a name that statements change.
func (d *database) Open(ctx context.Context, name string) (*delta.Table, error) {
	place, ok := d.deltaPlace(name)
	if !ok {
		return nil, &expr.Error{
			Class: "TABLE_OR_VIEW_NOT_FOUND", SQLState: "42P01", Message: "there is no Delta table " + name,
			Hint: "name it with --table, or write delta.`/path/to/table`",
		}
	}
	return d.table(ctx, place)
}

// deltaPlace is where the Delta table of a name lies.
func (d *database) deltaPlace(name string) (place string, ok bool) {
	for given, place := range d.places {
		if strings.EqualFold(given, name) {
			return place, !isDataFile(place)
		}
	}
	format, place, ok := strings.Cut(name, ".")
	return place, ok && strings.EqualFold(format, "delta")
}

// table opens a Delta table once.
func (d *database) table(ctx context.Context, place string) (*delta.Table, error) {
	if t, ok := d.delta[place]; ok {
		return t, nil
	}
	t, err := openTable(ctx, place)
	if err != nil {
		return nil, err
	}
	d.delta[place] = t
	return t, nil
}

// travel makes the node of a table as it was, or of its changes. A table that has no versions has none.
func (d *database) travel(ctx context.Context, named sql.Table) error {
	place, ok := d.deltaPlace(named.Name)
	if !ok {
		return d.open(ctx, named.Name)
	}
	t, err := d.table(ctx, place)
	if err != nil {
		return err
	}
	if named.Changes {
		changes, err := statement.Changes(ctx, t, named)
		if err != nil {
			return err
		}
		d.nodes[named.String()] = plan.NewScan(&flow.Feed{Ident: named.String(), Changes: changes})
		return nil
	}
	s, err := statement.Snapshot(ctx, t, named)
	if err != nil {
		return err
	}
	d.nodes[named.String()] = plan.NewScan(&flow.Version{Ident: named.String(), Snapshot: s})
	return nil
}

// open makes the node of a table: one that --table gave, or a path with its format before it, as in delta.`/data/orders`. A name that is neither has none.
func (d *database) open(ctx context.Context, name string) error {
	for given, place := range d.places {
		if strings.EqualFold(given, name) {
			return d.openPlace(ctx, given, place, files.Auto)
		}
	}
	format, place, ok := strings.Cut(name, ".")
	if !ok {
		return nil
	}
	switch strings.ToLower(format) {
	case "delta":
		return d.openDelta(ctx, name, place)
	case "parquet":
		return d.openPlace(ctx, name, below(place, ".parquet"), files.Parquet)
	case "json":
		return d.openPlace(ctx, name, below(place, ".json"), files.NDJSON)
	case "csv":
		return d.openPlace(ctx, name, below(place, ".csv"), files.CSV)
	}
	return nil
}

// below is a place of data files: a file or glob as it is, a folder as its files of the kind.
func below(place, extension string) string {
	if isDataFile(place) {
		return place
	}
	return strings.TrimSuffix(place, "/") + "/**/*" + extension
}

func (d *database) openPlace(ctx context.Context, name, place string, format files.FileFormat) error {
	if format == files.Auto && !isDataFile(place) {
		return d.openDelta(ctx, name, place)
	}
	return d.openFiles(ctx, name, place, format)
}

func (d *database) openDelta(ctx context.Context, name, place string) error {
	t, err := d.table(ctx, place)
	if err != nil {
		return err
	}
	s, err := t.Snapshot(ctx)
	if errors.Is(err, delta.ErrNotTable) {
		return notFound("%s is no Delta table", place)
	}
	if err != nil {
		return err
	}
	d.nodes[name] = plan.NewScan(&flow.Version{Ident: name, Snapshot: s})
	return nil
}

// openFiles infers the schema of data files, once. What the columns cannot hold is in _rescued_data; Parquet files, whose types are their own, do without.
func (d *database) openFiles(ctx context.Context, name, place string, format files.FileFormat) error {
	if _, ok := d.nodes[name]; ok {
		return nil
	}
	store, key, err := locate(ctx, place)
	if err != nil {
		return err
	}
	options := []files.Option{files.Format(format), files.InferColumnTypes(), files.CSVOptions(files.CSVConfig{MultiLine: true})}
	rescued := "" // a column that is not shown
	if isParquet(place, format) {
		rescued = "_medallion_rescued_data" // so that _rescued_data of the files, such as a bronze table's, is a column like the others
		options = append(options, files.RescuedDataColumn(rescued))
	} else {
		options = append(options, files.Evolution(files.Rescue))
	}
	src := files.In(store, key, options...)
	switch present, err := anyFile(ctx, src); {
	case err != nil:
		return err
	case !present:
		return notFound("no file matches %s", place)
	}
	rows, err := src.Schema(ctx)
	if err != nil {
		return err
	}
	rel := &plan.SourceRelation{Source: src, Rows: rows}
	var columns []int
	for i, f := range rows.Fields() {
		if f.Name != rescued {
			columns = append(columns, i)
		}
	}
	d.nodes[name] = plan.NewScanOf(rel, columns)
	return nil
}

func isParquet(place string, format files.FileFormat) bool {
	return format == files.Parquet || format == files.Auto && strings.HasSuffix(strings.ToLower(place), ".parquet")
}

func anyFile(ctx context.Context, src *files.Source) (bool, error) {
	for _, err := range src.State(ctx, nil) {
		return err == nil, err
	}
	return false, nil
}

// notFound is Spark's error for a path without rows.
func notFound(format string, args ...any) error {
	return &expr.Error{Class: "PATH_NOT_FOUND", SQLState: "42K03", Message: fmt.Sprintf(format, args...)}
}
