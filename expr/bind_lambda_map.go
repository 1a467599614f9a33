package expr

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// bindOverMap binds map_filter, transform_keys and transform_values.
func (b *binder) bindOverMap(c *call) (Bound, error) {
	t, ok := c.args[0].Type().(*arrow.MapType)
	if !ok {
		return nil, c.unexpected(0, "MAP")
	}
	params := []BoundVar{b.newVar("k", t.KeyType(), false), b.newVar("v", t.ItemType(), t.ItemField().Nullable)}
	l, err := b.bindLambda(c.nodes[1], params, 2)
	if err != nil {
		return nil, err
	}
	result := arrow.DataType(t)
	switch made := l.Body.Type(); c.name {
	case "map_filter":
		if l, err = c.condition(l); err != nil {
			return nil, err
		}
	case "transform_keys":
		if isNull(made) && !isNull(t.KeyType()) {
			return nil, misplaced(c.Pos, "NULL_MAP_KEY", "2200E", "a map's key cannot be NULL")
		}
		if err := c.checkKeyType(made); err != nil {
			return nil, err
		}
		result = schema.MapOf(made, t.ItemType(), t.ItemField().Nullable)
	default:
		result = schema.MapOf(t.KeyType(), made, l.Body.Nullable())
	}
	c.args = append(c.args, l)
	return c.result(result), nil
}

// bindZip binds zip_with, whose parameters may both be NULL: one array may be shorter.
func (b *binder) bindZip(c *call) (Bound, error) {
	if err := b.bindSecond(c); err != nil {
		return nil, err
	}
	var params []BoundVar
	for i, name := range []string{"x", "y"} {
		t, err := c.list(i)
		if err != nil {
			return nil, err
		}
		params = append(params, b.newVar(name, t.Elem(), true))
	}
	l, err := b.bindLambda(c.nodes[2], params, 2)
	if err != nil {
		return nil, err
	}
	c.args = append(c.args, l)
	return c.result(schema.ArrayOf(l.Body.Type(), l.Body.Nullable())), nil
}

func (b *binder) bindSecond(c *call) error {
	second, err := b.bind(c.nodes[1])
	if err != nil {
		return err
	}
	c.args, c.null = append(c.args, second), c.null || second.Nullable()
	return nil
}

// bindMapZip binds map_zip_with; the keys of both maps become one type.
func (b *binder) bindMapZip(c *call) (Bound, error) {
	if err := b.bindSecond(c); err != nil {
		return nil, err
	}
	var maps [2]*arrow.MapType
	for i, a := range c.args {
		t, ok := a.Type().(*arrow.MapType)
		if !ok {
			return nil, c.unexpected(i, "MAP")
		}
		maps[i] = t
	}
	key, ok := tightestType(maps[0].KeyType(), maps[1].KeyType())
	if !ok {
		return nil, c.mismatch("MAP_ZIP_WITH_DIFF_TYPES", fmt.Sprintf("%s and %s have keys of no one type", TypeSQL(maps[0]), TypeSQL(maps[1])))
	}
	params := []BoundVar{b.newVar("k", key, false)}
	for i, name := range []string{"x", "y"} {
		if err := c.convert(i, schema.MapOf(key, maps[i].ItemType(), maps[i].ItemField().Nullable)); err != nil {
			return nil, err
		}
		params = append(params, b.newVar(name, maps[i].ItemType(), true))
	}
	l, err := b.bindLambda(c.nodes[2], params, 3)
	if err != nil {
		return nil, err
	}
	c.args = append(c.args, l)
	return c.result(schema.MapOf(key, l.Body.Type(), l.Body.Nullable())), nil
}

// bindSort binds array_sort, with a lambda or without.
func (b *binder) bindSort(c *call, list *arrow.ListType) (Bound, error) {
	if len(c.nodes) == 1 {
		if !isOrderable(list) {
			return nil, c.mismatch("INVALID_ORDERING_TYPE", TypeSQL(list)+" cannot be ordered")
		}
		return c.result(list), nil
	}
	null := list.ElemField().Nullable
	l, err := b.bindLambda(c.nodes[1], []BoundVar{b.newVar("a", list.Elem(), null), b.newVar("b", list.Elem(), null)}, 2)
	if err != nil {
		return nil, err
	}
	if t := l.Body.Type(); !equalType(t, typeInt) {
		return nil, c.mismatch("UNEXPECTED_RETURN_TYPE", "the lambda gives "+TypeSQL(t)+", not INT")
	}
	c.args = append(c.args, l)
	return c.result(list), nil
}
