package enginetest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
)

// queryCase is a query over the suite's tables and what it comes to.
type queryCase struct {
	text    string
	ordered bool // whether the order of its rows is told
	want    string
}

// The marks between a file's cases, and between a case and its rows.
const (
	betweenCases = "====\n"
	beforeRows   = "---- rows\n"
	beforeOrder  = "---- rows in order\n"
)

// readQueries reads a file of cases: queries, marks and rows.
func readQueries(name, text string) ([]queryCase, error) {
	var cases []queryCase
	for i, part := range strings.Split(text, betweenCases) {
		query, want, unordered := strings.Cut(part, beforeRows)
		var ordered bool
		if !unordered {
			query, want, ordered = strings.Cut(part, beforeOrder)
		}
		if !ordered && !unordered {
			return nil, fmt.Errorf("%s: case %d has no line %q", name, i+1, strings.TrimSpace(beforeRows))
		}
		cases = append(cases, queryCase{text: strings.TrimSpace(query), ordered: ordered, want: want})
	}
	return cases, nil
}

// writeQueries gives the file's text with what got says of each case.
func writeQueries(cases []queryCase, got []string) string {
	parts := make([]string, len(cases))
	for i, c := range cases {
		mark := beforeRows
		if c.ordered {
			mark = beforeOrder
		}
		parts[i] = c.text + "\n" + mark + got[i]
	}
	return strings.Join(parts, betweenCases)
}

// arranged is an outcome as the case has it.
func (c queryCase) arranged(o outcome) outcome {
	if c.ordered {
		return o
	}
	return o.sorted()
}

// overTables makes the case one query that defines the tables itself.
func (c queryCase) overTables(all []table) string {
	clause := with(all)
	if rest, ok := strings.CutPrefix(c.text, "WITH RECURSIVE "); ok {
		return "WITH RECURSIVE " + strings.TrimPrefix(clause, "WITH ") + ",\n" + rest
	}
	if rest, ok := strings.CutPrefix(c.text, "WITH "); ok {
		return clause + ",\n" + rest
	}
	return clause + "\n" + c.text
}

// resolve gives the query's plan.
func (c queryCase) resolve(tables map[string]plan.Node) (plan.Node, error) {
	q, err := sql.Parse(c.text)
	if err != nil {
		return nil, err
	}
	return q.Resolve(tables)
}

// planned runs cases through a session.
func planned(ctx context.Context, s engine.Session, tables map[string]plan.Node) func(queryCase) outcome {
	return func(c queryCase) outcome {
		n, err := c.resolve(tables)
		if err != nil {
			return failed(err)
		}
		return run(ctx, s, n)
	}
}

// asPlans runs cases whose text is a plan.
func asPlans(ctx context.Context, s engine.Session, tables map[string]plan.Node) func(queryCase) outcome {
	return func(c queryCase) outcome {
		n, err := parsePlan(c.text, tables)
		if err != nil {
			return failed(err)
		}
		return run(ctx, s, n)
	}
}

// testQueries checks a file's cases.
func testQueries(t *testing.T, cases []queryCase, query func(queryCase) outcome) {
	for _, c := range cases {
		o := c.arranged(query(c))
		if diff := cmp.Diff(c.want, o.String()); diff != "" {
			t.Errorf("%s\n-want +got\n%s", c.text, diff)
			if o.err != nil {
				t.Log(o.detail())
			}
		}
	}
}
