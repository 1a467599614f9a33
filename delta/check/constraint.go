package check

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
)

// constraints counts, by the library's own reader, the rows for which a constraint or an invariant is not true. Of expressions that the library cannot evaluate, and
// of tables that it cannot read, it says so.
func (c *checker) constraints(ctx context.Context) error {
	rules := c.state.metadata.rules()
	if len(rules) == 0 {
		return nil
	}
	s, opened := delta.Open(c.store, strings.TrimSuffix(c.root, "/"), delta.Config{Alloc: c.options.Alloc}).Snapshot(ctx)
	c.at(place{version: c.state.version})
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		rows, err := int64(0), opened
		if err == nil {
			rows, err = c.breaches(ctx, s, rules[name])
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			c.leaveUnchecked(Constraint, "%s: %s could not be checked: %v", name, rules[name], err)
		case rows > 0:
			c.report(Constraint, "%s: %s is not true of %d rows", name, rules[name], rows)
		}
	}
	return nil
}

// breaches counts the rows that an expression is not true of.
func (c *checker) breaches(ctx context.Context, s *delta.Snapshot, sql string) (int64, error) {
	predicate, err := s.Predicate("NOT ((" + sql + ") <=> TRUE)")
	if err != nil {
		return 0, err
	}
	return s.CountRows(ctx, predicate, &exec.Env{Alloc: c.options.Alloc})
}

// rules are the table's constraints and invariants, by name.
func (m *metadata) rules() map[string]string {
	out := make(map[string]string)
	for k, v := range m.configuration {
		if name, ok := strings.CutPrefix(k, "delta.constraints."); ok {
			out["the constraint "+name] = v
		}
	}
	m.visit(func(path []string, f *column) {
		v, err := decodeJSON([]byte(f.metadata.text("delta.invariants")))
		all, ok := v.(map[string]any)
		if sql := members(all).object("expression").text("expression"); err == nil && ok && sql != "" {
			out["the invariant of "+strings.Join(path, ".")] = sql
		}
	})
	return out
}
