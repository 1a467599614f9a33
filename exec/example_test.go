package exec_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// orders is the input of the examples: who ordered, when, for how much.
func orders() (*arrow.Schema, arrow.RecordBatch) {
	s := columns("customer", schema.String, "day", schema.Int, "amount", schema.BigInt)
	rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, s, strings.NewReader(`[
		{"customer": "ann", "day": 1, "amount": 10},
		{"customer": "bob", "day": 1, "amount": 7},
		{"customer": "ann", "day": 3, "amount": 5},
		{"customer": "bob", "day": 2, "amount": 1}]`))
	if err != nil {
		panic(err)
	}
	return s, rec
}

// bind resolves SQL text against a schema.
func bind(s *arrow.Schema, text string) expr.Bound {
	node, err := expr.Parse(text)
	if err != nil {
		panic(err)
	}
	b, err := expr.Bind(node, expr.NewScope(s))
	if err != nil {
		panic(err)
	}
	return b
}

// show is a sink that prints rows. It serves one worker.
var show = exec.SinkFunc(func(_ context.Context, b *exec.Batch) error {
	rec, err := b.Record(memory.DefaultAllocator, columnsOf(b))
	if err != nil {
		return err
	}
	defer rec.Release()
	for r := range int(rec.NumRows()) {
		var cells []string
		for _, c := range rec.Columns() {
			cells = append(cells, c.ValueStr(r))
		}
		fmt.Println(strings.Join(cells, " "))
	}
	return nil
})

func columnsOf(b *exec.Batch) *arrow.Schema {
	var fields []arrow.Field
	for _, c := range b.Columns {
		t := c.DataType()
		if d, ok := t.(*arrow.DictionaryType); ok {
			t = d.ValueType
		}
		fields = append(fields, arrow.Field{Type: t, Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func ExamplePipeline() {
	s, rec := orders()
	defer rec.Release()
	env := &exec.Env{Workers: 1}
	filter, err := exec.NewFilter(env, s, bind(s, "amount > 5"))
	check(err)
	project, err := exec.NewProject(env, columns("name", schema.String, "cents", schema.BigInt),
		[]expr.Bound{bind(s, "upper(customer)"), bind(s, "amount * 100L")})
	check(err)
	p := exec.Pipeline{Source: exec.NewBatches(s, rec), Steps: []exec.Step{filter, project}}
	check(p.Run(context.Background(), env, show))
	// Output:
	// ANN 1000
	// BOB 700
}

func ExampleNewAggregate() {
	s, rec := orders()
	defer rec.Release()
	env := &exec.Env{Workers: 1, Budget: exec.NewBudget(64 << 20)}
	sum := expr.BoundAggregate{Func: "sum", Args: []expr.Bound{bind(s, "amount")}, Typ: schema.BigInt}
	a, err := exec.NewAggregate(env, []expr.Bound{bind(s, "customer")}, []expr.BoundAggregate{sum}, columns("customer", schema.String, "sum", schema.BigInt))
	check(err)
	defer a.Close()
	check(exec.Pipeline{Source: exec.NewBatches(s, rec)}.Run(context.Background(), env, a)) // first the operator takes its input
	check(exec.Pipeline{Source: a}.Run(context.Background(), env, show))                    // then it is the source of what follows
	// Output:
	// ann 15
	// bob 8
}

func ExampleNewLatest() {
	s, rec := orders()
	defer rec.Release()
	env := &exec.Env{Workers: 1}
	l, err := exec.NewLatest(env, s, []expr.Bound{bind(s, "customer")}, []expr.BoundSort{{Arg: bind(s, "day"), Descending: true}})
	check(err)
	defer l.Close()
	check(exec.Pipeline{Source: exec.NewBatches(s, rec)}.Run(context.Background(), env, l))
	check(exec.Pipeline{Source: l}.Run(context.Background(), env, show))
	// Output:
	// ann 3 5
	// bob 2 1
}

func ExampleNewJoin() {
	s, rec := orders()
	defer rec.Release()
	days := columns("day", schema.Int, "name", schema.String)
	names, _, err := array.RecordFromJSON(memory.DefaultAllocator, days, strings.NewReader(`[{"day": 1, "name": "Monday"}, {"day": 3, "name": "Wednesday"}]`))
	check(err)
	defer names.Release()
	env := &exec.Env{Workers: 1}
	out := arrow.NewSchema(append(s.Fields(), days.Fields()...), nil)
	j, err := exec.NewJoin(env, exec.JoinConfig{
		Kind: exec.LeftOuter, Left: s, Right: days, LeftKeys: []expr.Bound{bind(s, "day")}, RightKeys: []expr.Bound{bind(days, "day")}, Out: out,
	})
	check(err)
	defer j.Close()
	check(exec.Pipeline{Source: exec.NewBatches(days, names)}.Run(context.Background(), env, j))
	check(exec.Pipeline{Source: exec.NewBatches(s, rec), Steps: []exec.Step{j.Probe()}}.Run(context.Background(), env, show))
	// Output:
	// ann 1 10 1 Monday
	// bob 1 7 1 Monday
	// ann 3 5 3 Wednesday
	// bob 2 1 (null) (null)
}

func ExampleNewSort() {
	s, rec := orders()
	defer rec.Release()
	env := &exec.Env{Workers: 1}
	top, err := exec.NewSort(env, s, []expr.BoundSort{{Arg: bind(s, "amount"), Descending: true}}, 2, 0)
	check(err)
	defer top.Close()
	check(exec.Pipeline{Source: exec.NewBatches(s, rec)}.Run(context.Background(), env, top))
	check(exec.Pipeline{Source: top}.Run(context.Background(), env, show))
	// Output:
	// ann 1 10
	// bob 1 7
}

func ExampleNewWindow() {
	s, rec := orders()
	defer rec.Release()
	env := &exec.Env{Workers: 1}
	running := expr.BoundWindow{
		Func: "sum", Args: []expr.Bound{bind(s, "amount")}, PartitionBy: []expr.Bound{bind(s, "customer")},
		OrderBy: []expr.BoundSort{{Arg: bind(s, "day")}}, Typ: schema.BigInt,
		Frame: expr.BoundFrame{Unit: expr.FrameRows, Start: expr.BoundFrameEnd{Kind: expr.UnboundedPreceding}, End: expr.BoundFrameEnd{Kind: expr.CurrentRow}},
	}
	w, err := exec.NewWindow(env, s, []expr.BoundWindow{running},
		arrow.NewSchema(append(s.Fields(), arrow.Field{Name: "running", Type: schema.BigInt}), nil))
	check(err)
	defer w.Close()
	check(exec.Pipeline{Source: exec.NewBatches(s, rec)}.Run(context.Background(), env, w))
	check(exec.Pipeline{Source: w}.Run(context.Background(), env, show))
	// Output:
	// ann 1 10 10
	// bob 1 7 7
	// ann 3 5 15
	// bob 2 1 8
}
