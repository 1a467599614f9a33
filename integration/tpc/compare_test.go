//go:build integration

package tpc_test

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// result is our rows, in order.
type result struct {
	schema *arrow.Schema
	keys   []int // output columns by which the rows are ordered, as far as they are known
	rows   [][]*string
}

// differenceError says where our rows are not DuckDB's.
type differenceError struct{ text string }

func (e *differenceError) Error() string { return e.text }

func differ(format string, args ...any) error { return &differenceError{fmt.Sprintf(format, args...)} }

func (r *result) add(b arrow.RecordBatch) {
	for i := range int(b.NumRows()) {
		row := make([]*string, b.NumCols())
		for c, a := range b.Columns() {
			if a.IsValid(i) {
				text := strings.Clone(a.ValueStr(i))
				row[c] = &text
			}
		}
		r.rows = append(r.rows, row)
	}
}

// visibleKeys are the output columns that the outermost ORDER BY sorts by, up to the first key that is not one of them.
func visibleKeys(n plan.Node) (keys []int) {
	switch n := n.(type) {
	case plan.Order:
		for _, k := range n.Keys {
			column, ok := k.Arg.(expr.BoundColumn)
			if !ok {
				break
			}
			keys = append(keys, column.Index)
		}
	case plan.Project:
		for _, k := range visibleKeys(n.Input) {
			at := slices.IndexFunc(n.Exprs, func(e expr.Bound) bool {
				column, ok := e.(expr.BoundColumn)
				return ok && column.Index == k
			})
			if at < 0 {
				break
			}
			keys = append(keys, at)
		}
	}
	return keys
}

var lastLimit = regexp.MustCompile(`(?i)\blimit\s+(\d+)\s*;?\s*$`)

// compare holds the rows against DuckDB's: as many as the LIMIT allows, each among DuckDB's as often as there, and in the order of the visible keys.
func (r *result) compare(q query) error {
	want := len(q.Rows)
	if m := lastLimit.FindStringSubmatch(q.Text); m != nil {
		limit, err := strconv.Atoi(m[1])
		if err != nil {
			return err
		}
		want = min(want, limit)
	}
	if got := r.schema.NumFields(); got != len(q.Columns) {
		return differ("got %d columns, want %d", got, len(q.Columns))
	}
	if len(r.rows) != want {
		return differ("got %d rows, want %d", len(r.rows), want)
	}
	types := make([]comparer, len(q.Columns))
	for c := range types {
		types[c] = comparerOf(r.schema.Field(c).Type, q.Columns[c].Type)
	}
	if err := r.compareOrder(q, types); err != nil {
		return err
	}
	return r.compareRows(q, types)
}

// compareOrder holds the visible keys against DuckDB's, row by row: that is whether or not the order is total.
func (r *result) compareOrder(q query, types []comparer) error {
	for i, row := range r.rows {
		for _, k := range r.keys {
			if !types[k].equal(row[k], q.Rows[i][k]) {
				return differ("row %d: got %s in column %s, which ORDER BY names, want %s", i, show(row[k]), q.Columns[k].Name, show(q.Rows[i][k]))
			}
		}
	}
	return nil
}

// compareRows walks through both sides in one order. Where a LIMIT cuts rows that are equal in all keys, DuckDB's others are passed over.
func (r *result) compareRows(q query, types []comparer) error {
	got, want := sortedRows(r.rows, types), sortedRows(q.Rows, types)
	spare := len(want) - len(got)
	j := 0
	for i, row := range got {
		for spare > 0 && !equalRows(row, want[j], types) {
			spare--
			j++
		}
		if !equalRows(row, want[j], types) {
			return differ("row %d of %d in sorted order:\ngot  %s\nwant %s", i, len(got), showRow(row), showRow(want[j]))
		}
		j++
	}
	return nil
}

func equalRows(a, b []*string, types []comparer) bool {
	for c, t := range types {
		if !t.equal(a[c], b[c]) {
			return false
		}
	}
	return true
}

// sortedRows sorts by the columns that are compared exactly first, so that tiny differences in the others change the order of no rows but such.
func sortedRows(rows [][]*string, types []comparer) [][]*string {
	var order []int
	for _, exact := range []bool{true, false} {
		for c, t := range types {
			if (t.digits == exactly) == exact {
				order = append(order, c)
			}
		}
	}
	return slices.SortedFunc(slices.Values(rows), func(a, b []*string) int {
		for _, c := range order {
			if d := types[c].order(a[c], b[c]); d != 0 {
				return d
			}
		}
		return 0
	})
}

// comparer compares the texts of a column's values.
type comparer struct {
	number bool
	digits int // after the point; or exactly, or doubles
}

const (
	exactly = -1 // to the last digit
	doubles = -2 // up to a billionth
)

// comparerOf chooses by our type and DuckDB's. Where ours is a decimal and DuckDB's a double, as of averages, six digits count.
func comparerOf(ours arrow.DataType, theirs string) comparer {
	float := theirs == "DOUBLE" || theirs == "FLOAT"
	switch t := ours.(type) {
	case *arrow.Decimal128Type:
		if float {
			return comparer{number: true, digits: min(int(t.Scale), 6)}
		}
		return comparer{number: true, digits: exactly}
	case *arrow.Float32Type, *arrow.Float64Type:
		return comparer{number: true, digits: doubles}
	}
	switch {
	case float:
		return comparer{number: true, digits: doubles}
	case arrow.IsInteger(ours.ID()):
		return comparer{number: true, digits: exactly}
	}
	return comparer{digits: exactly}
}

func (c comparer) equal(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	switch {
	case !c.number || *a == *b:
		return *a == *b
	case c.digits == exactly:
		return c.order(a, b) == 0
	}
	x, y := float(a), float(b)
	tolerance := 1e-9 * max(math.Abs(x), math.Abs(y))
	if c.digits >= 0 {
		tolerance = max(tolerance, 1.01*math.Pow10(-c.digits))
	}
	return math.Abs(x-y) <= tolerance
}

func (c comparer) order(a, b *string) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	case !c.number:
		return cmp.Compare(*a, *b)
	case c.digits == exactly:
		return rational(a).Cmp(rational(b))
	}
	return cmp.Compare(float(a), float(b))
}

func float(a *string) float64 {
	f, err := strconv.ParseFloat(*a, 64)
	if err != nil {
		return math.NaN()
	}
	return f
}

func rational(a *string) *big.Rat {
	r, ok := new(big.Rat).SetString(*a)
	if !ok {
		return new(big.Rat)
	}
	return r
}

func show(v *string) string {
	if v == nil {
		return "NULL"
	}
	return *v
}

func showRow(row []*string) string {
	texts := make([]string, len(row))
	for i, v := range row {
		texts[i] = show(v)
	}
	return strings.Join(texts, " | ")
}
