package enginetest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/storage/memory"
)

var (
	plans = flag.Int("plans", 150, "random plans that are compared")
	seed  = flag.Uint64("seed", 1, "seed of the random plans")
)

func scansOf(all []table) map[string]plan.Node {
	scans := make(map[string]plan.Node, len(all))
	for _, t := range all {
		scans[t.name] = plan.NewScan(placeholder{name: t.name, rows: t.node.Schema()})
	}
	return scans
}

// TestPlansAreRead checks that what plan.Print writes of random plans is read, and printed as it was read. Between the first print and the second casts may
// appear that change only whether an array holds NULLs, for which SQL has no words.
func TestPlansAreRead(t *testing.T) {
	t.Parallel()
	all, err := tables()
	if err != nil {
		t.Fatal(err)
	}
	g := newGenerator(*seed, all)
	for range *plans {
		want := reread(t, plan.Print(g.plan()), scansOf(all))
		if diff := cmp.Diff(want, reread(t, want, scansOf(all))); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
}

func reread(t *testing.T, text string, scans map[string]plan.Node) string {
	t.Helper()
	n, err := parsePlan(text, scans)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return plan.Print(n)
}

// TestPlansCallEveryFunction fails for a scalar function that no random plan would call. Random plans have no values of VARIANT, so none calls what takes one: the
// cases of values/variants.txt do.
func TestPlansCallEveryFunction(t *testing.T) {
	t.Parallel()
	ofVariant := []string{"is_variant_null", "variant_get", "try_variant_get", "schema_of_variant"}
	for _, f := range expr.Functions() {
		if slices.Contains(ofVariant, f.Name) {
			continue
		}
		if f.Kind == expr.ScalarFunction && !uncertain(f.Name) && !unplanned(f.Name) && len(learned().of[f.Name]) == 0 {
			t.Errorf("no call of %s was found that binds", f.Name)
		}
	}
}

// TestOptimizerAgrees runs random plans as they are and with Go code between all nodes, across which the optimizer moves nothing.
func TestOptimizerAgrees(t *testing.T) {
	t.Parallel()
	all, err := tables()
	if err != nil {
		t.Fatal(err)
	}
	lake := engine.Lake{Store: memory.New()}
	onLake, err := stored(t.Context(), lake, newRun(lake), all)
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, local.New(local.Config{}), newRun(lake))
	compare(t, Random{Seed: *seed, Plans: *plans}, all,
		side{name: "optimized", session: s, tables: onLake},
		side{name: "as written", session: s, tables: onLake, rewrite: fenced})
}

// fenced has a function between each node and its inputs.
func fenced(n plan.Node) plan.Node {
	pass := func(_ context.Context, in arrow.RecordBatch, yield func(arrow.RecordBatch) error) error {
		return yield(in)
	}
	return plan.Transform(n, func(n plan.Node) plan.Node {
		return must(plan.NewMap(n, "pass", pass, n.Schema()))
	})
}

// TestSettingsAgree runs random plans with one worker in plenty of memory, and with four in so little that operators spill.
func TestSettingsAgree(t *testing.T) {
	t.Parallel()
	few, many := local.New(local.Config{Workers: 1}), local.New(local.Config{Workers: 4, Memory: 64 << 10, SpillDir: t.TempDir()})
	Compare(t, few, many, engine.Lake{Store: memory.New(), Prefix: "lake"}, Random{Seed: *seed + 1, Plans: *plans})
}

// TestPlansRender writes random plans, as they are and optimized, in SQL.
func TestPlansRender(t *testing.T) {
	t.Parallel()
	all, err := tables()
	if err != nil {
		t.Fatal(err)
	}
	names := func(r plan.Relation) (string, error) { return r.Name(), nil }
	render := func(n plan.Node) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v", p)
			}
		}()
		_, err = warehouse.Render(n, names)
		_, optimized := warehouse.Render(plan.Optimize(n), names)
		return errors.Join(err, optimized)
	}
	g := newGenerator(*seed, all)
	for range 4 * *plans {
		if n := g.plan(); render(n) != nil {
			n = shrink(n, all, func(n plan.Node) bool { return render(n) != nil })
			t.Fatalf("%v in\n%s", render(n), plan.Print(n))
		}
	}
}
