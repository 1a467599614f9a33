package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/source"
)

// textSplit is the lines of a text file that begin in a range of it, or a whole packed file.
type textSplit struct {
	source *Source
	layout *layout
	block  block
	format FileFormat
}

// maxLine bounds what one line may take in memory. The parsers take up to 200 MiB.
const maxLine = 256 << 20

// Read yields the rows of the split.
func (t *textSplit) Read(ctx context.Context, columns []string, yield func(arrow.RecordBatch) error) (source.Counts, error) {
	out := newAssembler(t.layout, t.block, t.source.alloc(source.Hints{}), columns)
	defer out.release()
	f := &textFile{split: t, ctx: ctx}
	if err := f.open(); err != nil {
		return out.counts, err
	}
	err := t.parse(f, out, yield)
	out.counts.Bytes = f.bytes
	return out.counts, errors.Join(err, f.close())
}

// isWhole says that the split is the whole file.
func (t *textSplit) isWhole() bool { return t.block.start == 0 && t.block.length == t.block.file.Size }

// chunks yields the split's text in pieces that end at the end of a line, or of the file. first says that the piece begins at the file's first byte. A
// piece is borrowed until yield returns.
func (f *textFile) chunks(yield func(chunk []byte, first bool) error) error {
	packed, err := f.packing()
	if err != nil {
		return err
	}
	buffer := f.split.source.buffer()
	defer f.split.source.keepBuffer(buffer)
	if packed != plain {
		return f.stream(packed, buffer, yield)
	}
	text, err := f.lines(*buffer)
	if err != nil {
		return err
	}
	*buffer = text[:0]
	if text = f.split.ownLines(text); len(text) == 0 {
		return nil
	}
	return yield(text, f.split.block.start == 0)
}

// whole passes on the file's text from its beginning to its end.
func (f *textFile) whole(read func(io.Reader) error) error {
	packed, err := f.magic()
	if err != nil {
		return err
	}
	text, err := f.unpacked(packed)
	if err != nil {
		return err
	}
	return errors.Join(read(text), text.Close())
}

// header is the first line of a plain file.
func (f *textFile) header() ([]byte, error) {
	size := f.split.block.file.Size
	for n := min(int64(4<<10), size); ; n = min(4*n, size) {
		text := make([]byte, n)
		if err := f.full(text, 0); err != nil {
			return nil, err
		}
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			return text[:i], nil
		}
		if n == size {
			return text, nil
		}
		if n > maxLine {
			return nil, f.tooLong(n)
		}
	}
}

// lookAhead is how much is read behind a split at once, so that the end of its last line rarely takes another request.
const lookAhead = 32 << 10

// lines reads from the byte before the split to the end of the last line that begins in it.
func (f *textFile) lines(buffer []byte) ([]byte, error) {
	b := f.split.block
	from, end := max(b.start-1, 0), b.start+b.length
	own := int(end - from)
	ahead := min(lookAhead, b.file.Size-end)
	text := resize(buffer[:0], own+int(ahead))
	if err := f.full(text, from); err != nil {
		return nil, err
	}
	if end == b.file.Size || b.start > 0 && bytes.IndexByte(text[:own], '\n') < 0 {
		return text, nil
	}
	for searched := own - 1; ; {
		if i := bytes.IndexByte(text[searched:], '\n'); i >= 0 {
			return text[:searched+i+1], nil
		}
		searched = len(text)
		more := min(int64(searched), b.file.Size-from-int64(searched))
		if more == 0 {
			return text, nil
		}
		if searched > maxLine+own {
			return nil, f.tooLong(from + int64(searched))
		}
		text = resize(text, searched+int(more))
		if err := f.full(text[searched:], from+int64(searched)); err != nil {
			return nil, err
		}
	}
}

// ownLines cuts off the line that began before the split; none may be left.
func (t *textSplit) ownLines(text []byte) []byte {
	if t.block.start == 0 {
		return text
	}
	i := bytes.IndexByte(text, '\n')
	if i < 0 || int64(i) >= t.block.length {
		return nil
	}
	return text[i+1:]
}

func (f *textFile) tooLong(at int64) error {
	return fmt.Errorf("files: %s: a line before byte %d is longer than %d bytes", f.split.block.url, at, maxLine)
}

// stream reads a packed file a buffer at a time.
func (f *textFile) stream(packed compression, buffer *[]byte, yield func([]byte, bool) error) (err error) {
	r, err := f.unpacked(packed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	text := resize((*buffer)[:0], int(f.split.source.config.splitBytes))
	filled, first := 0, true
	for {
		n, err := io.ReadFull(r, text[filled:])
		filled += n
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
		*buffer = text
		end := bytes.LastIndexByte(text[:filled], '\n') + 1
		if err != nil {
			end = filled
		}
		if end > 0 {
			if err := yield(text[:end], first); err != nil {
				return err
			}
			first = false
		}
		if err != nil {
			return nil
		}
		if end == 0 { // the line is longer than the buffer
			if filled > maxLine {
				return f.tooLong(int64(filled))
			}
			text = resize(text, 2*len(text))
			continue
		}
		filled = copy(text, text[end:filled])
	}
}
