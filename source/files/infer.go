package files

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/csv"
	"github.com/medallion-go/medallion/internal/ndjson"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
)

// infer makes a schema of a sample of the files and adds _rescued_data. It does so once.
func (s *Source) infer(ctx context.Context) (*arrow.Schema, error) {
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	if s.shared.inferred != nil {
		return s.shared.inferred, nil
	}
	fields, err := s.inferFields(ctx)
	if err != nil {
		return nil, err
	}
	if schema.Find(fields, s.config.rescued) < 0 {
		fields = append(fields, arrow.Field{Name: s.config.rescued, Type: schema.String, Nullable: true})
	}
	s.shared.inferred = arrow.NewSchema(fields, nil)
	return s.shared.inferred, nil
}

// inferFields is the columns that a sample of the files has now.
func (s *Source) inferFields(ctx context.Context) ([]arrow.Field, error) {
	files, err := s.sample(ctx)
	if err != nil {
		return nil, err
	}
	i := inference{source: s, left: s.config.sample.Bytes}
	for _, f := range files {
		if err := i.add(ctx, f); err != nil {
			return nil, err
		}
	}
	return i.result(), nil
}

// sample is the newest files within the bounds, the oldest of them first: columns that were added lately are found, and stand last.
func (s *Source) sample(ctx context.Context) ([]storage.Info, error) {
	files, err := s.pending(ctx, seen{})
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("files: no file matches %s: its schema cannot be inferred, give one", s.name)
	}
	slices.Reverse(files)
	files = bound(files, s.config.sample)
	slices.SortFunc(files, func(a, b storage.Info) int { return cmp.Or(a.ModTime.Compare(b.ModTime), cmp.Compare(a.Key, b.Key)) })
	return files, nil
}

// inference gathers what the sample's files hold, one after the other.
type inference struct {
	source *Source
	left   int64 // bytes of text that may still be looked at
	fields []arrow.Field
	lines  *ndjson.Inference
	tables map[bool]*csv.Inference // by whether the files are tab-separated
}

func (i *inference) add(ctx context.Context, file storage.Info) error {
	format, err := i.source.formatFor(file.Key)
	if err != nil || file.Size == 0 {
		return err
	}
	switch format {
	case NDJSON:
		if i.lines == nil {
			i.lines = ndjson.NewInference(ndjson.InferConfig{ColumnTypes: i.source.config.inferTypes})
		}
		return i.text(ctx, file, format, i.lines.Add)
	case CSV:
		table, err := i.table(file.Key)
		if err != nil {
			return err
		}
		return i.text(ctx, file, format, table.Add)
	default:
		got, err := i.source.parquetSchema(ctx, file)
		if err == nil {
			i.fields = merge(i.fields, got.Fields())
		}
		return err
	}
}

func (i *inference) table(key string) (*csv.Inference, error) {
	tabs := isTabSeparated(key)
	if t := i.tables[tabs]; t != nil {
		return t, nil
	}
	t, err := csv.NewInference(csv.InferConfig{Config: i.source.config.csvConfig(key), ColumnTypes: i.source.config.inferTypes})
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	if i.tables == nil {
		i.tables = map[bool]*csv.Inference{}
	}
	i.tables[tabs] = t
	return t, nil
}

var errEnough = errors.New("enough was seen")

// headBytes is how much of one file is looked at.
const headBytes = 8 << 20

// text shows the first lines of the file, as far as they may still be looked at.
func (i *inference) text(ctx context.Context, file storage.Info, format FileFormat, look func(chunk []byte)) (err error) {
	if i.left <= 0 {
		return nil
	}
	split := &textSplit{source: i.source, format: format, block: block{file: file, url: i.source.url(file.Key), length: file.Size}}
	f := &textFile{split: split, ctx: ctx}
	if err := f.open(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	packed, err := f.magic()
	if err != nil {
		return err
	}
	if packed == plain {
		split.block.length = min(file.Size, i.left, headBytes)
	}
	err = f.chunks(func(chunk []byte, _ bool) error {
		i.left -= int64(len(chunk))
		look(chunk)
		return errEnough
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return err
}

// result is the columns of all formats; as a rule there is one.
func (i *inference) result() []arrow.Field {
	fields := i.fields
	if i.lines != nil {
		fields = merge(fields, i.source.config.withoutOwn(i.lines.Schema().Fields()))
	}
	for _, tabs := range []bool{false, true} {
		if t := i.tables[tabs]; t != nil {
			fields = merge(fields, i.source.config.withoutOwn(t.Schema().Fields()))
		}
	}
	return fields
}

// withoutOwn is a text's fields less those that have the name of a column which the source itself gives: they are rescued.
func (c *config) withoutOwn(fields []arrow.Field) []arrow.Field {
	return slices.DeleteFunc(fields, func(f arrow.Field) bool { return c.isOwn(f.Name) })
}

// merge adds to fields those of more that it lacks. Where both have one, the wider type counts; where neither is wider, the first.
func merge(fields, more []arrow.Field) []arrow.Field {
	for _, f := range more {
		f = arrow.Field{Name: f.Name, Type: f.Type, Nullable: true}
		i := schema.Find(fields, f.Name)
		if i < 0 {
			fields = append(fields, f)
			continue
		}
		fields[i].Type = wider(fields[i].Type, f.Type)
	}
	return fields
}

func wider(a, b arrow.DataType) arrow.DataType {
	x, isStruct := a.(*arrow.StructType)
	y, areStructs := b.(*arrow.StructType)
	if isStruct && areStructs {
		return arrow.StructOf(merge(x.Fields(), y.Fields())...)
	}
	if _, whole, ok := newAdapter(a, b); ok && whole {
		return b
	}
	return a
}
