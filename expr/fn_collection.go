package expr

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

func collectionFunctions() []Function {
	return slices.Concat(basicCollectionFunctions(), arrayFunctions(), mapFunctions())
}

func basicCollectionFunctions() []Function {
	return []Function{
		scalar("size", 1, 1, "size(a): elements of an array or entries of a map", size, "cardinality"),
		scalar("element_at", 2, 2, "element_at(a, i): element by position from 1, negative from the end, an error outside; value by key, or NULL", subscript),
		scalar("get", 2, 2, "get(array, i): element by position from 0, NULL outside", get),
		scalar("array", 0, many, "array(a, …)", array),
		scalar("named_struct", 2, many, "named_struct('name', a, …)", namedStruct),
		rewritten("struct", 1, many, "struct(a, b AS name, …)", structOf),
		scalar("map", 0, many, "map(key, value, …)", mapOf),
		scalar("array_contains", 2, 2, "array_contains(array, a)", arrayContains),
		scalar("array_join", 2, 3, "array_join(array, separator[, null]): elements as one string", arrayJoin),
		scalar("array_distinct", 1, 1, "array_distinct(array): each element once, the first kept", arrayDistinct),
		scalar("array_max", 1, 1, "array_max(array): greatest element, NULLs left out", arrayExtreme),
		scalar("array_min", 1, 1, "array_min(array): least element, NULLs left out", arrayExtreme),
		scalar("sort_array", 1, 2, "sort_array(array[, ascending]): NULLs first ascending, last descending",
			filled(2, sortArray, literal(true, typeBoolean))),
		scalar("slice", 3, 3, "slice(array, start, length): from 1, or from the end for a negative start", returnsFirst(wantArray, wantInt)),
		scalar("flatten", 1, 1, "flatten(array of arrays)", flattenArray),
		scalar("map_keys", 1, 1, "map_keys(map)", mapKeys),
		scalar("map_values", 1, 1, "map_values(map)", mapValues),
		scalar("get_json_object", 2, 2, "get_json_object(json, path): text at a path such as $.a.b[0], NULL where there is none",
			orNull(textAtPath)),
	}
}

// textAtPath reads a VARIANT too, as variant:path asks for it.
func textAtPath(c *call) (Bound, error) {
	if isVariant(c.args[0].Type()) {
		c.name = "variant_get"
		return variantGet(c)
	}
	return returns(typeString, wantString)(c)
}

func size(c *call) (Bound, error) {
	switch c.args[0].Type().ID() {
	case arrow.LIST, arrow.MAP:
		return c.result(typeInt), nil
	case arrow.NULL:
		return c.result(typeInt), c.convert(0, schema.ArrayOf(arrow.Null, true))
	default:
		return nil, c.unexpected(0, "ARRAY or MAP")
	}
}

// subscript is a[i] and element_at(a, i).
func subscript(c *call) (Bound, error) {
	switch t := c.args[0].Type().(type) {
	case *arrow.MapType:
		c.null = true
		if err := c.convertKey(t); err != nil {
			return nil, err
		}
		return c.result(t.ItemType()), nil
	case *arrow.ListType:
		c.null = c.null || t.ElemField().Nullable
		return c.element(t)
	case *arrow.StructType:
		if name, ok := c.constant(1); ok && c.name == "[]" && isString(c.args[1].Type()) {
			return structField(c.args[0], t, name.(string), c.place(1))
		}
	}
	return nil, c.unexpected(0, "ARRAY or MAP")
}

func get(c *call) (Bound, error) {
	t, ok := c.args[0].Type().(*arrow.ListType)
	if !ok {
		return nil, c.unexpected(0, "ARRAY")
	}
	c.null = true
	return c.element(t)
}

// element is an element of an array by position. element_at takes neither a bare NULL nor a BIGINT for one.
func (c *call) element(t *arrow.ListType) (Bound, error) {
	at, strict := c.args[1].Type(), c.name == "element_at" || c.name == "try_element_at"
	if !isIntegral(at) && (strict || !isNull(at)) || strict && at.ID() == arrow.INT64 {
		return nil, c.unexpected(1, "INT")
	}
	return c.result(t.Elem()), c.convert(1, typeInt)
}

// convertKey makes a map and a key of one type: m[k] casts the key, element_at the side with the narrower type.
func (c *call) convertKey(t *arrow.MapType) error {
	if c.name == "[]" {
		to, ok := exactly(t.KeyType()).accept(c.args[1].Type())
		if !ok {
			return c.unexpected(1, TypeSQL(t.KeyType()))
		}
		return c.convert(1, to)
	}
	key, ok := tightestType(t.KeyType(), c.args[1].Type())
	if !ok {
		return c.mismatch("MAP_FUNCTION_DIFF_TYPES", fmt.Sprintf("%s has no key of type %s", TypeSQL(t), TypeSQL(c.args[1].Type())))
	}
	if err := c.convert(0, schema.MapOf(key, t.ItemType(), t.ItemField().Nullable)); err != nil {
		return err
	}
	return c.convert(1, key)
}

func array(c *call) (Bound, error) {
	containsNull := c.null
	c.null = false
	if err := c.unify(CommonType); err != nil {
		return nil, err
	}
	var element arrow.DataType = arrow.Null
	if len(c.args) > 0 {
		element = c.args[0].Type()
	}
	return c.result(schema.ArrayOf(element, containsNull)), nil
}

func mapOf(c *call) (Bound, error) {
	if len(c.args)%2 != 0 {
		return nil, wrongCount(c.Pos, "map", "an even number of arguments", len(c.args))
	}
	var keys, values call
	for i := 0; i < len(c.args); i += 2 {
		keys.args = append(keys.args, c.args[i])
		values.args = append(values.args, c.args[i+1])
	}
	for _, side := range []*call{&keys, &values} {
		side.Pos, side.name = c.Pos, "map"
		if err := side.unify(CommonType); err != nil {
			return nil, err
		}
	}
	var key, value arrow.DataType = arrow.Null, arrow.Null
	for i := range keys.args {
		c.args[2*i], c.args[2*i+1] = keys.args[i], values.args[i]
		key, value = keys.args[i].Type(), values.args[i].Type()
	}
	c.null = false
	if err := c.checkKeyType(key); err != nil {
		return nil, err
	}
	if len(keys.args) > 0 && isNull(key) {
		return nil, &Error{Class: "NULL_MAP_KEY", SQLState: "2200E", Line: c.Line, Column: c.Column, Message: "a map's key cannot be NULL"}
	}
	return c.result(schema.MapOf(key, value, anyNullable(values.args))), nil
}

func namedStruct(c *call) (Bound, error) {
	if len(c.args)%2 != 0 {
		return nil, wrongCount(c.Pos, "named_struct", "an even number of arguments", len(c.args))
	}
	fields := make([]arrow.Field, 0, len(c.args)/2)
	for i := 0; i < len(c.args); i += 2 {
		v, _ := c.constant(i)
		name, ok := v.(string)
		if !ok {
			return nil, c.mismatch("CREATE_NAMED_STRUCT_WITHOUT_FOLDABLE_STRING", fmt.Sprintf("the name of field %d must be a constant string", i/2+1))
		}
		value := c.args[i+1]
		fields = append(fields, arrow.Field{Name: name, Type: value.Type(), Nullable: value.Nullable()})
	}
	c.null = false
	return c.result(arrow.StructOf(fields...)), nil
}

// structOf becomes named_struct: columns keep their names, other expressions are col1, col2 …
func structOf(c *call) (Bound, error) {
	named := call{Pos: c.Pos, name: "named_struct"}
	for i, a := range c.args {
		name := "col" + strconv.Itoa(i+1)
		switch n := c.nodes[i].(type) {
		case Alias:
			name = n.Name
		case Column:
			name = n.Path[len(n.Path)-1]
		case Field:
			name = n.Name
		default: // col1, col2, … as it was
		}
		named.args = append(named.args, literal(name, typeString), a)
	}
	return namedStruct(&named)
}

// arrayContains is NULL where it finds nothing among NULLs.
func arrayContains(c *call) (Bound, error) {
	if isNull(c.args[0].Type()) || isNull(c.args[1].Type()) {
		return nil, c.mismatch("NULL_TYPE", "a NULL without a type is no argument of array_contains")
	}
	t, ok := c.args[0].Type().(*arrow.ListType)
	if !ok {
		return nil, c.unexpected(0, "ARRAY")
	}
	common, ok := commonWithoutStrings(t.Elem(), c.args[1].Type())
	if !ok || !isOrderable(common) {
		return nil, c.mismatch("ARRAY_FUNCTION_DIFF_TYPES", fmt.Sprintf("%s does not hold %s", TypeSQL(t), TypeSQL(c.args[1].Type())))
	}
	c.null = c.null || t.ElemField().Nullable
	if err := c.convert(0, schema.ArrayOf(common, t.ElemField().Nullable)); err != nil {
		return nil, err
	}
	return c.result(typeBoolean), c.convert(1, common)
}

func arrayJoin(c *call) (Bound, error) {
	t, ok := c.args[0].Type().(*arrow.ListType)
	if !ok || !assignable(t.Elem(), typeString) {
		return nil, c.unexpected(0, "ARRAY<STRING>")
	}
	strings := exactly(schema.ArrayOf(typeString, t.ElemField().Nullable))
	return returns(typeString, strings, wantString)(c)
}

func arrayExtreme(c *call) (Bound, error) {
	t, err := c.orderedList()
	if err != nil {
		return nil, err
	}
	c.null = true
	return c.result(t.Elem()), nil
}

// orderedList is the type of the first argument, which must be an ARRAY whose elements can be compared.
func (c *call) orderedList() (*arrow.ListType, error) {
	t, err := c.listOrNull()
	if err == nil && !isOrderable(t) {
		return nil, c.mismatch("INVALID_ORDERING_TYPE", TypeSQL(t)+" cannot be ordered")
	}
	return t, err
}

func arrayDistinct(c *call) (Bound, error) {
	t, err := c.orderedList()
	if err != nil {
		return nil, err
	}
	return c.result(t), nil
}

func sortArray(c *call) (Bound, error) {
	if _, err := c.orderedList(); err != nil {
		return nil, err
	}
	if t := c.args[1].Type(); !isBoolean(t) && !isNull(t) {
		return nil, c.unexpected(1, "BOOLEAN")
	}
	if err := c.mustBeConstant(1, "whether it ascends"); err != nil {
		return nil, err
	}
	return returnsFirst(wantArray, wantBoolean)(c)
}

// flattenArray is NULL where any inner array is.
func flattenArray(c *call) (Bound, error) {
	outer, ok := c.args[0].Type().(*arrow.ListType)
	if ok {
		if inner, ok := outer.Elem().(*arrow.ListType); ok {
			c.null = c.null || outer.ElemField().Nullable
			return c.result(inner), nil
		}
	}
	return nil, c.unexpected(0, "ARRAY of ARRAY")
}

func mapKeys(c *call) (Bound, error) {
	if err := c.want(wantMap); err != nil {
		return nil, err
	}
	return c.result(schema.ArrayOf(c.args[0].Type().(*arrow.MapType).KeyType(), false)), nil
}

func mapValues(c *call) (Bound, error) {
	if err := c.want(wantMap); err != nil {
		return nil, err
	}
	t := c.args[0].Type().(*arrow.MapType)
	return c.result(schema.ArrayOf(t.ItemType(), t.ItemField().Nullable)), nil
}
