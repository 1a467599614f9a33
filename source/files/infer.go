package files

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

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
	files, err := s.sample(ctx)
	if err != nil {
		return nil, err
	}
	fields, err := s.inferFields(ctx, files)
	if err != nil {
		return nil, err
	}
	if schema.Find(fields, s.config.rescued) < 0 {
		fields = append(fields, arrow.Field{Name: s.config.rescued, Type: schema.String, Nullable: true})
	}
	s.shared.inferred = arrow.NewSchema(fields, nil)
	return s.shared.inferred, nil
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

func (s *Source) inferFields(ctx context.Context, files []storage.Info) ([]arrow.Field, error) {
	var fields []arrow.Field
	for _, f := range files {
		format, err := s.config.formatFor(f.Key)
		if err != nil {
			return nil, err
		}
		if f.Size == 0 {
			continue
		}
		if format != Parquet {
			return nil, fmt.Errorf("files: %s", format)
		}
		got, err := s.parquetSchema(ctx, f)
		if err != nil {
			return nil, err
		}
		fields = merge(fields, got.Fields())
	}
	return fields, nil
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
