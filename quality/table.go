package quality

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
)

// TableCheck is a condition on the whole table as a commit would leave it. The commit is not made unless it holds; it never stamps or takes out rows.
type TableCheck struct {
	name   string
	text   string
	action plan.Action
	query  string // over t (the table) and r (the other relation); one BIGINT: how many rows, groups or references violate the check
	other  dataset.Relation
}

// OnlyWarn reports the check and lets the commit go on.
func (c TableCheck) OnlyWarn() TableCheck {
	c.action = plan.Warn
	return c
}

// RowCount asks for at least min rows, and at most max where max is not 0.
func RowCount(min, max int64) TableCheck {
	upper := ""
	text := fmt.Sprintf("at least %d rows", min)
	if max > 0 {
		upper, text = fmt.Sprintf(" AND count(*) <= %d", max), fmt.Sprintf("%d to %d rows", min, max)
	}
	return fails("row_count", text, fmt.Sprintf("SELECT CASE WHEN count(*) >= %d%s THEN 0L ELSE 1L END FROM t", min, upper))
}

// UniqueKey asks that no two rows have equal values in all of the columns. Rows with a NULL among them are not looked at.
func UniqueKey(columns ...string) TableCheck {
	list, present := quoted(columns), make([]string, len(columns))
	for i, c := range columns {
		present[i] = expr.Quote(c) + " IS NOT NULL"
	}
	q := fmt.Sprintf("SELECT count(*) FROM (SELECT count(*) AS n FROM t WHERE %s GROUP BY %s) WHERE n > 1", strings.Join(present, " AND "), list)
	return fails("unique_key", strings.Join(columns, ", ")+" unique", q)
}

// ForeignKey asks that every value of column that is not NULL is found in the other relation's column.
func ForeignKey(column string, other dataset.Relation, otherColumn string) TableCheck {
	q := fmt.Sprintf("SELECT count(*) FROM t LEFT ANTI JOIN r ON t.%[1]s = r.%[2]s WHERE %[1]s IS NOT NULL", expr.Quote(column), expr.Quote(otherColumn))
	c := fails("foreign_key", fmt.Sprintf("%s refers to %s", column, otherColumn), q)
	c.other = other
	return c
}

// Freshness asks that the greatest value of a TIMESTAMP column is at most age old when the check runs; an empty table is not fresh.
func Freshness(column string, age time.Duration) TableCheck {
	q := fmt.Sprintf("SELECT CASE WHEN max(%s) >= current_timestamp() - INTERVAL '%s' SECOND THEN 0L ELSE 1L END FROM t",
		expr.Quote(column), strconv.FormatFloat(age.Seconds(), 'f', -1, 64))
	return fails("freshness", fmt.Sprintf("%s at most %s old", column, age), q)
}

// Mostly asks that at least the given part (0 to 1) of the table's rows satisfy the predicate. An empty table passes.
func Mostly(name, predicate string, part float64) TableCheck {
	q := fmt.Sprintf("SELECT CASE WHEN count_if(%[1]s) >= %[2]sD * count(*) THEN 0L ELSE count(*) - count_if(%[1]s) END FROM t",
		"("+predicate+")", strconv.FormatFloat(part, 'f', -1, 64))
	return fails(name, fmt.Sprintf("%s for at least %g %% of the rows", predicate, 100*part), q)
}

func fails(name, text, query string) TableCheck {
	return TableCheck{name: name, text: text, action: plan.Fail, query: query}
}

// Resolve checks the condition against the table and gives it as a plan.
func (c TableCheck) Resolve(r *dataset.Resolver, table *plan.Table) (plan.TableCheck, error) {
	q, err := sql.ParseWith(c.query, r.Functions())
	if err != nil {
		return plan.TableCheck{}, fmt.Errorf("check %s: %w", c.name, err)
	}
	tables := map[string]plan.Node{"t": plan.NewScan(table)}
	if c.other != nil {
		if tables["r"], err = r.Node(c.other); err != nil {
			return plan.TableCheck{}, err
		}
	}
	n, err := q.Resolve(tables)
	if err != nil {
		return plan.TableCheck{}, fmt.Errorf("check %s: %w", c.name, err)
	}
	return plan.TableCheck{Name: c.name, Action: c.action, Query: n, Text: c.text}, nil
}

func quoted(columns []string) string {
	q := make([]string, len(columns))
	for i, c := range columns {
		q[i] = expr.Quote(c)
	}
	return strings.Join(q, ", ")
}
