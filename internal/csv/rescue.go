package csv

import (
	"bytes"
	"fmt"

	"github.com/medallion-go/medallion/internal/columns"
)

// keep ends a row that was read, with what did not fit.
func (r *Reader) keep(record []byte) error {
	r.all.AppendStruct()
	if len(record) > maxRecord {
		return r.tooLong(len(record))
	}
	if len(r.bad) == 0 {
		r.keepNothing()
		return nil
	}
	if r.strict {
		return r.misfitError(record)
	}
	short := r.bad[len(r.bad)-1].name == ""
	if r.corrupt != nil {
		if short || r.rescued == nil {
			r.appendCorrupt(record)
		} else {
			r.corrupt.AppendNull()
		}
	}
	if r.rescued != nil {
		r.appendRescued(record, short)
	}
	return nil
}

func (r *Reader) keepNothing() {
	if r.corrupt != nil {
		r.corrupt.AppendNull()
	}
	if r.rescued != nil {
		r.rescued.AppendNull()
	}
}

// reject makes a row of the line at d[at:], whose quotes are wrong.
func (r *Reader) reject(d []byte, at, end int, final bool) (next int, err error) {
	next = at + bytes.IndexByte(d[at:end], '\n') + 1
	if next == at {
		if !final && end-at <= maxRecord {
			r.all.Truncate(r.all.Len())
			return incomplete, nil
		}
		next = end
	}
	line := content(d[at:next])
	if r.strict {
		return 0, &MalformedError{Line: r.line, Value: columns.Excerpt(line), Reason: "the quotes are wrong"}
	}
	if len(line) > maxRecord {
		return 0, r.tooLong(len(line))
	}
	r.line++
	r.all.Truncate(r.all.Len())
	r.all.AppendNull()
	if r.corrupt != nil {
		r.appendCorrupt(line)
	}
	if r.rescued == nil {
		return next, nil
	}
	if r.corrupt != nil {
		r.rescued.AppendNull()
		return next, nil
	}
	r.bad = r.bad[:0]
	r.appendRescued(line, true)
	return next, nil
}

func (r *Reader) tooLong(length int) error {
	return fmt.Errorf("csv: the record at line %d has %d bytes, more than %d", r.line, length, maxRecord)
}

// content is a record without what ends it.
func content(record []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(record, []byte{'\n'}), []byte{'\r'})
}

func (r *Reader) appendCorrupt(record []byte) {
	r.scratch = columns.AppendUTF8(r.scratch[:0], content(record))
	r.corrupt.AppendBytes(r.scratch)
	r.counts.Corrupt++
}

// appendRescued writes the misfits as an object of strings. A malformed record goes there whole, unless there is a column of its own for that.
func (r *Reader) appendRescued(record []byte, whole bool) {
	out := append(r.scratch[:0], '{')
	for _, m := range r.bad {
		if m.name == "" {
			continue
		}
		out = append(columns.AppendJSONString(out, []byte(m.name)), ':')
		out = append(columns.AppendJSONString(out, r.kept[m.start:m.end]), ',')
	}
	if whole && r.corrupt == nil {
		out = append(columns.AppendJSONString(append(out, `"_corrupt_record":`...), content(record)), ',')
	}
	if len(out) == 1 {
		r.rescued.AppendNull()
		r.scratch = out
		return
	}
	out = columns.AppendJSONString(append(out, `"_file_path":`...), []byte(r.config.File))
	r.scratch = append(out, '}')
	r.rescued.AppendBytes(r.scratch)
	r.counts.Rescued++
}

func (r *Reader) misfitError(record []byte) error {
	m := r.bad[0]
	e := &MalformedError{Line: r.line, Column: m.name, Value: columns.Excerpt(r.kept[m.start:m.end]), Reason: "the value does not fit"}
	switch {
	case m.column == nil:
		e.Reason = "there is no such column"
	case m.name == "":
		e.Column, e.Reason, e.Value = m.column.name, "the record has too few fields", columns.Excerpt(content(record))
	case m.column.needed && m.start == m.end:
		e.Reason = "the column may not be NULL"
	}
	if m.column != nil && m.column.col != nil {
		e.Type = m.column.col.Type().String()
	}
	return e
}
