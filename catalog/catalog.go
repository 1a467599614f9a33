// Package catalog is the port through which tables have names: a name leads to a location, a schema and properties. It holds no rows and decides no
// commits. catalog/file keeps its entries in a store; catalog/catalogtest is the suite that every implementation passes.
package catalog

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// Errors that callers branch on. Implementations wrap them together with the name.
var (
	ErrNotFound = errors.New("catalog: table not found")
	ErrExists   = errors.New("catalog: table exists")
)

// Name is a table's name: silver.orders. Names are equal without regard to case.
type Name struct{ Schema, Table string }

// ParseName reads schema.table and checks it.
func ParseName(text string) (Name, error) {
	s, t, ok := strings.Cut(text, ".")
	if !ok {
		return Name{}, &NameError{Name: text, Reason: "write schema.table"}
	}
	n := Name{Schema: s, Table: t}
	return n, n.Check()
}

// String is schema.table.
func (n Name) String() string { return n.Schema + "." + n.Table }

// Fold is the form in which names are compared: in lower case.
func (n Name) Fold() Name {
	return Name{Schema: strings.ToLower(n.Schema), Table: strings.ToLower(n.Table)}
}

// Check returns a *NameError unless both parts are 1 to 128 letters, digits and underscores of ASCII: what every catalog and every file system takes.
func (n Name) Check() error {
	for _, part := range []string{n.Schema, n.Table} {
		if err := CheckPart(part); err != nil {
			return &NameError{Name: n.String(), Reason: err.Error()}
		}
	}
	return nil
}

const maxPart = 128

// CheckPart checks one part of a name, as Name.Check does both.
func CheckPart(part string) error {
	if part == "" || len(part) > maxPart {
		return fmt.Errorf("a part has %d characters: use 1 to %d", len(part), maxPart)
	}
	for _, c := range part {
		if c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return fmt.Errorf("character %q is not allowed: use letters, digits and underscores", c)
		}
	}
	return nil
}

// NameError says that a text is not a table's name.
type NameError struct{ Name, Reason string }

// Error names the text and the fault.
func (e *NameError) Error() string { return fmt.Sprintf("catalog: name %q: %s", e.Name, e.Reason) }

// Table is what a catalog knows of a table.
type Table struct {
	Name       Name
	Location   string            // where its files are: a URL, or a key in the catalog's own store
	Schema     *arrow.Schema     // as of its creation
	Properties map[string]string // nil: none
}

// Catalog leads from names to tables. Implementations are safe for concurrent use.
type Catalog interface {
	// Lookup returns the table, or ErrNotFound.
	Lookup(ctx context.Context, name Name) (Table, error)
	// Create enters the table and returns it as entered; an empty Location is for the catalog to choose. ErrExists means that the name is taken: exactly
	// one of concurrent callers wins. No file of the table is written.
	Create(ctx context.Context, t Table) (Table, error)
	// Drop removes the entry, or returns ErrNotFound. The table's files stay.
	Drop(ctx context.Context, name Name) error
	// List yields the tables of one schema, or of all for "", in the order of their names. An error comes last and alone.
	List(ctx context.Context, schema string) iter.Seq2[Table, error]
}
