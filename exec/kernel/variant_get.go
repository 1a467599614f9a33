package kernel

import (
	"bytes"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/variant"
	"github.com/medallion-go/medallion/schema"
)

// variants are the functions of VARIANT.
func variants() map[string]builder {
	return map[string]builder{
		"parse_json": parseJSON(false), "try_parse_json": parseJSON(true), "is_variant_null": isVariantNull,
		"is_valid_variant":  isValidVariant,
		"schema_of_variant": func(c *site) (kernel, error) { return kernel{unsafe: true, run: schemaOfVariant}, nil },
		"to_variant_object": func(*site) (kernel, error) { return kernel{unsafe: true, run: toVariant}, nil },
		"variant_get":       getVariant(false), "try_variant_get": getVariant(true),
	}
}

// isVariantNull is FALSE for NULL too.
func isVariantNull(c *site) (kernel, error) {
	if c.args[0].ID() == arrow.NULL {
		return kernel{null: true, run: func(k *frame, _ []vec) (vec, error) { return k.test(func(int) bool { return false }), nil }}, nil
	}
	return kernel{null: true, run: func(k *frame, args []vec) (vec, error) {
		a, mask := args[0].arr.(*schema.VariantArray), args[0].mask()
		return k.test(func(i int) bool {
			if a.IsNull(i & mask) {
				return false
			}
			v, err := variantAt(a, i&mask)
			if err != nil {
				return false
			}
			kind, err := v.Kind()
			return err == nil && kind == variant.Null
		}), nil
	}}, nil
}

// isValidVariant goes through all parts of a value.
func isValidVariant(c *site) (kernel, error) {
	if c.args[0].ID() == arrow.NULL {
		return kernel{run: func(k *frame, _ []vec) (vec, error) { return k.nothing(), nil }}, nil
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, mask := args[0].arr.(*schema.VariantArray), args[0].mask()
		return k.test(func(i int) bool {
			v, err := variantAt(a, i&mask)
			if err == nil {
				err = new(variant.Builder).Copy(v)
			}
			return err == nil
		}), nil
	}}, nil
}

// parseVariantPath reads $ and steps to one value: .name, ['name'], ["name"] or [0].
func parseVariantPath(path string) (steps []jsonStep, ok bool) {
	rest, ok := strings.CutPrefix(path, "$")
	for ok && rest != "" {
		var step jsonStep
		if name, found := strings.CutPrefix(rest, `["`); found {
			step.name, rest, ok = strings.Cut(name, `"]`)
		} else {
			step, rest, ok = parseJSONStep(rest)
		}
		ok = ok && (step.kind == jsonName || step.kind == jsonIndex)
		steps = append(steps, step)
	}
	return steps, ok
}

// along goes from a value to what lies at the path; ok is false where there is nothing.
func along(v variant.Value, steps []jsonStep) (_ variant.Value, ok bool, err error) {
	for _, step := range steps {
		kind, err := v.Kind()
		if err != nil {
			return v, false, err
		}
		switch {
		case kind == variant.Object && step.kind == jsonName:
			v, ok, err = v.Field(step.name)
		case kind == variant.Array && step.kind == jsonIndex:
			v, ok, err = v.Element(step.index)
		default:
			return v, false, nil
		}
		if err != nil || !ok {
			return v, false, err
		}
	}
	return v, true, nil
}

// getVariant is variant_get, and try_variant_get.
func getVariant(try bool) builder {
	return func(c *site) (kernel, error) {
		if c.args[0].ID() == arrow.NULL {
			return kernel{run: func(k *frame, _ []vec) (vec, error) { return k.nothing(), nil }}, nil
		}
		fixed, constant := c.text(1)
		steps, ok := parseVariantPath(fixed)
		return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
			steps, ok, last := steps, ok, []byte(nil)
			paths := textsOf(args[1])
			return variantTo{pos: c.pos, to: c.typ, try: try}.run(k, args[0], func(i int, v variant.Value) (variant.Value, bool, error) {
				if path := paths.at(i); !constant && (last == nil || !bytes.Equal(path, last)) {
					steps, ok = parseVariantPath(string(path))
					last = append([]byte{}, path...)
				}
				if !ok {
					return v, false, fault(c.pos, "INVALID_VARIANT_GET_PATH", "22023", "", "%q is no path: write $ and then .name, ['name'] or [0]", paths.at(i))
				}
				v, found, err := along(v, steps)
				if err != nil {
					err = malformedVariant(c.pos)
				}
				return v, found, err
			})
		}}, nil
	}
}
