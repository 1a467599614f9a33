package files

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/internal/csv"
	"github.com/medallion-go/medallion/internal/ndjson"
	"github.com/medallion-go/medallion/schema"
)

// textRead is one read of a text split: what the parser is asked for, and what becomes of its batches. The parser has the source's columns, and one more of
// rescued data where only new columns are looked for in it.
type textRead struct {
	file    *textFile
	out     *assembler
	yield   func(arrow.RecordBatch) error
	schema  *arrow.Schema
	rescued string // names for the parser; "": none
	corrupt string
	skip    []string
	omit    []string
	detect  int                    // the column in which new columns are looked for, or -1
	surplus func(name string) bool // no column: what stands behind the last of a CSV file's header
	line    int64
}

// parse turns the split's text into batches.
func (t *textSplit) parse(f *textFile, out *assembler, yield func(arrow.RecordBatch) error) error {
	r := newTextRead(f, out, yield)
	if t.format == CSV {
		return r.csv()
	}
	return r.ndjson()
}

func newTextRead(f *textFile, out *assembler, yield func(arrow.RecordBatch) error) *textRead {
	l, c := out.layout, &f.split.source.config
	r := &textRead{file: f, out: out, yield: yield, schema: l.schema, detect: -1, surplus: func(string) bool { return false }}
	if l.rescued >= 0 {
		r.rescued = c.rescued
	}
	if l.corrupt >= 0 {
		r.corrupt = c.corrupt
	}
	if l.metadata >= 0 {
		r.skip = []string{MetadataColumn}
	}
	if f.split.source.failsOnNewColumns() {
		r.lookForNewColumns(c.rescued)
	} else if !out.wants(l.rescued) && !out.wants(l.corrupt) {
		for _, i := range l.data {
			if !out.want[i] {
				r.omit = append(r.omit, l.schema.Field(i).Name)
			}
		}
	}
	return r
}

// wants says whether there is such a column and it is wanted.
func (a *assembler) wants(column int) bool { return column >= 0 && a.want[column] }

func (r *textRead) lookForNewColumns(name string) {
	r.detect = r.out.layout.rescued
	if r.detect < 0 {
		fields := append(r.schema.Fields(), arrow.Field{Name: name, Type: schema.String, Nullable: true})
		r.schema, r.rescued, r.detect = arrow.NewSchema(fields, nil), name, len(fields)-1
	}
}

func (r *textRead) ndjson() error {
	p, err := ndjson.New(ndjson.Config{
		Schema: r.schema, Alloc: r.out.alloc, BatchRows: batchRows, Rescued: r.rescued, Corrupt: r.corrupt, Skip: r.skip, Omit: r.omit, File: r.out.block.url,
	})
	if err != nil {
		return fmt.Errorf("files: %s: %w", r.out.block.url, err)
	}
	return r.eachChunk(func(chunk []byte, line int64) error {
		return p.Parse(chunk, line, func(b arrow.RecordBatch, _ ndjson.Counts) error { return r.batch(b) })
	})
}

func (r *textRead) csv() error {
	c, err := r.csvConfig()
	if err != nil {
		return err
	}
	p, err := csv.New(c)
	if err != nil {
		return fmt.Errorf("files: %s: %w", r.out.block.url, err)
	}
	r.surplus = p.IsSurplus
	each := func(b arrow.RecordBatch, _ csv.Counts) error { return r.batch(b) }
	if c.MultiLine {
		return r.file.whole(func(text io.Reader) error { return p.Read(r.file.ctx, text, each) })
	}
	return r.eachChunk(func(chunk []byte, line int64) error { return p.Parse(chunk, line, each) })
}

// csvConfig has the names of the columns where the split does not begin with the header.
func (r *textRead) csvConfig() (csv.Config, error) {
	c := r.file.split.source.config.csvConfig(r.out.block.file.Key)
	c.Schema, c.Alloc, c.BatchRows, c.File = r.schema, r.out.alloc, batchRows, r.out.block.url
	c.Rescued, c.Corrupt, c.Skip, c.Omit = r.rescued, r.corrupt, r.skip, r.omit
	if !c.Header || r.out.block.start == 0 {
		return c, nil
	}
	header, err := r.file.header()
	if err != nil {
		return c, err
	}
	if c.Names, err = csv.Names(c, header); err != nil {
		err = fmt.Errorf("files: %s: %w", r.out.block.url, err)
	}
	return c, err
}

// csvConfig is what the options say of a file.
func (c *config) csvConfig(key string) csv.Config {
	o := c.csv
	if o.Comma == 0 && isTabSeparated(key) {
		o.Comma = '\t'
	}
	return csv.Config{Header: !o.NoHeader, Comma: o.Comma, Quote: o.Quote, Escape: o.Escape, MultiLine: o.MultiLine, Null: o.Null}
}

// eachChunk passes on the number of each chunk's first line: 0 where it is not known, because the split does not begin with the file.
func (r *textRead) eachChunk(parse func(chunk []byte, line int64) error) error {
	return r.file.chunks(func(chunk []byte, first bool) error {
		if err := r.file.ctx.Err(); err != nil {
			return err
		}
		if first {
			r.line = 1
		}
		if err := parse(chunk, r.line); err != nil {
			return err
		}
		if r.line > 0 {
			r.line += int64(bytes.Count(chunk, []byte{'\n'}))
		}
		return nil
	})
}

// batch passes a parser's batch on.
func (r *textRead) batch(b arrow.RecordBatch) error {
	if err := r.file.ctx.Err(); err != nil {
		return err
	}
	l := r.out.layout
	if r.detect >= 0 {
		names := newColumns(b.Column(r.detect).(*array.String), l.schema.Fields())
		names = slices.DeleteFunc(names, func(name string) bool { return r.surplus(name) || r.file.split.source.config.isOwn(name) })
		if err := r.file.split.source.checkNewColumns(r.file.ctx, r.out.block.url, names); err != nil {
			return err
		}
	}
	columns := append([]arrow.Array(nil), b.Columns()[:l.schema.NumFields()]...)
	if l.metadata >= 0 {
		columns[l.metadata] = nil
	}
	return r.out.yield(int(b.NumRows()), columns, r.yield)
}
