package sql

import "slices"

// BindStatement is a statement with values in the place of its parameters, as Query.Bind gives a query.
func BindStatement(s Statement, args ...Arg) (Statement, error) {
	a, err := newArguments(args)
	if err != nil {
		return nil, err
	}
	b := statementBinder{arguments: a, m: childMapper{f: a.node}}
	s = b.statement(s)
	if b.m.err != nil {
		return nil, b.m.err
	}
	return s, nil
}

// statementBinder keeps the first error in m.
type statementBinder struct {
	arguments
	m childMapper
}

func (b *statementBinder) statement(s Statement) Statement {
	switch s := s.(type) {
	case *Query:
		return b.whole(s)
	case Explain:
		s.Query = b.whole(s.Query)
		return s
	case Describe:
		s.Query = b.whole(s.Query)
		return s
	case Insert:
		s.ReplaceWhere, s.ReplaceOn, s.Query = b.m.node(s.ReplaceWhere), b.m.node(s.ReplaceOn), b.whole(s.Query)
		return s
	case Update:
		s.Set, s.Where = b.assignments(s.Set), b.m.node(s.Where)
		return s
	case Delete:
		s.Where = b.m.node(s.Where)
		return s
	case Merge:
		return b.merge(s)
	case CreateView:
		s.Query = b.whole(s.Query)
		return s
	case CreateTable:
		s.Query = b.whole(s.Query)
		return s
	case Optimize:
		s.Where = b.m.node(s.Where)
		return s
	case Reorg:
		s.Where = b.m.node(s.Where)
		return s
	case ShowTables, ShowColumns, ShowProperties, ShowPartitions, DropView, DescribeHistory, DescribeDetail, Vacuum, Restore, Clone, ConvertToDelta, Generate, Repair, Alter:
	}
	return s
}

func (b *statementBinder) merge(s Merge) Merge {
	s.Source, s.On, s.Clauses = b.whole(s.Source), b.m.node(s.On), slices.Clone(s.Clauses)
	for i, c := range s.Clauses {
		s.Clauses[i].Cond, s.Clauses[i].Set = b.m.node(c.Cond), b.assignments(c.Set)
	}
	return s
}

func (b *statementBinder) whole(q *Query) *Query {
	if q == nil || b.m.err != nil {
		return q
	}
	root, err := b.query(q.root)
	if err != nil {
		b.m.err = err
		return q
	}
	return &Query{root: root}
}

func (b *statementBinder) assignments(list []Assignment) []Assignment {
	list = slices.Clone(list)
	for i := range list {
		list[i].Value = b.m.node(list[i].Value)
	}
	return list
}
