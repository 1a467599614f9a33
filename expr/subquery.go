package expr

import "slices"

// Query is a query inside an expression, as the parser of queries read it: see Parser.ReadQuery. String prints it so that it is read back the same.
type Query interface{ String() string }

// SubqueryKind is what an expression asks of a query inside it.
type SubqueryKind uint8

// The kinds of sub-query: the value of its one column in its one row, NULL where it has no row; whether it has a row; and whether it has the row Left, or with
// Not whether it has it not.
const (
	ScalarSubquery SubqueryKind = iota
	ExistsSubquery
	InSubquery
)

// parseSubquery reads what is behind an opening parenthesis if that is a query, and the closing parenthesis.
func (p *Parser) parseSubquery(n Subquery) (Node, bool, error) {
	t := p.Peek()
	if !t.Is("SELECT") && !t.Is("WITH") {
		return nil, false, nil
	}
	if p.ReadQuery == nil {
		return nil, false, p.Unsupported(t, "a sub-query outside a query")
	}
	q, err := p.ReadQuery()
	if err != nil {
		return nil, false, err
	}
	n.Query = q
	return n, true, p.Expect(")")
}

// operands are what stands before IN (query): the values of a row in parentheses, or the one value.
func (p *Parser) operands(left Node) []Node {
	if row, ok := left.(Call); ok && row.Func == "struct" && row.Pos == p.row {
		return row.Args
	}
	return []Node{left}
}

func appendSubquery(dst []byte, n Subquery, least int) []byte {
	switch n.Kind {
	case ScalarSubquery:
		return append(append(append(dst, '('), n.Query.String()...), ')')
	case ExistsSubquery:
		return append(append(append(dst, "EXISTS ("...), n.Query.String()...), ')')
	case InSubquery:
	}
	dst, closing := open(dst, precPredicate < least)
	if len(n.Left) == 1 {
		dst = appendNode(dst, n.Left[0], precComparison)
	} else {
		dst = append(appendNodes(append(dst, '('), n.Left), ')')
	}
	if n.Not {
		dst = append(dst, " NOT"...)
	}
	dst = append(append(append(dst, " IN ("...), n.Query.String()...), ')')
	return append(dst, closing...)
}

func equalSubquery(a, b Subquery) bool {
	return a.Kind == b.Kind && a.Not == b.Not && a.Query.String() == b.Query.String() && slices.EqualFunc(a.Left, b.Left, EqualNode) &&
		slices.EqualFunc(a.Outer, b.Outer, EqualNode)
}
