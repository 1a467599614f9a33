package csv

import (
	"bytes"

	"github.com/medallion-go/medallion/internal/columns"
)

// misfit is a value that does not fit its column, or has none.
type misfit struct {
	name       string
	column     *field // nil: behind the last
	start, end int    // its text in kept
}

// records reads records of d[:end] and gives how many bytes they were. d is padded and a newline must stand at d[end], or before it. If final, the last
// record may lack its newline, and nothing is left over.
func (r *Reader) records(d []byte, end int, final bool) (used int, err error) {
	at := 0
	for at < end {
		next, err := r.next(d, at, end, final)
		if err != nil || next == incomplete {
			return at, err
		}
		r.size += next - at
		at = next
		if r.all.Len() >= r.config.BatchRows || r.size >= maxBatch || r.rescued != nil && r.rescued.Bytes() >= maxRescued {
			if err := r.flush(); err != nil {
				return at, err
			}
		}
	}
	return at, nil
}

// next reads the record at d[at:] and gives where the one behind it begins, or incomplete.
func (r *Reader) next(d []byte, at, end int, final bool) (next int, err error) {
	if r.syntax.isBlank(d, at) {
		next = at + bytes.IndexByte(d[at:], '\n') + 1
		if next > end && !final {
			return incomplete, nil
		}
		r.line++
		return min(next, end), nil
	}
	if !r.named {
		return r.header(d, at, end, final)
	}
	if !r.started {
		r.start()
	}
	if next = r.record(d, at, end, final); next > end && !final {
		next = incomplete
	}
	if next == incomplete && end-at <= maxRecord {
		r.all.Truncate(r.all.Len())
		return incomplete, nil
	}
	if next < 0 {
		// Behind a quote that is never closed, each line with another would be looked through to the end.
		r.oneLine = r.oneLine || next != malformed
		return r.reject(d, at, end, final)
	}
	next = min(next, end)
	err = r.keep(d[at:next])
	r.line++
	if !r.oneLine {
		r.line += int64(bytes.Count(d[at:next-1], []byte{'\n'}))
	}
	return next, err
}

func (r *Reader) header(d []byte, at, end int, final bool) (next int, err error) {
	t := tokens{syntax: r.syntax, oneLine: r.oneLine, d: d, at: at, end: end, final: final}
	names, next := t.record()
	switch next {
	case incomplete:
		return incomplete, nil
	case malformed, unclosed:
		return 0, &MalformedError{Line: r.line, Value: columns.Excerpt(d[at:end]), Reason: "the quotes of the header are wrong"}
	}
	r.named = true
	next = min(next, end)
	err = r.bind(names)
	r.line += int64(bytes.Count(d[at:next], []byte{'\n'}))
	return next, err
}

// record reads the fields of a record into their columns.
func (r *Reader) record(d []byte, at, end int, final bool) (next int) {
	r.bad, r.kept = r.bad[:0], r.kept[:0]
	for i := range r.fields {
		f := &r.fields[i]
		next := r.plain(f, d, at)
		if next == slow {
			var text []byte
			var quoted bool
			if text, quoted, next = r.syntax.field(d, at, end, r.oneLine, final, &r.scratch); next < 0 {
				return next
			}
			r.put(f, text, quoted)
		}
		at = next + 1
		if d[next] == '\n' {
			r.fill(i + 1)
			return at
		}
	}
	return r.surplus(d, at, end, final)
}

// put appends a field's value.
func (r *Reader) put(f *field, text []byte, quoted bool) {
	switch {
	case f.col == nil:
		if f.rescue && len(text) > 0 {
			r.misfit(f.name, f, text)
		}
	case r.isNull(f, text, quoted):
		f.col.AppendNull()
		if f.needed {
			r.misfit(f.name, f, text)
		}
	case !f.col.AppendText(text):
		f.col.AppendNull()
		r.misfit(f.name, f, text)
	}
}

func (r *Reader) isNull(f *field, text []byte, quoted bool) bool {
	if len(text) == 0 {
		return !quoted || f.col.Kind() != columns.String && f.col.Kind() != columns.Binary
	}
	return !quoted && len(text) == len(r.config.Null) && string(text) == r.config.Null
}

func (r *Reader) misfit(name string, f *field, text []byte) {
	start := len(r.kept)
	r.kept = append(r.kept, text...)
	r.bad = append(r.bad, misfit{name, f, start, len(r.kept)})
}

// fill appends NULL to the columns whose fields, from the n-th on, a record lacks.
func (r *Reader) fill(n int) {
	if n == len(r.fields) {
		return
	}
	for i := n; i < len(r.fields); i++ {
		if c := r.fields[i].col; c != nil {
			c.AppendNull()
		}
	}
	r.bad = append(r.bad, misfit{column: &r.fields[n]})
}

// surplus keeps the fields behind the last column.
func (r *Reader) surplus(d []byte, at, end int, final bool) (next int) {
	for i := len(r.fields); ; i++ {
		text, _, next := r.syntax.field(d, at, end, r.oneLine, final, &r.scratch)
		if next < 0 {
			return next
		}
		r.misfit(positional(i), nil, text)
		at = next + 1
		if d[next] == '\n' {
			return at
		}
	}
}
