package ndjson

import (
	"bytes"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/columns"
)

const (
	padding = 64      // how many bytes behind a line's end may be looked at
	maxKept = 4 << 20 // the largest scratch buffer that is kept for the next chunk
)

// Parse reads whole lines, the last of which may lack its newline, and yields them as batches; the last batch of a chunk is rarely full. firstLine is the
// number of the chunk's first line, for errors; at 1 a byte order mark is skipped. A batch is borrowed until yield returns. The chunk is not kept.
func (p *Parser) Parse(chunk []byte, firstLine int64, yield func(arrow.RecordBatch, Counts) error) error {
	p.line, p.yield = firstLine, yield
	if firstLine == 1 {
		chunk = bytes.TrimPrefix(chunk, []byte("\ufeff"))
	}
	err := p.parse(chunk)
	p.drop()
	return err
}

func (p *Parser) parse(chunk []byte) error {
	p.estimate(chunk)
	// The last lines are read from a copy, so that nothing behind the chunk is looked at.
	whole := 0
	if len(chunk) > padding {
		whole = bytes.LastIndexByte(chunk[:len(chunk)-padding], '\n') + 1
	}
	if err := p.lines(chunk, whole, len(chunk)); err != nil {
		return err
	}
	rest := chunk[whole:]
	if len(rest) == 0 {
		return p.flush()
	}
	p.tail = append(p.tail[:0], rest...)
	if rest[len(rest)-1] != '\n' {
		p.tail = append(p.tail, '\n')
	}
	end := len(p.tail)
	p.tail = append(p.tail, make([]byte, padding)...)
	if err := p.lines(p.tail, end, end); err != nil {
		return err
	}
	if cap(p.tail) > maxKept {
		p.tail = nil
	}
	return p.flush()
}

// estimate looks at the first lines for how long lines are.
func (p *Parser) estimate(chunk []byte) {
	if p.perRow > 0 {
		return
	}
	head := chunk[:min(len(chunk), 64<<10)]
	p.perRow = max(2, len(head)/(bytes.Count(head, []byte{'\n'})+1))
}

// lines reads the lines of d[:end], which ends behind a newline; padding bytes follow it. total is the bytes that are left for this batch.
func (p *Parser) lines(d []byte, end, total int) error {
	for at := 0; at < end; {
		if p.root.col.Len() == 0 && p.size == 0 {
			p.start(total - at)
		}
		next, err := p.readLine(d, at, end)
		if err != nil {
			return err
		}
		p.size += next - at
		at = next
		p.line++
		if p.root.col.Len() >= p.config.BatchRows || p.size >= maxBatch || p.rescued != nil && p.rescued.Bytes() >= maxRescued {
			if err := p.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// readLine reads the line that begins at at and gives where the next begins.
func (p *Parser) readLine(d []byte, at, end int) (next int, err error) {
	first := space(d, at)
	if d[first] == '\n' {
		return first + 1, nil
	}
	p.bad = p.bad[:0]
	next = malformed
	if d[first] == '{' {
		next = p.object(p.root, d, first+1)
	}
	if next >= 0 && d[next] != '\n' {
		next = space(d, next)
	}
	if next >= 0 && d[next] == '\n' {
		if next-at > maxLine {
			return 0, p.tooLong(next - at)
		}
		next++
		return next, p.keep(d[at:next])
	}
	next = first + bytes.IndexByte(d[first:end], '\n') + 1
	return next, p.reject(d[at:next])
}

func (p *Parser) tooLong(length int) error {
	return fmt.Errorf("ndjson: line %d has %d bytes, more than %d", p.line, length, maxLine)
}

// start begins a batch of what about this many bytes of text hold.
func (p *Parser) start(text int) {
	rows := min(p.config.BatchRows, text/p.perRow+text/p.perRow/16+1)
	p.root.col.Start(rows)
	for _, c := range []*columns.Column{p.rescued, p.corrupt} {
		if c != nil {
			c.Start(rows)
		}
	}
}

// flush yields the rows that were read.
func (p *Parser) flush() error {
	rows := p.root.col.Len()
	if rows == 0 {
		p.drop()
		return nil
	}
	p.perRow = max(2, p.size/rows)
	batch := columns.Batch(p.config.Alloc, p.config.Schema, p.columns, rows)
	defer batch.Release()
	p.counts.Rows = int64(rows)
	counts := p.counts
	p.drop()
	return p.yield(batch, counts)
}

// drop forgets the rows that were not yielded.
func (p *Parser) drop() {
	p.counts, p.size = Counts{}, 0
	p.root.col.Release()
	for _, c := range []*columns.Column{p.rescued, p.corrupt} {
		if c != nil {
			c.Release()
		}
	}
}
