package plan_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

func TestConstructorsRefuse(t *testing.T) {
	t.Parallel()
	scan := orders()
	columns := plan.ColumnsOf(scan)
	amount := columns[2]
	mapType := schema.MapOf(schema.String, schema.String, true)
	maps := plan.NewScan(table{"maps", arrow.NewSchema([]arrow.Field{field("m", mapType, true)}, nil)})
	count := expr.BoundAggregate{Func: "count", Typ: schema.BigInt}
	tests := []struct {
		name    string
		build   func() (plan.Node, error)
		class   string
		message string
	}{
		{"a column beyond the input", func() (plan.Node, error) {
			return plan.NewFilter(scan, expr.BoundColumn{Index: 4, Name: "x", Typ: schema.Boolean})
		}, "INTERNAL_ERROR", "position 4"},
		{"a column of another type", func() (plan.Node, error) {
			return plan.NewProject(scan, []expr.Bound{expr.BoundColumn{Index: 0, Name: "order_id", Typ: schema.String}}, []string{"a"})
		}, "INTERNAL_ERROR", "was bound as STRING"},
		{"a column that may be NULL after all", func() (plan.Node, error) {
			return plan.NewProject(scan, []expr.Bound{expr.BoundColumn{Index: 1, Name: "country", Typ: schema.String}}, []string{"a"})
		}, "INTERNAL_ERROR", "NOT NULL"},
		{"names missing", func() (plan.Node, error) { return plan.NewProject(scan, columns, nil) }, "INTERNAL_ERROR", "0 names"},
		{"a filter that is a number", func() (plan.Node, error) { return plan.NewFilter(scan, amount) }, "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", "DOUBLE"},
		{"a filter that is not there", func() (plan.Node, error) { return plan.NewFilter(scan, nil) }, "INTERNAL_ERROR", "missing"},
		{"a scan's filter that is a number", func() (plan.Node, error) { return scan.Where(amount) }, "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", "amount"},
		{"groups that are maps", func() (plan.Node, error) {
			return plan.NewAggregate(maps, plan.ColumnsOf(maps), []string{"m"}, nil, nil)
		}, "GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE", "MAP"},
		{"an aggregate's filter that is a number", func() (plan.Node, error) {
			filtered := count
			filtered.Filter = amount
			return plan.NewAggregate(scan, nil, nil, []expr.BoundAggregate{filtered}, []string{"n"})
		}, "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", "amount"},
		{"join keys of unlike types", func() (plan.Node, error) {
			return plan.NewJoin(plan.Inner, scan, scan, columns[:1], columns[1:2], nil)
		}, "INTERNAL_ERROR", "BIGINT and STRING"},
		{"join keys without a partner", func() (plan.Node, error) {
			return plan.NewJoin(plan.Inner, scan, scan, columns[:1], nil, nil)
		}, "INTERNAL_ERROR", "1 left and 0 right"},
		{"a cross join with a key", func() (plan.Node, error) {
			return plan.NewJoin(plan.Cross, scan, scan, columns[:1], columns[:1], nil)
		}, "INTERNAL_ERROR", "cross join"},
		{"a join condition that is a number", func() (plan.Node, error) {
			return plan.JoinOn(plan.Inner, scan, scan, amount)
		}, "JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE", "DOUBLE"},
		{"a condition for a join that has one", func() (plan.Node, error) {
			return plan.Join{Kind: plan.LeftOuter, Left: scan, Right: scan}.On(amount)
		}, "INTERNAL_ERROR", "LEFT OUTER"},
		{"an unresolved frame", func() (plan.Node, error) {
			return plan.NewWindow(scan, []expr.BoundWindow{{Func: "rank", Typ: schema.Int}}, []string{"r"})
		}, "INTERNAL_ERROR", "frame of rank"},
		{"an order of maps", func() (plan.Node, error) {
			return plan.NewOrder(maps, []expr.BoundSort{{Arg: plan.ColumnsOf(maps)[0]}}, -1, 0)
		}, "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "MAP"},
		{"a negative limit", func() (plan.Node, error) { return plan.NewOrder(scan, nil, -2, 0) }, "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE", "-2"},
		{"latest rows without a key", func() (plan.Node, error) { return plan.NewLatest(scan, nil, nil) }, "INTERNAL_ERROR", "0 keys"},
		{"a union of nothing", func() (plan.Node, error) { return plan.NewUnion() }, "INTERNAL_ERROR", "nothing"},
		{"a union of unequal widths", func() (plan.Node, error) { return plan.NewUnion(scan, maps) }, "NUM_COLUMNS_MISMATCH", "input 2 has 1"},
		{"values of another type", func() (plan.Node, error) {
			return plan.NewValues(arrow.NewSchema([]arrow.Field{field("a", schema.Int, true)}, nil), [][]expr.BoundLiteral{{text("x")}})
		}, "INTERNAL_ERROR", "row 1"},
		{"NULL in a column that is NOT NULL", func() (plan.Node, error) {
			return plan.NewValues(arrow.NewSchema([]arrow.Field{field("a", schema.Int, false)}, nil), [][]expr.BoundLiteral{{{Typ: schema.Int}}})
		}, "INTERNAL_ERROR", "row 1"},
		{"two rules of one name", func() (plan.Node, error) {
			rule := plan.Rule{Name: "r", Predicate: call("isnotnull", amount)}
			return plan.NewCheck(scan, []plan.Rule{rule, {Name: "R", Predicate: rule.Predicate}}, nil, nil)
		}, "INTERNAL_ERROR", "called R"},
		{"a rule that is a number", func() (plan.Node, error) {
			return plan.NewCheck(scan, []plan.Rule{{Name: "r", Predicate: amount}}, nil, nil)
		}, "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", "amount"},
		{"a map without a function", func() (plan.Node, error) { return plan.NewMap(scan, "f", nil, scan.Schema()) }, "INTERNAL_ERROR", "function"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tt.build()
			var e *expr.Error
			if !errors.As(err, &e) || e.Class != tt.class || !strings.Contains(e.Message, tt.message) {
				t.Errorf("got error %v, want class %s with %q in its message", err, tt.class, tt.message)
			}
		})
	}
}

func TestSchemas(t *testing.T) {
	t.Parallel()
	scan := orders()
	columns := plan.ColumnsOf(scan)
	positive := call(">", columns[2], double(0))
	keys := columns[:1]
	rule := func(a plan.Action) []plan.Rule {
		return []plan.Rule{{Name: "positive", Action: a, Predicate: positive}}
	}
	rank := expr.BoundWindow{
		Func: "rank", OrderBy: []expr.BoundSort{{Arg: columns[0]}}, Typ: schema.Int,
		Frame: expr.BoundFrame{Unit: expr.FrameRange, End: expr.BoundFrameEnd{Kind: expr.CurrentRow}},
	}
	pass := func(_ context.Context, in arrow.RecordBatch, yield func(arrow.RecordBatch) error) error {
		return yield(in)
	}
	const notNull, nullable = "order_id BIGINT NOT NULL, country STRING, ", "order_id BIGINT, country STRING, "
	const declared, proven = "amount DOUBLE, seq INT NOT NULL", "amount DOUBLE NOT NULL, seq INT NOT NULL"
	tests := []struct {
		name  string
		build func() (plan.Node, error)
		want  string
	}{
		{"scan", func() (plan.Node, error) { return scan, nil }, notNull + declared},
		{"filtered scan", func() (plan.Node, error) { return scan.Where(positive) }, notNull + proven},
		{"filter", func() (plan.Node, error) { return plan.NewFilter(scan, positive) }, notNull + proven},
		{"inner join", func() (plan.Node, error) {
			return plan.NewJoin(plan.Inner, scan, scan, keys, keys, nil)
		}, notNull + declared + ", " + notNull + declared},
		{"left join", func() (plan.Node, error) {
			return plan.NewJoin(plan.LeftOuter, scan, scan, keys, keys, nil)
		}, notNull + declared + ", " + nullable + "amount DOUBLE, seq INT"},
		{"right join", func() (plan.Node, error) {
			return plan.NewJoin(plan.RightOuter, scan, scan, keys, keys, nil)
		}, nullable + "amount DOUBLE, seq INT, " + notNull + declared},
		{"full join", func() (plan.Node, error) {
			return plan.NewJoin(plan.FullOuter, scan, scan, keys, keys, nil)
		}, nullable + "amount DOUBLE, seq INT, " + nullable + "amount DOUBLE, seq INT"},
		{"semi join", func() (plan.Node, error) { return plan.NewJoin(plan.LeftSemi, scan, scan, keys, keys, nil) }, notNull + declared},
		{"window", func() (plan.Node, error) {
			return plan.NewWindow(scan, []expr.BoundWindow{rank}, []string{"r"})
		}, notNull + declared + ", r INT NOT NULL"},
		{"union", func() (plan.Node, error) {
			a, err := plan.NewProject(scan, columns[:2], []string{"a", "b"})
			if err != nil {
				return nil, err
			}
			b, err := plan.NewProject(scan, []expr.Bound{expr.BoundLiteral{Typ: schema.BigInt}, text("x")}, []string{"c", "d"})
			if err != nil {
				return nil, err
			}
			return plan.NewUnion(a, b)
		}, "a BIGINT, b STRING"},
		{"a warning proves nothing", func() (plan.Node, error) { return plan.NewCheck(scan, rule(plan.Warn), nil, nil) }, notNull + declared},
		{"drop", func() (plan.Node, error) { return plan.NewCheck(scan, rule(plan.Drop), nil, nil) }, notNull + proven},
		{"quarantine", func() (plan.Node, error) { return plan.NewCheck(scan, rule(plan.Quarantine), nil, nil) }, notNull + proven},
		{"fail", func() (plan.Node, error) { return plan.NewCheck(scan, rule(plan.Fail), nil, nil) }, notNull + proven},
		{"map", func() (plan.Node, error) {
			return plan.NewMap(scan, "f", pass, arrow.NewSchema([]arrow.Field{field("a", schema.Int, false)}, nil))
		}, "a INT NOT NULL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n, err := tt.build()
			if err != nil {
				t.Fatal(err)
			}
			if got := schema.DDL(n.Schema()); got != tt.want {
				t.Errorf("got schema %s, want %s", got, tt.want)
			}
		})
	}
}

func TestQuarantineSchema(t *testing.T) {
	t.Parallel()
	scan := orders()
	rules := []plan.Rule{{Name: "r", Action: plan.Quarantine, Predicate: call("isnotnull", column(scan, 1))}}
	plain := must[plan.Check](t)(plan.NewCheck(scan, rules, nil, nil))
	if got, want := schema.DDL(plain.QuarantineSchema()), schema.DDL(scan.Schema()); got != want {
		t.Errorf("got %s, want the input's columns %s", got, want)
	}
	chosen := must[plan.Check](t)(plan.NewCheck(scan, rules, []expr.Bound{column(scan, 1)}, []string{"land"}))
	if got, want := schema.DDL(chosen.QuarantineSchema()), "land STRING"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMetadataStaysOutside(t *testing.T) {
	t.Parallel()
	f := field("a", schema.Int, true)
	f.Metadata = arrow.NewMetadata([]string{"delta.columnMapping.id"}, []string{"1"})
	n := plan.NewScan(table{"t", arrow.NewSchema([]arrow.Field{f}, nil)})
	if n.Schema().Field(0).HasMetadata() {
		t.Errorf("got metadata %v, want none", n.Schema().Field(0).Metadata)
	}
}

func TestWalkAndRelations(t *testing.T) {
	t.Parallel()
	scan := orders()
	other := plan.NewScan(table{"other", scan.Schema()})
	join := must[plan.Join](t)(plan.NewJoin(plan.Cross, scan, other, nil, nil, nil))
	union := must[plan.Union](t)(plan.NewUnion(join, join))
	var got []string
	for _, r := range plan.Relations(union) {
		got = append(got, r.Name())
	}
	if diff := cmp.Diff([]string{"orders", "other"}, got); diff != "" {
		t.Errorf("Relations: -want +got\n%s", diff)
	}
	visited := 0
	plan.Walk(union, func(n plan.Node) bool {
		visited++
		_, isJoin := n.(plan.Join)
		return !isJoin
	})
	if visited != 3 {
		t.Errorf("Walk visited %d nodes, want the union and its two joins", visited)
	}
}

func TestJoinOnLater(t *testing.T) {
	t.Parallel()
	left, right := orders(), orders()
	columns := append(plan.ColumnsOf(left), plan.ColumnsOf(right)...)
	width := len(columns) / 2
	key := columns[width].(expr.BoundColumn)
	key.Index += width
	cond := expr.And(call("=", columns[0], key), call(">", columns[2], double(0)))
	want := must[plan.Join](t)(plan.JoinOn(plan.Inner, left, right, cond))
	got := must[plan.Join](t)(must[plan.Join](t)(plan.JoinOn(plan.Cross, left, right, nil)).On(cond))
	if diff := cmp.Diff(plan.Print(want), plan.Print(got)); diff != "" || !got.Schema().Equal(want.Schema()) {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestTransform(t *testing.T) {
	t.Parallel()
	scan := orders()
	filter := must[plan.Filter](t)(plan.NewFilter(scan, call(">", column(scan, 2), double(0))))
	top := must[plan.Order](t)(plan.NewOrder(filter, nil, 1, 0))
	got := plan.Print(plan.Transform(top, func(n plan.Node) plan.Node {
		if f, ok := n.(plan.Filter); ok {
			return f.Input
		}
		return n
	}))
	if want := "Order LIMIT 1\n  Scan orders\n"; got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	if got := plan.Print(top); !strings.Contains(got, "Filter") {
		t.Errorf("Transform changed its argument:\n%s", got)
	}
}
