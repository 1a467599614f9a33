package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
)

// convert makes a table of a folder of Parquet files.
func convert(ctx context.Context, args []string, std streams) error {
	fs := flag.NewFlagSet("convert", flag.ContinueOnError)
	var o delta.ConvertOptions
	fs.Func("partitioned-by", "columns of the folders, with their types, as in day DATE, country STRING", func(text string) error {
		columns, err := schema.ParseDDL(text)
		if err == nil {
			o.PartitionBy = columns.Fields()
		}
		return err
	})
	fs.BoolVar(&o.NoStatistics, "no-statistics", false, "take from the files' footers only how many rows they have")
	table, err := parseTable(ctx, fs, args, std.errs)
	if err != nil {
		return err
	}
	res, err := table.Convert(ctx, o)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "version %d: made a table of %s\n", res.Version, counted(int(res.Metrics["numConvertedFiles"]), "file"))
	return err
}

// generate writes which files a table has.
func generate(ctx context.Context, args []string, std streams) error {
	fs := flag.NewFlagSet("generate", flag.ContinueOnError)
	table, err := parseTable(ctx, fs, args, std.errs)
	if err != nil {
		return err
	}
	return table.GenerateManifest(ctx)
}

// fsck takes files out of a table that are gone.
func fsck(ctx context.Context, args []string, std streams) error {
	fs := flag.NewFlagSet("fsck", flag.ContinueOnError)
	var o delta.RepairOptions
	fs.BoolVar(&o.DryRun, "dry-run", false, "list the files and commit nothing")
	table, err := parseTable(ctx, fs, args, std.errs)
	if err != nil {
		return err
	}
	res, err := table.Repair(ctx, o)
	if err != nil {
		return err
	}
	for _, f := range res.Files {
		fmt.Fprintln(std.out, f)
	}
	for _, f := range res.Vectors {
		fmt.Fprintf(std.out, "%s  (stays: its deletion vector is gone)\n", f)
	}
	did := "taken out of the table"
	if o.DryRun {
		did = "gone"
	}
	_, err = fmt.Fprintf(std.out, "version %d: %s %s\n", res.Version, counted(len(res.Files), "file"), did)
	return err
}
