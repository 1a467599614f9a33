// Package quality declares expectations: rules on rows, checked as they pass, and checks on tables, which gate their commits.
//
// A row passes a rule only if the predicate is TRUE; FALSE and NULL violate it. All rules of one Check see the same rows and none short-circuits. The
// counts are part of the table's own commit, so they are true if and only if the rows are there.
package quality

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// Expectation is a rule on rows, or where quarantined rows go.
type Expectation interface{ apply(*check) }

// Rule is an expectation on each row. Predicate is SQL over the columns of the relation that is checked.
type Rule struct {
	Name      string
	Action    plan.Action
	Predicate string
}

// Warn counts the rows that violate the predicate and keeps them: Databricks' EXPECT.
func Warn(name, predicate string) Rule { return Rule{name, plan.Warn, predicate} }

// Drop leaves out the rows that violate the predicate: EXPECT … ON VIOLATION DROP ROW.
func Drop(name, predicate string) Rule { return Rule{name, plan.Drop, predicate} }

// Quarantine takes the rows that violate the predicate out into the quarantine table.
func Quarantine(name, predicate string) Rule { return Rule{name, plan.Quarantine, predicate} }

// Fail aborts the table's commit when a row violates the predicate: EXPECT … ON VIOLATION FAIL UPDATE.
func Fail(name, predicate string) Rule { return Rule{name, plan.Fail, predicate} }

func (r Rule) apply(c *check) { c.rules = append(c.rules, r) }

// QuarantineTo names the quarantine table (else <table>_quarantine) and the columns that it keeps, a SQL select list over the checked relation's columns
// and these: _rules ARRAY<STRING>, the names of the rules that the row violates, in the order of declaration; _source STRING, the table; _batch BIGINT, the
// flow's batch; _quarantined_at TIMESTAMP. An empty list keeps all of them. A table that is appended to needs _batch kept under that name, since a batch
// that is run again replaces its rows there.
func QuarantineTo(table, columns string) Expectation { return quarantine{table, columns} }

type quarantine struct{ table, columns string }

func (q quarantine) apply(c *check) { c.quarantine = q }

type check struct {
	rules      []Rule
	quarantine quarantine
}

// Check guards a relation with expectations and passes on the rows that no Drop or Quarantine rule took out.
func Check[R any](in dataset.Rows[R], expectations ...Expectation) *dataset.Dataset[R] {
	var c check
	for _, e := range expectations {
		e.apply(&c)
	}
	return dataset.New[R](dataset.Caller(0), "quality.Check", func(r *dataset.Resolver) (plan.Node, error) {
		n, err := r.Node(in)
		if err != nil {
			return nil, err
		}
		return c.node(r, n)
	})
}

func (c check) node(r *dataset.Resolver, in plan.Node) (plan.Node, error) {
	rules, err := c.bind(r, in.Schema())
	if err != nil {
		return nil, err
	}
	columns, names, err := c.columns(r, in.Schema())
	if err != nil {
		return nil, fmt.Errorf("quality.QuarantineTo: %w", err)
	}
	checked, err := plan.NewCheck(in, rules, columns, names)
	if err != nil {
		return nil, err
	}
	checked.QuarantineTo = c.quarantine.table
	return checked, nil
}

func (c check) bind(in *dataset.Resolver, s *arrow.Schema) ([]plan.Rule, error) {
	var faults []error
	seen := map[string]bool{}
	rules := make([]plan.Rule, 0, len(c.rules))
	for _, r := range c.rules {
		key := strings.ToLower(r.Name)
		if r.Name == "" || seen[key] {
			faults = append(faults, fmt.Errorf("rule %q: rules need names of their own", r.Name))
			continue
		}
		seen[key] = true
		node, err := in.Functions().Parse(r.Predicate)
		if err != nil {
			faults = append(faults, fmt.Errorf("rule %q: %w", r.Name, err))
			continue
		}
		bound, err := expr.BindPredicate(node, expr.NewScope(s))
		if err != nil {
			faults = append(faults, fmt.Errorf("rule %q: %w", r.Name, err))
			continue
		}
		rules = append(rules, plan.Rule{Name: r.Name, Action: r.Action, Predicate: bound, SQL: r.Predicate})
	}
	return rules, errors.Join(faults...)
}

// columns are what a quarantined row is written as; none when no rule quarantines.
func (c check) columns(r *dataset.Resolver, s *arrow.Schema) ([]expr.Bound, []string, error) {
	quarantines := false
	for _, r := range c.rules {
		quarantines = quarantines || r.Action == plan.Quarantine
	}
	switch {
	case !quarantines && c.quarantine.table != "":
		return nil, nil, errors.New("no rule of this check quarantines rows")
	case !quarantines:
		return nil, nil, nil
	}
	if c.quarantine.columns == "" {
		return everything(s)
	}
	fields := slices.Clone(s.Fields())
	for _, v := range plan.Stamps() {
		fields = append(fields, arrow.Field{Name: v.Name, Type: v.Typ})
	}
	bound, names, err := dataset.BindNamed(r, arrow.NewSchema(fields, nil), c.quarantine.columns)
	for i, b := range bound {
		bound[i] = stamped(b, s.NumFields())
	}
	return bound, names, err
}

// everything is the checked columns and the stamps.
func everything(s *arrow.Schema) (columns []expr.Bound, names []string, err error) {
	for i, f := range s.Fields() {
		columns, names = append(columns, expr.BoundColumn{Index: i, Name: f.Name, Typ: f.Type, Null: f.Nullable}), append(names, f.Name)
	}
	for _, v := range plan.Stamps() {
		columns, names = append(columns, v), append(names, v.Name)
	}
	return columns, names, nil
}

// stamped turns the columns beyond the checked relation's into the variables that they stand for.
func stamped(b expr.Bound, width int) expr.Bound {
	return expr.Rewrite(b, func(part expr.Bound) expr.Bound {
		if c, ok := part.(expr.BoundColumn); ok && c.Index >= width {
			return plan.Stamps()[c.Index-width]
		}
		return part
	})
}

// FailedError says that Fail rules or checks were violated, and that therefore nothing was committed.
type FailedError struct {
	Table    string
	Failures []Failure
}

// Failure is one rule or check that did not hold.
type Failure struct {
	Name   string
	Text   string // the predicate, or what the check asks for
	Failed int64  // rows, or groups, or references that violate it
}

// Error names the table, each failure with its count, and what to do.
func (e *FailedError) Error() string {
	parts := make([]string, len(e.Failures))
	for i, f := range e.Failures {
		unit := "violations"
		if f.Failed == 1 {
			unit = "violation"
		}
		parts[i] = fmt.Sprintf("%s (%s): %d %s", f.Name, f.Text, f.Failed, unit)
	}
	return fmt.Sprintf("quality: %s was not committed: %s (mend the table's inputs or the rule; the next run tries again)", e.Table, strings.Join(parts, "; "))
}
