package statement

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
)

// mergeTexts is a MERGE that was checked, in the texts that package delta takes.
type mergeTexts struct {
	on      string
	clauses []mergeClause
}

type mergeClause struct {
	written sql.MergeClause
	cond    string // empty: none
	set     map[string]string
}

func newMergeTexts(s sql.Merge, table, source *arrow.Schema) (mergeTexts, error) {
	width := table.NumFields()
	target := expr.NewScope(table).Qualify(s.Alias)
	origin := expr.Scope{}.Join(expr.NewScope(source).Qualify(s.SourceAlias), width)
	both := target.Join(expr.NewScope(source).Qualify(s.SourceAlias), width)
	if s.Evolves {
		table = withColumns(table, source)
	}
	over := func(scope expr.Scope) expressions { return expressions{table: table, scope: scope, alias: s.Alias} }
	var m mergeTexts
	var err error
	if m.on, err = over(both).condition(s.On); err != nil {
		return m, err
	}
	for _, c := range s.Clauses {
		e := over(map[sql.MergeWhen]expr.Scope{sql.WhenMatched: both, sql.WhenNotMatched: origin, sql.WhenNotMatchedBySource: target}[c.When])
		clause := mergeClause{written: c}
		if c.Cond != nil {
			if clause.cond, err = e.condition(c.Cond); err != nil {
				return m, err
			}
		}
		if clause.set, err = e.assignments(c.Set); err != nil {
			return m, err
		}
		m.clauses = append(m.clauses, clause)
	}
	return m, nil
}

// withColumns is the table's columns with those of the source that it does not have.
func withColumns(table, source *arrow.Schema) *arrow.Schema {
	fields := slices.Clone(table.Fields())
	for _, f := range source.Fields() {
		if schema.Find(fields, f.Name) < 0 {
			fields = append(fields, f)
		}
	}
	return arrow.NewSchema(fields, nil)
}

// add adds the clause to a merge.
func (c mergeClause) add(m *delta.Merge) {
	switch c.written.When {
	case sql.WhenMatched:
		when := m.WhenMatched(c.cond)
		switch {
		case c.written.Action == sql.MergeDelete:
			when.Delete()
		case c.written.All:
			when.UpdateAll()
		default:
			when.Update(c.set)
		}
	case sql.WhenNotMatched:
		when := m.WhenNotMatched(c.cond)
		if c.written.All {
			when.InsertAll()
		} else {
			when.Insert(c.set)
		}
	case sql.WhenNotMatchedBySource:
		when := m.WhenNotMatchedBySource(c.cond)
		if c.written.Action == sql.MergeDelete {
			when.Delete()
		} else {
			when.Update(c.set)
		}
	}
}
