package enginetest

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// lambda is a call of a function of arrays or maps, with a lambda over the parts.
func (g *generator) lambda(vars []variable, s signature, depth int) expr.Node {
	if m, ok := s.args[0].(*arrow.MapType); ok {
		return g.mapLambda(vars, s, m, depth)
	}
	array := s.args[0].(*arrow.ListType)
	element, other := variable{g.name(), array.Elem()}, variable{g.name(), array.Elem()}
	arg := g.value(vars, array, depth-1)
	inner := append(slices.Clone(vars), element)
	switch s.function {
	case "aggregate":
		body := g.value(append(inner, other), array.Elem(), depth-1)
		return expr.Call{Func: s.function, Args: []expr.Node{arg, g.value(vars, array.Elem(), 0), function(body, other, element)}}
	case "array_sort":
		return expr.Call{Func: s.function, Args: []expr.Node{arg}}
	case "zip_with":
		body := g.value(append(inner, other), pick(g, basicTypes()), depth-1)
		return expr.Call{Func: s.function, Args: []expr.Node{arg, g.value(vars, array, depth-1), function(body, element, other)}}
	case "transform":
		return expr.Call{Func: s.function, Args: []expr.Node{arg, function(g.value(inner, pick(g, basicTypes()), depth-1), element)}}
	default:
		return expr.Call{Func: s.function, Args: []expr.Node{arg, function(g.value(inner, typeBoolean, depth-1), element)}}
	}
}

// mapLambda is a call over the entries of a map, or of two.
func (g *generator) mapLambda(vars []variable, s signature, m *arrow.MapType, depth int) expr.Node {
	key, value, other := variable{g.name(), m.KeyType()}, variable{g.name(), m.ItemType()}, variable{g.name(), m.ItemType()}
	arg := g.value(vars, m, depth-1)
	inner := append(slices.Clone(vars), key, value)
	switch s.function {
	case "map_filter":
		return expr.Call{Func: s.function, Args: []expr.Node{arg, function(g.value(inner, typeBoolean, depth-1), key, value)}}
	case "map_zip_with":
		body := g.value(append(inner, other), pick(g, basicTypes()), depth-1)
		return expr.Call{Func: s.function, Args: []expr.Node{arg, g.value(vars, m, depth-1), function(body, key, value, other)}}
	default:
		return expr.Call{Func: s.function, Args: []expr.Node{arg, function(g.value(inner, pick(g, basicTypes()), depth-1), key, value)}}
	}
}

func function(body expr.Node, params ...variable) expr.Lambda {
	l := expr.Lambda{Body: body}
	for _, p := range params {
		l.Params = append(l.Params, p.name)
	}
	return l
}
