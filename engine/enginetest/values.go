package enginetest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// valueCase is an expression over no columns, and what it comes to: its type and value, or ! and the class of its error.
type valueCase struct {
	line int // in its file, from 1
	text string
	want string
}

// valueFile is one file of testdata/values: expressions at the start of a line, what each comes to below it, indented, and comments between.
type valueFile struct {
	name  string
	lines []string    // as they are, without the cases' results
	cases []valueCase // by line
}

const indent = "    "

func readValues(name, text string) (*valueFile, error) {
	f := &valueFile{name: name}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		switch result, ok := strings.CutPrefix(line, indent); {
		case ok && (len(f.cases) == 0 || f.cases[len(f.cases)-1].want != ""):
			return nil, fmt.Errorf("%s:%d: a result without an expression above it", name, i+1)
		case ok:
			f.cases[len(f.cases)-1].want = result
		default:
			f.lines = append(f.lines, line)
			if line != "" && !strings.HasPrefix(line, "#") {
				f.cases = append(f.cases, valueCase{line: i + 1, text: line})
			}
		}
	}
	return f, nil
}

// write gives the file's text with what got says of each case in order.
func (f *valueFile) write(got []string) string {
	var b strings.Builder
	next := 0
	for _, line := range f.lines {
		b.WriteString(line + "\n")
		if line != "" && !strings.HasPrefix(line, "#") {
			b.WriteString(indent + got[next] + "\n")
			next++
		}
	}
	return b.String()
}

// most is how many expressions go into one query.
const most = 50

// evaluate gives what each case comes to. Cases that are known to fail run alone, the others together; where one of many fails, they are run in halves.
func evaluate(cases []valueCase, query func([]valueCase) outcome) []string {
	got := make(map[int]string, len(cases))
	var together []valueCase
	flush := func() {
		evaluateAll(together, query, got)
		together = nil
	}
	for _, c := range cases {
		if strings.HasPrefix(c.want, "!") {
			evaluateAll([]valueCase{c}, query, got)
			continue
		}
		if together = append(together, c); len(together) == most {
			flush()
		}
	}
	flush()
	texts := make([]string, len(cases))
	for i, c := range cases {
		texts[i] = got[c.line]
	}
	return texts
}

func evaluateAll(cases []valueCase, query func([]valueCase) outcome, got map[int]string) {
	if len(cases) == 0 {
		return
	}
	o := query(cases)
	if o.err != nil && len(cases) > 1 {
		evaluateAll(cases[:len(cases)/2], query, got)
		evaluateAll(cases[len(cases)/2:], query, got)
		return
	}
	for i, c := range cases {
		got[c.line] = valueText(o, i)
	}
}

// valueText is column i of a query for values: its type, and its value where all rows have the same.
func valueText(o outcome, i int) string {
	if o.class != "" {
		return "!" + o.class
	}
	_, typ, _ := strings.Cut(o.columns[i], " ")
	var value string
	for k, row := range o.rows {
		if k > 0 && row[i] != value {
			return fmt.Sprintf("%s %s, but %s in an equal row", typ, value, row[i])
		}
		value = row[i]
	}
	return typ + " " + value
}

// asText makes one SELECT of the cases as they are written.
func asText(cases []valueCase) string {
	items := make([]string, len(cases))
	for i, c := range cases {
		items[i] = fmt.Sprintf("%s AS c%d", c.text, i)
	}
	return "SELECT " + strings.Join(items, ", ")
}

// literally runs the cases as projections of one row without columns.
func literally(ctx context.Context, s engine.Session) func([]valueCase) outcome {
	return func(cases []valueCase) outcome {
		exprs, names, err := bindCases(cases)
		if err != nil {
			return failed(err)
		}
		return project(ctx, s, plan.OneRow(), exprs, names)
	}
}

// fromColumns runs the cases over two equal rows that hold their literals, so that nothing is known before the rows are read.
func fromColumns(ctx context.Context, s engine.Session) func([]valueCase) outcome {
	return func(cases []valueCase) outcome {
		exprs, names, err := bindCases(cases)
		if err != nil {
			return failed(err)
		}
		var row []expr.BoundLiteral
		for i, b := range exprs {
			exprs[i], row = spread(b, row)
		}
		fields := make([]arrow.Field, len(row))
		for i, l := range row {
			fields[i] = arrow.Field{Name: fmt.Sprintf("v%d", i), Type: l.Typ, Nullable: true}
		}
		in, err := plan.NewValues(arrow.NewSchema(fields, nil), [][]expr.BoundLiteral{row, row})
		if err != nil {
			return failed(err)
		}
		return project(ctx, s, in, exprs, names)
	}
}

func bindCases(cases []valueCase) (exprs []expr.Bound, names []string, err error) {
	for i, c := range cases {
		n, err := expr.Parse(c.text)
		if err != nil {
			return nil, nil, err
		}
		b, err := expr.Bind(n, expr.Scope{})
		if err != nil {
			return nil, nil, err
		}
		exprs, names = append(exprs, b), append(names, fmt.Sprintf("c%d", i))
	}
	return exprs, names, nil
}

func project(ctx context.Context, s engine.Session, in plan.Node, exprs []expr.Bound, names []string) outcome {
	p, err := plan.NewProject(in, exprs, names)
	if err != nil {
		return failed(err)
	}
	return run(ctx, s, p)
}

// spread appends b's literals to row and puts columns in their place, but for those that must be constants.
func spread(b expr.Bound, row []expr.BoundLiteral) (expr.Bound, []expr.BoundLiteral) {
	for constants := 0; ; {
		replaced, l := replaceLiteral(b, constants, len(row))
		if l == nil {
			return b, row
		}
		if _, err := kernel.Compile(replaced); err != nil || !binds(replaced) {
			constants++
			continue
		}
		b, row = replaced, append(row, *l)
	}
}

// binds tells whether an expression over columns called v0, v1, … could have been written.
func binds(b expr.Bound) bool {
	var fields []arrow.Field
	expr.Walk(b, func(part expr.Bound) bool {
		if c, ok := part.(expr.BoundColumn); ok {
			fields = append(fields, arrow.Field{Name: c.Name, Type: c.Typ, Nullable: c.Null})
		}
		return true
	})
	_, err := expr.Bind(expr.Unbind(b), expr.NewScope(arrow.NewSchema(fields, nil)))
	return err == nil
}

// replaceLiteral puts column at in the place of b's n-th literal, and gives that, or nil where b has no more.
func replaceLiteral(b expr.Bound, n, at int) (replaced expr.Bound, literal *expr.BoundLiteral) {
	replaced = expr.Rewrite(b, func(b expr.Bound) expr.Bound {
		l, ok := b.(expr.BoundLiteral)
		if !ok || l.Typ.ID() == arrow.NULL {
			return b
		}
		if n--; n != -1 {
			return b
		}
		literal = &l
		return expr.BoundColumn{Index: at, Name: fmt.Sprintf("v%d", at), Typ: l.Typ, Null: true}
	})
	return replaced, literal
}

// testValues checks a file's cases.
func testValues(t *testing.T, f *valueFile, query func([]valueCase) outcome) {
	got := evaluate(f.cases, query)
	for i, c := range f.cases {
		if got[i] != c.want {
			t.Errorf("%s:%d: %s\ngot  %s\nwant %s%s", f.name, c.line, c.text, got[i], c.want, reason(query, c, got[i]))
		}
	}
}

// reason is the message of an unexpected error.
func reason(query func([]valueCase) outcome, c valueCase, got string) string {
	if !strings.HasPrefix(got, "!") {
		return ""
	}
	return "\n" + query([]valueCase{c}).detail()
}
