package delta

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"golang.org/x/sync/errgroup"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
)

// ConvertOptions says how a folder of Parquet files becomes a table. The zero ConvertOptions is usable.
type ConvertOptions struct {
	PartitionBy  []arrow.Field     // the columns whose values folders have, as day=2026-01-31/, from the outermost on; default: the folders have none
	NoStatistics bool              // nothing is taken from the files' footers but how many rows they have
	Properties   map[string]string // of the table
}

// Convert makes a table of the Parquet files under its path, which stay where they are (CONVERT TO DELTA). The columns are those of all files together, in the order
// in which they are first met; all may be NULL. Each must be of one type, or, with the property delta.enableTypeWidening, of types of which one is wider than
// the others. Files and folders whose names begin with _ or . are none of the table's. Nobody may add files meanwhile: what comes after the files were listed
// is not in the table. A path that has a table already stays as it is. The metric is Spark's numConvertedFiles.
func (t *Table) Convert(ctx context.Context, o ConvertOptions) (res *Result, err error) {
	switch s, err := t.Snapshot(ctx); {
	case err == nil:
		return &Result{Version: s.version, Metrics: map[string]int64{}}, nil
	case !errors.Is(err, ErrNotTable):
		return nil, err
	}
	c := &conversionTo{table: t, options: o}
	if err := c.list(ctx); err != nil {
		return nil, fmt.Errorf("delta: convert %s: %w", t.Name(), err)
	}
	files, fields, err := c.read(ctx)
	if err != nil {
		return nil, fmt.Errorf("delta: convert %s: %w", t.Name(), err)
	}
	partition := make([]string, len(o.PartitionBy))
	for i, f := range o.PartitionBy {
		partition[i] = f.Name
	}
	tx := t.Begin(nil, Operation{Name: "CONVERT", Parameters: map[string]string{
		"numFiles": strconv.Itoa(len(files)), "partitionedBy": jsonList(partition), "collectStats": strconv.FormatBool(!o.NoStatistics), "sourceFormat": "parquet",
	}})
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	m := Metadata{PartitionColumns: partition, Configuration: maps.Clone(o.Properties)}
	if err := tx.SetMetadata(arrow.NewSchema(fields, nil), m); err != nil {
		return nil, err
	}
	if mode := tx.current().mapping(); mode != mappingNone {
		return nil, &UnsupportedError{Feature: "columnMapping", Table: t.Name(), Detail: "files whose columns have names of their own"}
	}
	if err := c.add(tx, files); err != nil {
		return nil, err
	}
	tx.AddMetric("numConvertedFiles", int64(len(files)))
	res = &Result{Metrics: tx.metrics}
	res.Version, err = tx.Commit(ctx)
	return res, err
}

// conversionTo is the way from files to a table.
type conversionTo struct {
	table   *Table
	options ConvertOptions
	objects []storage.Info
}

// converted is a file and what its footer tells.
type converted struct {
	info   storage.Info
	values []PartitionValue
	fields []arrow.Field
	rows   int64
	groups []parquet.RowGroup
}

// list finds the files.
func (c *conversionTo) list(ctx context.Context) error {
	root := c.table.log.root
	for o, err := range c.table.store.List(ctx, root, "") {
		if err != nil {
			return err
		}
		if !c.hidden(strings.TrimPrefix(o.Key, root)) {
			c.objects = append(c.objects, o)
		}
	}
	if len(c.objects) == 0 {
		return fmt.Errorf("%w: there is no file", ErrNotTable)
	}
	return nil
}

func (c *conversionTo) hidden(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		column, _, _ := strings.Cut(part, "=")
		if part != "" && (part[0] == '_' || part[0] == '.') && schema.Find(c.options.PartitionBy, decodePath(column)) < 0 {
			return true
		}
	}
	return false
}

// read reads all footers, and merges their columns, behind which those of the partitions come.
func (c *conversionTo) read(ctx context.Context) ([]*converted, []arrow.Field, error) {
	files := make([]*converted, len(c.objects))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(replayParallel)
	for i, o := range c.objects {
		g.Go(func() (err error) {
			files[i], err = c.file(gctx, o)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	var fields []arrow.Field
	u := columnUnion{widens: c.options.Properties[typeWideningProperty] == "true"}
	for _, f := range files {
		var err error
		if fields, err = u.fields(nil, fields, f.fields); err != nil {
			return nil, nil, fmt.Errorf("file %s: %w", f.info.Key, err)
		}
	}
	fields = slices.DeleteFunc(fields, func(f arrow.Field) bool { return schema.Find(c.options.PartitionBy, f.Name) >= 0 })
	for _, p := range c.options.PartitionBy {
		p.Nullable = true
		fields = append(fields, p)
	}
	return files, fields, nil
}

func (c *conversionTo) file(ctx context.Context, o storage.Info) (*converted, error) {
	values, err := c.values(strings.TrimPrefix(o.Key, c.table.log.root))
	if err != nil {
		return nil, err
	}
	object, err := c.table.store.Open(ctx, o.Key)
	if err != nil {
		return nil, err
	}
	f := &converted{info: o, values: values}
	p, err := parquet.Open(object, o.Size, parquet.ReaderConfig{Name: o.Key, Alloc: c.table.config.Alloc})
	if err == nil {
		f.fields, f.groups = plain(p.Schema().Fields()), p.RowGroups()
		for _, g := range f.groups {
			f.rows += g.Rows
		}
	}
	return f, errors.Join(err, object.Close())
}

// values are those that the folders of a file say its partition columns have.
func (c *conversionTo) values(name string) ([]PartitionValue, error) {
	var values []PartitionValue
	for folder := range strings.SplitSeq(path.Dir(name), "/") {
		column, text, ok := strings.Cut(folder, "=")
		if !ok {
			continue
		}
		i := len(values)
		if i >= len(c.options.PartitionBy) || !strings.EqualFold(c.options.PartitionBy[i].Name, decodePath(column)) {
			return nil, fmt.Errorf("file %s lies in %s, which PartitionBy does not tell of at that place", name, folder)
		}
		v := PartitionValue{Column: c.options.PartitionBy[i].Name, Value: decodePath(text)}
		if v.Null = v.Value == nullDirectory || v.Value == ""; v.Null {
			v.Value = ""
		} else if _, ok := parseScalar(v.Value, c.options.PartitionBy[i].Type); !ok {
			return nil, fmt.Errorf("file %s lies in %s, whose value is no %s", name, folder, schema.Name(c.options.PartitionBy[i].Type))
		}
		values = append(values, v)
	}
	if len(values) < len(c.options.PartitionBy) {
		return nil, fmt.Errorf("file %s does not lie in a folder of the partition column %s", name, c.options.PartitionBy[len(values)].Name)
	}
	return values, nil
}

// add adds the files, with the statistics that their footers have.
func (c *conversionTo) add(tx *Transaction, files []*converted) error {
	m := tx.current()
	w := newStatsWriter(m.Metadata, m.dataFields())
	leaves := 0
	for _, f := range m.dataFields() {
		leaves += countLeaves(f.Type)
	}
	for _, f := range files {
		footer := &parquet.Footer{Rows: f.rows, Columns: make([]parquet.ColumnStats, leaves)}
		for i := range footer.Columns {
			footer.Columns[i].NullCount = -1
		}
		if !c.options.NoStatistics {
			f.fill(footer, w.root, f.fields, nil)
		}
		tx.Add(&File{
			Path: encodePath(strings.TrimPrefix(f.info.Key, c.table.log.root)), PartitionValues: f.values, Size: f.info.Size,
			ModificationTime: f.info.ModTime.UnixMilli(), DataChange: true, Stats: w.json(footer),
		})
	}
	return nil
}
