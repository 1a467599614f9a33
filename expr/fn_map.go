package expr

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

func mapFunctions() []Function {
	return []Function{
		scalar("map_concat", 0, many, "map_concat(map, …): the entries of all; an error for a key that two have", mapConcat),
		scalar("map_contains_key", 2, 2, "map_contains_key(map, key)", mapContainsKey),
		scalar("map_entries", 1, 1, "map_entries(map): array of structs of key and value", mapEntries),
		scalar("map_from_arrays", 2, 2, "map_from_arrays(keys, values)", mapFromArrays),
		scalar("map_from_entries", 1, 1, "map_from_entries(array of structs): map of the first field to the second; NULL where an entry is", mapFromEntries),
		scalar("str_to_map", 1, 3, "str_to_map(a[, between pairs[, within]]): map of the pairs in a text, cut by regular expressions, by default ',' and ':'",
			filled(3, strToMap, literal(nil, typeString), literal(",", typeString), literal(":", typeString))),
	}
}

func mapConcat(c *call) (Bound, error) {
	for i, a := range c.args {
		if a.Type().ID() != arrow.MAP {
			return nil, c.mismatch("MAP_CONCAT_DIFF_TYPES", fmt.Sprintf("argument %d is no MAP but %s", i+1, TypeSQL(a.Type())))
		}
	}
	if len(c.args) == 0 {
		return c.result(schema.MapOf(typeString, typeString, false)), nil
	}
	if err := c.unify(CommonType); err != nil {
		return nil, err
	}
	return c.result(c.args[0].Type()), nil
}

func mapContainsKey(c *call) (Bound, error) {
	t, ok := c.args[0].Type().(*arrow.MapType)
	if isNull(c.args[1].Type()) {
		return nil, c.mismatch("NULL_TYPE", "a NULL without a type is no key")
	}
	if !ok {
		return nil, c.mismatch("MAP_FUNCTION_DIFF_TYPES", sketch(c.args[0])+" is no MAP")
	}
	key, ok := commonWithoutStrings(t.KeyType(), c.args[1].Type())
	if !ok || !isOrderable(key) {
		return nil, c.mismatch("MAP_FUNCTION_DIFF_TYPES", fmt.Sprintf("%s has no key of type %s", TypeSQL(t), TypeSQL(c.args[1].Type())))
	}
	if err := c.convert(0, schema.MapOf(key, t.ItemType(), t.ItemField().Nullable)); err != nil {
		return nil, err
	}
	return c.result(typeBoolean), c.convert(1, key)
}

func mapEntries(c *call) (Bound, error) {
	if err := c.want(wantMap); err != nil {
		return nil, err
	}
	t := c.args[0].Type().(*arrow.MapType)
	return c.result(schema.ArrayOf(arrow.StructOf(
		arrow.Field{Name: "key", Type: t.KeyType()},
		arrow.Field{Name: "value", Type: t.ItemType(), Nullable: t.ItemField().Nullable},
	), false)), nil
}

func mapFromArrays(c *call) (Bound, error) {
	keys, err := c.list(0)
	if err != nil {
		return nil, err
	}
	values, err := c.list(1)
	if err != nil {
		return nil, err
	}
	if err := c.checkKeyType(keys.Elem()); err != nil {
		return nil, err
	}
	return c.result(schema.MapOf(keys.Elem(), values.Elem(), values.ElemField().Nullable)), nil
}

// checkKeyType refuses keys that are, or hold, maps.
func (c *call) checkKeyType(t arrow.DataType) error {
	if !isOrderable(t) {
		return c.mismatch("INVALID_MAP_KEY_TYPE", TypeSQL(t)+" cannot be a key")
	}
	return nil
}

func mapFromEntries(c *call) (Bound, error) {
	list, ok := c.args[0].Type().(*arrow.ListType)
	if !ok {
		return nil, c.unexpected(0, "an array of pairs")
	}
	pair, ok := list.Elem().(*arrow.StructType)
	if !ok || pair.NumFields() != 2 {
		return nil, c.unexpected(0, "an array of pairs")
	}
	if err := c.checkKeyType(pair.Field(0).Type); err != nil {
		return nil, err
	}
	c.null = c.null || list.ElemField().Nullable
	return c.result(schema.MapOf(pair.Field(0).Type, pair.Field(1).Type, pair.Field(1).Nullable)), nil
}

func strToMap(c *call) (Bound, error) {
	if err := c.want(wantOnlyString); err != nil {
		return nil, err
	}
	return c.result(schema.MapOf(typeString, typeString, true)), nil
}

// wantOnlyString takes no numbers.
var wantOnlyString = wanted{label: "STRING", accept: func(t arrow.DataType) (arrow.DataType, bool) { return typeString, isString(t) || isNull(t) }}
