package dataset

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
)

// resolveSQL parses the query and resolves it over the inputs.
func resolveSQL(r *Resolver, query string, inputs []Input) (plan.Node, error) {
	q, err := sql.ParseWith(query, r.functions)
	if err != nil {
		return nil, err
	}
	tables, args, err := Given(r, inputs)
	if err != nil {
		return nil, err
	}
	if q, err = q.Bind(args...); err != nil {
		return nil, err
	}
	return q.Resolve(tables)
}

// Given takes inputs apart: the relations, resolved, by the names that SQL text has for them, and the values of its parameters.
func Given(r *Resolver, inputs []Input) (tables map[string]plan.Node, args []sql.Arg, err error) {
	tables = make(map[string]plan.Node, len(inputs))
	for _, in := range inputs {
		if in.value != nil {
			args = append(args, sql.Arg{Name: in.alias, Value: in.value.Node()})
			continue
		}
		if tables[in.alias], err = r.Node(in.relation); err != nil {
			return nil, nil, err
		}
	}
	return tables, args, nil
}

// BindList binds a list of SQL expressions, "a, b + 1", over a relation's columns.
func BindList(r *Resolver, s *arrow.Schema, list string) ([]expr.Bound, error) {
	nodes, err := r.functions.ParseList(list)
	if err != nil {
		return nil, err
	}
	scope := expr.NewScope(s)
	bound := make([]expr.Bound, len(nodes))
	for i, n := range nodes {
		if a, ok := n.(expr.Alias); ok {
			n = a.Arg
		}
		if bound[i], err = expr.Bind(n, scope); err != nil {
			return nil, err
		}
	}
	return bound, nil
}

// BindNamed binds a select list, "a, b + 1 AS c", and gives each expression's name.
func BindNamed(r *Resolver, s *arrow.Schema, list string) (bound []expr.Bound, names []string, err error) {
	nodes, err := r.functions.ParseList(list)
	if err != nil {
		return nil, nil, err
	}
	if bound, err = BindList(r, s, list); err != nil {
		return nil, nil, err
	}
	for _, n := range nodes {
		switch n := n.(type) {
		case expr.Alias:
			names = append(names, n.Name)
		case expr.Column:
			names = append(names, n.Path[len(n.Path)-1])
		default:
			return nil, nil, &expr.Error{
				Class: "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", SQLState: "42703", Line: n.Position().Line, Column: n.Position().Column,
				Message: fmt.Sprintf("the expression %s has no name", n), Hint: "add AS name",
			}
		}
	}
	return bound, names, nil
}
