package exec_test

import (
	"context"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec"
)

// slow is a step that takes its time with every batch before it hands it on.
type slow struct {
	schema *arrow.Schema
	takes  time.Duration
}

func (s slow) Schema() *arrow.Schema            { return s.schema }
func (s slow) Worker() (exec.StepWorker, error) { return slowWorker{s}, nil }

type slowWorker struct{ slow }

func (w slowWorker) Push(_ context.Context, b *exec.Batch, yield func(*exec.Batch) error) error {
	time.Sleep(w.takes)
	return yield(b)
}

func (w slowWorker) Close() error { return nil }

// TestMeasure holds that every operator is charged with its own time alone, and with the rows that it gives.
func TestMeasure(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	s := columns("n", arrow.PrimitiveTypes.Int64)
	src := exec.NewBatches(s, rows(t, alloc, s, `{"n":1}`), rows(t, alloc, s, "{\"n\":2}\n{\"n\":3}"))
	var source, first, second, end exec.Measure
	p := exec.Pipeline{
		Source: source.Source(src, true),
		Steps:  []exec.Step{first.Step(slow{s, 20 * time.Millisecond}), second.Step(slow{s, 0})},
	}
	sink := exec.SinkFunc(func(context.Context, *exec.Batch) error { time.Sleep(5 * time.Millisecond); return nil })
	began := time.Now()
	if err := p.Run(t.Context(), &exec.Env{Alloc: alloc, Workers: 1}, end.Sink(sink)); err != nil {
		t.Fatal(err)
	}
	wall := time.Since(began)
	for name, m := range map[string]*exec.Measure{"source": &source, "first": &first, "second": &second} {
		if m.Rows() != 3 || m.Batches() != 2 {
			t.Errorf("%s: got %d rows in %d batches, want 3 in 2", name, m.Rows(), m.Batches())
		}
	}
	if end.Rows() != 0 || end.Time() < 10*time.Millisecond {
		t.Errorf("the sink: got %d rows and %s, want none that it gives, and its 10ms", end.Rows(), end.Time())
	}
	if first.Time() < 40*time.Millisecond {
		t.Errorf("the slow step: got %s, want its 40ms", first.Time())
	}
	if all := source.Time() + first.Time() + second.Time() + end.Time(); all > wall {
		t.Errorf("the operators of one worker took %s of %s: some time counts twice", all, wall)
	}
}

// TestBudgetParts holds that what a part reserves counts in the whole too, whose bound it has.
func TestBudgetParts(t *testing.T) {
	t.Parallel()
	whole := exec.NewBudget(100)
	a, b := whole.Part(), whole.Part()
	if !a.Reserve(60) || !b.Reserve(30) || a.Reserve(20) {
		t.Error("60 and 30 of 100 are there, and 20 more are not")
	}
	a.Release(60)
	if !b.Reserve(70) {
		t.Error("what a part gives back is there for the others")
	}
	b.Release(100)
	for name, got := range map[string][2]int64{"whole": {whole.Used(), whole.Peak()}, "a": {a.Used(), a.Peak()}, "b": {b.Used(), b.Peak()}} {
		if want := map[string]int64{"whole": 100, "a": 60, "b": 100}[name]; got != [2]int64{0, want} {
			t.Errorf("%s: got %d used and a peak of %d, want 0 and %d", name, got[0], got[1], want)
		}
	}
	var none *exec.Budget
	if !none.Part().Reserve(1 << 40) {
		t.Error("a part of no budget refuses nothing")
	}
}
