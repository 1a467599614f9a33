package files

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/ndjson"
)

// parse turns the split's text into batches.
func (t *textSplit) parse(f *textFile, out *assembler, yield func(arrow.RecordBatch) error) error {
	switch t.format {
	case NDJSON:
		return t.parseNDJSON(f, out, yield)
	default:
		return fmt.Errorf("files: %s: reading %s is not built yet", t.block.url, t.format)
	}
}

func (t *textSplit) parseNDJSON(f *textFile, out *assembler, yield func(arrow.RecordBatch) error) error {
	p, err := ndjson.New(ndjson.Config{
		Schema: t.layout.schema, Alloc: t.source.config.alloc, BatchRows: batchRows, File: t.block.url,
		Rescued: t.layout.name(t.layout.rescued), Corrupt: t.layout.name(t.layout.corrupt), Skip: t.layout.skipped(), Omit: out.omitted(),
	})
	if err != nil {
		return fmt.Errorf("files: %s: %w", t.block.url, err)
	}
	return f.chunks(func(chunk []byte, first bool) error {
		line := int64(2) // only the first line of a file may begin with a byte order mark
		if first {
			line = 1
		}
		return p.Parse(chunk, line, func(rec arrow.RecordBatch, _ ndjson.Counts) error {
			return out.yield(int(rec.NumRows()), out.fromText(rec), yield)
		})
	})
}

// name is a column's name, empty for -1.
func (l *layout) name(column int) string {
	if column < 0 {
		return ""
	}
	return l.schema.Field(column).Name
}

// skipped are the columns that are not in the text.
func (l *layout) skipped() []string {
	if l.metadata < 0 {
		return nil
	}
	return []string{MetadataColumn}
}

// omitted are the columns of the data that are not wanted.
func (a *assembler) omitted() []string {
	var names []string
	for _, i := range a.layout.data {
		if !a.want[i] {
			names = append(names, a.layout.schema.Field(i).Name)
		}
	}
	return names
}

// fromText are the columns of a parsed batch that came from the text.
func (a *assembler) fromText(rec arrow.RecordBatch) []arrow.Array {
	read := make([]arrow.Array, rec.NumCols())
	for i := range read {
		if i != a.layout.metadata {
			read[i] = rec.Column(i)
		}
	}
	return read
}
