package ndjson

import (
	"bytes"

	"github.com/medallion-go/medallion/internal/columns"
)

// misfit is a value that does not fit its column, or a field that the schema lacks. It points into the line.
type misfit struct {
	node  *node  // the column; of an unknown field the struct that lacks it
	name  []byte // of an unknown field, with its quotes; nil otherwise
	value []byte // nil: a column that may not be NULL is missing
}

// keep ends a row that was read, with what did not fit.
func (p *Parser) keep(line []byte) error {
	p.root.col.AppendStruct()
	if len(p.bad) > 0 && p.strict {
		return p.misfitError(p.bad[0])
	}
	if p.corrupt != nil {
		if p.rescued == nil && len(p.bad) > 0 {
			p.appendCorrupt(line)
		} else {
			p.corrupt.AppendNull()
		}
	}
	if p.rescued != nil {
		if len(p.bad) > 0 {
			p.appendRescued()
		} else {
			p.rescued.AppendNull()
		}
	}
	return nil
}

// reject makes a row of a line that is no JSON object.
func (p *Parser) reject(line []byte) error {
	line = content(line)
	if p.strict {
		return &MalformedError{Line: p.line, Value: columns.Excerpt(line), Reason: "not a JSON object"}
	}
	if len(line) > maxLine {
		return p.tooLong(len(line))
	}
	p.root.col.Truncate(p.root.col.Len())
	p.root.col.AppendNull()
	if p.corrupt != nil {
		p.appendCorrupt(line)
	}
	if p.rescued == nil {
		return nil
	}
	if p.corrupt != nil {
		p.rescued.AppendNull()
		return nil
	}
	p.scratch = columns.AppendJSONString(append(p.scratch[:0], `{"_corrupt_record":`...), line)
	p.endRescued()
	return nil
}

// content is a line without what ends it.
func content(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte{'\n'}), []byte{'\r'})
}

func (p *Parser) appendCorrupt(line []byte) {
	p.scratch = appendWellFormed(p.scratch[:0], content(line))
	p.corrupt.AppendBytes(p.scratch)
	p.counts.Corrupt++
}

// appendRescued writes the misfits as an object in which each stands where it stood in the line.
func (p *Parser) appendRescued() {
	out := append(p.scratch[:0], '{')
	p.open = append(p.open[:0], p.root)
	for _, m := range p.bad {
		parent := m.node
		if m.name == nil {
			parent = m.node.parent
		}
		out = p.enter(out, parent)
		if m.name != nil {
			out = append(appendWellFormed(out, m.name), ':')
		} else {
			out = append(out, m.node.key...)
		}
		out = append(appendJSON(out, m.value), ',')
	}
	p.scratch = p.enter(out, p.root)
	p.scratch = p.scratch[:len(p.scratch)-1]
	p.endRescued()
}

// appendJSON appends a value as it stands, with quotes around NaN and the infinities, which are no JSON.
func appendJSON(dst, value []byte) []byte {
	done := 0
	d := value[:cap(value)] // with the padding behind the line
	for at := 0; at < len(value); at++ {
		switch value[at] {
		case '"':
			at = stringEnd(d, at+1)
		case 'N', 'I', '+', '-':
			if n := bareFloat(d, at); n > 0 {
				dst = append(appendWellFormed(dst, value[done:at]), '"')
				dst = append(append(dst, value[at:at+n]...), '"')
				at, done = at+n-1, at+n
			}
		}
	}
	return appendWellFormed(dst, value[done:])
}

// enter closes the objects that parent is not in and opens those that it is in.
func (p *Parser) enter(out []byte, parent *node) []byte {
	for last := len(p.open) - 1; !parent.within(p.open[last]); last-- {
		out[len(out)-1] = '}'
		out = append(out, ',')
		p.open = p.open[:last]
	}
	return p.descend(out, parent)
}

func (p *Parser) descend(out []byte, to *node) []byte {
	if p.open[len(p.open)-1] == to {
		return out
	}
	out = p.descend(out, to.parent)
	p.open = append(p.open, to)
	return append(append(out, to.key...), '{')
}

// endRescued appends the object in scratch, whose last brace is missing, to the rescued data.
func (p *Parser) endRescued() {
	p.scratch = columns.AppendJSONString(append(p.scratch, `,"_file_path":`...), []byte(p.config.File))
	p.scratch = append(p.scratch, '}')
	p.rescued.AppendBytes(p.scratch)
	p.counts.Rescued++
}

func (p *Parser) misfitError(m misfit) error {
	e := &MalformedError{Line: p.line, Column: m.node.path(), Type: m.node.typ.String(), Value: columns.Excerpt(m.value), Reason: "the value does not fit"}
	switch {
	case m.value == nil:
		e.Reason = "the column may not be NULL and is missing"
	case string(m.value) == "null":
		e.Reason = "the column may not be NULL"
	}
	return e
}
