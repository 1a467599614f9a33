package file_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/catalog"
	"github.com/medallion-go/medallion/catalog/catalogtest"
	"github.com/medallion-go/medallion/catalog/file"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
	"github.com/medallion-go/medallion/storage/local"
	"github.com/medallion-go/medallion/storage/memory"
)

func newCatalog(t *testing.T, store storage.Store, root string) *file.Catalog {
	t.Helper()
	c, err := file.New(store, root)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMemory(t *testing.T) {
	t.Parallel()
	catalogtest.Run(t, func(t *testing.T) catalog.Catalog { return newCatalog(t, memory.New(), "lake") })
}

func TestLocal(t *testing.T) {
	t.Parallel()
	catalogtest.Run(t, func(t *testing.T) catalog.Catalog {
		store, err := local.Config{NoSync: true}.New(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return newCatalog(t, store, "")
	})
}

func orders(t *testing.T) catalog.Table {
	t.Helper()
	s := schematest.DDL(t, "id BIGINT")
	return catalog.Table{Name: catalog.Name{Schema: "silver", Table: "orders"}, Schema: s}
}

func TestLostAnswers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	inner := memory.New()
	c := newCatalog(t, faultstore.New(inner, faultstore.Fault{At: 1, Of: faultstore.Put, Effect: faultstore.After}), "")
	if _, err := c.Create(ctx, orders(t)); err != nil {
		t.Errorf("Create whose answer was lost, though the entry is there: %v", err)
	}
	c = newCatalog(t, faultstore.New(memory.New(), faultstore.Fault{At: 1, Of: faultstore.Put, Effect: faultstore.Partly}), "")
	if _, err := c.Create(ctx, orders(t)); !errors.Is(err, storage.ErrUndecided) {
		t.Errorf("Create that left nothing returned %v", err)
	}
	other := orders(t)
	other.Location = "elsewhere"
	c = newCatalog(t, faultstore.New(inner, faultstore.Fault{At: 1, Of: faultstore.Put, Effect: faultstore.After}), "")
	if _, err := c.Create(ctx, other); !errors.Is(err, catalog.ErrExists) {
		t.Errorf("Create that lost to another, and its answer, returned %v", err)
	}
}

func TestDamagedEntry(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, data := range []string{"", "{", `{"name":"x"}`, `{"name":"a.b","schema":{"type":"struct","fields":[{"name":"v","type":"geometry"}]}}`} {
		store := memory.New()
		if _, err := storage.Put(ctx, store, "_catalog/silver/orders.json", []byte(data)); err != nil {
			t.Fatal(err)
		}
		c := newCatalog(t, store, "")
		if _, err := c.Lookup(ctx, orders(t).Name); err == nil || !strings.Contains(err.Error(), "_catalog/silver/orders.json") {
			t.Errorf("Lookup of entry %q: %v, want an error that names the object", data, err)
		}
		for _, err := range c.List(ctx, "") {
			if err == nil {
				t.Errorf("List took the entry %q", data)
			}
		}
	}
}

func TestNewErrors(t *testing.T) {
	t.Parallel()
	if _, err := file.New(nil, ""); err == nil {
		t.Error("New took no store")
	}
	if _, err := file.New(memory.New(), "a/../b"); err == nil {
		t.Error("New took a bad root")
	}
}

func Example() {
	s, _ := schema.ParseDDL("id BIGINT, amount DECIMAL(18,2)")
	c, err := file.New(memory.New(), "lake")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, name := context.Background(), catalog.Name{Schema: "silver", Table: "orders"}
	if _, err := c.Create(ctx, catalog.Table{Name: name, Schema: s}); err != nil {
		fmt.Println(err)
		return
	}
	t, err := c.Lookup(ctx, name)
	fmt.Println(t.Name, t.Location, schema.DDL(t.Schema), err)
	// Output: silver.orders lake/silver/orders id BIGINT, amount DECIMAL(18,2) <nil>
}
