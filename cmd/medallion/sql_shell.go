package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"golang.org/x/term"

	"github.com/medallion-go/medallion/expr"
)

// shell is a conversation: statements as they are typed, over one or several lines, each ended by a semicolon.
type shell struct {
	read    func(prompt string) (string, error) // a line; io.EOF at the end
	execute func(statement string) error
	out     *bufio.Writer
}

const shellHelp = `Statements end in a semicolon and may go over several lines.
  SHOW TABLES;  or \d         the tables given by --table
  DESCRIBE name;  or \d name  a table's columns
  EXPLAIN [ANALYZE] SELECT …; how a query runs, and what each part of it took
  delta.` + "`path`" + `, parquet.` + "`path`" + `, json.` + "`path`" + `, csv.` + "`path`" + ` name tables by where they lie
  \q                          quit
`

// run talks until the input ends or \q is typed. A statement that fails is told, and the conversation goes on.
func (s *shell) run() error {
	pending := ""
	for {
		prompt := "sql> "
		if pending != "" {
			prompt = "  -> "
		}
		line, err := s.read(prompt)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if command, ok := strings.CutPrefix(strings.TrimSpace(line), `\`); ok && pending == "" {
			if command == "q" {
				return nil
			}
			line = s.command(command)
		}
		if pending, err = s.statements(pending + line + "\n"); err != nil {
			return err
		}
	}
}

// command is the statement that a line with a backslash stands for; help is printed instead.
func (s *shell) command(command string) string {
	word, name, _ := strings.Cut(command, " ")
	switch name = strings.TrimSpace(name); {
	case word == "d" && name == "":
		return "SHOW TABLES;"
	case word == "d":
		return "DESCRIBE " + name + ";"
	}
	fmt.Fprint(s.out, shellHelp)
	return ""
}

// statements runs the statements that are whole, and gives what is still to be completed.
func (s *shell) statements(text string) (rest string, err error) {
	whole, rest := splitStatements(text)
	if len(whole) == 0 && strings.HasSuffix(strings.TrimSpace(rest), ";") {
		whole, rest = []string{rest}, "" // text without tokens: its error is to be told
	}
	for _, statement := range whole {
		if err := s.execute(statement); err != nil {
			fmt.Fprintln(s.out, err)
			var at *expr.Error
			if errors.As(err, &at) {
				fmt.Fprint(s.out, at.Excerpt(statement))
			}
		}
	}
	if strings.TrimSpace(rest) == "" {
		rest = ""
	}
	return rest, s.out.Flush()
}

// converse runs a shell on a terminal, with lines that can be edited and a history of them. An interrupt ends the statement that runs.
func (o *sqlOptions) converse(ctx context.Context, db *database, file *os.File, std streams) error {
	fmt.Fprint(std.out, "medallion sql: \\? for help, \\q to quit\n")
	if err := std.out.Flush(); err != nil {
		return err
	}
	console := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{file, os.Stdout}, "")
	s := shell{out: std.out}
	s.read = func(prompt string) (string, error) {
		state, err := term.MakeRaw(int(file.Fd()))
		if err != nil {
			return "", err
		}
		console.SetPrompt(prompt)
		line, err := console.ReadLine()
		return line, errors.Join(err, term.Restore(int(file.Fd()), state))
	}
	s.execute = func(statement string) error {
		ctx, stop := signal.NotifyContext(context.WithoutCancel(ctx), os.Interrupt)
		defer stop()
		return o.execute(ctx, db, statement, std.out)
	}
	return s.run()
}
