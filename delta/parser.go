package delta

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/medallion-go/medallion/storage"
)

// parser turns commits into actions. It keeps strings that repeat once; it is not safe for concurrent use.
type parser struct {
	interner
	buf     []byte // of the last commit's text
	scratch []byte // the scanner's
}

func newParser() *parser { return &parser{interner: newInterner()} }

// pieceBytes is how much of a large commit is held as text at a time.
const pieceBytes = 1 << 20

// object reads and parses a commit, a large one piece by piece.
func (p *parser) object(o storage.Object, version int64) (*actions, error) {
	if size := o.Info().Size; size > 4*pieceBytes {
		a := &actions{version: version}
		err := p.pieces(a, o, size)
		if !errors.Is(err, errJSON) {
			return a, err
		}
		// An action that goes over several lines, or damage: the whole text tells.
	}
	size := int(o.Info().Size)
	p.buf = slices.Grow(p.buf[:0], size)[:size]
	if err := readFull(o, p.buf, 0); err != nil {
		return nil, err
	}
	return p.commit(version, string(p.buf))
}

func (p *parser) pieces(a *actions, o io.ReaderAt, size int64) error {
	buf := make([]byte, pieceBytes)
	held := 0
	for at := int64(0); at < size || held > 0; {
		want := int(min(int64(len(buf)-held), size-at))
		if err := readFull(o, buf[held:held+want], at); err != nil {
			return err
		}
		at, held = at+int64(want), held+want
		end := held
		if at < size {
			end = bytes.LastIndexByte(buf[:held], '\n') + 1
		}
		if end == 0 { // a line that is longer than the buffer
			buf = append(buf, make([]byte, len(buf))...)
			continue
		}
		if err := p.lines(a, string(buf[:end])); err != nil {
			return err
		}
		held = copy(buf, buf[end:held])
	}
	return nil
}

// readFull reads what an object is known to have there.
func readFull(o io.ReaderAt, b []byte, at int64) error {
	n, err := o.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return fmt.Errorf("got %d of %d bytes: %w", n, len(b), storage.ErrChanged)
	}
	return err
}

// commit parses a sequence of actions. The protocol has one on each line; a writer that breaks lines within an action is understood too.
func (p *parser) commit(version int64, text string) (*actions, error) {
	a := &actions{version: version}
	return a, p.lines(a, text)
}

func (p *parser) lines(a *actions, text string) error {
	s := &scanner{text: text, scratch: p.scratch}
	for s.peek() != 0 {
		start := s.pos
		if err := p.entry(a, s); err != nil {
			return fmt.Errorf("line %d: %w", 1+strings.Count(text[:start], "\n"), err)
		}
	}
	p.scratch = s.scratch
	return nil
}

// entry parses one object, which holds one action.
func (p *parser) entry(a *actions, s *scanner) error {
	for kind := range s.given {
		if err := p.action(a, kind, s); err != nil {
			return err
		}
	}
	return s.err
}
