package sql

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/medallion-go/medallion/expr"
)

// Table is a table that a statement names, perhaps as it was at a version or a time, or for what changed in it.
type Table struct {
	expr.Pos
	Name      string
	Travels   bool   // to Version, or where that is -1 to Timestamp
	Version   int64  // VERSION AS OF
	Timestamp string // TIMESTAMP AS OF, as written
	Changes   bool   // its changes are meant, from From to To, rather than its rows
	From, To  Moment
}

// String is the table as a key of Resolve's tables: its name, with the clause that travels behind it, or the function that gives its changes.
func (t Table) String() string {
	switch {
	case t.Changes:
		return t.changesText()
	case !t.Travels:
		return t.Name
	case t.Version >= 0:
		return fmt.Sprintf("%s VERSION AS OF %d", t.Name, t.Version)
	}
	return t.Name + " TIMESTAMP AS OF " + expr.QuoteString(t.Timestamp)
}

// travel reads what says which version of the table is meant: [FOR] VERSION AS OF 3, [FOR] TIMESTAMP AS OF '2026-01-31', or @v3.
func (p *parser) travel(t *Table) error {
	mark := p.Mark()
	if p.Is("@") {
		return p.travelAt(t)
	}
	p.Accept("FOR")
	switch {
	case p.Accept("VERSION", "AS", "OF"), p.Accept("SYSTEM_VERSION", "AS", "OF"):
		return p.travelVersion(t)
	case p.Accept("TIMESTAMP", "AS", "OF"), p.Accept("SYSTEM_TIME", "AS", "OF"):
		return p.travelTime(t)
	}
	p.Reset(mark)
	return nil
}

func (p *parser) travelVersion(t *Table) error {
	at := p.Next()
	n, err := strconv.ParseInt(strings.Trim(at.Text, `'"`), 10, 64)
	if err != nil || n < 0 {
		return p.Error(at, "write it as VERSION AS OF 3", "a version is a number")
	}
	t.Travels, t.Version = true, n
	return nil
}

// travelTime reads a time, which is text or TIMESTAMP'…'.
func (p *parser) travelTime(t *Table) error {
	p.Accept("TIMESTAMP")
	at := p.Next()
	if at.Kind != expr.TokenString {
		return p.Unsupported(at, "TIMESTAMP AS OF anything but a text, such as '2026-01-31 12:00:00',")
	}
	t.Travels, t.Version, t.Timestamp = true, -1, at.Text
	return nil
}

// travelAt reads @v3.
func (p *parser) travelAt(t *Table) error {
	at := p.Next()
	word := p.Next()
	digits, ok := strings.CutPrefix(strings.ToLower(word.Text), "v")
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil {
		return p.Error(at, "write it as @v3, or TIMESTAMP AS OF '2026-01-31'", "expected a version behind @")
	}
	t.Travels, t.Version = true, n
	return nil
}

// target reads the table that a statement changes.
func (p *parser) target() (Table, error) {
	t := Table{Pos: p.Peek().Pos}
	parts, err := p.tableParts()
	t.Name = strings.Join(parts, ".")
	return t, err
}

// targetAlias reads a target and its alias; without one the last part of its name is it.
func (p *parser) targetAlias() (Table, string, error) {
	t, err := p.target()
	if err != nil {
		return t, "", err
	}
	alias, ok, err := p.AcceptAlias()
	if !ok {
		alias = t.Name[strings.LastIndex(t.Name, ".")+1:]
	}
	return t, alias, err
}
