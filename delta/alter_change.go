package delta

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// ColumnChange says what becomes of a column, a field of a struct, or the element, key or value of an array or map; what is not set stays.
type ColumnChange struct {
	Path     []string       // with element, key and value for the parts of arrays and maps
	Type     arrow.DataType // a wider one; the table must have delta.enableTypeWidening
	Nullable *bool          // NOT NULL is possible only while no row has NULL there
	Comment  *string        // empty: none
	Default  *string        // SQL, for rows that are written without the column; empty: none
	Position Position
}

// ChangeColumn changes a column. It returns the commit's version.
func (t *Table) ChangeColumn(ctx context.Context, c ColumnChange) (int64, error) {
	op := Operation{Name: "CHANGE COLUMN", Parameters: map[string]string{"column": ""}}
	if p := c.Position.String(); p != "" {
		op.Parameters["position"] = p
	}
	return t.alter(ctx, op, func(a *alteration) error {
		if err := a.change(ctx, c); err != nil {
			return err
		}
		if f := fieldAt(a.fields, c.Path); f != nil {
			op.Parameters["column"] = string(appendFieldJSON(nil, c.Path, *f))
		}
		return nil
	})
}

func (a *alteration) change(ctx context.Context, c ColumnChange) error {
	f := fieldAt(a.fields, c.Path)
	if f == nil {
		return missingColumn(c.Path)
	}
	if c.Type != nil && !schema.Equal(f.Type, c.Type) {
		if err := a.changeType(c.Path, f.Type, c.Type); err != nil {
			return err
		}
	}
	if c.Nullable == nil && c.Comment == nil && c.Default == nil && c.Position == (Position{}) {
		return nil
	}
	if c.Nullable != nil && !*c.Nullable && f.Nullable {
		if err := a.forbidNull(ctx, c.Path); err != nil {
			return err
		}
	}
	return a.editField(c.Path, func(fields []arrow.Field, i int) ([]arrow.Field, error) {
		if c.Nullable != nil {
			fields[i].Nullable = *c.Nullable
		}
		if err := c.describe(&fields[i]); err != nil {
			return nil, err
		}
		if c.Position == (Position{}) {
			return fields, nil
		}
		f := fields[i]
		return c.Position.insert(slices.Delete(fields, i, i+1), f, quotePath(c.Path))
	})
}

// describe sets comment and default.
func (c ColumnChange) describe(f *arrow.Field) error {
	set := func(key string, value *string) {
		switch {
		case value == nil:
		case *value == "":
			f.Metadata = withoutKeys(f.Metadata, func(k string) bool { return k == key })
		default:
			f.Metadata = withKey(f.Metadata, key, *value)
		}
	}
	set(schema.CommentKey, c.Comment)
	if c.Default == nil {
		return nil
	}
	if len(c.Path) > 1 {
		return &SchemaError{quotePath(c.Path), "only whole columns have defaults"}
	}
	if *c.Default != "" {
		if _, err := bindDefault(*c.Default, *f); err != nil {
			return err
		}
	}
	set(defaultKey, c.Default)
	return nil
}

// changeType widens a column or a part of it.
func (a *alteration) changeType(path []string, from, to arrow.DataType) error {
	name := strings.Join(path, ".")
	switch {
	case arrow.IsNested(from.ID()) || arrow.IsNested(to.ID()):
		return &SchemaError{name, "the type of a struct, array or map is changed part by part: name the field, element, key or value"}
	case !canWiden(from, to):
		return &SchemaError{name, fmt.Sprintf("its type cannot change from %s to %s: rows that are there would lose something", schema.Name(from), schema.Name(to))}
	case a.before.Configuration[typeWideningProperty] != "true":
		return &UnsupportedError{
			Feature: "typeWidening", Table: a.tx.table.Name(), Version: a.tx.base.version,
			Detail: "changing the type of column " + name + " needs it: set the table property " + typeWideningProperty + " = true first",
		}
	}
	if err := a.unread(path); err != nil {
		return err
	}
	var err error
	a.fields, err = widenAt(a.fields, path, to)
	return err
}

// widenAt gives the column, or the part of it, that the path leads to another type, and notes the change at the field of a struct that is nearest to it.
func widenAt(fields []arrow.Field, path []string, to arrow.DataType) ([]arrow.Field, error) {
	i := schema.Find(fields, path[0])
	if i < 0 {
		return nil, missingColumn(path)
	}
	out := slices.Clone(fields)
	var part []string
	t, noted, err := widenType(out[i].Type, path[1:], &part, to)
	if err != nil {
		return nil, err
	}
	if !noted {
		was := partOf(out[i].Type, part)
		if out[i], err = recordChange(out[i], part, was, to); err != nil {
			return nil, err
		}
	}
	out[i].Type = t
	return out, nil
}

// widenType follows the rest of a path; noted tells that a field below has taken the note. part gathers the way through arrays and maps.
func widenType(t arrow.DataType, rest []string, part *[]string, to arrow.DataType) (_ arrow.DataType, noted bool, err error) {
	if len(rest) == 0 {
		return to, false, nil
	}
	if st, ok := t.(*arrow.StructType); ok {
		fields, err := widenAt(st.Fields(), rest, to)
		if err != nil {
			return nil, false, err
		}
		return arrow.StructOf(fields...), true, nil
	}
	*part = append(*part, strings.ToLower(rest[0]))
	t, err = editPart(t, rest[0], func(inner arrow.DataType) (arrow.DataType, error) {
		var changed arrow.DataType
		changed, noted, err = widenType(inner, rest[1:], part, to)
		return changed, err
	}, rest)
	return t, noted, err
}

// partOf is the type at the end of a way through arrays and maps.
func partOf(t arrow.DataType, part []string) arrow.DataType {
	for _, p := range part {
		switch n := t.(type) {
		case *arrow.ListType:
			t = n.Elem()
		case *arrow.MapType:
			if t = n.ItemType(); p == "key" {
				t = n.KeyType()
			}
		}
	}
	return t
}
