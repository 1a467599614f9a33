package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan/sql"
)

// sqlOptions are sql's flags.
type sqlOptions struct {
	tables tableFlags
	params paramFlags
	engine local.Config
	format string
	rows   int
	width  int
	batch  bool
}

// tableFlags are the tables that --table gives, by name.
type tableFlags map[string]string

// String is for flag.Value.
func (t tableFlags) String() string { return "" }

// Set reads name=TABLE.
func (t tableFlags) Set(text string) error {
	name, table, ok := strings.Cut(text, "=")
	if !ok || name == "" || table == "" {
		return errors.New("write it as name=TABLE")
	}
	for other := range t {
		if strings.EqualFold(other, name) {
			return fmt.Errorf("the table %s is given twice", name)
		}
	}
	t[name] = table
	return nil
}

// paramFlags are the values that --param gives to :name.
type paramFlags []sql.Arg

// String is for flag.Value.
func (p *paramFlags) String() string { return "" }

// Set reads name=VALUE, where the value is a constant as SQL writes it.
func (p *paramFlags) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return errors.New("write it as name=VALUE")
	}
	n, err := expr.Parse(value)
	if err == nil {
		_, err = expr.Bind(n, expr.Scope{})
	}
	if err != nil {
		return fmt.Errorf("the value is to be a constant as SQL writes it, such as 1, 'text' or DATE'2026-01-31': %w", err)
	}
	*p = append(*p, sql.Arg{Name: name, Value: n})
	return nil
}

// runSQL runs one query, a script, or a conversation.
func runSQL(ctx context.Context, args []string, std streams) (err error) {
	o := sqlOptions{tables: tableFlags{}}
	fs := flag.NewFlagSet("sql", flag.ContinueOnError)
	fs.Var(o.tables, "table", "name=TABLE: a table that statements may read; may be repeated")
	fs.Var(&o.params, "param", "name=VALUE: what :name stands for, a constant as SQL writes it; may be repeated")
	fs.Func("memory", "most memory, beyond which operators spill: bytes, or 512MB, 2GB; default: a quarter of what there is, at most 1GB", func(s string) (err error) {
		o.engine.Memory, err = parseBytes(s)
		return err
	})
	fs.IntVar(&o.engine.Workers, "workers", 0, "goroutines that compute; default: one per processor")
	fs.StringVar(&o.format, "format", "table", "how rows are printed: table, json (an object a line) or csv")
	fs.IntVar(&o.rows, "rows", 1000, "most rows that a table shows")
	fs.IntVar(&o.width, "width", 60, "most characters that a table shows of a value")
	fs.BoolVar(&o.batch, "batch", false, "read requests and write answers as lines of JSON")
	texts, err := parseAll(fs, args, std.errs)
	if err != nil {
		return err
	}
	if len(texts) > 1 || o.batch && len(texts) > 0 {
		return errUsage
	}
	if _, err := o.printer(std.out); err != nil {
		fmt.Fprintln(std.errs, err)
		return errUsage
	}
	db, err := openDatabase(ctx, o.tables, o.params, o.engine)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	return o.serve(ctx, db, texts, std)
}

func (o *sqlOptions) serve(ctx context.Context, db *database, texts []string, std streams) error {
	if len(texts) == 1 {
		return o.script(ctx, db, texts[0], std)
	}
	if file, ok := std.in.(*os.File); ok && !o.batch && term.IsTerminal(int(file.Fd())) {
		return o.converse(ctx, db, file, std)
	}
	if c, ok := std.in.(io.Closer); ok {
		stop := context.AfterFunc(ctx, func() { _ = c.Close() }) // ends a read that waits
		defer stop()
	}
	if o.batch {
		return serveBatch(ctx, db, std.in, std.out)
	}
	text, err := io.ReadAll(std.in)
	if err != nil {
		return err
	}
	return o.script(ctx, db, string(text), std)
}

// script runs statements one after the other, up to the first that fails.
func (o *sqlOptions) script(ctx context.Context, db *database, text string, std streams) error {
	statements, rest := splitStatements(text)
	if strings.TrimSpace(rest) != "" {
		statements = append(statements, rest)
	}
	if len(statements) == 0 {
		return errUsage
	}
	for _, s := range statements {
		if err := o.execute(ctx, db, s, std.out); err != nil {
			return &textError{text: s, err: err}
		}
	}
	return nil
}

// textError is an error in SQL text.
type textError struct {
	text string
	err  error
}

// Error is the error's own text.
func (e *textError) Error() string { return e.err.Error() }

// Unwrap gives the error.
func (e *textError) Unwrap() error { return e.err }

// excerpt shows the place of an error in SQL text; empty: it has none.
func excerpt(err error) string {
	var in *textError
	var at *expr.Error
	if !errors.As(err, &in) || !errors.As(in.err, &at) {
		return ""
	}
	return at.Excerpt(in.text)
}

// splitStatements gives the statements that end in a semicolon, and what stands after the last. A text that has no tokens, such as an open string, is
// rest as a whole. Each statement keeps its place within its first line.
func splitStatements(text string) (statements []string, rest string) {
	tokens, err := expr.Tokens(text)
	if err != nil {
		return nil, text
	}
	from, empty := 0, true
	for _, t := range tokens {
		switch {
		case t.Kind == expr.TokenEOF:
			if empty {
				return statements, ""
			}
		case t.Is(";") && !empty:
			statements = append(statements, strings.TrimLeft(text[from:t.End], " \t\r\n"))
			from, empty = t.End, true
		case t.Is(";"):
			from = t.End
		default:
			empty = false
		}
	}
	return statements, strings.TrimLeft(text[from:], " \t\r\n")
}

// parseBytes reads a number of bytes: 1048576, 512MB, 2GB. Units are powers of 1024.
func parseBytes(text string) (int64, error) {
	digits := strings.TrimRight(strings.ToUpper(strings.TrimSpace(text)), "KMGTIB")
	shift, ok := map[string]int{"": 0, "B": 0, "K": 10, "M": 20, "G": 30, "T": 40}[strings.TrimRight(strings.ToUpper(strings.TrimSpace(text))[len(digits):], "IB")]
	n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
	if err != nil || !ok || n < 1 || n > 1<<(62-shift) {
		return 0, fmt.Errorf("%q is no size: write it as 1048576, 512MB or 2GB", text)
	}
	return n << shift, nil
}
