package expr

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// wantVariant takes VARIANT alone.
var wantVariant = only(schema.VariantType)

// variantFunctions are those of VARIANT.
func variantFunctions() []Function {
	return []Function{
		scalar("parse_json", 1, 1, "parse_json(json): VARIANT of text in JSON", returns(schema.VariantType, wantString)),
		scalar("try_parse_json", 1, 1, "try_parse_json(json): VARIANT of text in JSON, NULL if it is none", orNull(returns(schema.VariantType, wantString))),
		scalar("is_variant_null", 1, 1, "is_variant_null(variant): whether it is the null of JSON; FALSE for NULL", neverNull(returns(typeBoolean, wantVariant))),
		scalar("is_valid_variant", 1, 1, "is_valid_variant(variant): whether its bytes are those of a VARIANT, which those of parse_json and casts always are", returns(typeBoolean, wantVariant)),
		scalar("schema_of_variant", 1, 1, "schema_of_variant(variant): its type as text, such as OBJECT<a: BIGINT, b: ARRAY<STRING>>", returns(typeString, wantVariant)),
		scalar("to_variant_object", 1, 1, "to_variant_object(a): VARIANT of a STRUCT, a MAP with keys that are STRING, or an ARRAY of them", toVariantObject),
		scalar("variant_get", 2, 3, "variant_get(variant, path[, type]): what is at a path such as $.a.b[0], as a type; NULL where there is nothing, an error for another type", variantGet),
		scalar("try_variant_get", 2, 3, "try_variant_get(variant, path[, type]): variant_get, NULL for another type", variantGet),
	}
}

// variantGet has the type of its third argument, a constant.
func variantGet(c *call) (Bound, error) {
	if t := c.args[0].Type(); !isVariant(t) && !isNull(t) {
		return nil, c.unexpected(0, "VARIANT")
	}
	if err := c.convert(0, schema.VariantType); err != nil {
		return nil, err
	}
	if !isString(c.args[1].Type()) && !isNull(c.args[1].Type()) {
		return nil, c.unexpected(1, "STRING")
	}
	if err := c.convert(1, typeString); err != nil {
		return nil, err
	}
	c.null = true
	if len(c.args) == 2 {
		return c.result(schema.VariantType), nil
	}
	v, _ := c.constant(2)
	text, ok := v.(string)
	if !ok {
		return nil, c.mismatch("NON_FOLDABLE_INPUT", "the type must be a constant STRING")
	}
	t, err := parseSchemaText(text)
	if err != nil {
		return nil, err
	}
	if !CanCast(schema.VariantType, t) {
		at := c.place(2)
		return nil, &Error{
			Class: "UNSUPPORTED_FEATURE", SQLState: "0A000", Line: at.Line, Column: at.Column,
			Message: c.name + " gives VARIANT and types that are not nested, not " + TypeSQL(t), Hint: "get the parts one by one",
		}
	}
	return c.result(t), nil
}

// toVariantObject takes what becomes an object, or an array.
func toVariantObject(c *call) (Bound, error) {
	t := c.args[0].Type()
	if isAtomic(t) || isNull(t) || isVariant(t) || !becomesVariant(t) {
		return nil, c.mismatch("CAST_WITHOUT_SUGGESTION", TypeSQL(t)+" cannot become an object of VARIANT")
	}
	return c.result(schema.VariantType), nil
}

// becomesVariant tells whether every value of the type has a form in VARIANT. The type of NULL alone is refused, as in Spark.
func becomesVariant(t arrow.DataType) bool {
	switch t := t.(type) {
	case *arrow.ListType:
		return becomesVariant(t.Elem())
	case *arrow.MapType:
		return isString(t.KeyType()) && becomesVariant(t.ItemType())
	case *arrow.StructType:
		for _, f := range t.Fields() {
			if !becomesVariant(f.Type) {
				return false
			}
		}
		return true
	}
	return !isInterval(t) && !isCalendar(t) && !isNull(t)
}
