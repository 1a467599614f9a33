package expr

import (
	"fmt"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

func arrayFunctions() []Function {
	return []Function{
		scalar("array_append", 2, 2, "array_append(array, a): the array with a behind it", arrayWith),
		scalar("array_prepend", 2, 2, "array_prepend(array, a): the array with a before it", arrayWith),
		scalar("array_insert", 3, 3, "array_insert(array, i, a): a put at position i from 1, or from the end for negative i; NULLs fill what lies between", arrayInsert),
		scalar("array_compact", 1, 1, "array_compact(array): without NULLs", arrayCompact),
		scalar("array_except", 2, 2, "array_except(a, b): distinct elements of a that are not in b", arraySet),
		scalar("array_intersect", 2, 2, "array_intersect(a, b): distinct elements of both", arraySet),
		scalar("array_union", 2, 2, "array_union(a, b): distinct elements of either", arraySet),
		scalar("arrays_overlap", 2, 2, "arrays_overlap(a, b): whether they share an element; NULL where they share none and one holds a NULL", arraysOverlap),
		scalar("array_position", 2, 2, "array_position(array, a): place of the first a, from 1, or 0", arrayPosition),
		scalar("array_remove", 2, 2, "array_remove(array, a): without the elements that equal a", arrayRemove),
		scalar("array_repeat", 2, 2, "array_repeat(a, n): a, n times", arrayRepeat),
		rewritten("array_size", 1, 1, "array_size(array): elements of the array", arraySize),
		scalar("arrays_zip", 1, many, "arrays_zip(a, b, …): array of structs of the elements at each place", arraysZip),
		scalar("sequence", 2, 3,
			"sequence(start, stop[, step]): numbers, dates or timestamps from start to stop, both included; an error for a step that leads away", sequence),
		scalar("try_element_at", 2, 2, "try_element_at(a, i): as element_at, but NULL outside", tryElementAt),
	}
}

// list is the type of an argument that must be an ARRAY.
func (c *call) list(i int) (*arrow.ListType, error) {
	t, ok := c.args[i].Type().(*arrow.ListType)
	if !ok {
		return nil, c.unexpected(i, "ARRAY")
	}
	return t, nil
}

// listOrNull is the type of the first argument, which must be an ARRAY; a bare NULL becomes one.
func (c *call) listOrNull() (*arrow.ListType, error) {
	if t, ok := acceptArray(c.args[0].Type()); ok {
		return t.(*arrow.ListType), c.convert(0, t)
	}
	return nil, c.unexpected(0, "ARRAY")
}

// holding converts an array and a value to where the value could be an element.
func (c *call) holding(value int) (t *arrow.ListType, element arrow.DataType, err error) {
	t, ok := c.args[0].Type().(*arrow.ListType)
	common, fits := arrow.DataType(nil), false
	if ok {
		common, fits = tightestType(t.Elem(), c.args[value].Type())
	}
	if !fits {
		return nil, nil, c.mismatch("ARRAY_FUNCTION_DIFF_TYPES",
			fmt.Sprintf("%s cannot hold %s", TypeSQL(c.args[0].Type()), TypeSQL(c.args[value].Type())))
	}
	if err := c.convert(0, schema.ArrayOf(common, t.ElemField().Nullable)); err != nil {
		return nil, nil, err
	}
	return t, common, c.convert(value, common)
}

// arrayWith is NULL only where the array is.
func arrayWith(c *call) (Bound, error) {
	if _, err := c.list(0); err != nil {
		return nil, err
	}
	t, element, err := c.holding(1)
	if err != nil {
		return nil, err
	}
	c.null = c.args[0].Nullable()
	return c.result(schema.ArrayOf(element, t.ElemField().Nullable || c.args[1].Nullable())), nil
}

func arrayInsert(c *call) (Bound, error) {
	_, element, err := c.holding(2)
	if err != nil {
		return nil, err
	}
	if err := c.position(1); err != nil {
		return nil, err
	}
	c.null = c.args[0].Nullable() || c.args[1].Nullable()
	return c.result(schema.ArrayOf(element, true)), nil
}

// position converts an argument to INT, which no wider number and no text is taken for.
func (c *call) position(i int) error {
	if t := c.args[i].Type(); !isNull(t) && (!isIntegral(t) || t.ID() == arrow.INT64) {
		return c.unexpected(i, "INT")
	}
	return c.convert(i, typeInt)
}

func arrayCompact(c *call) (Bound, error) {
	t, err := c.listOrNull()
	if err != nil {
		return nil, err
	}
	return c.result(schema.ArrayOf(t.Elem(), false)), nil
}

// sets converts two arrays to one type of element, which must be comparable.
func (c *call) sets() (a, b *arrow.ListType, element arrow.DataType, err error) {
	a, okA := c.args[0].Type().(*arrow.ListType)
	b, okB := c.args[1].Type().(*arrow.ListType)
	fits := false
	if okA && okB {
		element, fits = tightestType(a.Elem(), b.Elem())
	}
	if !fits {
		return nil, nil, nil, c.mismatch("BINARY_ARRAY_DIFF_TYPES",
			fmt.Sprintf("%s and %s are no arrays of one type", TypeSQL(c.args[0].Type()), TypeSQL(c.args[1].Type())))
	}
	if !isOrderable(element) {
		return nil, nil, nil, c.mismatch("INVALID_ORDERING_TYPE", TypeSQL(element)+" cannot be compared")
	}
	if err := c.convert(0, schema.ArrayOf(element, a.ElemField().Nullable)); err != nil {
		return nil, nil, nil, err
	}
	return a, b, element, c.convert(1, schema.ArrayOf(element, b.ElemField().Nullable))
}

func arraySet(c *call) (Bound, error) {
	a, b, element, err := c.sets()
	if err != nil {
		return nil, err
	}
	null := a.ElemField().Nullable
	switch c.name {
	case "array_union":
		null = null || b.ElemField().Nullable
	case "array_intersect":
		null = null && b.ElemField().Nullable
	}
	return c.result(schema.ArrayOf(element, null)), nil
}

func arraysOverlap(c *call) (Bound, error) {
	a, b, _, err := c.sets()
	if err != nil {
		return nil, err
	}
	c.null = c.null || a.ElemField().Nullable || b.ElemField().Nullable
	return c.result(typeBoolean), nil
}

func arrayPosition(c *call) (Bound, error) {
	return c.result(typeBigInt), c.comparing()
}

func arrayRemove(c *call) (Bound, error) {
	err := c.comparing()
	return c.result(c.args[0].Type()), err
}

// comparing converts an array and what is looked for among its elements.
func (c *call) comparing() error {
	_, element, err := c.holding(1)
	if err == nil && !isOrderable(element) {
		return c.mismatch("INVALID_ORDERING_TYPE", TypeSQL(element)+" cannot be compared")
	}
	return err
}

func arrayRepeat(c *call) (Bound, error) {
	if t := c.args[1].Type(); !isNull(t) && !equalType(t, typeInt) {
		return nil, c.unexpected(1, "INT")
	}
	if err := c.convert(1, typeInt); err != nil {
		return nil, err
	}
	c.null = c.args[1].Nullable()
	return c.result(schema.ArrayOf(c.args[0].Type(), c.args[0].Nullable())), nil
}

// arraySize becomes size.
func arraySize(c *call) (Bound, error) {
	if c.args[0].Type().ID() == arrow.MAP {
		return nil, c.unexpected(0, "ARRAY")
	}
	c.name = "size"
	return size(c)
}

// arraysZip names the fields by the columns, and others by their place from 0.
func arraysZip(c *call) (Bound, error) {
	fields := make([]arrow.Field, len(c.args))
	for i := range c.args {
		t, err := c.list(i)
		if err != nil {
			return nil, err
		}
		name := strconv.Itoa(i)
		switch n := c.nodes[i].(type) {
		case Column:
			name = n.Path[len(n.Path)-1]
		case Field:
			name = n.Name
		default: // by its place
		}
		fields[i] = arrow.Field{Name: name, Type: t.Elem(), Nullable: true}
	}
	return c.result(schema.ArrayOf(arrow.StructOf(fields...), false)), nil
}

func tryElementAt(c *call) (Bound, error) {
	b, err := subscript(c)
	if call, ok := b.(BoundCall); ok {
		call.Null = true
		return call, err
	}
	return b, err
}

// sequence goes by 1, or for timestamps by a day, unless it is told otherwise.
func sequence(c *call) (Bound, error) {
	t, ok := commonWithoutStrings(c.args[0].Type(), c.args[1].Type())
	if ok && len(c.args) == 3 && isIntegral(t) {
		t, ok = commonWithoutStrings(t, c.args[2].Type())
	}
	switch {
	case !ok || !isIntegral(t) && !isDatetime(t):
		return nil, c.mismatch("SEQUENCE_WRONG_INPUT_TYPES", fmt.Sprintf("a sequence is of whole numbers, dates or timestamps, not from %s to %s",
			TypeSQL(c.args[0].Type()), TypeSQL(c.args[1].Type())))
	case len(c.args) == 3 && isDatetime(t) && !isInterval(c.args[2].Type()):
		return nil, c.mismatch("SEQUENCE_WRONG_INPUT_TYPES", "a sequence of dates or timestamps goes by an interval, not by "+TypeSQL(c.args[2].Type()))
	}
	for i := range min(len(c.args), 2) {
		if err := c.convert(i, t); err != nil {
			return nil, err
		}
	}
	if len(c.args) == 3 && isIntegral(t) {
		if err := c.convert(2, t); err != nil {
			return nil, err
		}
	}
	return c.result(schema.ArrayOf(t, false)), nil
}
