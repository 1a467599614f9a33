package expr

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// documentFunctions are those between text in JSON and columns.
func documentFunctions() []Function {
	onlyText := wanted{label: "STRING", accept: func(t arrow.DataType) (arrow.DataType, bool) { return typeString, isString(t) || isNull(t) }}
	return []Function{
		scalar("from_json", 2, 3, "from_json(json, schema[, options]): STRUCT, ARRAY or MAP of the schema; what does not fit is NULL, or an error in mode FAILFAST", fromJSON),
		scalar("to_json", 1, 2, "to_json(a[, options]): text of a STRUCT, ARRAY, MAP or VARIANT; fields that are NULL are left out", toJSON),
		rewritten("schema_of_json", 1, 1, "schema_of_json(json): schema of a constant, as from_json takes it", schemaOfJSON),
		scalar("json_array_length", 1, 1, "json_array_length(json): elements of the outermost array, NULL if it is none", orNull(returns(typeInt, onlyText))),
		scalar("json_object_keys", 1, 1, "json_object_keys(json): names of the outermost object, NULL if it is none",
			orNull(returns(schema.ArrayOf(typeString, true), onlyText))),
	}
}

// The options of from_json and to_json, in lower case. Others are refused, as they would be passed over in silence.
var (
	readJSONOptions = []string{
		"mode", "columnnameofcorruptrecord", "dateformat", "timestampformat", "timestampntzformat", "allowsinglequotes", "allownonnumericnumbers", "allowunquotedcontrolchars",
	}
	writeJSONOptions = []string{"ignorenullfields", "pretty", "dateformat", "timestampformat", "timestampntzformat"}
)

func fromJSON(c *call) (Bound, error) {
	if to, ok := wantString.accept(c.args[0].Type()); !ok || !isString(c.args[0].Type()) && !isNull(c.args[0].Type()) {
		return nil, c.unexpected(0, "STRING")
	} else if err := c.convert(0, to); err != nil {
		return nil, err
	}
	t, err := c.schemaArgument(1)
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case *arrow.StructType, *arrow.ListType:
	case *arrow.MapType:
		if !isString(t.KeyType()) {
			return nil, c.mismatch("INVALID_JSON_MAP_KEY_TYPE", "the keys of a MAP that is read from JSON must be STRING, not "+TypeSQL(t.KeyType()))
		}
	default:
		return nil, c.mismatch("INVALID_JSON_SCHEMA", "the schema must be a STRUCT, an ARRAY or a MAP, not "+TypeSQL(t))
	}
	if err := c.options(2, readJSONOptions); err != nil {
		return nil, err
	}
	c.null = true
	return c.result(t), nil
}

// schemaArgument is the constant that says what text holds: a type, or columns.
func (c *call) schemaArgument(i int) (arrow.DataType, error) {
	at := c.place(i)
	v, _ := c.constant(i)
	text, ok := v.(string)
	if !ok {
		return nil, &Error{
			Class: "INVALID_SCHEMA.NON_STRING_LITERAL", SQLState: "42K07", Line: at.Line, Column: at.Column,
			Message: "the schema must be a constant STRING, not " + sketch(c.args[i]),
		}
	}
	t, err := parseSchemaText(text)
	if err != nil {
		var inner *Error
		if errors.As(err, &inner) {
			inner.Class, inner.SQLState, inner.Line, inner.Column = "PARSE_SYNTAX_ERROR", "42601", at.Line, at.Column
		}
		return nil, err
	}
	if t = schema.Nullable(t); !readable(t) {
		return nil, &Error{
			Class: "UNSUPPORTED_FEATURE", SQLState: "0A000", Line: at.Line, Column: at.Column, Message: TypeSQL(t) + " cannot be read from text",
		}
	}
	return t, nil
}

// parseSchemaText reads one type, or columns with their types.
func parseSchemaText(text string) (arrow.DataType, error) {
	p, err := NewParser(text)
	if err != nil {
		return nil, err
	}
	if t, err := p.ParseType(); err == nil && p.ExpectEnd() == nil {
		return t, nil
	}
	p.Reset(0)
	var fields []arrow.Field
	for {
		f, err := p.parseField()
		if err != nil {
			return nil, err
		}
		fields = append(fields, f)
		if !p.Accept(",") {
			return arrow.StructOf(fields...), p.ExpectEnd()
		}
	}
}

// readable is true for types of which text holds values: not intervals, and maps with text as keys.
func readable(t arrow.DataType) bool {
	switch t := t.(type) {
	case *arrow.ListType:
		return readable(t.Elem())
	case *arrow.MapType:
		return isAtomic(t.KeyType()) && readable(t.ItemType())
	case *arrow.StructType:
		return !slices.ContainsFunc(t.Fields(), func(f arrow.Field) bool { return !readable(f.Type) })
	}
	return !isInterval(t)
}

// options checks that an argument, if there is one, is map('name', 'value', …) of constants that are known.
func (c *call) options(i int, known []string) error {
	if i >= len(c.args) {
		return nil
	}
	at := c.place(i)
	fail := func(class, state, message string) error {
		return &Error{Class: class, SQLState: state, Line: at.Line, Column: at.Column, Message: message, Hint: "write map('option', 'value', …)"}
	}
	m, ok := c.args[i].(BoundCall)
	if !ok || m.Func != "map" {
		return fail("INVALID_OPTIONS.NON_MAP_FUNCTION", "42K06", "the options must be a map() of constants")
	}
	texts := make([]string, len(m.Args))
	for j, a := range m.Args {
		l, _ := a.(BoundLiteral)
		if texts[j], ok = l.Value.(string); !ok {
			return fail("INVALID_OPTIONS.NON_STRING_TYPE", "42K06", "the options must be constants of the type STRING")
		}
	}
	for j, text := range texts {
		if j%2 == 0 && !slices.Contains(known, strings.ToLower(text)) {
			return fail("UNSUPPORTED_FEATURE", "0A000", fmt.Sprintf("the option %s of %s is not supported", quoteString(text), c.name))
		}
	}
	return nil
}

func toJSON(c *call) (Bound, error) {
	t := c.args[0].Type()
	if isAtomic(t) || isNull(t) {
		return nil, c.mismatch("INVALID_JSON_SCHEMA", "a STRUCT, an ARRAY, a MAP or a VARIANT is needed, not "+TypeSQL(t))
	}
	if !writable(t) {
		return nil, &Error{
			Class: "UNSUPPORTED_FEATURE", SQLState: "0A000", Line: c.Line, Column: c.Column,
			Message: "to_json of a MAP is supported only with keys that are text, whole numbers or BOOLEAN",
		}
	}
	if err := c.options(1, writeJSONOptions); err != nil {
		return nil, err
	}
	return c.result(typeString), nil
}

// writable is true for types of which every MAP has keys that print alike everywhere.
func writable(t arrow.DataType) bool {
	switch t := t.(type) {
	case *arrow.ListType:
		return writable(t.Elem())
	case *arrow.MapType:
		key := t.KeyType()
		return (isString(key) || isIntegral(key) || isBoolean(key)) && writable(t.ItemType())
	case *arrow.StructType:
		return !slices.ContainsFunc(t.Fields(), func(f arrow.Field) bool { return !writable(f.Type) })
	}
	return true
}
