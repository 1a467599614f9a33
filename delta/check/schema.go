package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// dataType is a type of the protocol's: a primitive one by name, or one that nests.
type dataType struct {
	name    string // of a primitive, or struct, array, map
	fields  []*column
	key     *dataType
	element *dataType // of an array, or a map's values
	scale   int       // of a decimal
	digits  int       // its precision
}

// column is a field of a struct, the table's own among them.
type column struct {
	name     string
	typ      *dataType
	nullable bool
	metadata members
}

// parseSchema reads a schemaString.
func parseSchema(text string) (*dataType, error) {
	v, err := decodeJSON([]byte(text))
	if err != nil {
		return nil, err
	}
	t, err := parseType(v)
	if err == nil && t.name != "struct" {
		err = fmt.Errorf("it is a %s, not a struct", t.name)
	}
	return t, err
}

// decodeJSON reads one JSON value, with numbers as they are.
func decodeJSON(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text follows the JSON value")
	}
	return v, nil
}

// primitives are the protocol's, but decimals.
var primitives = []string{
	"string", "long", "integer", "short", "byte", "float", "double", "boolean", "binary", "date", "timestamp", "timestamp_ntz", "variant", "void",
}

// decimalType is decimal, or decimal with precision and scale.
var decimalType = regexp.MustCompile(`^decimal(?:\(\s*(\d+)\s*,\s*(\d+)\s*\))?$`)

// otherType is a type that some writers have and the protocol does not, or not yet.
var otherType = regexp.MustCompile(`^(interval( .*)?|geometry(\(.*\))?|geography(\(.*\))?|char\(\d+\)|varchar\(\d+\)|timestamp(_ntz)?_nanos|null)$`)

func parseType(v any) (*dataType, error) {
	switch v := v.(type) {
	case string:
		return parsePrimitive(v)
	case map[string]any:
		m := members(v)
		switch m.text("type") {
		case "struct":
			return parseStruct(m)
		case "array":
			element, err := parseType(v["elementType"])
			if err == nil && !boolean.holds(v["containsNull"]) {
				err = errors.New("an array has no containsNull")
			}
			return &dataType{name: "array", element: element}, err
		case "map":
			key, err := parseType(v["keyType"])
			if err != nil {
				return nil, err
			}
			element, err := parseType(v["valueType"])
			if err == nil && !boolean.holds(v["valueContainsNull"]) {
				err = errors.New("a map has no valueContainsNull")
			}
			return &dataType{name: "map", key: key, element: element}, err
		}
	}
	return nil, fmt.Errorf("%s is no type", shown(v))
}

func parsePrimitive(name string) (*dataType, error) {
	if slices.Contains(primitives, name) {
		return &dataType{name: name}, nil
	}
	if m := decimalType.FindStringSubmatch(name); m != nil {
		t := &dataType{name: "decimal", digits: 10}
		if m[1] != "" {
			t.digits, _ = strconv.Atoi(m[1])
			t.scale, _ = strconv.Atoi(m[2])
		}
		if t.digits < 1 || t.digits > 38 || t.scale > t.digits {
			return nil, fmt.Errorf("%s: the precision is from 1 to 38 and the scale not above it", name)
		}
		return t, nil
	}
	if otherType.MatchString(name) {
		return &dataType{name: name}, nil
	}
	return nil, fmt.Errorf("%q is no type", name)
}

func parseStruct(m members) (*dataType, error) {
	list, ok := m["fields"].([]any)
	if !ok {
		return nil, errors.New("a struct has no list of fields")
	}
	t := &dataType{name: "struct"}
	for _, v := range list {
		f, ok := v.(map[string]any)
		if !ok || !text.holds(f["name"]) || !boolean.holds(f["nullable"]) {
			return nil, fmt.Errorf("%s is no field with name and nullable", shown(v))
		}
		typ, err := parseType(f["type"])
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", members(f).text("name"), err)
		}
		metadata := members(f).object("metadata")
		if metadata == nil && f["metadata"] != nil {
			return nil, fmt.Errorf("field %s: its metadata is no object", members(f).text("name"))
		}
		t.fields = append(t.fields, &column{members(f).text("name"), typ, members(f).boolean("nullable"), metadata})
	}
	return t, nil
}

// visitFields calls visit for every field of structs, wherever they are nested; fields of arrays and maps have no name of their own in the path.
func (t *dataType) visitFields(path []string, visit func(path []string, f *column)) {
	if t == nil {
		return
	}
	for _, f := range t.fields {
		at := append(slices.Clip(path), f.name)
		visit(at, f)
		f.typ.visitFields(at, visit)
	}
	t.key.visitFields(path, visit)
	t.element.visitFields(path, visit)
}

// visitPrimitives calls visit for the type, and those of its elements, unless they are structs, whose fields are visited by themselves.
func (t *dataType) visitPrimitives(visit func(name string)) {
	switch {
	case t == nil || t.name == "struct":
	case t.key != nil || t.element != nil:
		t.key.visitPrimitives(visit)
		t.element.visitPrimitives(visit)
	default:
		visit(t.name)
	}
}

// isPrimitive holds for types that a partition column can have.
func (t *dataType) isPrimitive() bool {
	return !slices.Contains([]string{"struct", "array", "map", "variant", "void"}, t.name)
}

// find is the field of a name, exactly.
func (t *dataType) find(name string) *column {
	i := slices.IndexFunc(t.fields, func(f *column) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return t.fields[i]
}

// checkNames looks for names that differ in nothing but case, at every level.
func (c *checker) checkNames(t *dataType, at string) {
	if t == nil {
		return
	}
	seen := make(map[string]bool)
	for _, f := range t.fields {
		name := strings.ToLower(f.name)
		if seen[name] {
			c.report(SchemaName, "%s%s is there twice", at, f.name)
		}
		seen[name] = true
		c.checkNames(f.typ, at+f.name+".")
	}
	c.checkNames(t.key, at+"key.")
	c.checkNames(t.element, at+"element.")
}
