package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// UnmarshalDelta reads a schemaString. Metadata is kept key for key, in order; see MarshalDelta for its values. A type that medallion does not know is a
// *TypeError that names it.
func UnmarshalDelta(text string) (*arrow.Schema, error) {
	t, err := readDeltaType(json.RawMessage(text), 0)
	if err != nil {
		return nil, err
	}
	st, ok := t.(*arrow.StructType)
	if !ok {
		return nil, fmt.Errorf("schema: Delta schema: the root is %s, not a struct", Name(t))
	}
	return arrow.NewSchema(st.Fields(), nil), nil
}

// UnmarshalDeltaType reads a type as it stands in a schemaString: a JSON string, or an object for a nested type.
func UnmarshalDeltaType(text string) (arrow.DataType, error) {
	return readDeltaType(json.RawMessage(text), 0)
}

// deltaType is a nested type in a schemaString. Pointers tell what is missing.
type deltaType struct {
	Type              string          `json:"type"`
	Fields            []deltaField    `json:"fields"`
	ElementType       json.RawMessage `json:"elementType"`
	ContainsNull      *bool           `json:"containsNull"`
	KeyType           json.RawMessage `json:"keyType"`
	ValueType         json.RawMessage `json:"valueType"`
	ValueContainsNull *bool           `json:"valueContainsNull"`
}

type deltaField struct {
	Name     *string         `json:"name"`
	Type     json.RawMessage `json:"type"`
	Nullable *bool           `json:"nullable"`
	Metadata json.RawMessage `json:"metadata"`
}

func readDeltaType(raw json.RawMessage, depth int) (arrow.DataType, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("schema: Delta schema: types nest deeper than %d", maxDepth)
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, fmt.Errorf("schema: Delta schema: a type is missing")
	}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte{'"'}) {
		var name string
		if err := json.Unmarshal(raw, &name); err != nil {
			return nil, fmt.Errorf("schema: Delta schema: %w", err)
		}
		return deltaPrimitive(name)
	}
	var t deltaType
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, fmt.Errorf("schema: Delta schema: %w", err)
	}
	switch t.Type {
	case "struct":
		return t.structType(depth)
	case "array":
		elem, err := readDeltaType(t.ElementType, depth+1)
		if err != nil {
			return nil, inColumn("element", err)
		}
		return ArrayOf(elem, orTrue(t.ContainsNull)), nil
	case "map":
		return t.mapType(depth)
	}
	return nil, unknownDeltaType(t.Type)
}

// orTrue gives Spark's default for nullability that is not written.
func orTrue(b *bool) bool {
	return b == nil || *b
}

func unknownDeltaType(name string) error {
	return &TypeError{Type: fmt.Sprintf("%q", name), Reason: "this version of medallion does not know it"}
}

// deltaPrimitive reads the names that the protocol defines, and the bare decimal that old writers left.
func deltaPrimitive(name string) (arrow.DataType, error) {
	switch name {
	case "string", "long", "integer", "short", "byte", "float", "double", "boolean", "binary", "date", "timestamp", "timestamp_ntz", "void", "variant":
		return atomicType(name), nil
	case "null": // written by Spark before 3.0 for void
		return Void, nil
	}
	if strings.HasPrefix(name, "decimal") {
		if t, err := ParseType(name); err == nil {
			return t, nil
		}
	}
	return nil, unknownDeltaType(name)
}

func (t *deltaType) mapType(depth int) (arrow.DataType, error) {
	key, err := readDeltaType(t.KeyType, depth+1)
	if err != nil {
		return nil, inColumn("key", err)
	}
	value, err := readDeltaType(t.ValueType, depth+1)
	if err != nil {
		return nil, inColumn("value", err)
	}
	return MapOf(key, value, orTrue(t.ValueContainsNull)), nil
}

func (t *deltaType) structType(depth int) (arrow.DataType, error) {
	fields := make([]arrow.Field, 0, len(t.Fields))
	for i, f := range t.Fields {
		if f.Name == nil {
			return nil, fmt.Errorf("schema: Delta schema: field %d of a struct has no name", i)
		}
		typ, err := readDeltaType(f.Type, depth+1)
		if err != nil {
			return nil, inColumn(*f.Name, err)
		}
		m, err := readDeltaMetadata(f.Metadata)
		if err != nil {
			return nil, fmt.Errorf("schema: Delta schema: metadata of column %s: %w", *f.Name, err)
		}
		fields = append(fields, arrow.Field{Name: *f.Name, Type: typ, Nullable: orTrue(f.Nullable), Metadata: m})
	}
	return arrow.StructOf(fields...), nil
}

func readDeltaMetadata(raw json.RawMessage) (arrow.Metadata, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return arrow.Metadata{}, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil {
		return arrow.Metadata{}, err
	} else if open != json.Delim('{') {
		return arrow.Metadata{}, fmt.Errorf("expected an object, found %v", open)
	}
	var keys, values []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return arrow.Metadata{}, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return arrow.Metadata{}, err
		}
		name := key.(string)
		text, keep, err := metadataValue(name, value)
		if err != nil {
			return arrow.Metadata{}, err
		}
		if i := slices.Index(keys, name); i >= 0 { // the last one counts, as everywhere in JSON
			keys, values = slices.Delete(keys, i, i+1), slices.Delete(values, i, i+1)
		}
		if keep {
			keys, values = append(keys, name), append(values, text)
		}
	}
	return arrow.NewMetadata(keys, values), nil
}

// metadataValue turns a JSON value into Arrow's text. A null under a text key means the same as no key at all and is not kept.
func metadataValue(key string, value json.RawMessage) (text string, keep bool, err error) {
	if value[0] != '"' {
		if !isTextKey(key) {
			return string(value), true, nil
		}
		if string(value) == "null" {
			return "", false, nil
		}
		return "", false, fmt.Errorf("%s is %s, not a string", key, value)
	}
	if err := json.Unmarshal(value, &text); err != nil {
		return "", false, err
	}
	if !isTextKey(key) && json.Valid([]byte(text)) {
		return string(value), true, nil
	}
	return text, true, nil
}
