package exec_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

func window(t testing.TB, env *exec.Env, src exec.Source, funcs ...expr.BoundWindow) []string {
	t.Helper()
	fields := src.Schema().Fields()
	for i, f := range funcs {
		fields = append(fields, arrow.Field{Name: fmt.Sprint("w", i), Type: f.Typ, Nullable: true})
	}
	w, err := exec.NewWindow(env, src.Schema(), funcs, arrow.NewSchema(fields, nil))
	if err != nil {
		t.Fatal(err)
	}
	into(t, env, w, src)
	return collect(t, env, w).sorted()
}

// wrow is a row of the reference: unique id, partition, order key and value; NULL is nil.
type wrow struct {
	id      int
	part    string
	key, of *int64
}

// windowRows are random rows with ties and NULLs in the key, and NULLs among the values.
func windowRows(t testing.TB, alloc memory.Allocator, n int) (*arrow.Schema, []arrow.RecordBatch, []wrow) {
	s := columns("id", schema.Int, "p", schema.String, "k", schema.BigInt, "v", schema.BigInt)
	r := rand.New(rand.NewPCG(5, uint64(n)))
	var recs []arrow.RecordBatch
	var out []wrow
	maybe := func(bound int64) *int64 {
		if r.IntN(8) == 0 {
			return nil
		}
		v := r.Int64N(bound) - bound/2
		return &v
	}
	for from := 0; from < n; from += 100 {
		id, p := array.NewInt32Builder(alloc), array.NewStringBuilder(alloc)
		k, v := array.NewInt64Builder(alloc), array.NewInt64Builder(alloc)
		for i := from; i < min(from+100, n); i++ {
			x := wrow{i, fmt.Sprint("part ", r.IntN(n/25+1)), maybe(30), maybe(100)}
			out = append(out, x)
			id.Append(int32(x.id))
			p.Append(x.part)
			appendMaybe(k, x.key)
			appendMaybe(v, x.of)
		}
		recs = append(recs, batch(t, s, []arrow.Array{id.NewArray(), p.NewArray(), k.NewArray(), v.NewArray()}))
		for _, b := range []array.Builder{id, p, k, v} {
			b.Release()
		}
	}
	return s, recs, out
}

func appendMaybe(b *array.Int64Builder, v *int64) {
	if v == nil {
		b.AppendNull()
	} else {
		b.Append(*v)
	}
}

// reference computes a window function for each row by its definition.
type reference struct {
	descending, nullsFirst bool
	frame                  expr.BoundFrame
}

func (w reference) less(a, b wrow) int {
	switch {
	case a.key == nil && b.key == nil:
		return 0
	case a.key == nil || b.key == nil:
		if (a.key == nil) == w.nullsFirst {
			return -1
		}
		return 1
	case w.descending:
		return cmp.Compare(*b.key, *a.key)
	default:
		return cmp.Compare(*a.key, *b.key)
	}
}

// inFrame tells whether row j of a sorted partition is in row i's frame.
func (w reference) inFrame(rows []wrow, i, j int) bool {
	return w.after(rows, i, j, w.frame.Start, true) && w.after(rows, i, j, w.frame.End, false)
}

// after tells whether j is not before the frame's start, or not behind its end.
func (w reference) after(rows []wrow, i, j int, e expr.BoundFrameEnd, start bool) bool {
	side := 1
	if !start {
		side = -1
	}
	if e.Kind == expr.UnboundedPreceding || e.Kind == expr.UnboundedFollowing {
		return true
	}
	offset := int64(0)
	if e.Offset != nil {
		offset = e.Offset.Value.(int64)
	}
	if e.Kind == expr.Preceding {
		offset = -offset
	}
	if w.frame.Unit == expr.FrameRows {
		return side*cmp.Compare(int64(j), int64(i)+offset) >= 0
	}
	a, b := rows[i].key, rows[j].key
	if a == nil || b == nil || e.Kind == expr.CurrentRow {
		return side*w.less(rows[j], rows[i]) >= 0
	}
	if w.descending {
		return side*cmp.Compare(-*b, -*a+offset) >= 0
	}
	return side*cmp.Compare(*b, *a+offset) >= 0
}

// each calls f with every row, its place and its partition sorted, and returns "id result" lines.
func (w reference) each(rows []wrow, f func(sorted []wrow, i int) string) []string {
	parts := map[string][]wrow{}
	for _, r := range rows {
		parts[r.part] = append(parts[r.part], r)
	}
	var out []string
	for _, p := range parts {
		slices.SortStableFunc(p, w.less)
		for i, r := range p {
			out = append(out, fmt.Sprint(r.id, " ", f(p, i)))
		}
	}
	slices.Sort(out)
	return out
}

// frameOf are the values of a row's frame.
func (w reference) frameOf(sorted []wrow, i int) []*int64 {
	var out []*int64
	for j := range sorted {
		if w.inFrame(sorted, i, j) {
			out = append(out, sorted[j].of)
		}
	}
	return out
}

func digits(v *int64) string {
	if v == nil {
		return "NULL"
	}
	return strconv.FormatInt(*v, 10)
}

func notNull(vs []*int64) []int64 {
	var out []int64
	for _, v := range vs {
		if v != nil {
			out = append(out, *v)
		}
	}
	return out
}

// framed are functions of a frame's values; ordered ones depend on the order of ties and are tested over unique keys only.
var framed = []struct {
	name    string
	typ     arrow.DataType
	args    func(v expr.Bound) []expr.Bound
	want    func(vs []*int64) string
	ordered bool
}{
	{"count", schema.BigInt, one, func(vs []*int64) string { return fmt.Sprint(len(notNull(vs))) }, false},
	{"sum", schema.BigInt, one, func(vs []*int64) string { return sumOf(notNull(vs)) }, false},
	{"min", schema.BigInt, one, func(vs []*int64) string { return extreme(notNull(vs), slices.Min[[]int64]) }, false},
	{"max", schema.BigInt, one, func(vs []*int64) string { return extreme(notNull(vs), slices.Max[[]int64]) }, false},
	{"median", schema.Double, one, func(vs []*int64) string { return median(notNull(vs)) }, false},
	{"first_value", schema.BigInt, one, func(vs []*int64) string { return nth(vs, 0) }, true},
	{"last_value", schema.BigInt, one, func(vs []*int64) string { return nth(vs, len(vs)-1) }, true},
	{"nth_value", schema.BigInt, with(lit(int32(3), schema.Int)), func(vs []*int64) string { return nth(vs, 2) }, true},
	{"last_value", schema.BigInt, with(lit(true, schema.Boolean)), func(vs []*int64) string {
		return extreme(notNull(vs), func(v []int64) int64 { return v[len(v)-1] })
	}, true},
	{"collect_list", schema.ArrayOf(schema.BigInt, false), one, func(vs []*int64) string {
		return strings.ReplaceAll(fmt.Sprint(notNull(vs)), " ", ",")
	}, true},
}

func one(v expr.Bound) []expr.Bound { return []expr.Bound{v} }

func with(more ...expr.Bound) func(expr.Bound) []expr.Bound {
	return func(v expr.Bound) []expr.Bound { return append([]expr.Bound{v}, more...) }
}

func sumOf(vs []int64) string {
	if len(vs) == 0 {
		return "NULL"
	}
	sum := int64(0)
	for _, v := range vs {
		sum += v
	}
	return fmt.Sprint(sum)
}

func extreme(vs []int64, pick func([]int64) int64) string {
	if len(vs) == 0 {
		return "NULL"
	}
	return fmt.Sprint(pick(vs))
}

func median(vs []int64) string {
	if len(vs) == 0 {
		return "NULL"
	}
	slices.Sort(vs)
	return strconv.FormatFloat(float64(vs[(len(vs)-1)/2]+vs[len(vs)/2])/2, 'g', -1, 64)
}

func nth(vs []*int64, i int) string {
	if i < 0 || i >= len(vs) {
		return "NULL"
	}
	return digits(vs[i])
}

func offset(k expr.BoundKind, n int64) expr.BoundFrameEnd {
	return expr.BoundFrameEnd{Kind: k, Offset: &expr.BoundLiteral{Value: n, Typ: schema.BigInt}}
}

var (
	unboundedBefore = expr.BoundFrameEnd{Kind: expr.UnboundedPreceding}
	unboundedAfter  = expr.BoundFrameEnd{Kind: expr.UnboundedFollowing}
	current         = expr.BoundFrameEnd{Kind: expr.CurrentRow}
)

func TestWindowFramesAgree(t *testing.T) {
	t.Parallel()
	frames := map[string]expr.BoundFrame{
		"rows all":           {Unit: expr.FrameRows, Start: unboundedBefore, End: unboundedAfter},
		"rows running":       {Unit: expr.FrameRows, Start: unboundedBefore, End: current},
		"rows sliding":       {Unit: expr.FrameRows, Start: offset(expr.Preceding, 3), End: offset(expr.Following, 2)},
		"rows before":        {Unit: expr.FrameRows, Start: offset(expr.Preceding, 5), End: offset(expr.Preceding, 2)},
		"rows until before":  {Unit: expr.FrameRows, Start: unboundedBefore, End: offset(expr.Preceding, 2)},
		"rows from behind":   {Unit: expr.FrameRows, Start: offset(expr.Following, 1), End: unboundedAfter},
		"range running":      {Unit: expr.FrameRange, Start: unboundedBefore, End: current},
		"range peers":        {Unit: expr.FrameRange, Start: current, End: current},
		"range sliding":      {Unit: expr.FrameRange, Start: offset(expr.Preceding, 4), End: offset(expr.Following, 3)},
		"range before":       {Unit: expr.FrameRange, Start: offset(expr.Preceding, 6), End: offset(expr.Preceding, 2)},
		"range until behind": {Unit: expr.FrameRange, Start: unboundedBefore, End: offset(expr.Following, 2)},
	}
	for name, frame := range frames {
		for _, w := range []reference{{frame: frame, nullsFirst: true}, {frame: frame, descending: true}} {
			t.Run(fmt.Sprint(name, " descending ", w.descending), func(t *testing.T) {
				t.Parallel()
				alloc := checked(t)
				s, recs, all := windowRows(t, alloc, 300)
				order := []expr.BoundSort{{Arg: col(s, 2), Descending: w.descending, NullsFirst: w.nullsFirst}}
				for _, f := range framed {
					if f.ordered && frame.Unit == expr.FrameRange {
						continue // which of the ties comes first is not defined
					}
					fw := expr.BoundWindow{Func: f.name, Args: f.args(col(s, 3)), PartitionBy: []expr.Bound{col(s, 1)}, OrderBy: order, Frame: frame, Typ: f.typ}
					limits := []int64{0}
					if f.name == "sum" {
						limits = append(limits, 6000)
					}
					for _, limit := range limits {
						env := &exec.Env{Alloc: alloc, Workers: 1, Budget: exec.NewBudget(limit), Spill: exec.Dir(t.TempDir())}
						got := window(t, env, exec.NewBatches(s, recs...), fw)
						for i, line := range got {
							cells := strings.Split(line, " ")
							got[i] = cells[0] + " " + cells[len(cells)-1]
						}
						slices.Sort(got)
						want := w.each(all, func(sorted []wrow, i int) string { return f.want(w.frameOf(sorted, i)) })
						if d := gocmp.Diff(want, got); d != "" {
							t.Errorf("%s in a budget of %d: -want +got:\n%.800s", f.name, limit, d)
						}
						if (env.Budget.Spilled() > 0) != (limit > 0) {
							t.Errorf("%s in a budget of %d: spilled %d bytes", f.name, limit, env.Budget.Spilled())
						}
					}
				}
			})
		}
	}
}

// TestWindowRanks checks the functions of the place in the partition, and lag and lead, in one operator with two windows.
func TestWindowRanks(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	s := columns("p", schema.String, "k", schema.Int)
	rec := rows(t, alloc, s, `{"p":"a","k":1}
{"p":"a","k":2}
{"p":"a","k":2}
{"p":"a","k":5}
{"p":"a","k":null}
{"p":"b","k":7}`)
	by := []expr.BoundSort{{Arg: col(s, 1), NullsFirst: true}}
	f := func(name string, typ arrow.DataType, args ...expr.Bound) expr.BoundWindow {
		return expr.BoundWindow{
			Func: name, Args: args, PartitionBy: []expr.Bound{col(s, 0)}, OrderBy: by, Typ: typ,
			Frame: expr.BoundFrame{Unit: expr.FrameRows, Start: unboundedBefore, End: current},
		}
	}
	shift := func(name string, n int32, beyond any) expr.BoundWindow {
		return f(name, schema.Int, col(s, 1), lit(n, schema.Int), lit(beyond, schema.Int))
	}
	whole := f("count", schema.BigInt)
	whole.PartitionBy, whole.OrderBy, whole.Frame.End = nil, nil, unboundedAfter
	tests := []struct {
		name string
		f    expr.BoundWindow
		want []string
	}{
		{"row_number", f("row_number", schema.Int), []string{"a 1 2", "a 2 3", "a 2 4", "a 5 5", "a NULL 1", "b 7 1"}},
		{"rank", f("rank", schema.Int), []string{"a 1 2", "a 2 3", "a 2 3", "a 5 5", "a NULL 1", "b 7 1"}},
		{"dense_rank", f("dense_rank", schema.Int), []string{"a 1 2", "a 2 3", "a 2 3", "a 5 4", "a NULL 1", "b 7 1"}},
		{"percent_rank", f("percent_rank", schema.Double), []string{"a 1 0.25", "a 2 0.5", "a 2 0.5", "a 5 1", "a NULL 0", "b 7 0"}},
		{"ntile", f("ntile", schema.Int, lit(int32(3), schema.Int)), []string{"a 1 1", "a 2 2", "a 2 2", "a 5 3", "a NULL 1", "b 7 1"}},
		{"lag", shift("lag", 1, nil), []string{"a 1 NULL", "a 2 1", "a 2 2", "a 5 2", "a NULL NULL", "b 7 NULL"}},
		{"lead with default", shift("lead", 2, int32(-1)), []string{"a 1 2", "a 2 -1", "a 2 5", "a 5 -1", "a NULL 2", "b 7 -1"}},
		{"count over all", whole, []string{"a 1 6", "a 2 6", "a 2 6", "a 5 6", "a NULL 6", "b 7 6"}},
	}
	var all []expr.BoundWindow
	for _, tt := range tests {
		got := window(t, &exec.Env{Alloc: alloc}, exec.NewBatches(s, rec), tt.f)
		if d := gocmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, d)
		}
		all = append(all, tt.f)
	}
	together := window(t, &exec.Env{Alloc: alloc}, exec.NewBatches(s, rec), all[7], all[1], all[5])
	want := []string{"a 1 6 2 NULL", "a 2 6 3 1", "a 2 6 3 2", "a 5 6 5 2", "a NULL 6 1 NULL", "b 7 6 1 NULL"}
	if d := gocmp.Diff(want, together); d != "" {
		t.Errorf("two windows: -want +got:\n%s", d)
	}
}

func TestWindowRangeOverTime(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	s := columns("d", schema.DateType, "ts", schema.Timestamp, "x", schema.Double, "m", schema.DecimalOf(25, 1))
	rec := rows(t, alloc, s, `{"d":"2025-01-30","ts":"2025-01-30T00:00:00Z","x":1,"m":"1.0"}
{"d":"2025-01-31","ts":"2025-01-31T12:00:00Z","x":1.5,"m":"1.5"}
{"d":"2025-02-28","ts":"2025-02-28T11:00:00Z","x":2.5,"m":"2.5"}
{"d":"2025-03-01","ts":"2025-03-01T00:00:00Z","x":7,"m":"7.0"}`)
	tests := []struct {
		name   string
		column int
		by     any
		want   []string // count of rows in [key-by, key], by key
	}{
		{"days", 0, int32(29), []string{"1", "2", "3", "3"}},
		{"interval of days on dates", 0, arrow.Duration(28 * 24 * 3600 * 1e6), []string{"1", "2", "2", "2"}},
		{"months on dates", 0, arrow.MonthInterval(1), []string{"1", "2", "3", "2"}},
		{"interval on timestamps", 1, arrow.Duration(36 * 3600 * 1e6), []string{"1", "2", "1", "2"}},
		{"months on timestamps", 1, arrow.MonthInterval(1), []string{"1", "2", "3", "2"}},
		{"doubles", 2, 1.0, []string{"1", "2", "2", "1"}},
	}
	for _, tt := range tests {
		frame := expr.BoundFrame{
			Unit: expr.FrameRange, End: current,
			Start: expr.BoundFrameEnd{Kind: expr.Preceding, Offset: &expr.BoundLiteral{Value: tt.by, Typ: schema.Int}},
		}
		f := expr.BoundWindow{Func: "count", OrderBy: []expr.BoundSort{{Arg: col(s, tt.column), NullsFirst: true}}, Frame: frame, Typ: schema.BigInt}
		var got []string
		for _, line := range window(t, &exec.Env{Alloc: alloc}, exec.NewBatches(s, rec), f) {
			got = append(got, line[strings.LastIndexByte(line, ' ')+1:])
		}
		if d := gocmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, d)
		}
	}
}

func TestSlidingSumOfDoubles(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	s := columns("k", schema.Int, "x", schema.Double)
	rec := rows(t, alloc, s, "{\"k\":1,\"x\":1e300}\n{\"k\":2,\"x\":1}\n{\"k\":3,\"x\":null}\n{\"k\":4,\"x\":2}")
	frame := expr.BoundFrame{Unit: expr.FrameRows, Start: offset(expr.Preceding, 1), End: current}
	sum := expr.BoundWindow{Func: "sum", Args: []expr.Bound{col(s, 1)}, OrderBy: []expr.BoundSort{{Arg: col(s, 0)}}, Frame: frame, Typ: schema.Double}
	got := window(t, &exec.Env{Alloc: alloc}, exec.NewBatches(s, rec), sum)
	want := []string{"1 1e+300 1e+300", "2 1 1e+300", "3 NULL 1", "4 2 2"}
	if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("digits are lost behind a big number: -want +got:\n%s", d)
	}
}
