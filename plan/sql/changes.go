package sql

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/medallion-go/medallion/expr"
)

// Moment is where a range of a table's changes begins or ends: a version, or where that is -1 a time as written. Without either it is the newest version.
type Moment struct {
	Version   int64
	Timestamp string
}

// String is the moment as SQL.
func (m Moment) String() string {
	if m.Version >= 0 {
		return strconv.FormatInt(m.Version, 10)
	}
	return expr.QuoteString(m.Timestamp)
}

// newest is the moment that a range ends at when it does not say.
func (m Moment) newest() bool { return m.Version < 0 && m.Timestamp == "" }

// changesText is table_changes with these arguments.
func (t Table) changesText() string {
	text := "table_changes(" + expr.QuoteString(t.Name) + ", " + t.From.String()
	if !t.To.newest() {
		text += ", " + t.To.String()
	}
	return text + ")"
}

// announcesChanges tells whether a token is the name of a function that gives a table's changes.
func announcesChanges(t expr.Token) bool {
	return strings.EqualFold(t.Text, "table_changes") || strings.EqualFold(t.Text, "table_changes_by_path")
}

// tableChanges reads table_changes('table', from [, to]) or table_changes_by_path('/path', from [, to]), in which from and to are versions or times.
func (p *parser) tableChanges() (relation, error) {
	call := p.Next()
	t := tableName{Table: Table{Pos: call.Pos, Changes: true, To: Moment{Version: -1}}, alias: "table_changes"}
	if err := p.Expect("("); err != nil {
		return nil, err
	}
	name := p.Next()
	if name.Kind != expr.TokenString {
		return nil, p.Error(name, "write it as table_changes('orders', 3)", "the table is named by a text")
	}
	var err error
	if t.Name, err = p.changedTable(call, name); err != nil {
		return nil, err
	}
	if err = p.Expect(","); err != nil {
		return nil, err
	}
	if t.From, err = p.moment(); err != nil {
		return nil, err
	}
	if p.Accept(",") {
		if t.To, err = p.moment(); err != nil {
			return nil, err
		}
	}
	if err = p.Expect(")"); err != nil {
		return nil, err
	}
	alias, columns, err := p.alias()
	if alias != "" {
		t.alias, t.columns = alias, columns
	}
	return t, err
}

// changedTable is the table that a text names, as it would be named in FROM.
func (p *parser) changedTable(call, name expr.Token) (string, error) {
	if strings.EqualFold(call.Text, "table_changes_by_path") {
		return "delta." + name.Text, nil
	}
	inner, err := newParser(name.Text, nil)
	if err == nil {
		var t Table
		if t, err = inner.target(); err == nil && inner.end() == nil {
			return t.Name, nil
		}
	}
	return "", p.Error(name, "write it as table_changes('silver.orders', 3)", "%s is no name of a table", expr.QuoteString(name.Text))
}

// moment reads a version, or a time, which is text or TIMESTAMP'…'.
func (p *parser) moment() (Moment, error) {
	p.Accept("TIMESTAMP")
	t := p.Next()
	if t.Kind == expr.TokenString {
		return Moment{Version: -1, Timestamp: t.Text}, nil
	}
	n, err := strconv.ParseInt(t.Text, 10, 64)
	if t.Kind != expr.TokenNumber || err != nil {
		return Moment{}, p.Unsupported(t, fmt.Sprintf("%s as where changes begin or end, which is a version or a time as text,", t.Text))
	}
	return Moment{Version: n}, nil
}
