package expr

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

func lambdaFunctions() []Function {
	return []Function{
		higherOrder("transform", 2, 2, "transform(array, x -> e) or (x, i) -> e: each element through e"),
		higherOrder("filter", 2, 2, "filter(array, x -> condition) or (x, i) -> condition: elements for which it is TRUE"),
		higherOrder("exists", 2, 2, "exists(array, x -> condition): whether it is TRUE for any element"),
		higherOrder("forall", 2, 2, "forall(array, x -> condition): whether it is TRUE for all elements"),
		higherOrder("aggregate", 3, 4, "aggregate(array, start, (acc, x) -> e[, acc -> result]): elements folded into one value", "reduce"),
		higherOrder("array_sort", 1, 2, "array_sort(array[, (a, b) -> sign]): ascending with NULLs last, or by whether the lambda gives a negative, zero or positive INT"),
		higherOrder("zip_with", 3, 3, "zip_with(a, b, (x, y) -> e): the elements at each place through e, NULL where an array is shorter"),
		higherOrder("map_filter", 2, 2, "map_filter(map, (k, v) -> condition): entries for which it is TRUE"),
		higherOrder("transform_keys", 2, 2, "transform_keys(map, (k, v) -> e): each key through e; an error for NULL or a key twice"),
		higherOrder("transform_values", 2, 2, "transform_values(map, (k, v) -> e): each value through e"),
		higherOrder("map_zip_with", 3, 3, "map_zip_with(a, b, (k, x, y) -> e): for each key of either map its values through e"),
	}
}

func higherOrder(name string, least, most int, doc string, aliases ...string) Function {
	return Function{Name: name, Aliases: aliases, Doc: doc, Lambda: true, least: least, most: most}
}

// bindHigherOrder binds the arrays or maps, then the lambda with parameters of the elements' types.
func (b *binder) bindHigherOrder(n Call, f *Function) (Bound, error) {
	arg, err := b.bind(n.Args[0])
	if err != nil {
		return nil, err
	}
	c := &call{Pos: n.Pos, name: f.Name, nodes: n.Args, args: []Bound{arg}, null: arg.Nullable()}
	switch f.Name {
	case "map_filter", "transform_keys", "transform_values":
		return b.bindOverMap(c)
	case "zip_with":
		return b.bindZip(c)
	case "map_zip_with":
		return b.bindMapZip(c)
	}
	list, ok := arg.Type().(*arrow.ListType)
	if !ok {
		return nil, c.unexpected(0, "ARRAY")
	}
	switch f.Name {
	case "aggregate":
		return b.bindFold(c, list)
	case "array_sort":
		return b.bindSort(c, list)
	}
	x := b.newVar("x", list.Elem(), list.ElemField().Nullable)
	params := []BoundVar{x}
	if f.Name == "transform" || f.Name == "filter" {
		params = append(params, b.newVar("i", typeInt, false))
	}
	l, err := b.bindLambda(n.Args[1], params, 1)
	if err != nil {
		return nil, err
	}
	c.args = append(c.args, l)
	if f.Name == "transform" {
		return c.result(schema.ArrayOf(l.Body.Type(), l.Body.Nullable())), nil
	}
	if c.args[1], err = c.condition(l); err != nil {
		return nil, err
	}
	if f.Name == "filter" {
		return c.result(list), nil
	}
	c.null = c.null || l.Body.Nullable()
	return c.result(typeBoolean), nil
}

// condition is a lambda that must give BOOLEAN, or NULL.
func (c *call) condition(l BoundLambda) (BoundLambda, error) {
	if t := l.Body.Type(); !isBoolean(t) && !isNull(t) {
		return l, c.mismatch("UNEXPECTED_INPUT_TYPE", "the lambda gives "+TypeSQL(t)+", not BOOLEAN")
	}
	l.Body = Convert(l.Body, typeBoolean)
	return l, nil
}

// bindFold binds aggregate. The accumulator keeps the start value's type, so the merge must give that type.
func (b *binder) bindFold(c *call, list *arrow.ListType) (Bound, error) {
	start, err := b.bind(c.nodes[1])
	if err != nil {
		return nil, err
	}
	accumulator := b.newVar("acc", start.Type(), true)
	element := b.newVar("x", list.Elem(), list.ElemField().Nullable)
	merge, err := b.bindLambda(c.nodes[2], []BoundVar{accumulator, element}, 2)
	if err != nil {
		return nil, err
	}
	if t := merge.Body.Type(); !schema.Equal(t, start.Type()) {
		e := c.mismatch("UNEXPECTED_INPUT_TYPE", fmt.Sprintf("the start value is %s but the lambda gives %s", TypeSQL(start.Type()), TypeSQL(t)))
		e.Hint = fmt.Sprintf("cast the start value to %s", TypeSQL(t))
		return nil, e
	}
	merge.Body = Convert(merge.Body, start.Type())
	c.args = append(c.args, start, merge)
	c.null = true
	if len(c.nodes) == 3 {
		return c.result(start.Type()), nil
	}
	finish, err := b.bindLambda(c.nodes[3], []BoundVar{b.newVar("acc", start.Type(), true)}, 1)
	if err != nil {
		return nil, err
	}
	c.args = append(c.args, finish)
	return c.result(finish.Body.Type()), nil
}

// bindLambda binds the body with as many of the parameters as the lambda names, at least least. What is no lambda gives its value for all elements.
func (b *binder) bindLambda(n Node, params []BoundVar, least int) (BoundLambda, error) {
	l, ok := n.(Lambda)
	if !ok {
		body, err := b.bind(n)
		return BoundLambda{Params: params[:least], Body: body}, err
	}
	if len(l.Params) < least || len(l.Params) > len(params) {
		return BoundLambda{}, misplaced(l.Pos, "INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH", "42K0D",
			fmt.Sprintf("the lambda has %d parameters where %d are wanted", len(l.Params), len(params)))
	}
	params = params[:len(l.Params)]
	for i, name := range l.Params {
		for _, other := range l.Params[:i] {
			if strings.EqualFold(name, other) {
				return BoundLambda{}, misplaced(l.Pos, "INVALID_LAMBDA_FUNCTION_CALL.DUPLICATE_ARG_NAMES", "42K0D", "the lambda has two parameters "+Quote(name))
			}
		}
		params[i].Name = name
	}
	outer := b.vars
	b.vars = append(b.vars, params...)
	body, err := b.bind(l.Body)
	b.vars = outer
	return BoundLambda{Params: params, Body: body}, err
}
