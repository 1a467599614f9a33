// Medallion looks into Delta tables and data files.
//
//	medallion describe TABLE [--version N]
//	medallion history  TABLE [--limit N]
//	medallion cat      TABLE [--version N | --timestamp T] [--columns a,b] [--where SQL] [--limit N]
//
// TABLE is the path or URL (s3://bucket/prefix) of a Delta table, or a Parquet, NDJSON or CSV file or glob. Rows are printed as JSON, one object a line. The exit
// status is 0, 1 for a failure with one line on standard error, 2 for wrong use.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// errUsage is wrong use; what is wrong has been said.
var errUsage = errors.New("wrong use")

// verb is one of the tool's commands.
type verb struct {
	name, usage string
	run         func(ctx context.Context, args []string, out io.Writer, errs io.Writer) error
}

func verbs() []verb {
	return []verb{
		{"describe", "describe TABLE [--version N]", describe},
		{"history", "history TABLE [--limit N]", history},
		{"cat", "cat TABLE [--version N | --timestamp T] [--columns a,b] [--where SQL] [--limit N]", cat},
	}
}

// run is main without the process around it.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	if len(args) == 0 {
		usage(errs)
		return 2
	}
	for _, v := range verbs() {
		if v.name != args[0] {
			continue
		}
		w := bufio.NewWriter(out)
		err := errors.Join(v.run(ctx, args[1:], w, errs), w.Flush())
		switch {
		case err == nil:
			return 0
		case errors.Is(err, errUsage):
			fmt.Fprintf(errs, "usage: medallion %s\n", v.usage)
			return 2
		default:
			fmt.Fprintf(errs, "medallion: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
			return 1
		}
	}
	fmt.Fprintf(errs, "medallion: there is no command %q\n", args[0])
	usage(errs)
	return 2
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage:")
	for _, v := range verbs() {
		fmt.Fprintf(w, "  medallion %s\n", v.usage)
	}
}

// parse reads the one TABLE and the flags, which may stand before or after it.
func parse(fs *flag.FlagSet, args []string, errs io.Writer) (table string, err error) {
	fs.SetOutput(errs)
	fs.Usage = func() {}
	var tables []string
	for len(args) > 0 {
		if err := fs.Parse(args); err != nil {
			return "", errUsage
		}
		if args = fs.Args(); len(args) > 0 {
			tables, args = append(tables, args[0]), args[1:]
		}
	}
	if len(tables) != 1 {
		return "", errUsage
	}
	return tables[0], nil
}
