package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/delta"
)

// optimize packs a table's small files into larger ones, or orders its rows.
func optimize(ctx context.Context, args []string, std streams) error {
	fs := flag.NewFlagSet("optimize", flag.ContinueOnError)
	where := fs.String("where", "", "a condition on partition columns; default: all partitions")
	var o delta.OptimizeOptions
	fs.Func("zorder-by", "columns, with commas between, that the rows of each partition are ordered by", func(text string) error {
		o.ZOrderBy = strings.Split(text, ",")
		return nil
	})
	fs.BoolVar(&o.Full, "full", false, "of a clustered table: cluster also files anew that are clustered by other columns")
	table, err := parseTable(ctx, fs, args, std.errs)
	if err != nil {
		return err
	}
	res, err := table.Optimize(ctx, *where, o)
	if err != nil {
		return err
	}
	return printRearranged(std, res, "pack")
}

// reorg rewrites a table's files that hold rows that are deleted or columns that were dropped.
func reorg(ctx context.Context, args []string, std streams) error {
	fs := flag.NewFlagSet("reorg", flag.ContinueOnError)
	where := fs.String("where", "", "a condition on partition columns; default: all partitions")
	table, err := parseTable(ctx, fs, args, std.errs)
	if err != nil {
		return err
	}
	res, err := table.Reorg(ctx, *where, delta.OptimizeOptions{})
	if err != nil {
		return err
	}
	return printRearranged(std, res, "purge")
}

func printRearranged(std streams, res *delta.Result, verb string) error {
	m := res.Metrics
	if m["numRemovedFiles"] == 0 {
		_, err := fmt.Fprintf(std.out, "nothing to %s among %s files of version %d\n", verb, medallion.FormatCount(m["totalConsideredFiles"]), res.Version)
		return err
	}
	_, err := fmt.Fprintf(std.out, "version %d: %s files of %s became %s of %s\n", res.Version,
		medallion.FormatCount(m["numRemovedFiles"]), medallion.FormatBytes(m["numRemovedBytes"]),
		medallion.FormatCount(m["numAddedFiles"]), medallion.FormatBytes(m["numAddedBytes"]))
	return err
}

// vacuum removes the files that a table needs no longer, or lists them.
func vacuum(ctx context.Context, args []string, std streams) error {
	fs := flag.NewFlagSet("vacuum", flag.ContinueOnError)
	var o delta.VacuumOptions
	fs.Func("retain", "hours for which versions keep their files; default: the table's retention", func(text string) (err error) {
		o.Retention, err = retention(text)
		return err
	})
	fs.BoolVar(&o.DryRun, "dry-run", false, "list the files, each with the reason why it goes, and remove none")
	fs.BoolVar(&o.Lite, "lite", false, "remove only files that the log tells of, without listing the table's folder")
	fs.BoolVar(&o.Force, "force", false, "retain files for a shorter time than the table's: nobody may read or write it meanwhile")
	table, err := parseTable(ctx, fs, args, std.errs)
	if err != nil {
		return err
	}
	res, err := table.Vacuum(ctx, o)
	if err != nil {
		return err
	}
	return printVacuumed(std, res, o.DryRun)
}

// retention reads a number of hours for VacuumOptions.
func retention(text string) (time.Duration, error) {
	hours, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || hours < 0 || hours > maxHours:
		return 0, errors.New("it is a number of hours")
	case hours == 0:
		return -1, nil
	}
	return time.Duration(hours * float64(time.Hour)), nil
}

// maxHours is about what a time.Duration holds.
const maxHours = 2_500_000

func printVacuumed(std streams, res *delta.VacuumResult, dry bool) error {
	did := "removed"
	if dry {
		did = "would remove"
		for _, f := range res.Files {
			fmt.Fprintf(std.out, "%12d  %s  (%v)\n", f.Size, f.Path, f.Reason)
		}
	}
	_, err := fmt.Fprintf(std.out, "%s %s files of %s\n", did, medallion.FormatCount(int64(len(res.Files))), medallion.FormatBytes(res.Bytes))
	return err
}
