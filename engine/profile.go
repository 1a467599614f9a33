package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/medallion-go/medallion/plan"
)

// Profiler is what a Session is besides, where it can tell how a query runs, operator by operator.
type Profiler interface {
	// Forecast is how a query would run: EXPLAIN. It reads no more than the logs of the tables.
	Forecast(ctx context.Context, n plan.Node) (*Profile, error)
	// Profile runs a query, drops its rows and tells what each operator did: EXPLAIN ANALYZE.
	Profile(ctx context.Context, n plan.Node) (*Profile, error)
}

// Profile is how a query runs.
type Profile struct {
	Root       Operator
	Ran        bool // false: a forecast; only the operators' texts and estimates are known
	Wall, CPU  time.Duration
	PeakMemory int64 // bytes of the budget that were used at one time
	Spilled    int64 // bytes
}

// Operator is one node of the plan as it ran.
type Operator struct {
	Text       string        // as plan.Print writes it
	Estimated  int64         // rows that the engine expected; -1: it expects nothing
	Rows       int64         // rows that it gave
	Batches    int64         // in so many batches
	Time       time.Duration // spent in the operator itself, by all workers together
	PeakMemory int64         // bytes of the budget that it used at one time
	Spilled    int64         // bytes
	Read       *Reading      // of a scan; nil: it read no files
	Inputs     []Operator
}

// Reading is what a scan read of its files and what it could leave out. Row groups and pages are told of Parquet files.
type Reading struct {
	Bytes                          int64 // fetched from the store
	Files, RowGroups, Pages        int64 // pages of the columns that the filter reads
	SkippedFiles                   int64 // that a Delta table's log rules out
	SkippedBytes                   int64 // of the skipped files and row groups, in all columns
	SkippedRowGroups, SkippedPages int64 // that the files' own statistics rule out
}

// String prints the tree for people: each operator's text and, in brackets, what is known of it.
func (p *Profile) String() string {
	var b strings.Builder
	p.write(&b, p.Root, 0)
	if p.Ran {
		fmt.Fprintf(&b, "wall %s, CPU %s, peak memory %s, spilled %s\n", FormatTime(p.Wall), FormatTime(p.CPU), FormatBytes(p.PeakMemory), FormatBytes(p.Spilled))
	}
	return b.String()
}

func (p *Profile) write(b *strings.Builder, o Operator, depth int) {
	b.WriteString(strings.Repeat("  ", depth) + o.Text)
	if facts := o.facts(p.Ran); len(facts) > 0 {
		b.WriteString(" [" + strings.Join(facts, ", ") + "]")
	}
	b.WriteByte('\n')
	for _, in := range o.Inputs {
		p.write(b, in, depth+1)
	}
}

func (o *Operator) facts(ran bool) []string {
	var facts []string
	add := func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) }
	if ran {
		add("rows %d", o.Rows)
	}
	if o.Estimated >= 0 {
		add("estimated %d", o.Estimated)
	}
	if !ran {
		return facts
	}
	add("batches %d", o.Batches)
	add("time %s", FormatTime(o.Time))
	if o.PeakMemory > 0 {
		add("memory %s", FormatBytes(o.PeakMemory))
	}
	if o.Spilled > 0 {
		add("spilled %s", FormatBytes(o.Spilled))
	}
	if o.Read != nil {
		facts = append(facts, o.Read.facts()...)
	}
	return facts
}

func (r *Reading) facts() []string {
	facts := []string{"read " + FormatBytes(r.Bytes)}
	for _, f := range []struct {
		what          string
		read, skipped int64
	}{{"files", r.Files, r.SkippedFiles}, {"row groups", r.RowGroups, r.SkippedRowGroups}, {"pages", r.Pages, r.SkippedPages}} {
		if f.read+f.skipped > 0 {
			facts = append(facts, fmt.Sprintf("%s %d of %d", f.what, f.read, f.read+f.skipped))
		}
	}
	if r.SkippedBytes > 0 {
		facts = append(facts, "skipped "+FormatBytes(r.SkippedBytes))
	}
	return facts
}
