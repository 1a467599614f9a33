package ndjson

import "github.com/medallion-go/medallion/internal/columns"

// What the functions that read a value give instead of where it ends.
const (
	malformed = -1 // the line is no JSON
	unfit     = -2 // the value does not fit the column, to which nothing was appended
)

// maxDepth bounds how deep values nest.
const maxDepth = 500

// value reads the value at d[at:] into the node's column and gives where it ends, or malformed.
func (p *Parser) value(n *node, d []byte, at int) int {
	if d[at] <= ' ' {
		at = space(d, at)
	}
	end := unfit
	switch n.kind {
	case columns.String:
		if d[at] == '"' {
			return p.text(n.col, d, at+1)
		}
	case columns.Int64, columns.Int32, columns.Int16, columns.Int8:
		end = integer(n.col, d, at)
	case columns.Float64, columns.Float32:
		end = p.float(n.col, d, at)
	case columns.Decimal:
		end = p.decimal(n.col, d, at)
	case columns.Timestamp, columns.TimestampNTZ, columns.Date:
		end = p.time(n.col, d, at)
	case columns.Bool:
		end = boolean(n.col, d, at)
	case columns.Binary:
		end = p.binary(n.col, d, at)
	case columns.Struct:
		if d[at] == '{' {
			if end = p.object(n, d, at+1); end >= 0 {
				n.col.AppendStruct()
			}
		}
	case columns.List:
		if d[at] == '[' {
			end = p.list(n, d, at+1)
		}
	case columns.Map:
		if d[at] == '{' {
			end = p.pairs(n, d, at+1)
		}
	case columns.Void:
	}
	if end != unfit {
		return end
	}
	return p.other(n, d, at)
}

// other reads NULL, and what does not fit.
func (p *Parser) other(n *node, d []byte, at int) int {
	if isNull(d, at) {
		n.col.AppendNull()
		if n.needed && p.strict {
			p.bad = append(p.bad, misfit{node: n, value: d[at : at+4]})
		}
		return at + 4
	}
	end := skip(d, at, maxDepth-n.depth)
	if end < 0 {
		return malformed
	}
	if n.kind == columns.String {
		p.scratch = columns.AppendUTF8(p.scratch[:0], d[at:end])
		n.col.AppendBytes(p.scratch)
		return end
	}
	n.col.AppendNull()
	p.bad = append(p.bad, misfit{node: n, value: d[at:end]})
	return end
}

// object reads the fields of a struct behind its brace.
func (p *Parser) object(n *node, d []byte, at int) int {
	row, read := n.col.Len(), 0
	if at = space(d, at); d[at] == '}' {
		p.fill(n, row)
		return at + 1
	}
	var before *node
	guess := n.first
	for {
		field := guess
		if field != nil && field.stands(d, at) {
			at += len(field.key)
		} else if field, at = p.field(n, before, row, d, at); at < 0 {
			return malformed
		}
		if field != nil {
			switch {
			case field.col == nil:
				at = skip(d, space(d, at), maxDepth-field.depth)
			case field.col.Len() > row:
				if at = p.again(n, field, d, row, at); at >= 0 {
					at = p.value(field, d, at)
				}
			default:
				at = p.value(field, d, at)
				read++
			}
			if at < 0 {
				return malformed
			}
			before, guess = field, field.next
		}
		if d[at] <= ' ' {
			at = space(d, at)
		}
		switch d[at] {
		case ',':
			at++
			continue
		case '}':
			if read != n.wanted {
				p.fill(n, row)
			}
			return at + 1
		}
		return malformed
	}
}

// field finds a field that was not guessed by its name, and remembers that it came after before. It gives where the value may begin. A field that the
// struct lacks is nil, and skipped; so is one of another case when the column has its value.
func (p *Parser) field(n, before *node, row int, d []byte, at int) (field *node, end int) {
	start := space(d, at)
	if d[start] != '"' {
		return nil, malformed
	}
	field, exactly, at := p.name(n, d, start+1)
	switch {
	case at < 0:
		return nil, malformed
	case field == nil || !exactly && field.col != nil && field.col.Len() > row:
		return nil, p.unknown(n, d, start, at)
	case before == nil:
		n.first = field
	default:
		before.next = field
	}
	if !exactly {
		field.loose = place{p.line, row, start}
	}
	return field, at
}

// name reads a field's name behind its quote, and the colon. It gives the field, nil if the struct has none of that name, and where the value may begin.
func (p *Parser) name(n *node, d []byte, at int) (field *node, exactly bool, end int) {
	closing := stringEnd(d, at)
	if closing < 0 {
		return nil, false, malformed
	}
	name := d[at:closing]
	if !isPlain(name) {
		p.scratch, _ = unescape(p.scratch[:0], d, at)
		name = p.scratch
	}
	field, exactly = n.find(name)
	if at = space(d, closing+1); d[at] != ':' {
		return nil, false, malformed
	}
	return field, exactly, at + 1
}

// unknown skips the value of a field that the schema lacks, and rescues it.
func (p *Parser) unknown(n *node, d []byte, start, at int) int {
	at = space(d, at)
	end := skip(d, at, maxDepth-n.depth-1)
	if end >= 0 && p.rescued != nil {
		p.bad = append(p.bad, misfit{node: n, name: d[start : stringEnd(d, start+1)+1], value: d[at:end]})
	}
	return end
}

// again forgets the value of a name that occurs once more. One that was taken for the column's although its case differs is rescued: it is another field.
func (p *Parser) again(parent, field *node, d []byte, row, at int) int {
	field.col.Truncate(row)
	kept := p.bad[:0]
	for _, b := range p.bad {
		if !b.node.within(field) {
			kept = append(kept, b)
		}
	}
	p.bad = kept
	if was := field.loose; was.line == p.line && was.row == row {
		field.loose = place{}
		if p.unknown(parent, d, was.at, space(d, stringEnd(d, was.at+1)+1)+1) < 0 {
			return malformed
		}
	}
	return at
}

// fill appends NULL to the fields that a struct's object lacks.
func (p *Parser) fill(n *node, row int) {
	for _, k := range n.kids {
		if k.col == nil || k.col.Len() > row {
			continue
		}
		k.col.AppendNull()
		if k.needed && p.strict {
			p.bad = append(p.bad, misfit{node: k})
		}
	}
}

// list reads the elements of an array behind its bracket. Where one does not fit, the whole array is rescued: elements have no names.
func (p *Parser) list(n *node, d []byte, at int) int {
	start, mark := at-1, len(p.bad)
	element := n.kids[0]
	if at = space(d, at); d[at] == ']' {
		n.col.AppendList()
		return at + 1
	}
	for {
		if at = p.value(element, d, at); at < 0 {
			return malformed
		}
		if d[at] <= ' ' {
			at = space(d, at)
		}
		if d[at] == ',' {
			at++
			continue
		}
		if d[at] != ']' {
			return malformed
		}
		n.col.AppendList()
		p.whole(n, mark, d[start:at+1])
		return at + 1
	}
}

// whole replaces what was found in a list or map by all of it. A strict parser keeps the part, to name it.
func (p *Parser) whole(n *node, mark int, value []byte) {
	if len(p.bad) > mark && !p.strict {
		p.bad = append(p.bad[:mark], misfit{node: n, value: value})
	}
}
