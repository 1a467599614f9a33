package delta

import (
	"context"
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/storage"
)

// objectKey is where a file of the table lies in its store; *UnsupportedError for an absolute path outside of it.
func (t *Table) objectKey(path string) (string, error) {
	p := canonicalPath(path)
	if !isAbsolute(p) {
		return t.log.root + p, nil
	}
	if l, ok := t.store.(storage.Locator); ok {
		if rest, ok := strings.CutPrefix(p, strings.TrimSuffix(canonicalPath(l.URL("")), "/")+"/"); ok {
			return rest, nil
		}
	}
	return "", &UnsupportedError{
		Feature: "absolute path", Table: t.Name(), Version: -1, Reading: true,
		Detail: path + " lies outside the store: Config.Resolve can tell where",
	}
}

// openPath opens a data file or deletion vector by its path in the log, in whatever store it lies, and gives its key there.
func (t *Table) openPath(ctx context.Context, path string) (storage.Object, string, error) {
	store := t.store
	key, err := t.objectKey(path)
	if err != nil && t.config.Resolve != nil {
		if store, key, err = t.config.Resolve(canonicalPath(path)); err != nil {
			err = fmt.Errorf("delta: %s: where %s lies: %w", t.Name(), path, err)
		}
	}
	if err != nil {
		return nil, "", err
	}
	o, err := store.Open(ctx, key)
	return o, key, err
}
