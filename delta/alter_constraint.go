package delta

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/medallion-go/medallion/expr"
)

// AddConstraint adds a CHECK constraint: a condition in SQL over the table's columns that must be TRUE in every row from now on. Rows that are there are
// looked at: *ConstraintError where one violates it. It returns the commit's version.
func (t *Table) AddConstraint(ctx context.Context, name, condition string) (int64, error) {
	op := Operation{Name: "ADD CONSTRAINT", Parameters: map[string]string{"constraintName": name, "expression": condition}}
	return t.alter(ctx, op, func(a *alteration) error {
		if name == "" || strings.ContainsAny(name, ".`") {
			return fmt.Errorf("the constraint's name %q must have letters and no dots", name)
		}
		if slices.ContainsFunc(a.before.constraints(), func(c constraint) bool { return strings.EqualFold(c.name, name) }) {
			return fmt.Errorf("there is a constraint %s already: drop it first", name)
		}
		predicate, err := a.tx.base.Predicate(condition)
		if err != nil {
			return err
		}
		if !expr.Deterministic(predicate) {
			return fmt.Errorf("the condition of a constraint must give the same for a row whenever it is looked at: %s", condition)
		}
		rows, err := a.rowsWhere(ctx, notTrue(predicate))
		if err != nil {
			return err
		}
		if rows > 0 {
			return &ConstraintError{Table: t.Name(), Name: name, SQL: condition, Rows: rows}
		}
		if a.meta.Configuration == nil {
			a.meta.Configuration = make(map[string]string)
		}
		a.meta.Configuration[constraintProperty+strings.ToLower(name)] = condition
		return nil
	})
}

// DropConstraint takes a CHECK constraint away. One that the table does not have is an error unless ifExists. It returns the commit's version.
func (t *Table) DropConstraint(ctx context.Context, ifExists bool, name string) (int64, error) {
	op := Operation{Name: "DROP CONSTRAINT", Parameters: map[string]string{"constraintName": name, "existed": "false"}}
	return t.alter(ctx, op, func(a *alteration) error {
		for _, c := range a.before.constraints() {
			if strings.EqualFold(c.name, name) {
				op.Parameters["expression"], op.Parameters["existed"] = c.sql, "true"
				delete(a.meta.Configuration, constraintProperty+c.name)
				return nil
			}
		}
		if ifExists {
			return nil
		}
		return fmt.Errorf("the table has no constraint %s", name)
	})
}

// forbidNull refuses NOT NULL for a column that is NULL in a row that is there.
func (a *alteration) forbidNull(ctx context.Context, path []string) error {
	condition := quotePath(path) + " IS NULL"
	for i := 1; i < len(path); i++ {
		condition = quotePath(path[:i]) + " IS NOT NULL AND " + condition
	}
	predicate, err := a.tx.base.Predicate(condition)
	if err != nil {
		return &SchemaError{quotePath(path), "NOT NULL is possible for columns and fields of structs, not within arrays and maps"}
	}
	rows, err := a.rowsWhere(ctx, predicate)
	if err != nil {
		return err
	}
	if rows > 0 {
		return &NotNullError{Table: a.tx.table.Name(), Column: quotePath(path), Rows: rows}
	}
	return nil
}

// rowsWhere counts rows that are there. Commits that add rows in the meantime are conflicts then.
func (a *alteration) rowsWhere(ctx context.Context, predicate expr.Bound) (int64, error) {
	a.tx.ReadWholeTable()
	return a.tx.base.CountRows(ctx, predicate, nil)
}
