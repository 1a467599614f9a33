package main

import (
	"context"
	"errors"
	"flag"
	"math"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/expr"
)

// changesOptions are changes' flags.
type changesOptions struct {
	from, to         int64
	fromTime, toTime string
	columns, where   string
	limit            int64
	format           string
}

// changes prints the rows that a range of versions changed.
func changes(ctx context.Context, args []string, std streams) error {
	var o changesOptions
	fs := flag.NewFlagSet("changes", flag.ContinueOnError)
	fs.Int64Var(&o.from, "from", -1, "first version")
	fs.StringVar(&o.fromTime, "from-timestamp", "", "begin with the first version that is not earlier")
	fs.Int64Var(&o.to, "to", -1, "last version; default: the newest")
	fs.StringVar(&o.toTime, "to-timestamp", "", "end with the last version that is not later")
	fs.StringVar(&o.columns, "columns", "", "columns to print, separated by commas; default: all")
	fs.StringVar(&o.where, "where", "", "SQL condition")
	fs.Int64Var(&o.limit, "limit", -1, "most rows to print; default: all")
	fs.StringVar(&o.format, "format", "json", "json, csv or table")
	name, err := parse(fs, args, std.errs)
	if err != nil {
		return err
	}
	config, err := o.config()
	if err != nil {
		return err
	}
	table, err := openTable(ctx, name)
	if err != nil {
		return err
	}
	c, err := table.Changes(ctx, config)
	if err != nil {
		return err
	}
	scan, printed, err := o.open(c)
	if err != nil {
		return err
	}
	out, err := (&sqlOptions{format: o.format, rows: math.MaxInt}).printer(std.out)
	if err != nil {
		return err
	}
	return o.print(ctx, scan, printed, out)
}

// config is the range of versions.
func (o *changesOptions) config() (c delta.ChangesConfig, err error) {
	switch {
	case (o.from < 0) == (o.fromTime == ""):
		return c, errors.New("give one of --from and --from-timestamp")
	case o.to >= 0 && o.toTime != "":
		return c, errors.New("--to and --to-timestamp exclude each other")
	case o.to >= 0:
		c.To = &o.to
	}
	if c.From = o.from; o.fromTime != "" {
		if c.FromTime, err = parseTime(o.fromTime); err != nil {
			return c, err
		}
	}
	if o.toTime != "" {
		c.ToTime, err = parseTime(o.toTime)
	}
	return c, err
}

// open plans to read the columns that are printed, and after them those that the condition reads besides.
func (o *changesOptions) open(c *delta.Changes) (scan *delta.ChangesScan, printed *arrow.Schema, err error) {
	at, printed, err := choose(c.Schema(), o.columns)
	if err != nil {
		return nil, nil, err
	}
	config := delta.ScanConfig{Columns: at}
	if o.where != "" {
		where, err := bindWhere(c.Schema(), o.where)
		if err != nil {
			return nil, nil, err
		}
		for _, i := range expr.Columns(where) {
			if !slices.Contains(config.Columns, i) {
				config.Columns = append(config.Columns, i)
			}
		}
		config.Filter = expr.MapColumns(where, func(i int) int { return slices.Index(config.Columns, i) })
	}
	scan, err = c.Scan(config)
	return scan, printed, err
}

// print writes rows up to the limit.
func (o *changesOptions) print(ctx context.Context, scan *delta.ChangesScan, s *arrow.Schema, out printer) error {
	start, rows := time.Now(), int64(0)
	if err := out.begin(s); err != nil {
		return err
	}
	for rec, err := range scan.Records(ctx) {
		if err != nil {
			return err
		}
		n := rec.NumRows()
		if o.limit >= 0 {
			n = min(n, o.limit-rows)
		}
		whole := array.NewRecordBatch(s, rec.Columns()[:s.NumFields()], rec.NumRows())
		part := whole.NewSlice(0, n)
		err := out.batch(part)
		part.Release()
		whole.Release()
		if err != nil {
			return err
		}
		if rows += n; rows == o.limit {
			break
		}
	}
	return out.end(rows, time.Since(start))
}
