package expr

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

func lambdaFunctions() []Function {
	return []Function{
		higherOrder("transform", 2, 2, "transform(array, x -> e) or (x, i) -> e: each element through e"),
		higherOrder("filter", 2, 2, "filter(array, x -> condition) or (x, i) -> condition: elements for which it is TRUE"),
		higherOrder("exists", 2, 2, "exists(array, x -> condition): whether it is TRUE for any element", "any_match"),
		higherOrder("forall", 2, 2, "forall(array, x -> condition): whether it is TRUE for all elements"),
		higherOrder("aggregate", 3, 4, "aggregate(array, start, (acc, x) -> e[, acc -> result]): elements folded into one value", "reduce"),
	}
}

func higherOrder(name string, least, most int, doc string, aliases ...string) Function {
	return Function{Name: name, Aliases: aliases, Doc: doc, Lambda: true, least: least, most: most}
}

// bindHigherOrder binds the array, then the lambda with parameters of the elements' type.
func (b *binder) bindHigherOrder(n Call, f *Function) (Bound, error) {
	arg, err := b.bind(n.Args[0])
	if err != nil {
		return nil, err
	}
	c := &call{Pos: n.Pos, name: f.Name, nodes: n.Args, args: []Bound{arg}, null: arg.Nullable()}
	list, ok := arg.Type().(*arrow.ListType)
	if !ok {
		return nil, c.unexpected(0, "ARRAY")
	}
	if f.Name == "aggregate" {
		return b.bindFold(c, list)
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
	if t := l.Body.Type(); !isBoolean(t) && !isNull(t) {
		return nil, c.mismatch("UNEXPECTED_INPUT_TYPE", "the lambda gives "+TypeSQL(t)+", not BOOLEAN")
	}
	l.Body = Convert(l.Body, typeBoolean)
	c.args[1] = l
	if f.Name == "filter" {
		return c.result(list), nil
	}
	c.null = c.null || l.Body.Nullable()
	return c.result(typeBoolean), nil
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

// bindLambda binds the body with as many of the parameters as the lambda names, at least least.
func (b *binder) bindLambda(n Node, params []BoundVar, least int) (BoundLambda, error) {
	l, ok := n.(Lambda)
	if !ok {
		return BoundLambda{}, misplaced(n.Position(), "INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH", "42K0D", "a lambda is wanted here: x -> …")
	}
	if len(l.Params) < least || len(l.Params) > len(params) {
		return BoundLambda{}, misplaced(l.Pos, "INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH", "42K0D",
			fmt.Sprintf("the lambda has %d parameters where %d are wanted", len(l.Params), len(params)))
	}
	params = params[:len(l.Params)]
	for i, name := range l.Params {
		params[i].Name = name
	}
	outer := b.vars
	b.vars = append(b.vars, params...)
	body, err := b.bind(l.Body)
	b.vars = outer
	return BoundLambda{Params: params, Body: body}, err
}
