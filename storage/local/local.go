// Package local keeps objects as files below one directory.
//
// A write goes to a temporary file in the directory of its key, is flushed to the disk and then gets its name in one step: by rename for Create, by
// link for PutIfAbsent, so that readers see whole objects only and exactly one of several processes wins. A crash can leave a temporary file behind
// (.medallion-….tmp). It is never listed and can be deleted at any time that no write is under way.
//
// What a file system cannot do that an object store can: hold both "a" and "a/b"; tell "A" from "a" where names have no case (macOS, Windows).
// Directories that become empty stay. Symbolic links are followed; a link to one of its own parents is left out of lists.
package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/medallion-go/medallion/storage"
)

// Config says how a store behaves.
type Config struct {
	NoSync bool // default: false, every write is on the disk when it ends; true leaves that to the system, and a power failure can lose it
}

// Store is a storage.Store of files below a root directory.
type Store struct {
	root string // absolute
	sync bool
	sys  system
}

var (
	_ storage.Store   = (*Store)(nil)
	_ storage.Locator = (*Store)(nil)
)

// New returns the store of the files below root, which is created by the first write.
func New(root string) (*Store, error) { return Config{}.New(root) }

// New returns the store of the files below root, which is created by the first write. A root that is a file is an error.
func (c Config) New(root string) (*Store, error) {
	if root == "" {
		return nil, errors.New("local: the root is empty; name a directory, \".\" for the current one")
	}
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("local: root %s: %w", root, err)
	}
	if info, err := os.Stat(abs); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("local: root %s is a file; name a directory", abs)
	}
	return &Store{root: abs, sync: !c.NoSync, sys: realSystem()}, nil
}

// Root is the absolute path of the directory that the keys are relative to.
func (s *Store) Root() string { return s.root }

// URL is the file:// URL of the object.
func (s *Store) URL(key string) string {
	path := filepath.ToSlash(filepath.Join(s.root, filepath.FromSlash(key)))
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/x becomes file:///C:/x
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// Open opens the file. A reader keeps the file that it opened when the object is replaced or deleted; when the file itself is written to, reads
// fail with storage.ErrChanged.
func (s *Store) Open(ctx context.Context, key string) (storage.Object, error) {
	path, err := s.path(ctx, key)
	if err != nil {
		return nil, opError("open", key, err)
	}
	o, err := openObject(ctx, path, key)
	if err != nil {
		return nil, opError("open", key, err)
	}
	return o, nil
}

// Create starts a new object in a temporary file.
func (s *Store) Create(ctx context.Context, key string) (storage.Writer, error) {
	path, err := s.path(ctx, key)
	if err != nil {
		return nil, opError("create", key, err)
	}
	f, err := s.createTemp(path)
	if err != nil {
		return nil, opError("create", key, err)
	}
	return newWriter(ctx, s, key, path, f), nil
}

// PutIfAbsent creates the object. storage.ErrUndecided means that the file is there but the disk did not confirm its name.
func (s *Store) PutIfAbsent(ctx context.Context, key string, data []byte) error {
	path, err := s.path(ctx, key)
	if err == nil {
		err = s.putIfAbsent(ctx, path, data)
	}
	if err != nil {
		return opError("put", key, err)
	}
	return nil
}

// Delete removes the files. It goes on after an error and returns all of them.
func (s *Store) Delete(ctx context.Context, keys ...string) error {
	paths := make([]string, len(keys))
	for i, key := range keys {
		path, err := s.path(ctx, key)
		if err != nil {
			return opError("delete", key, err)
		}
		paths[i] = path
	}
	var errs []error
	for i, path := range paths {
		err := ctx.Err()
		if err == nil {
			err = removeFile(path)
		}
		if err != nil {
			errs = append(errs, opError("delete", keys[i], err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

// path is the file of a key that may be used, as long as ctx has not ended.
func (s *Store) path(ctx context.Context, key string) (string, error) {
	if err := storage.CheckKey(key); err != nil {
		return "", err
	}
	for name := range strings.SplitSeq(key, "/") {
		if isTemp(name) {
			return "", &storage.KeyError{Key: key, Reason: "has a component of the form that unfinished writes have"}
		}
	}
	if err := checkSystemKey(key); err != nil {
		return "", err
	}
	return filepath.Join(s.root, filepath.FromSlash(key)), ctx.Err()
}

func (s *Store) putIfAbsent(ctx context.Context, path string, data []byte) error {
	if err := checkFree(path); err != nil {
		return err // saves the losers of a race a write and a flush
	}
	f, err := s.createTemp(path)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil && s.sync {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close(), ctx.Err()); err != nil {
		return errors.Join(err, removeFile(f.Name()))
	}
	if err := s.sys.claim(f.Name(), path); err != nil {
		return errors.Join(err, removeFile(f.Name()))
	}
	return s.confirm(path, removeFile(f.Name()))
}

// confirm makes the name that a file has just got durable. From here on an error, err too, leaves the outcome open.
func (s *Store) confirm(path string, err error) error {
	if err = errors.Join(err, s.syncDir(filepath.Dir(path))); err != nil {
		return fmt.Errorf("%w: the file has its name, but the disk may lose it: %w", storage.ErrUndecided, err)
	}
	return nil
}

// removeFile removes a file that may be missing, and never a directory.
func removeFile(path string) error {
	info, err := os.Lstat(path)
	if err == nil && info.IsDir() {
		return nil
	}
	if err == nil {
		err = os.Remove(path)
	}
	if isMissing(err) {
		return nil
	}
	return err
}

// isMissing holds also when a parent of the path is a file.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotDir)
}
