package delta

import (
	"fmt"
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// clauseKind is the rows that a clause is about.
type clauseKind uint8

const (
	whenMatched clauseKind = iota
	whenNotMatched
	whenNotMatchedBySource
)

// String is the clause's SQL.
func (k clauseKind) String() string {
	switch k {
	case whenMatched:
		return "WHEN MATCHED"
	case whenNotMatched:
		return "WHEN NOT MATCHED"
	default:
		return "WHEN NOT MATCHED BY SOURCE"
	}
}

// clauseAction is what a clause does.
type clauseAction uint8

const (
	doUpdate clauseAction = iota
	doDelete
	doInsert
)

// String is the action's name in the table's history.
func (a clauseAction) String() string {
	switch a {
	case doUpdate:
		return "update"
	case doDelete:
		return "delete"
	default:
		return "insert"
	}
}

// mergeClause is one WHEN clause, as written and as bound. Bound expressions read the target's columns, then the source's.
type mergeClause struct {
	on     clauseKind
	action clauseAction
	cond   string
	set    map[string]string
	all    bool

	bound  expr.Bound   // nil: no condition
	values []expr.Bound // one per target column, for updates and inserts
}

// mergePlan is a merge resolved against its table and source.
type mergePlan struct {
	target, source *arrow.Schema
	targetKeys     []expr.Bound // over target columns
	sourceKeys     []expr.Bound // over target then source columns; equal in number and types
	nullSafe       []bool       // of each key: NULL equals NULL (<=>)
	targetCond     expr.Bound   // parts of ON that read the target alone; nil: none
	sourceCond     expr.Bound   // parts of ON that read the source alone; nil: none
	residual       expr.Bound   // the other parts of ON; nil: none
	clauses        []*mergeClause
	assign         *aligner
}

func (m *Merge) plan(s *Snapshot, known int) (*mergePlan, error) {
	p := &mergePlan{target: s.Schema(), source: m.source.Schema(), assign: &aligner{grows: m.evolves}}
	width := p.target.NumFields()
	target := expr.NewScope(arrow.NewSchema(p.target.Fields()[:known], nil)).Qualify(m.target)
	source := expr.Scope{}.Join(expr.NewScope(p.source).Qualify(m.origin), width)
	both := target.Join(expr.NewScope(p.source).Qualify(m.origin), width)
	node, err := expr.Parse(m.on)
	if err != nil {
		return nil, fmt.Errorf("ON: %w", err)
	}
	on, err := expr.BindPredicate(node, both)
	if err != nil {
		return nil, fmt.Errorf("ON: %w", err)
	}
	p.splitCondition(on, width)
	for _, c := range m.clauses {
		scope := map[clauseKind]expr.Scope{whenMatched: both, whenNotMatched: source, whenNotMatchedBySource: target}[c.on]
		bound, err := p.bindClause(c, scope)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.on, err)
		}
		p.clauses = append(p.clauses, bound)
	}
	return p, nil
}

// splitCondition finds in ON the equalities between the two sides, which become hash keys.
func (p *mergePlan) splitCondition(on expr.Bound, width int) {
	var target, source, rest []expr.Bound
	for _, e := range expr.Conjuncts(on) {
		switch side(e, width) {
		case targetSide:
			target = append(target, e)
			continue
		case sourceSide:
			source = append(source, e)
			continue
		default: // both sides or neither: a key, or part of the residual
		}
		if call, ok := e.(expr.BoundCall); ok && (call.Func == "=" || call.Func == "<=>") {
			a, b := call.Args[0], call.Args[1]
			if side(a, width) == sourceSide {
				a, b = b, a
			}
			if side(a, width) == targetSide && side(b, width) == sourceSide {
				p.targetKeys, p.sourceKeys, p.nullSafe = append(p.targetKeys, a), append(p.sourceKeys, b), append(p.nullSafe, call.Func == "<=>")
				continue
			}
		}
		rest = append(rest, e)
	}
	p.targetCond, p.sourceCond, p.residual = allOf(target), allOf(source), allOf(rest)
	if l, ok := on.(expr.BoundLiteral); ok && l.Value != true {
		p.sourceCond = on // ON FALSE: no source row can be found, rather than all of them and then none
	}
}

func allOf(list []expr.Bound) expr.Bound {
	if len(list) == 0 {
		return nil
	}
	return expr.And(list...)
}

// readSide is which input an expression reads.
type readSide uint8

const (
	neither readSide = iota
	targetSide
	sourceSide
	bothSides
)

func side(e expr.Bound, width int) readSide {
	s := neither
	for _, i := range expr.Columns(e) {
		if i < width {
			s |= targetSide
		} else {
			s |= sourceSide
		}
	}
	return s
}

func (p *mergePlan) bindClause(c *mergeClause, scope expr.Scope) (*mergeClause, error) {
	out := *c
	if c.cond != "" {
		node, err := expr.Parse(c.cond)
		if err != nil {
			return nil, err
		}
		if out.bound, err = expr.BindPredicate(node, scope); err != nil {
			return nil, err
		}
	}
	if c.action == doDelete {
		return &out, nil
	}
	out.values = make([]expr.Bound, p.target.NumFields())
	for i, f := range p.target.Fields() {
		if c.action == doUpdate {
			out.values[i] = expr.BoundColumn{Index: i, Name: f.Name, Typ: f.Type, Null: f.Nullable}
		} else {
			out.values[i] = expr.BoundLiteral{Typ: f.Type}
		}
	}
	a := assigned{table: p.target, values: out.values, given: make([]bool, len(out.values))}
	if c.all {
		if err := p.setAll(&out, a.given); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.set)) {
		i := schema.Find(p.target.Fields(), name)
		if i < 0 {
			return nil, &SchemaError{name, "the table does not have it"}
		}
		v, err := bindAssignment(c.set[name], scope, p.target.Field(i), p.assign)
		if err != nil {
			return nil, err
		}
		out.values[i], a.given[i] = v, true
	}
	if c.action == doInsert {
		return &out, a.inserts()
	}
	return &out, a.updates()
}

// setAll takes every column from the source's column of that name; those that the source does not have and the table gives are left out.
func (p *mergePlan) setAll(c *mergeClause, given []bool) error {
	for i, f := range p.target.Fields() {
		j := schema.Find(p.source.Fields(), f.Name)
		if j < 0 && (p.assign.grows || FillsIn(f)) {
			continue
		}
		if j < 0 {
			return &SchemaError{f.Name, "the source does not have it, so that all columns cannot be set"}
		}
		given[i] = true
		from := p.source.Field(j)
		var keep expr.Bound
		if c.action == doUpdate {
			keep = c.values[i]
		}
		var err error
		c.values[i], err = p.assign.align(expr.BoundColumn{Index: p.target.NumFields() + j, Name: from.Name, Typ: from.Type, Null: from.Nullable}, f.Type, keep)
		if err != nil {
			return fmt.Errorf("column %s: %w", f.Name, err)
		}
	}
	return nil
}

// of are the clauses of one kind.
func (p *mergePlan) of(kind clauseKind) []*mergeClause {
	var list []*mergeClause
	for _, c := range p.clauses {
		if c.on == kind {
			list = append(list, c)
		}
	}
	return list
}

// changesRows reports whether some clause is about rows of the target, so that not all that can happen is that rows are added.
func (p *mergePlan) changesRows() bool {
	return slices.ContainsFunc(p.clauses, func(c *mergeClause) bool { return c.on != whenNotMatched })
}

// takesWhatItReads reports whether the outcome depends on no rows of the target but those that clauses change: one that is matched and stays as it is keeps a
// source row from being inserted.
func (p *mergePlan) takesWhatItReads() bool {
	changesAll := slices.ContainsFunc(p.of(whenMatched), func(c *mergeClause) bool { return c.bound == nil })
	return changesAll || len(p.of(whenNotMatched)) == 0
}

// updates reports whether some clause sets columns of the target's rows.
func (p *mergePlan) updates() bool {
	return slices.ContainsFunc(p.clauses, func(c *mergeClause) bool { return c.action == doUpdate })
}

// needsUnique reports whether a target row must not be matched twice: always, except where the only thing that can happen is an unconditional delete.
func (p *mergePlan) needsUnique() bool {
	matched := p.of(whenMatched)
	return !(len(matched) == 1 && matched[0].action == doDelete && matched[0].bound == nil)
}

// probeColumns are the target columns that decide what happens to a row.
func (p *mergePlan) probeColumns() []int {
	var list []int
	add := func(e expr.Bound) {
		if e == nil {
			return
		}
		for _, i := range expr.Columns(e) {
			if i < p.target.NumFields() && !slices.Contains(list, i) {
				list = append(list, i)
			}
		}
	}
	for _, k := range p.targetKeys {
		add(k)
	}
	add(p.targetCond)
	add(p.residual)
	for _, c := range p.clauses {
		add(c.bound)
	}
	slices.Sort(list)
	if list == nil {
		list = []int{}
	}
	return list
}
