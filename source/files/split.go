package files

import (
	"context"
	"errors"

	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/storage"
)

// splits cuts a file into pieces that can be read on their own. A packed text file, or CSV whose values may hold line breaks, is one piece. An empty text
// file is a piece without rows, so that it is recorded as read.
func (s *Source) splits(ctx context.Context, l *layout, file storage.Info) ([]source.Split, error) {
	format, err := s.formatFor(file.Key)
	if err == nil {
		err = l.checkFormat(&s.config, format)
	}
	if err != nil {
		return nil, err
	}
	size, err := s.splitSize(ctx, file, format)
	if err != nil {
		return nil, err
	}
	var splits []source.Split
	for start := int64(0); start == 0 || start < file.Size; start += size {
		b := block{file: file, url: s.url(file.Key), start: start, length: min(size, file.Size-start)}
		if format == Parquet {
			splits = append(splits, &parquetSplit{source: s, layout: l, block: b, alloc: s.alloc(source.Hints{})})
		} else {
			splits = append(splits, &textSplit{source: s, layout: l, block: b, format: format})
		}
		if size == 0 {
			break
		}
	}
	return splits, nil
}

// splitSize looks into a plain text file that is large enough to be cut, because a packed one may have a plain name.
func (s *Source) splitSize(ctx context.Context, file storage.Info, format FileFormat) (int64, error) {
	switch {
	case format == Parquet:
		return 4 * s.config.splitBytes, nil
	case !s.isPlainText(file.Key), format == CSV && s.config.csv.MultiLine, file.Size <= s.config.splitBytes:
		return file.Size, nil
	}
	f := &textFile{split: &textSplit{source: s, format: format, block: block{file: file, url: s.url(file.Key)}}, ctx: ctx}
	if err := f.open(); err != nil {
		return 0, err
	}
	packed, err := f.magic()
	if err = errors.Join(err, f.close()); err != nil || packed != plain {
		return file.Size, err
	}
	return s.config.splitBytes, nil
}

// open opens a listed file, or says that it is gone or changed.
func (s *Source) open(ctx context.Context, listed storage.Info) (storage.Object, error) {
	object, err := s.store.Open(ctx, listed.Key)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, &GoneError{File: s.url(listed.Key)}
	}
	if err != nil {
		return nil, err
	}
	if err := s.checkSame(listed, object.Info()); err != nil {
		return nil, errors.Join(err, object.Close())
	}
	return object, nil
}
