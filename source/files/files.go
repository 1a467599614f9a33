// Package files reads folders of NDJSON, CSV and Parquet files, new files only, with the words and the meaning of Databricks Auto Loader.
//
// A source is a pattern over a store. Each batch holds the files that no batch before it held, whatever their names and times; a file is read once.
// No line is lost: a value that does not fit its column is NULL there and is kept, in _rescued_data as JSON or with its whole line in _corrupt_record,
// and a line that is no row at all is kept whole. A text source whose schema has neither column is refused.
//
// Files must come into the folder whole: written elsewhere and moved, or put. Of a plain text file that grows after it was listed, the listed bytes are
// read and the rest never is (with AllowOverwrites, the whole file is read again); any other change before the read is a *ChangedError. The folder itself must be
// there: a local pattern whose folder is missing is a *NoFolderError, one that matches no file yet is an empty batch.
package files

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/local"
)

// Source reads the files that match a pattern. It is safe for concurrent use.
type Source struct {
	name   string
	store  storage.Store
	glob   glob
	config config
	fault  error
	shared *shared
}

// shared is what a source and those that As makes of it have in common.
type shared struct {
	buffers  sync.Pool // of *[]byte
	mu       sync.Mutex
	inferred *arrow.Schema
}

var (
	_ source.Source  = (*Source)(nil)
	_ source.Typed   = (*Source)(nil)
	_ source.Limiter = (*Source)(nil)
)

// New reads local files: landing/orders/*.json. *, ? and [a-z] match within a name, ** any number of folders, {a,b} either; a pattern that ends in a slash
// means every file below it. Files and folders whose names begin with an underscore or a dot are left out. Faults come from Validate and all else.
func New(pattern string, options ...Option) *Source {
	store, key, err := localStore(pattern)
	s := In(store, key, options...)
	s.name = pattern
	if err != nil {
		s.fault = err
	}
	return s
}

// localStore is the file system and the pattern's absolute path in it: keys that do not depend on the working directory or on the pattern.
func localStore(pattern string) (storage.Store, string, error) {
	if pattern == "" {
		return nil, "", errors.New("files: the pattern is empty")
	}
	abs, err := filepath.Abs(pattern)
	if err != nil {
		return nil, "", fmt.Errorf("files: %s: %w", pattern, err)
	}
	volume := filepath.VolumeName(abs) + string(filepath.Separator)
	store, err := local.New(volume)
	if err != nil {
		return nil, "", fmt.Errorf("files: %s: %w", pattern, err)
	}
	key := filepath.ToSlash(strings.TrimPrefix(abs, volume))
	if os.IsPathSeparator(pattern[len(pattern)-1]) {
		key += "/"
	}
	return store, key, nil
}

// In reads objects of a store; the pattern is over their keys.
func In(store storage.Store, pattern string, options ...Option) *Source {
	s := &Source{name: pattern, store: store, config: newConfig(options), shared: &shared{}}
	if l, ok := store.(storage.Locator); ok {
		s.name = l.URL("") + pattern
	}
	g, err := parseGlob(pattern)
	s.glob = g
	switch {
	case err != nil:
		s.fault = fmt.Errorf("files: pattern %q: %w", pattern, err)
	case store == nil:
		s.fault = fmt.Errorf("files: %s: the store is nil", pattern)
	}
	return s
}

// Name is the pattern.
func (s *Source) Name() string { return s.name }

// As is the source with the columns of this schema; WithSchema and WithDDL no longer count.
func (s *Source) As(want *arrow.Schema) source.Source {
	c := *s
	c.config.schema = want
	return &c
}

// Limits are those of the options MaxFilesPerTrigger and MaxBytesPerTrigger.
func (s *Source) Limits() source.Limits { return s.config.limits }

// Validate returns what is wrong with the declaration, without I/O.
func (s *Source) Validate() error {
	faults := append([]error{s.fault}, s.config.faults...)
	if s.config.splitBytes < 1 {
		faults = append(faults, fmt.Errorf("files: SplitBytes(%d): it must be positive", s.config.splitBytes))
	}
	if s.config.schema != nil && len(s.config.faults) == 0 {
		l, err := newLayout(&s.config, s.config.schema)
		if err == nil {
			err = l.checkFormat(&s.config, s.declaredFormat())
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// declaredFormat is the format that the option or the pattern tells, or Auto.
func (s *Source) declaredFormat() FileFormat {
	if s.config.format != Auto {
		return s.config.format
	}
	return formatOf(s.glob.text)
}

// Schema is the schema that was given, or the one inferred from a sample of the files and _rescued_data. Every column is nullable. What was inferred
// stays the same for the life of the source.
func (s *Source) Schema(ctx context.Context) (*arrow.Schema, error) {
	l, err := s.layout(ctx)
	if err != nil {
		return nil, err
	}
	return l.schema, nil
}

func (s *Source) layout(ctx context.Context) (*layout, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	want := s.config.schema
	if want == nil {
		var err error
		if want, err = s.infer(ctx); err != nil {
			return nil, err
		}
	}
	return newLayout(&s.config, want)
}

// Plan lists the files that match and takes those that the offset does not hold, in the order in which they were modified.
func (s *Source) Plan(ctx context.Context, after source.Offset, limits source.Limits) (source.Batch, error) {
	l, err := s.layout(ctx)
	if err != nil {
		return source.Batch{}, err
	}
	before, err := decodeOffset(after)
	if err != nil {
		return source.Batch{}, err
	}
	files, err := s.pending(ctx, before)
	if err != nil {
		return source.Batch{}, err
	}
	files = bound(files, limits)
	if len(files) == 0 {
		return source.Batch{Until: after}, nil
	}
	until, err := before.with(files, s.config.overwrites).encode(files[len(files)-1].Key)
	if err != nil {
		return source.Batch{}, err
	}
	return s.batch(ctx, l, files, until)
}

// Replan makes the batch of exactly those files again. It fails with a *GoneError or a *ChangedError if they are no longer there as they were.
func (s *Source) Replan(ctx context.Context, until source.Offset, work json.RawMessage) (source.Batch, error) {
	l, err := s.layout(ctx)
	if err != nil {
		return source.Batch{}, err
	}
	files, err := decodeWork(work)
	if err != nil {
		return source.Batch{}, err
	}
	if err := s.checkPresent(ctx, files); err != nil {
		return source.Batch{}, err
	}
	return s.batch(ctx, l, files, until)
}

func (s *Source) batch(ctx context.Context, l *layout, files []storage.Info, until source.Offset) (source.Batch, error) {
	work, err := encodeWork(files)
	if err != nil {
		return source.Batch{}, err
	}
	b := source.Batch{Until: until, Work: work, Files: int64(len(files))}
	for _, f := range files {
		splits, err := s.splits(ctx, l, f)
		if err != nil {
			return source.Batch{}, err
		}
		b.Splits = append(b.Splits, splits...)
		b.Bytes += f.Size
	}
	return b, nil
}

// FileState is what the source knows of one file.
type FileState struct {
	Path    string // its URL, or its key where the store has no URLs
	Size    int64  // bytes
	ModTime time.Time
	Seen    bool // the offset covers it
}

// State yields every file that matches now, in the order of the keys, and whether the offset covers it. An error comes last and alone.
func (s *Source) State(ctx context.Context, offset source.Offset) iter.Seq2[FileState, error] {
	return func(yield func(FileState, error) bool) {
		covered, err := decodeOffset(offset)
		if err == nil {
			err = s.fault
		}
		if err != nil {
			yield(FileState{}, err)
			return
		}
		for f, err := range s.list(ctx) {
			if err != nil {
				yield(FileState{}, err)
				return
			}
			if !yield(FileState{Path: s.url(f.Key), Size: f.Size, ModTime: f.ModTime, Seen: covered.has(f, s.config.overwrites)}, nil) {
				return
			}
		}
	}
}

// url is how people and _metadata.file_path name a file.
func (s *Source) url(key string) string {
	if l, ok := s.store.(storage.Locator); ok {
		return l.URL(key)
	}
	return key
}
