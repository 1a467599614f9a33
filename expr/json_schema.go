package expr

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// schemaOfJSON finds the schema of a constant document.
func schemaOfJSON(c *call) (Bound, error) {
	v, _ := c.constant(0)
	text, ok := v.(string)
	if l, isLiteral := c.args[0].(BoundLiteral); isLiteral && l.Value == nil {
		return nil, c.mismatch("UNEXPECTED_NULL", "the document must not be NULL")
	} else if !ok {
		return nil, c.mismatch("NON_FOLDABLE_INPUT", "the document must be a constant STRING")
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	t, err := inferJSON(d)
	if err != nil {
		at := c.place(0)
		return nil, &Error{
			Class: "UNSUPPORTED_FEATURE", SQLState: "0A000", Line: at.Line, Column: at.Column, Message: "the constant of schema_of_json is no JSON: " + err.Error(),
		}
	}
	return literal(schema.TypeDDL(settled(t)), typeString), nil
}

// inferJSON reads one value and gives its type. VOID is a value that is null.
func inferJSON(d *json.Decoder) (arrow.DataType, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return inferObject(d)
		}
		return inferArray(d)
	case string:
		return typeString, nil
	case bool:
		return typeBoolean, nil
	case json.Number:
		return inferNumber(t.String()), nil
	}
	return arrow.Null, nil
}

func inferNumber(text string) arrow.DataType {
	if strings.ContainsAny(text, ".eE") {
		return typeDouble
	}
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return typeBigInt
	}
	if n := len(strings.TrimPrefix(text, "-")); n <= maxPrecision {
		return decimalOf(int32(n), 0)
	}
	return typeDouble
}

// inferObject sorts the fields by name; of a name that occurs twice the types are merged.
func inferObject(d *json.Decoder) (arrow.DataType, error) {
	var fields []arrow.Field
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		text, ok := name.(string)
		if !ok {
			return nil, io.ErrUnexpectedEOF
		}
		t, err := inferJSON(d)
		if err != nil {
			return nil, err
		}
		fields = append(fields, arrow.Field{Name: text, Type: t, Nullable: true})
	}
	_, err := d.Token()
	slices.SortStableFunc(fields, func(a, b arrow.Field) int { return strings.Compare(a.Name, b.Name) })
	return arrow.StructOf(fields...), err
}

func inferArray(d *json.Decoder) (arrow.DataType, error) {
	element := arrow.DataType(arrow.Null)
	for d.More() {
		t, err := inferJSON(d)
		if err != nil {
			return nil, err
		}
		element = mergedJSON(element, t)
	}
	_, err := d.Token()
	return schema.ArrayOf(element, true), err
}

// mergedJSON is the type of values of either type: numbers widen, structs have the fields of both, and what does not go together is text.
func mergedJSON(a, b arrow.DataType) arrow.DataType {
	switch {
	case equalType(a, b), isNull(b):
		return a
	case isNull(a):
		return b
	case isNumeric(a) && isNumeric(b):
		return commonNumeric(a, b)
	}
	if x, ok := a.(*arrow.ListType); ok {
		if y, ok := b.(*arrow.ListType); ok {
			return schema.ArrayOf(mergedJSON(x.Elem(), y.Elem()), true)
		}
	}
	if x, ok := a.(*arrow.StructType); ok {
		if y, ok := b.(*arrow.StructType); ok {
			return mergedFields(x, y)
		}
	}
	return typeString
}

func mergedFields(a, b *arrow.StructType) arrow.DataType {
	fields := slices.Clone(a.Fields())
	for _, f := range b.Fields() {
		i := slices.IndexFunc(fields, func(g arrow.Field) bool { return g.Name == f.Name })
		if i < 0 {
			fields = append(fields, f)
			continue
		}
		fields[i].Type = mergedJSON(fields[i].Type, f.Type)
	}
	slices.SortStableFunc(fields, func(x, y arrow.Field) int { return strings.Compare(x.Name, y.Name) })
	return arrow.StructOf(fields...)
}

// settled is t with text for values that were always null. Structs without fields are left out.
func settled(t arrow.DataType) arrow.DataType {
	switch t := t.(type) {
	case *arrow.NullType:
		return typeString
	case *arrow.ListType:
		return schema.ArrayOf(settled(t.Elem()), true)
	case *arrow.StructType:
		var fields []arrow.Field
		for _, f := range t.Fields() {
			if inner, ok := f.Type.(*arrow.StructType); ok && inner.NumFields() == 0 {
				continue
			}
			f.Type = settled(f.Type)
			fields = append(fields, f)
		}
		return arrow.StructOf(fields...)
	}
	return t
}
