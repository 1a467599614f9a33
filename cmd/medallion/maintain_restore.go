package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/delta"
)

// restore makes a table what it was.
func restore(ctx context.Context, args []string, std streams) error {
	fs := flag.NewFlagSet("restore", flag.ContinueOnError)
	version := fs.Int64("version", -1, "version to go back to")
	timestamp := fs.String("timestamp", "", "go back to the version of that time")
	var o delta.RestoreOptions
	fs.BoolVar(&o.IgnoreMissing, "ignore-missing", false, "restore without the files that are gone, and thus without their rows")
	name, err := parse(fs, args, std.errs)
	if err != nil {
		return err
	}
	if *version < 0 && *timestamp == "" {
		return errors.New("name a --version or a --timestamp")
	}
	table, err := openTable(ctx, name)
	if err != nil {
		return err
	}
	old, err := snapshotOf(ctx, table, *version, *timestamp)
	if err != nil {
		return err
	}
	res, err := table.Restore(ctx, old, o)
	if err != nil {
		return err
	}
	m := res.Metrics
	_, err = fmt.Fprintf(std.out, "version %d is as version %d was: %s files came back, %s went, %s are there\n", res.Version, old.Version(),
		medallion.FormatCount(m["numRestoredFiles"]), medallion.FormatCount(m["numRemovedFiles"]), medallion.FormatCount(m["numOfFilesAfterRestore"]))
	return err
}

// clone makes a table that shares the files of another.
func clone(ctx context.Context, args []string, std streams) error {
	fs := flag.NewFlagSet("clone", flag.ContinueOnError)
	version := fs.Int64("version", -1, "version to clone; default: the newest")
	timestamp := fs.String("timestamp", "", "clone the version of that time")
	names, err := parseAll(fs, args, std.errs)
	if err == nil && len(names) != 2 {
		err = errUsage
	}
	if err != nil {
		return err
	}
	source, err := openTable(ctx, names[0])
	if err != nil {
		return err
	}
	target, err := openTable(ctx, names[1])
	if err != nil {
		return err
	}
	s, err := snapshotOf(ctx, source, *version, *timestamp)
	if err != nil {
		return err
	}
	res, err := s.ShallowClone(ctx, target, delta.CloneOptions{})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "version %d of %s has the %s files of version %d of %s\n", res.Version, target.Name(),
		medallion.FormatCount(res.Metrics["sourceNumOfFiles"]), s.Version(), source.Name())
	return err
}
