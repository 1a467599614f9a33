package schema

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// Detail is what Equal compares besides types and names.
type Detail uint8

// The details of a comparison.
const (
	Nullability Detail = 1 << iota // of fields, elements and values
	Metadata                       // of fields, regardless of the keys' order
	FoldedNames                    // makes names equal that differ in case only
	Decoded                        // makes a dictionary equal to the type of its values
)

// Equal says whether two types are the same in Spark's eyes: the same kinds and parameters and the same field names in the same order. The names of
// Arrow's element, key and value fields never matter; what else does is in detail.
func Equal(a, b arrow.DataType, detail ...Detail) bool {
	return equalTypes(a, b, union(detail))
}

// EqualFields says whether two lists of columns are equal as Equal defines it.
func EqualFields(a, b []arrow.Field, detail ...Detail) bool {
	return equalFields(a, b, union(detail))
}

func union(detail []Detail) (d Detail) {
	for _, x := range detail {
		d |= x
	}
	return d
}

func equalTypes(a, b arrow.DataType, d Detail) bool {
	if d&Decoded != 0 {
		a, b = decoded(a), decoded(b)
	}
	if a.ID() != b.ID() {
		return false
	}
	switch a := a.(type) {
	case *arrow.ListType:
		x, y := a.ElemField(), b.(*arrow.ListType).ElemField()
		return equalNull(x, y, d) && equalTypes(x.Type, y.Type, d)
	case *arrow.MapType:
		b := b.(*arrow.MapType)
		return equalNull(a.ItemField(), b.ItemField(), d) && equalTypes(a.KeyType(), b.KeyType(), d) && equalTypes(a.ItemType(), b.ItemType(), d)
	case *arrow.StructType:
		return equalFields(a.Fields(), b.(*arrow.StructType).Fields(), d)
	case *arrow.DictionaryType:
		return equalTypes(a.ValueType, b.(*arrow.DictionaryType).ValueType, d)
	}
	return arrow.TypeEqual(a, b)
}

// decoded is the type of a dictionary's values, or the type itself.
func decoded(t arrow.DataType) arrow.DataType {
	if d, ok := t.(*arrow.DictionaryType); ok {
		return d.ValueType
	}
	return t
}

func equalFields(a, b []arrow.Field, d Detail) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equalField(a[i], b[i], d) {
			return false
		}
	}
	return true
}

func equalField(a, b arrow.Field, d Detail) bool {
	sameName := a.Name == b.Name || d&FoldedNames != 0 && foldName(a.Name) == foldName(b.Name)
	return sameName && equalNull(a, b, d) && equalTypes(a.Type, b.Type, d) && (d&Metadata == 0 || equalMetadata(a.Metadata, b.Metadata))
}

func equalNull(a, b arrow.Field, d Detail) bool {
	return d&Nullability == 0 || a.Nullable == b.Nullable
}

func equalMetadata(a, b arrow.Metadata) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i, k := range a.Keys() {
		if v, ok := b.GetValue(k); !ok || v != a.Values()[i] {
			return false
		}
	}
	return true
}

// Find returns the position of the column called name: the one spelt so, else the first that differs in case only, else -1.
func Find(fields []arrow.Field, name string) int {
	folded, lower := -1, foldName(name)
	for i := range fields {
		if fields[i].Name == name {
			return i
		}
		if folded < 0 && foldName(fields[i].Name) == lower {
			folded = i
		}
	}
	return folded
}

// Names finds columns as Find does, in constant time, for many look-ups over wide schemas.
type Names struct {
	exact, folded map[string]int
}

// NamesOf indexes the columns.
func NamesOf(fields []arrow.Field) Names {
	n := Names{exact: make(map[string]int, len(fields)), folded: make(map[string]int, len(fields))}
	for i := len(fields) - 1; i >= 0; i-- {
		n.exact[fields[i].Name] = i
		n.folded[foldName(fields[i].Name)] = i
	}
	return n
}

// Find returns the position of the column called name, or -1.
func (n Names) Find(name string) int {
	if i, ok := n.exact[name]; ok {
		return i
	}
	if i, ok := n.folded[foldName(name)]; ok {
		return i
	}
	return -1
}

// Check returns nil if the columns can be a table's: at every level names are there and unique without regard to case, and types are Supported.
// Otherwise it returns a *TypeError or a *NameError.
func Check(s *arrow.Schema) error {
	return checkFields("", s.Fields())
}

// NameError says that a column has no name, or the name of another.
type NameError struct {
	Column string // dotted path
	Reason string
}

// Error names the column and the fault.
func (e *NameError) Error() string {
	return "schema: column " + Quote(e.Column) + ": " + e.Reason
}

func checkFields(path string, fields []arrow.Field) error {
	seen := make(map[string]string, len(fields))
	for _, f := range fields {
		at := joinPath(path, f.Name)
		if f.Name == "" {
			return &NameError{Column: path, Reason: "a field has no name"}
		}
		if other, ok := seen[foldName(f.Name)]; ok {
			return &NameError{Column: at, Reason: "the name stands twice, also as " + other + "; names are compared without regard to case"}
		}
		seen[foldName(f.Name)] = f.Name
		if err := checkType(at, f.Type); err != nil {
			return err
		}
	}
	return nil
}

func checkType(path string, t arrow.DataType) error {
	switch t := t.(type) {
	case *arrow.ListType:
		return checkType(joinPath(path, "element"), t.Elem())
	case *arrow.MapType:
		if err := checkType(joinPath(path, "key"), t.KeyType()); err != nil {
			return err
		}
		return checkType(joinPath(path, "value"), t.ItemType())
	case *arrow.StructType:
		return checkFields(path, t.Fields())
	}
	return inColumn(path, Supported(t))
}

// foldName is the form in which names are compared without regard to case.
func foldName(name string) string {
	return strings.ToLower(name)
}
