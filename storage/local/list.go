package local

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/medallion-go/medallion/storage"
)

// List walks only directories that can hold a match: for the prefix t/_delta_log/ that one, and of its files none up to startAfter is looked at.
func (s *Store) List(ctx context.Context, prefix, startAfter string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		if err := storage.CheckPrefix(prefix); err != nil {
			yield(storage.Info{}, fmt.Errorf("local: list: %w", err))
			return
		}
		w := &walk{ctx: ctx, store: s, prefix: prefix, after: startAfter, yield: yield}
		w.dir(prefix[:strings.LastIndexByte(prefix, '/')+1])
	}
}

// walk is one List under way.
type walk struct {
	ctx    context.Context
	store  *Store
	prefix string
	after  string
	yield  func(storage.Info, error) bool
}

// child is an entry of a directory that keys of the walk begin with.
type child struct {
	key  string // of a directory, with a slash at its end: so they sort as the keys below them do
	path string
}

// dir yields what lies below the directory of a key that is empty or ends in a slash. It says whether to go on.
func (w *walk) dir(key string) bool {
	if err := w.ctx.Err(); err != nil {
		return w.fail(key, err)
	}
	children, err := w.children(key)
	if err != nil {
		return w.fail(key, err)
	}
	for _, c := range children {
		goOn := false
		if strings.HasSuffix(c.key, "/") {
			goOn = w.dir(c.key)
		} else {
			goOn = w.file(c)
		}
		if !goOn {
			return false
		}
	}
	return true
}

func (w *walk) file(c child) bool {
	if err := w.ctx.Err(); err != nil {
		return w.fail(c.key, err)
	}
	stat, err := os.Stat(c.path)
	switch {
	case isMissing(err) || err == nil && !stat.Mode().IsRegular():
		return true // deleted since the directory was read, a dangling link, or not a file
	case err != nil:
		return w.fail(c.key, err)
	}
	return w.yield(infoOf(c.key, stat), nil)
}

func (w *walk) fail(key string, err error) bool {
	w.yield(storage.Info{}, opError("list", key, err))
	return false
}

// children reads a directory and returns what can match, in the order of the keys.
func (w *walk) children(key string) ([]child, error) {
	dir := w.path(key)
	entries, err := w.store.sys.readDir(dir)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	children := make([]child, 0, len(entries))
	for _, e := range entries {
		c := child{key: key + e.Name(), path: dir + string(filepath.Separator) + e.Name()}
		if isTemp(e.Name()) || !strings.HasPrefix(c.key, w.prefix) {
			continue
		}
		isDir, err := w.isDir(e, c)
		if err != nil {
			return nil, err
		}
		if isDir {
			c.key += "/"
		}
		if c.key > w.after || isDir && strings.HasPrefix(w.after, c.key) {
			children = append(children, c)
		}
	}
	slices.SortFunc(children, func(a, b child) int { return cmp.Compare(a.key, b.key) })
	return children, nil
}

// isDir follows links, and takes a link to one of its own parents for no directory, so that the walk ends.
func (w *walk) isDir(e fs.DirEntry, c child) (bool, error) {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir(), nil
	}
	target, err := os.Stat(c.path)
	if err != nil {
		return false, nil // a dangling link, or one that may not be followed: if it is a file, that is reported when it is yielded
	}
	if !target.IsDir() {
		return false, nil
	}
	for parent := c.path; parent != w.store.root; {
		parent = filepath.Dir(parent)
		info, err := os.Stat(parent)
		if err != nil {
			return false, err
		}
		if os.SameFile(info, target) {
			return false, nil
		}
	}
	return true, nil
}

func (w *walk) path(key string) string { return filepath.Join(w.store.root, filepath.FromSlash(key)) }

// readDir is os.ReadDir without the sort, which would be by names rather than keys.
func readDir(dir string) ([]fs.DirEntry, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(-1)
}
