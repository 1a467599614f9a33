package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/delta/check"
)

// checkTable prints every violation of the protocol, one a line, in the order of the log.
func checkTable(ctx context.Context, args []string, std streams) error {
	fs := flag.NewFlagSet("check", flag.ContinueOnError)
	var o check.Options
	fs.BoolVar(&o.Deep, "deep", false, "read the data files too, and hold statistics, constraints and deletion vectors against their rows")
	name, err := parse(fs, args, std.errs)
	if err != nil {
		return err
	}
	store, key, err := locate(ctx, name)
	if err != nil {
		return err
	}
	found, unchecked := int64(0), int64(0)
	o.Unchecked = func(v check.Violation) {
		unchecked++
		fmt.Fprintln(std.errs, v)
	}
	err = check.Walk(ctx, store, key, o, func(v check.Violation) error {
		found++
		_, err := fmt.Fprintln(std.out, v)
		return err
	})
	switch {
	case err != nil:
		return err
	case found == 1:
		return errors.New("1 violation of the protocol")
	case found > 1:
		return fmt.Errorf("%s violations of the protocol", medallion.FormatCount(found))
	}
	text := "no violations"
	if unchecked > 0 {
		text += fmt.Sprintf("; could not be checked: %s", medallion.FormatCount(unchecked))
	}
	_, err = fmt.Fprintln(std.out, text)
	return err
}
