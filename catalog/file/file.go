// Package file is a catalog in a store: one small JSON object per table, no server.
//
// Below the root, the entry of silver.orders is _catalog/silver/orders.json, and unless it says otherwise the table's files are in silver/orders. Names are
// folded to lower case. An entry is made by storage.PutIfAbsent, so of several processes one wins.
package file

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path"
	"strings"

	"github.com/medallion-go/medallion/catalog"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
)

// Catalog keeps its entries in a store.
type Catalog struct {
	store storage.Store
	root  string
}

var _ catalog.Catalog = (*Catalog)(nil)

// New is the catalog below root in the store; an empty root is the top. It does no I/O.
func New(store storage.Store, root string) (*Catalog, error) {
	if store == nil {
		return nil, errors.New("catalog: the store is nil")
	}
	root = strings.Trim(root, "/")
	if root != "" {
		if err := storage.CheckKey(root); err != nil {
			return nil, fmt.Errorf("catalog: root: %w", err)
		}
	}
	return &Catalog{store: store, root: root}, nil
}

// entry is a table as it is stored. Schema is Delta's own JSON.
type entry struct {
	Name       string            `json:"name"`
	Location   string            `json:"location"`
	Schema     json.RawMessage   `json:"schema"`
	Properties map[string]string `json:"properties,omitempty"`
}

const (
	folder    = "_catalog"
	extension = ".json"
)

func (c *Catalog) key(n catalog.Name) string {
	n = n.Fold()
	return storage.Join(c.root, folder, n.Schema, n.Table+extension)
}

// location is where the files of a table are by default: a URL where the store has them, else a key.
func (c *Catalog) location(n catalog.Name) string {
	n = n.Fold()
	key := storage.Join(c.root, n.Schema, n.Table)
	if l, ok := c.store.(storage.Locator); ok {
		return l.URL(key)
	}
	return key
}

// Lookup returns the table, or catalog.ErrNotFound.
func (c *Catalog) Lookup(ctx context.Context, name catalog.Name) (catalog.Table, error) {
	if err := name.Check(); err != nil {
		return catalog.Table{}, err
	}
	t, err := c.read(ctx, c.key(name))
	if errors.Is(err, storage.ErrNotFound) {
		err = catalog.ErrNotFound
	}
	if err != nil {
		return catalog.Table{}, fmt.Errorf("catalog: look up %s: %w", name, err)
	}
	return t, nil
}

func (c *Catalog) read(ctx context.Context, key string) (catalog.Table, error) {
	data, err := storage.ReadAll(ctx, c.store, key)
	if err != nil {
		return catalog.Table{}, err
	}
	t, err := decode(data)
	if err != nil {
		return catalog.Table{}, fmt.Errorf("entry %s: %w", key, err)
	}
	return t, nil
}

func decode(data []byte) (catalog.Table, error) {
	var e entry
	if err := json.Unmarshal(data, &e); err != nil {
		return catalog.Table{}, err
	}
	name, err := catalog.ParseName(e.Name)
	if err != nil {
		return catalog.Table{}, err
	}
	s, err := schema.UnmarshalDelta(string(e.Schema))
	if err != nil {
		return catalog.Table{}, err
	}
	return catalog.Table{Name: name, Location: e.Location, Schema: s, Properties: e.Properties}, nil
}

// Create enters the table, or returns catalog.ErrExists.
func (c *Catalog) Create(ctx context.Context, t catalog.Table) (catalog.Table, error) {
	if err := t.Name.Check(); err != nil {
		return catalog.Table{}, err
	}
	t.Name = t.Name.Fold()
	if t.Location == "" {
		t.Location = c.location(t.Name)
	}
	data, err := encode(t)
	if err == nil {
		err = c.put(ctx, c.key(t.Name), t, data)
	}
	if err != nil {
		return catalog.Table{}, fmt.Errorf("catalog: create %s: %w", t.Name, err)
	}
	t.Properties = maps.Clone(t.Properties)
	return t, nil
}

func encode(t catalog.Table) ([]byte, error) {
	if t.Schema == nil {
		return nil, errors.New("a table needs a schema")
	}
	if err := schema.Check(t.Schema); err != nil {
		return nil, err
	}
	s, err := schema.MarshalDelta(t.Schema)
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(entry{Name: t.Name.String(), Location: t.Location, Schema: json.RawMessage(s), Properties: t.Properties}, "", "  ")
}

// put writes the entry. Where the outcome is not known it looks: an equal entry is taken for its own.
func (c *Catalog) put(ctx context.Context, key string, t catalog.Table, data []byte) error {
	err := c.store.PutIfAbsent(ctx, key, data)
	switch {
	case errors.Is(err, storage.ErrExists):
		return catalog.ErrExists
	case !errors.Is(err, storage.ErrUndecided):
		return err
	}
	found, readErr := storage.ReadAll(ctx, c.store, key)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	if string(found) != string(data) {
		return catalog.ErrExists
	}
	return nil
}

// Drop removes the entry, or returns catalog.ErrNotFound.
func (c *Catalog) Drop(ctx context.Context, name catalog.Name) error {
	if _, err := c.Lookup(ctx, name); err != nil {
		return err
	}
	if err := c.store.Delete(ctx, c.key(name)); err != nil {
		return fmt.Errorf("catalog: drop %s: %w", name, err)
	}
	return nil
}

// List yields the tables of one schema, or of all for "".
func (c *Catalog) List(ctx context.Context, schemaName string) iter.Seq2[catalog.Table, error] {
	return func(yield func(catalog.Table, error) bool) {
		prefix := storage.Join(c.root, folder) + "/"
		if schemaName != "" {
			if err := catalog.CheckPart(schemaName); err != nil {
				yield(catalog.Table{}, &catalog.NameError{Name: schemaName, Reason: err.Error()})
				return
			}
			prefix += strings.ToLower(schemaName) + "/"
		}
		for info, err := range c.store.List(ctx, prefix, "") {
			if err == nil && path.Ext(info.Key) != extension {
				continue
			}
			var t catalog.Table
			if err == nil {
				t, err = c.read(ctx, info.Key)
			}
			if errors.Is(err, storage.ErrNotFound) {
				continue // dropped since it was listed
			}
			if err != nil {
				yield(catalog.Table{}, fmt.Errorf("catalog: list: %w", err))
				return
			}
			if !yield(t, nil) {
				return
			}
		}
	}
}
