package sql

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// namer gives the columns of a select list that have no alias the names that Spark gives them: a column its own, also inside a cast, and any other
// expression its text, with the qualifiers of columns left out.
type namer struct {
	qualifier func(string) bool // tells whether a name is an alias of a relation
}

func (n namer) name(e expr.Node) string {
	switch e := e.(type) {
	case expr.Column:
		return e.Path[len(e.Path)-1]
	case expr.Cast:
		if c, ok := e.Arg.(expr.Column); ok {
			return c.Path[len(c.Path)-1]
		}
	case expr.Literal, expr.Parameter, expr.Call, expr.Case, expr.Field, expr.Lambda, expr.Over, expr.Subquery, expr.Star, expr.Alias:
	}
	return n.text(e)
}

func (n namer) text(e expr.Node) string {
	switch e := e.(type) {
	case expr.Column:
		if len(e.Path) > 1 && n.qualifier(e.Path[0]) {
			return strings.Join(e.Path[1:], ".")
		}
		return strings.Join(e.Path, ".")
	case expr.Literal:
		return literalText(e)
	case expr.Call:
		return n.call(e)
	case expr.Cast:
		return map[bool]string{false: "CAST(", true: "TRY_CAST("}[e.Try] + n.text(e.Arg) + " AS " + expr.TypeSQL(e.Type) + ")"
	case expr.Case:
		return n.cases(e)
	case expr.Field:
		return n.text(e.Arg) + "." + e.Name
	case expr.Lambda:
		return n.lambda(e)
	case expr.Over:
		return n.call(e.Call) + " OVER (" + n.window(e) + ")"
	case expr.Alias:
		return n.text(e.Arg) + " AS " + e.Name
	case expr.Subquery:
		return n.subquery(e)
	case expr.Star, expr.Parameter:
		return e.String()
	}
	return e.String()
}

// subquery prints the columns of the query around that it reads, not the query.
func (n namer) subquery(s expr.Subquery) string {
	switch s.Kind {
	case expr.ScalarSubquery:
		return "scalarsubquery(" + n.list(s.Outer) + ")"
	case expr.ExistsSubquery:
		return "exists(" + n.list(s.Outer) + ")"
	case expr.InSubquery:
	}
	left := n.list(s.Left)
	if len(s.Left) > 1 {
		left = "named_struct(" + left + ")"
	}
	in := "(" + left + " IN (listquery(" + n.list(s.Outer) + ")))"
	if s.Not {
		return "(NOT " + in + ")"
	}
	return in
}

func (n namer) call(c expr.Call) string {
	s := n.operator(c)
	if s == "" {
		list, keys := expr.WithinGroup(shifting(c))
		ignoring := ""
		if strings.EqualFold(c.Func, "nth_value") && len(list) == 3 {
			list, ignoring = list[:2], " ignore nulls"
		}
		args := n.list(list)
		if len(list) == 1 && isStar(list[0]) {
			args = "1"
		}
		args += defaults(c.Func, len(list))
		if c.Distinct {
			args = "DISTINCT " + args
		}
		s = c.Func + "(" + args + ")" + ignoring + n.within(c.Func, keys)
	}
	if c.Filter != nil {
		s += " FILTER (WHERE " + n.text(c.Filter) + ")"
	}
	return s
}

// defaults are arguments that Spark's names show though they were not written.
func defaults(function string, args int) string {
	switch function = strings.ToLower(function); {
	case args == 2 && function == "percentile":
		return ", 1" // the frequency of each value
	case args == 2 && (function == "approx_percentile" || function == "percentile_approx"):
		return ", 10000" // the accuracy
	case args == 1 && (function == "vector_norm" || function == "vector_normalize"):
		return ", 2.0" // the degree
	case args == 2 && function == "time_bucket":
		return ", TIMESTAMP '1970-01-01 00:00:00'" // the origin
	case args == 1 && (function == "listagg" || function == "string_agg"):
		return ", NULL" // the separator
	}
	return ""
}

// shifting gives lag and lead the arguments that Spark's names show: value, offset and default, and no IGNORE NULLS.
func shifting(c expr.Call) expr.Call {
	if function := strings.ToLower(c.Func); function != "lag" && function != "lead" || len(c.Args) == 0 {
		return c
	}
	written := []expr.Node{c.Args[0], expr.Literal{Value: int32(1), Type: arrow.PrimitiveTypes.Int32}, expr.Literal{Type: arrow.Null}}
	copy(written[1:], c.Args[1:])
	c.Args = written
	return c
}

// within prints WITHIN GROUP. listagg shows where NULLs go, percentiles only a descending order, and mode not even that.
func (n namer) within(function string, keys []expr.Sort) string {
	if keys == nil {
		return ""
	}
	text := n.sorts(keys)
	if function != "listagg" && function != "string_agg" {
		text = n.text(keys[0].Arg) + map[bool]string{true: " DESC"}[keys[0].Descending && function != "mode"]
	}
	return " WITHIN GROUP (ORDER BY " + text + ")"
}

// operator prints the calls that do not look like calls, and gives "" for the others.
func (n namer) operator(c expr.Call) string {
	switch len(c.Args) {
	case 1:
		return n.unary(c.Func, n.text(c.Args[0]))
	case 2:
		if s := n.binary(c.Func, n.text(c.Args[0]), n.text(c.Args[1])); s != "" {
			return s
		}
	}
	switch {
	case c.Func == "in" && len(c.Args) > 1:
		return "(" + n.text(c.Args[0]) + " IN (" + n.list(c.Args[1:]) + "))"
	case c.Func == "if":
		return "(IF(" + n.list(c.Args) + "))"
	}
	return ""
}

func (n namer) unary(function, arg string) string {
	switch function {
	case "not":
		return "(NOT " + arg + ")"
	case "negative":
		return "(- " + arg + ")"
	case "isnull":
		return "(" + arg + " IS NULL)"
	case "isnotnull":
		return "(" + arg + " IS NOT NULL)"
	}
	return ""
}

func (n namer) binary(function, left, right string) string {
	switch function {
	case "+", "-", "*", "/", "%", "div", "=", "<=>", "<", "<=", ">", ">=":
		return "(" + left + " " + function + " " + right + ")"
	case "and", "or":
		return "(" + left + " " + strings.ToUpper(function) + " " + right + ")"
	case "<>":
		return "(NOT (" + left + " = " + right + "))"
	case "like":
		return left + " LIKE " + right
	case "rlike":
		return "RLIKE(" + left + ", " + right + ")"
	case "[]":
		return left + "[" + right + "]"
	}
	return ""
}

func (n namer) list(nodes []expr.Node) string {
	parts := make([]string, len(nodes))
	for i, e := range nodes {
		parts[i] = n.text(e)
	}
	return strings.Join(parts, ", ")
}

func (n namer) cases(c expr.Case) string {
	s := "CASE"
	for _, w := range c.Whens {
		s += " WHEN " + n.text(w.Cond) + " THEN " + n.text(w.Result)
	}
	if c.Else != nil {
		s += " ELSE " + n.text(c.Else)
	}
	return s + " END"
}

// lambda prints every variable alike, as Spark does.
func (n namer) lambda(l expr.Lambda) string {
	const variable = "namedlambdavariable()"
	body := expr.RewriteNode(l.Body, func(e expr.Node) expr.Node {
		if c, ok := e.(expr.Column); ok && containsFold(l.Params, c.Path[0]) {
			c.Path = append([]string{variable}, c.Path[1:]...)
			return c
		}
		return e
	})
	return "lambdafunction(" + n.text(body) + strings.Repeat(", "+variable, len(l.Params)) + ")"
}

func isStar(e expr.Node) bool {
	_, ok := e.(expr.Star)
	return ok
}
