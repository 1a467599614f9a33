package csv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
)

const (
	firstBuffer = 1 << 20
	maxBuffer   = 2 * maxRecord
	maxKept     = 4 << 20 // the largest buffer that is kept for the next text
)

// Read reads a whole text and yields it as batches. A record may be longer than any buffer, but not than 200 MiB. A batch is borrowed until yield returns.
func (r *Reader) Read(ctx context.Context, in io.Reader, yield func(arrow.RecordBatch, Counts) error) error {
	if err := r.begin(1, yield); err != nil {
		return err
	}
	defer r.drop()
	if err := r.stream(ctx, in); err != nil {
		return err
	}
	return r.flush()
}

func (r *Reader) stream(ctx context.Context, in io.Reader) error {
	buffer := resize(r.tail, firstBuffer+padding)
	defer func() { r.keepBuffer(buffer) }()
	filled, marked := 0, false
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.ReadFull(in, buffer[filled:len(buffer)-padding])
		filled += n
		final := isEnd(err)
		if err != nil && !final {
			return fmt.Errorf("csv: read behind line %d: %w", r.line, err)
		}
		if !marked {
			filled = copy(buffer, buffer[skipMark(buffer[:filled]):filled])
			marked = true
			r.estimate(buffer[:filled])
		}
		r.left = math.MaxInt
		if final {
			r.left = r.size + filled
		}
		buffer[filled] = '\n'
		used, err := r.records(buffer, filled, final)
		if err != nil || final {
			return err
		}
		filled = copy(buffer, buffer[used:filled])
		if used == 0 && len(buffer) < maxBuffer {
			buffer = append(buffer, make([]byte, len(buffer))...)
		}
	}
}

// Parse reads a piece of a text, whole records, the last of which may lack its newline, and yields it as batches; the last is rarely full. firstLine is
// the number of the piece's first line; at 1 there may be a byte order mark, and the header if there is one. A batch is borrowed until yield returns.
// The chunk is not kept.
func (r *Reader) Parse(chunk []byte, firstLine int64, yield func(arrow.RecordBatch, Counts) error) error {
	if err := r.begin(firstLine, yield); err != nil {
		return err
	}
	defer r.drop()
	if firstLine == 1 {
		chunk = chunk[skipMark(chunk):]
	}
	r.estimate(chunk)
	r.left = len(chunk)
	// The last records are read from a copy, so that nothing behind the chunk is looked at.
	used := 0
	if len(chunk) > padding {
		whole := bytes.LastIndexByte(chunk[:len(chunk)-padding], '\n') + 1
		var err error
		if used, err = r.records(chunk, whole, false); err != nil {
			return err
		}
	}
	rest := chunk[used:]
	r.tail = resize(r.tail, len(rest)+1+padding)
	r.tail[copy(r.tail, rest)] = '\n'
	_, err := r.records(r.tail, len(rest), true)
	r.keepBuffer(r.tail)
	if err != nil {
		return err
	}
	return r.flush()
}

// estimate looks at the first lines for how long records are.
func (r *Reader) estimate(chunk []byte) {
	if r.perRow == 0 {
		head := chunk[:min(len(chunk), 64<<10)]
		r.perRow = max(1, len(head)/(bytes.Count(head, []byte{'\n'})+1))
	}
}

func (r *Reader) keepBuffer(b []byte) {
	r.tail = nil
	if cap(b) <= maxKept {
		r.tail = b
	}
}

// resize is b or another with n bytes; what they are is not said.
func resize(b []byte, n int) []byte {
	if n <= cap(b) {
		return b[:n]
	}
	return make([]byte, n)
}

// ReadStrict reads a text that begins with a header, with nothing forgiven: the first malformed record or value is a *MalformedError. Columns may be NOT
// NULL; a NULL or a missing column is an error then. Columns that the schema lacks are ignored. A batch is borrowed until yield returns.
func ReadStrict(ctx context.Context, s *arrow.Schema, in io.Reader, yield func(arrow.RecordBatch) error) error {
	r, err := newReader(Config{Schema: s, Header: true, MultiLine: true}, true)
	if err != nil {
		return err
	}
	return r.Read(ctx, in, func(b arrow.RecordBatch, _ Counts) error { return yield(b) })
}

// isEnd tells the reader's end, as io.ReadFull says it, from an input that was cut short: the packing's error wraps io.ErrUnexpectedEOF, too.
func isEnd(err error) bool {
	return errors.Unwrap(err) == nil && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF))
}
