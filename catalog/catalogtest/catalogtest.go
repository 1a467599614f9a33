// Package catalogtest is the suite that every implementation of catalog.Catalog passes.
package catalogtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/catalog"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
)

// Run checks the contract of catalog.Catalog. newCatalog makes an empty catalog.
func Run(t *testing.T, newCatalog func(t *testing.T) catalog.Catalog) {
	tests := []struct {
		name string
		test func(t *testing.T, c catalog.Catalog)
	}{
		{"CreateAndLookup", testCreate},
		{"DefaultLocation", testDefaultLocation},
		{"NamesFold", testFold},
		{"BadNames", testBadNames},
		{"Drop", testDrop},
		{"List", testList},
		{"Concurrent", testConcurrent},
		{"Cancelled", testCancelled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, newCatalog(t)) })
	}
}

func table(t *testing.T, schemaName, name string) catalog.Table {
	t.Helper()
	return catalog.Table{
		Name: catalog.Name{Schema: schemaName, Table: name}, Location: "somewhere/" + name,
		Schema:     schematest.DDL(t, "id BIGINT NOT NULL COMMENT 'key', tags ARRAY<STRING>"),
		Properties: map[string]string{"owner": "me", "delta.appendOnly": "true"},
	}
}

func create(t *testing.T, c catalog.Catalog, tab catalog.Table) catalog.Table {
	t.Helper()
	got, err := c.Create(context.Background(), tab)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

var equalSchemas = cmp.Comparer(func(a, b *arrow.Schema) bool {
	return schema.EqualFields(a.Fields(), b.Fields(), schema.Nullability, schema.Metadata)
})

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, equalSchemas); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func testCreate(t *testing.T, c catalog.Catalog) {
	ctx := context.Background()
	want := table(t, "silver", "orders")
	if _, err := c.Lookup(ctx, want.Name); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("Lookup of no table returned %v", err)
	}
	expect(t, "Create", create(t, c, want), want)
	got, err := c.Lookup(ctx, want.Name)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "Lookup", got, want)
	other := want
	other.Location = "elsewhere"
	if _, err := c.Create(ctx, other); !errors.Is(err, catalog.ErrExists) {
		t.Errorf("Create of a taken name returned %v", err)
	}
	if got, err = c.Lookup(ctx, want.Name); err != nil || got.Location != want.Location {
		t.Errorf("after a refused Create, Lookup gives %v, %v", got, err)
	}
}

func testDefaultLocation(t *testing.T, c catalog.Catalog) {
	a, b := table(t, "s", "a"), table(t, "s", "b")
	a.Location, b.Location, b.Properties = "", "", nil
	a, b = create(t, c, a), create(t, c, b)
	if a.Location == "" || a.Location == b.Location {
		t.Errorf("the catalog chose %q and %q", a.Location, b.Location)
	}
	got, err := c.Lookup(context.Background(), b.Name)
	if err != nil || got.Location != b.Location || len(got.Properties) != 0 {
		t.Errorf("Lookup = %v, %v, want %v", got, err, b)
	}
}

func testFold(t *testing.T, c catalog.Catalog) {
	ctx := context.Background()
	create(t, c, table(t, "Silver", "Orders"))
	if _, err := c.Create(ctx, table(t, "silver", "ORDERS")); !errors.Is(err, catalog.ErrExists) {
		t.Errorf("Create under a name that differs in case only returned %v", err)
	}
	if _, err := c.Lookup(ctx, catalog.Name{Schema: "SILVER", Table: "orders"}); err != nil {
		t.Errorf("Lookup of another case: %v", err)
	}
}

func testBadNames(t *testing.T, c catalog.Catalog) {
	ctx := context.Background()
	bad := []catalog.Name{
		{}, {Schema: "a"}, {Schema: "..", Table: "x"}, {Schema: "a", Table: "b/c"}, {Schema: "a", Table: "b.c"}, {Schema: "a b", Table: "c"},
	}
	for _, n := range bad {
		tab := table(t, "s", "t")
		tab.Name = n
		var nameError *catalog.NameError
		if _, err := c.Create(ctx, tab); !errors.As(err, &nameError) {
			t.Errorf("Create of %q returned %v, want a *NameError", n, err)
		}
		if _, err := c.Lookup(ctx, n); !errors.As(err, &nameError) {
			t.Errorf("Lookup of %q returned %v, want a *NameError", n, err)
		}
	}
	noSchema := table(t, "s", "t")
	noSchema.Schema = nil
	if _, err := c.Create(ctx, noSchema); err == nil {
		t.Error("Create took a table without a schema")
	}
}

func testDrop(t *testing.T, c catalog.Catalog) {
	ctx := context.Background()
	tab := table(t, "s", "t")
	if err := c.Drop(ctx, tab.Name); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("Drop of no table returned %v", err)
	}
	create(t, c, tab)
	if err := c.Drop(ctx, tab.Name); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Lookup(ctx, tab.Name); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("Lookup of a dropped table returned %v", err)
	}
	create(t, c, tab)
}

func testList(t *testing.T, c catalog.Catalog) {
	for _, n := range []string{"b.x", "a.y", "b.w", "ab.v", "a.z"} {
		name, err := catalog.ParseName(n)
		if err != nil {
			t.Fatal(err)
		}
		create(t, c, table(t, name.Schema, name.Table))
	}
	for schemaName, want := range map[string]string{"": "[a.y a.z ab.v b.w b.x]", "a": "[a.y a.z]", "B": "[b.w b.x]", "none": "[]"} {
		got := []string{}
		for tab, err := range c.List(context.Background(), schemaName) {
			if err != nil {
				t.Fatal(err)
			}
			if tab.Schema == nil || tab.Location == "" {
				t.Errorf("List yields %v without schema or location", tab)
			}
			got = append(got, tab.Name.String())
		}
		if fmt.Sprint(got) != want {
			t.Errorf("List(%q) = %v, want %s", schemaName, got, want)
		}
	}
	for range c.List(context.Background(), "") {
		break
	}
	for _, err := range c.List(context.Background(), "../x") {
		if err == nil {
			t.Error("List took a bad name")
		}
	}
}

func testConcurrent(t *testing.T, c catalog.Catalog) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := map[string]bool{}
	for i := range 20 {
		wg.Go(func() {
			tab := table(t, "s", "t")
			tab.Location = fmt.Sprint("place", i)
			_, err := c.Create(context.Background(), tab)
			if err != nil && !errors.Is(err, catalog.ErrExists) {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won[tab.Location] = true
			}
		})
	}
	wg.Wait()
	got, err := c.Lookup(context.Background(), catalog.Name{Schema: "s", Table: "t"})
	if err != nil || len(won) != 1 || !won[got.Location] {
		t.Errorf("%d of 20 callers created the table, which is at %s: %v", len(won), got.Location, err)
	}
}

func testCancelled(t *testing.T, c catalog.Catalog) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	tab := table(t, "s", "t")
	if _, err := c.Create(ctx, tab); !errors.Is(err, context.Canceled) {
		t.Errorf("Create with an ended context returned %v", err)
	}
	if _, err := c.Lookup(ctx, tab.Name); !errors.Is(err, context.Canceled) {
		t.Errorf("Lookup with an ended context returned %v", err)
	}
}
