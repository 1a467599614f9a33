package exec

import (
	"context"
	"sync/atomic"
	"time"
)

// Measure counts what the operators of one plan node do: the rows and batches that they give, and the time that workers spend in them, what is downstream
// or upstream left out. It counts per batch. The zero Measure is ready; it is safe for concurrent use. An operator that is not measured costs nothing.
type Measure struct{ rows, batches, nanos atomic.Int64 }

// Rows is how many rows were given.
func (m *Measure) Rows() int64 { return m.rows.Load() }

// Batches is how many batches were given.
func (m *Measure) Batches() int64 { return m.batches.Load() }

// Time is what all workers together have spent.
func (m *Measure) Time() time.Duration { return time.Duration(m.nanos.Load()) }

// since adds the time since began but for what others took of it.
func (m *Measure) since(began time.Time, others time.Duration) {
	m.nanos.Add(int64(time.Since(began) - others))
}

// Source measures a source. Its rows count unless a step measured by m follows it.
func (m *Measure) Source(src Source, counts bool) Source { return &measuredSource{src, m, counts} }

type measuredSource struct {
	Source
	m      *Measure
	counts bool
}

func (s *measuredSource) Morsels(ctx context.Context) ([]Morsel, error) {
	began := time.Now()
	morsels, err := s.Source.Morsels(ctx)
	s.m.since(began, 0)
	for i, morsel := range morsels {
		morsels[i] = func(ctx context.Context, yield func(*Batch) error) error {
			pass := passage{next: yield}
			if s.counts {
				pass.m = s.m
			}
			began := time.Now()
			err := morsel(ctx, pass.yield)
			s.m.since(began, pass.below)
			return err
		}
	}
	return morsels, err
}

// passage hands batches on, counts them, and sums up how long that takes.
type passage struct {
	m     *Measure // nil: not counted
	next  func(*Batch) error
	below time.Duration
}

func (p *passage) yield(b *Batch) error {
	if p.m != nil {
		p.m.rows.Add(int64(b.Len()))
		p.m.batches.Add(1)
	}
	began := time.Now()
	err := p.next(b)
	p.below += time.Since(began)
	return err
}

// Step measures a step, and the rows that it has left where it is Tailed.
func (m *Measure) Step(step Step) Step {
	s := measuredStep{step, m}
	if t, ok := step.(Tailed); ok {
		return &measuredTail{s, t}
	}
	return &s
}

type measuredStep struct {
	Step
	m *Measure
}

func (s *measuredStep) Worker() (StepWorker, error) {
	w, err := s.Step.Worker()
	if err != nil {
		return nil, err
	}
	return &measuredWorker{StepWorker: w, pass: passage{m: s.m}}, nil
}

type measuredWorker struct {
	StepWorker
	pass  passage
	yield func(*Batch) error // pass.yield, made once
}

func (w *measuredWorker) Push(ctx context.Context, b *Batch, yield func(*Batch) error) error {
	if w.yield == nil {
		w.yield = w.pass.yield
	}
	w.pass.next, w.pass.below = yield, 0
	began := time.Now()
	err := w.StepWorker.Push(ctx, b, w.yield)
	w.pass.m.since(began, w.pass.below)
	return err
}

func (w *measuredWorker) Close() error {
	defer w.pass.m.since(time.Now(), 0)
	return w.StepWorker.Close()
}

// measuredTail is a measured step that is Tailed.
type measuredTail struct {
	measuredStep
	tailed Tailed
}

func (s *measuredTail) Tail(ctx context.Context) (Source, error) {
	began := time.Now()
	src, err := s.tailed.Tail(ctx)
	s.m.since(began, 0)
	if src == nil || err != nil {
		return nil, err
	}
	return s.m.Source(src, true), nil
}

// Sink measures a sink; rows come to it, and do not count.
func (m *Measure) Sink(sink Sink) Sink { return &measuredSink{sink, m} }

type measuredSink struct {
	Sink
	m *Measure
}

func (s *measuredSink) Worker() (SinkWorker, error) {
	w, err := s.Sink.Worker()
	if err != nil {
		return nil, err
	}
	return &measuredEnd{w, s.m}, nil
}

func (s *measuredSink) Finish(ctx context.Context) error {
	defer s.m.since(time.Now(), 0)
	return s.Sink.Finish(ctx)
}

type measuredEnd struct {
	SinkWorker
	m *Measure
}

func (w *measuredEnd) Push(ctx context.Context, b *Batch) error {
	defer w.m.since(time.Now(), 0)
	return w.SinkWorker.Push(ctx, b)
}

func (w *measuredEnd) Close(ctx context.Context) error {
	defer w.m.since(time.Now(), 0)
	return w.SinkWorker.Close(ctx)
}
