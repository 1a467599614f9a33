package exec_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/internal/pool"
)

// checked is an allocator that fails the test when something is left at its end.
func checked(t testing.TB) *memory.CheckedAllocator {
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	t.Cleanup(func() { alloc.AssertSize(t, 0) })
	return alloc
}

// columns makes a schema of "name TYPE" pairs, all nullable.
func columns(pairs ...any) *arrow.Schema {
	var fields []arrow.Field
	for i := 0; i < len(pairs); i += 2 {
		fields = append(fields, arrow.Field{Name: pairs[i].(string), Type: pairs[i+1].(arrow.DataType), Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

// rows makes a record batch of JSON objects, one a line.
func rows(t testing.TB, alloc memory.Allocator, s *arrow.Schema, lines string) arrow.RecordBatch {
	t.Helper()
	rec, _, err := array.RecordFromJSON(alloc, s, strings.NewReader("["+strings.Join(strings.FieldsFunc(lines, func(r rune) bool { return r == '\n' }), ",")+"]"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rec.Release)
	return rec
}

// printer is a sink that keeps rows as text.
type printer struct {
	mu   sync.Mutex
	rows []string
}

func (p *printer) sink() exec.SinkFunc {
	return func(_ context.Context, b *exec.Batch) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if b.N > exec.MaxRows {
			return fmt.Errorf("a batch of %d rows", b.N)
		}
		for i := range b.Len() {
			r := i
			if b.Selection != nil {
				r = int(b.Selection[i])
			}
			var cells []string
			for _, c := range b.Columns {
				if c.Len() != b.N {
					return fmt.Errorf("a column of %d rows in a batch of %d", c.Len(), b.N)
				}
				cells = append(cells, text(c, r))
			}
			p.rows = append(p.rows, strings.Join(cells, " "))
		}
		return nil
	}
}

func text(c arrow.Array, r int) string {
	if c.IsNull(r) {
		return "NULL"
	}
	if d, ok := c.(*array.Decimal128); ok { // far quicker than ValueStr
		return d.Value(r).ToString(d.DataType().(*arrow.Decimal128Type).Scale)
	}
	return strings.Clone(c.ValueStr(r))
}

func (p *printer) sorted() []string {
	slices.Sort(p.rows)
	return p.rows
}

// collect runs a pipeline and returns its rows as text, in order of arrival.
func collect(t testing.TB, env *exec.Env, src exec.Source, steps ...exec.Step) *printer {
	t.Helper()
	p := &printer{}
	if err := (exec.Pipeline{Source: src, Steps: steps}).Run(t.Context(), env, p.sink()); err != nil {
		t.Fatal(err)
	}
	return p
}

// into runs a pipeline into a blocking operator, which is closed when the test ends.
func into(t testing.TB, env *exec.Env, sink exec.Sink, src exec.Source, steps ...exec.Step) {
	t.Helper()
	t.Cleanup(func() {
		if err := sink.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := (exec.Pipeline{Source: src, Steps: steps}).Run(t.Context(), env, sink); err != nil {
		t.Fatal(err)
	}
}

var errTest = errors.New("test fault")
