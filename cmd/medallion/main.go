// Medallion looks into Delta tables and data files, and keeps tables in order.
//
//	medallion describe TABLE [--version N]
//	medallion history  TABLE [--limit N]
//	medallion cat      TABLE [--version N | --timestamp T] [--columns a,b] [--where SQL] [--limit N]
//	medallion changes  TABLE --from N | --from-timestamp T [--to N | --to-timestamp T] [--columns a,b] [--where SQL] [--limit N] [--format json|csv|table]
//	medallion check    TABLE [--deep]
//	medallion optimize TABLE [--where SQL] [--zorder-by a,b] [--full]
//	medallion reorg    TABLE [--where SQL]
//	medallion restore  TABLE --version N | --timestamp T [--ignore-missing]
//	medallion clone    TABLE TARGET [--version N | --timestamp T]
//	medallion convert  FOLDER [--partitioned-by 'day DATE, …'] [--no-statistics]
//	medallion generate TABLE
//	medallion fsck     TABLE [--dry-run]
//	medallion vacuum   TABLE [--lite] [--retain HOURS] [--dry-run] [--force]
//	medallion sql      [--table name=TABLE]… [--format table|json|csv] ['SELECT …']
//	medallion sql      [--table name=TABLE]… --batch
//	medallion help     [VERB]
//
// TABLE is the path or URL (s3://bucket/prefix) of a Delta table, or, for cat, a Parquet, NDJSON or CSV file or glob. cat prints rows as JSON, one object a
// line, and changes, in the same way, the rows that versions changed; check prints every breach of the protocol, with the commit that made it; optimize packs
// small files into larger ones, or orders rows; reorg rewrites files that hold deleted rows; restore goes
// back to an older version; clone makes a table that shares the files of another; convert makes one of a folder of Parquet
// files; generate writes a manifest of its files for engines that know no Delta; fsck takes files out of it that are gone; vacuum removes the files that no
// version of the table's retention needs; sql runs a query, a script on standard input, or what is typed at its prompt, and prints tables for people;
// docs/sql.md describes it. The exit status is 0, 1 for a failure with one line on standard error (and, for SQL, the place in the text below it), 2 for wrong
// use.
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
	"slices"
	"strings"

	"github.com/medallion-go/medallion"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// errUsage is wrong use; what is wrong has been said.
var errUsage = errors.New("wrong use")

// helpError is a wish for help with a verb: what its flags mean.
type helpError struct{ flags string }

func (*helpError) Error() string { return "help" }

// streams are the process's own.
type streams struct {
	in   io.Reader
	out  *bufio.Writer
	errs io.Writer
}

// verb is one of the tool's commands.
type verb struct {
	name, usage, does string
	run               func(ctx context.Context, args []string, std streams) error
}

func verbs() []verb {
	return []verb{
		{"describe", "describe TABLE [--version N]", "schema, protocol, features, properties, files, rows and bytes", describe},
		{"history", "history TABLE [--limit N]", "the commits, newest first", history},
		{"cat", "cat TABLE [--version N | --timestamp T] [--columns a,b] [--where SQL] [--limit N]", "rows as JSON, one object a line; TABLE may be data files", cat},
		{"changes", "changes TABLE --from N | --from-timestamp T [--to N | --to-timestamp T] [--columns a,b] [--where SQL] [--limit N] [--format json|csv|table]", "the rows that versions changed", changes},
		{"check", "check TABLE [--deep]", "every breach of the protocol, with the commit that made it; --deep reads the data files too", checkTable},
		{"optimize", "optimize TABLE [--where SQL] [--zorder-by a,b] [--full]", "pack small files into larger ones, or order their rows", optimize},
		{"reorg", "reorg TABLE [--where SQL]", "rewrite files that hold deleted rows or dropped columns", reorg},
		{"restore", "restore TABLE --version N | --timestamp T [--ignore-missing]", "go back to an older version, in a new commit", restore},
		{"clone", "clone TABLE TARGET [--version N | --timestamp T]", "make a table that shares the files of another", clone},
		{"convert", "convert FOLDER [--partitioned-by 'day DATE, …'] [--no-statistics]", "make a table of a folder of Parquet files, which stay where they are", convert},
		{"generate", "generate TABLE", "write a manifest of the files, for engines that know no Delta", generate},
		{"fsck", "fsck TABLE [--dry-run]", "take files out of the table that are gone", fsck},
		{"vacuum", "vacuum TABLE [--lite] [--retain HOURS] [--dry-run] [--force]", "remove files that no version of the table's retention needs", vacuum},
		{"sql", "sql [--table name=TABLE]… [--param name=VALUE]… [--format table|json|csv] [--rows N] [--width N] [--memory BYTES] [--workers N] [--batch | 'SELECT …']", "run a query, a script, what is typed at the prompt, or requests of programs", runSQL},
	}
}

// run is main without the process around it.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	if len(args) == 0 {
		usage(errs)
		return 2
	}
	if args = askedHelp(args); len(args) == 0 {
		usage(out)
		return 0
	}
	for _, v := range verbs() {
		if v.name != args[0] {
			continue
		}
		w := bufio.NewWriter(out)
		err := errors.Join(v.run(ctx, args[1:], streams{in, w, errs}), w.Flush())
		var help *helpError
		switch {
		case err == nil:
			return 0
		case errors.As(err, &help):
			fmt.Fprintf(out, "medallion %s\n\n%s: %s\n%s", v.usage, v.name, v.does, help.flags)
			return 0
		case errors.Is(err, errUsage):
			fmt.Fprintf(errs, "usage: medallion %s\n", v.usage)
			return 2
		default:
			fmt.Fprintf(errs, "medallion: %s\n%s", strings.ReplaceAll(err.Error(), "\n", "; "), excerpt(err))
			return 1
		}
	}
	fmt.Fprintf(errs, "medallion: there is no command %q\n", args[0])
	usage(errs)
	return 2
}

// askedHelp makes -h of the words that ask for help: none are left of help itself, and "help cat" is "cat -h".
func askedHelp(args []string) []string {
	if !slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		return args
	}
	if len(args) > 1 {
		return []string{args[1], "-h"}
	}
	return nil
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage:")
	for _, v := range verbs() {
		fmt.Fprintf(w, "  medallion %s\n        %s\n", v.usage, v.does)
	}
	fmt.Fprintln(w, "\nTABLE is the path or URL (s3://bucket/prefix) of a Delta table; \"medallion help VERB\" says what its flags mean.")
}

// parse reads the one TABLE and the flags, which may stand before or after it.
func parse(fs *flag.FlagSet, args []string, errs io.Writer) (table string, err error) {
	tables, err := parseAll(fs, args, errs)
	if err == nil && len(tables) != 1 {
		err = errUsage
	}
	if err != nil {
		return "", err
	}
	return tables[0], nil
}

// parseAll reads the flags, wherever they stand, and gives the other arguments.
func parseAll(fs *flag.FlagSet, args []string, errs io.Writer) (others []string, err error) {
	fs.SetOutput(errs)
	fs.Usage = func() {}
	for len(args) > 0 {
		if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
			var flags strings.Builder
			fs.SetOutput(&flags)
			fs.PrintDefaults()
			return nil, &helpError{flags.String()}
		} else if err != nil {
			return nil, errUsage
		}
		if args = fs.Args(); len(args) > 0 {
			others, args = append(others, args[0]), args[1:]
		}
	}
	return others, nil
}

// counted is a number of things, such as 1 file or 2 files.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return medallion.FormatCount(int64(n)) + " " + thing
}
