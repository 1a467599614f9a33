package files

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/local"
)

// list yields the files that match, in the order of their keys.
func (s *Source) list(ctx context.Context) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		for f, err := range s.store.List(ctx, s.glob.prefix, "") {
			if err != nil {
				yield(storage.Info{}, fmt.Errorf("files: list %s: %w", s.name, err))
				return
			}
			if s.matches(f) && !yield(f, nil) {
				return
			}
		}
	}
}

func (s *Source) matches(f storage.Info) bool {
	c := &s.config
	return s.glob.match(f.Key) && (c.after.IsZero() || f.ModTime.After(c.after)) && (c.before.IsZero() || f.ModTime.Before(c.before))
}

// pending lists the files that the offset does not cover, the oldest first. A local folder that is not there is a *NoFolderError.
func (s *Source) pending(ctx context.Context, covered seen) ([]storage.Info, error) {
	var files []storage.Info
	found := false
	for f, err := range s.list(ctx) {
		if err != nil {
			return nil, err
		}
		found = true
		if !covered.has(f, s.config.overwrites) {
			files = append(files, f)
		}
	}
	if !found {
		return nil, s.checkFolder()
	}
	slices.SortStableFunc(files, func(a, b storage.Info) int { return cmp.Or(a.ModTime.Compare(b.ModTime), cmp.Compare(a.Key, b.Key)) })
	return files, nil
}

// checkFolder tells a folder that is not there from one without files. Object stores have no folders.
func (s *Source) checkFolder() error {
	store, ok := s.store.(*local.Store)
	if !ok {
		return nil
	}
	folder := s.glob.prefix[:strings.LastIndexByte(s.glob.prefix, '/')+1]
	path := filepath.Join(store.Root(), filepath.FromSlash(folder))
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return &NoFolderError{Folder: path, Pattern: s.name}
}

// bound cuts the list to the limits, but leaves one file.
func bound(files []storage.Info, limits source.Limits) []storage.Info {
	if limits.Files > 0 && len(files) > limits.Files {
		files = files[:limits.Files]
	}
	if limits.Bytes <= 0 {
		return files
	}
	total := int64(0)
	for i, f := range files {
		if total += f.Size; total > limits.Bytes && i > 0 {
			return files[:i]
		}
	}
	return files
}

// checkPresent looks whether all files are there as they were listed.
func (s *Source) checkPresent(ctx context.Context, files []storage.Info) error {
	missing := make(map[string]storage.Info, len(files))
	for _, f := range files {
		missing[f.Key] = f
	}
	for f, err := range s.store.List(ctx, s.glob.prefix, "") {
		if err != nil {
			return fmt.Errorf("files: list %s: %w", s.name, err)
		}
		listed, ok := missing[f.Key]
		if !ok {
			continue
		}
		delete(missing, f.Key)
		if err := s.checkSame(listed, f); err != nil {
			return err
		}
	}
	for _, f := range files {
		if _, ok := missing[f.Key]; ok {
			return &GoneError{File: s.url(f.Key)}
		}
	}
	return nil
}

// checkSame returns a *ChangedError unless found is what was listed, or a plain text file that has grown since.
func (s *Source) checkSame(listed, found storage.Info) error {
	same := found.Size == listed.Size && found.ETag == listed.ETag
	if listed.ETag == "" {
		same = same && found.ModTime.Equal(listed.ModTime)
	}
	if same || found.Size > listed.Size && s.isPlainText(listed.Key) {
		return nil
	}
	return &ChangedError{File: s.url(listed.Key), Listed: listed, Found: found}
}

// isPlainText says that a file is read as it is, byte by byte, as far as its name tells.
func (s *Source) isPlainText(key string) bool {
	format, err := s.formatFor(key)
	_, packed := cutCompression(key)
	return err == nil && format != Parquet && packed == plain
}
