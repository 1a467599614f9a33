package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/schema"
)

// tablePrinter lays rows out for people: columns aligned, numbers to the right, names and types above them, how many rows and how long below.
type tablePrinter struct {
	out         io.Writer
	rows, width int // most rows, and most characters of a value
	fields      []arrow.Field
	cells       [][]string
}

func (p *tablePrinter) begin(s *arrow.Schema) error {
	p.fields = s.Fields()
	return nil
}

func (p *tablePrinter) batch(rec arrow.RecordBatch) error {
	for row := range int(rec.NumRows()) {
		if len(p.cells) >= p.rows {
			return nil
		}
		cells := make([]string, rec.NumCols())
		for i, c := range rec.Columns() {
			cells[i] = p.cut(textOf(c, row, "NULL"))
		}
		p.cells = append(p.cells, cells)
	}
	return nil
}

// cut makes a value one line of bounded width. A table of one column, such as a plan, stays as it is.
func (p *tablePrinter) cut(text string) string {
	if len(p.fields) == 1 {
		return text
	}
	text = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text)
	if p.width > 0 && utf8.RuneCountInString(text) > p.width {
		return string([]rune(text)[:p.width-1]) + "…"
	}
	return text
}

func (p *tablePrinter) end(rows int64, took time.Duration) error {
	widths := make([]int, len(p.fields))
	var names, types, rule []string
	for i, f := range p.fields {
		widths[i] = max(utf8.RuneCountInString(f.Name), utf8.RuneCountInString(schema.Name(f.Type)))
		for _, cells := range p.cells {
			for line := range strings.Lines(cells[i]) {
				widths[i] = max(widths[i], utf8.RuneCountInString(strings.TrimSuffix(line, "\n")))
			}
		}
		names, types, rule = append(names, f.Name), append(types, schema.Name(f.Type)), append(rule, strings.Repeat("─", widths[i]+2))
	}
	if len(p.fields) > 0 {
		for _, head := range [][]string{names, types} {
			if err := p.line(head, widths); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintln(p.out, strings.Join(rule, "┼")); err != nil {
			return err
		}
	}
	for _, cells := range p.cells {
		if err := p.line(cells, widths); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(p.out, "%s%s\n\n", p.count(rows), round(took))
	return err
}

func (p *tablePrinter) line(cells []string, widths []int) error {
	var b strings.Builder
	for i, cell := range cells {
		if len(cells) == 1 {
			cell = strings.ReplaceAll(strings.TrimSuffix(cell, "\n"), "\n", "\n ")
		}
		pad := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(cell)))
		if i > 0 {
			b.WriteString(" │")
		}
		b.WriteByte(' ')
		if isNumber(p.fields[i].Type) {
			b.WriteString(pad + cell)
		} else {
			b.WriteString(cell + pad)
		}
	}
	_, err := fmt.Fprintln(p.out, strings.TrimRight(b.String(), " "))
	return err
}

func (p *tablePrinter) count(rows int64) string {
	text := medallion.FormatCount(rows) + " rows, "
	if rows == 1 {
		text = "1 row, "
	}
	if shown := int64(len(p.cells)); shown < rows {
		text = "the first " + medallion.FormatCount(shown) + " of " + text
	}
	return text
}

func round(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(10 * time.Millisecond)
}

func isNumber(t arrow.DataType) bool {
	return arrow.IsInteger(t.ID()) || arrow.IsFloating(t.ID()) || arrow.IsDecimal(t.ID())
}

// textOf is a value as people write it: strings as they are, timestamps as CAST to STRING writes them, and everything nested as JSON.
func textOf(a arrow.Array, row int, null string) string {
	if a.IsNull(row) {
		return null
	}
	text := string(schema.AppendJSON(nil, a, row))
	switch a.DataType().ID() {
	case arrow.NULL:
		return null
	case arrow.LIST, arrow.MAP, arrow.STRUCT:
		return text
	}
	if !strings.HasPrefix(text, `"`) {
		return text
	}
	if plain, err := strconv.Unquote(text); err == nil {
		text = plain
	} else if err := json.Unmarshal([]byte(text), &text); err != nil {
		return text
	}
	if a.DataType().ID() == arrow.TIMESTAMP {
		text = strings.TrimSuffix(strings.Replace(text, "T", " ", 1), "Z")
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// jsonPrinter writes each row as an object.
type jsonPrinter struct {
	out io.Writer
	buf []byte
}

func (p *jsonPrinter) begin(*arrow.Schema) error { return nil }

func (p *jsonPrinter) batch(rec arrow.RecordBatch) error {
	for row := range int(rec.NumRows()) {
		p.buf = append(schema.AppendRowJSON(p.buf[:0], rec, row), '\n')
		if _, err := p.out.Write(p.buf); err != nil {
			return err
		}
	}
	return nil
}

func (p *jsonPrinter) end(int64, time.Duration) error { return nil }

// csvPrinter writes the columns' names, then the rows; NULL is empty.
type csvPrinter struct {
	out   *csv.Writer
	cells []string
}

func newCSVPrinter(out io.Writer) *csvPrinter { return &csvPrinter{out: csv.NewWriter(out)} }

func (p *csvPrinter) begin(s *arrow.Schema) error {
	if s.NumFields() == 0 {
		return nil // an empty line would be a column without a name
	}
	names := make([]string, s.NumFields())
	for i, f := range s.Fields() {
		names[i] = f.Name
	}
	return p.out.Write(names)
}

func (p *csvPrinter) batch(rec arrow.RecordBatch) error {
	for row := range int(rec.NumRows()) {
		p.cells = p.cells[:0]
		for _, c := range rec.Columns() {
			p.cells = append(p.cells, textOf(c, row, ""))
		}
		if err := p.out.Write(p.cells); err != nil {
			return err
		}
	}
	return nil
}

func (p *csvPrinter) end(int64, time.Duration) error {
	p.out.Flush()
	return p.out.Error()
}
