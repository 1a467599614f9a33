package schema

import (
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// maxDepth bounds how deeply types nest in text and in logs, so that hostile input cannot exhaust the stack.
const maxDepth = 100

// ParseDDL reads a list of columns: a BIGINT NOT NULL, b STRUCT<c: STRING> COMMENT 'x'. Comments become metadata under CommentKey. Names must be unique
// without regard to case. Faults are *SyntaxError.
func ParseDDL(text string) (*arrow.Schema, error) {
	p := parser{lexer: lexer{text: text}}
	if err := p.next(); err != nil {
		return nil, err
	}
	fields, err := p.columns()
	if err != nil {
		return nil, err
	}
	return arrow.NewSchema(fields, nil), p.end()
}

type parser struct {
	lexer
	depth int
}

func (p *parser) end() error {
	if p.tok.kind != tokenEnd {
		return p.unexpected("the end")
	}
	return nil
}

func (p *parser) unexpected(want string) error {
	if p.tok.kind == tokenEnd {
		return p.errorAt(p.tok.pos, "expected %s, but the text ends", want)
	}
	return p.errorAt(p.tok.pos, "expected %s, found %q", want, p.tok.text)
}

// accept skips the symbol or word if it is next.
func (p *parser) accept(text string) (bool, error) {
	if !p.at(text) {
		return false, nil
	}
	return true, p.next()
}

func (p *parser) at(text string) bool {
	return (p.tok.kind == tokenSymbol || p.tok.kind == tokenName) && strings.EqualFold(p.tok.text, text)
}

func (p *parser) expect(text string) error {
	if !p.at(text) {
		return p.unexpected(strconv.Quote(text))
	}
	return p.next()
}

// columns reads name[:] type [NOT NULL] [COMMENT text], separated by commas.
func (p *parser) columns() ([]arrow.Field, error) {
	var fields []arrow.Field
	seen := make(map[string]bool)
	for {
		at := p.tok.pos
		f, err := p.column()
		if err != nil {
			return nil, err
		}
		if key := foldName(f.Name); seen[key] {
			return nil, p.errorAt(at, "column %s stands twice; names are compared without regard to case", Quote(f.Name))
		} else {
			seen[key] = true
		}
		fields = append(fields, f)
		if more, err := p.accept(","); err != nil || !more {
			return fields, err
		}
	}
}

func (p *parser) column() (arrow.Field, error) {
	if p.tok.kind != tokenName && p.tok.kind != tokenQuotedName {
		return arrow.Field{}, p.unexpected("a column name")
	}
	f := arrow.Field{Name: p.tok.text, Nullable: true}
	if err := p.next(); err != nil {
		return f, err
	}
	if _, err := p.accept(":"); err != nil {
		return f, err
	}
	t, err := p.parseType()
	if err != nil {
		return f, err
	}
	f.Type = t
	return f, p.constraints(&f)
}

func (p *parser) constraints(f *arrow.Field) error {
	if not, err := p.accept("NOT"); err != nil {
		return err
	} else if not {
		if err := p.expect("NULL"); err != nil {
			return err
		}
		f.Nullable = false
	}
	comment, err := p.accept("COMMENT")
	if err != nil || !comment {
		return err
	}
	if p.tok.kind != tokenText {
		return p.unexpected("a quoted comment")
	}
	f.Metadata = arrow.NewMetadata([]string{CommentKey}, []string{p.tok.text})
	return p.next()
}
