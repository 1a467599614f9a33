package check

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// checkObjects looks for the live files and their deletion vectors among the table's objects. Files that lie elsewhere are passed over.
func (c *checker) checkObjects(ctx context.Context) error {
	wanted := make(map[string]*file) // by key under the table
	vectors := make(map[string]*file)
	for _, f := range c.state.sortedLive() {
		if key, ok := c.relative(f.path); ok {
			wanted[key] = f
		}
		if f.vector == nil {
			continue
		}
		if path, err := f.vector.file(); err == nil && path != "" {
			if key, ok := c.relative(path); ok {
				vectors[key] = f
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	for info, err := range c.store.List(ctx, c.root, "") {
		if err != nil {
			return fmt.Errorf("check: list %s: %w", c.name(), err)
		}
		key := strings.TrimPrefix(info.Key, c.root)
		if f := wanted[key]; f != nil {
			if f.hasSize && info.Size != f.size {
				c.at(place{version: f.added, action: "add", path: f.path})
				c.report(ObjectSize, "the file has %d bytes, and %d in the log", info.Size, f.size)
			}
			delete(wanted, key)
		}
		delete(vectors, key)
	}
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		c.at(place{version: wanted[key].added, action: "add", path: wanted[key].path})
		c.report(ObjectMissing, "the file is not there")
	}
	for _, key := range slices.Sorted(maps.Keys(vectors)) {
		c.at(place{version: vectors[key].added, action: "add", path: vectors[key].path})
		c.report(ObjectMissing, "the file's deletion vector, %s, is not there", key)
	}
	return nil
}
