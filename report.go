package medallion

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/medallion-go/medallion/engine"
)

// Report is what a run did, table by table, in the order in which they were run.
type Report struct {
	RunID    string
	Pipeline string
	Started  time.Time
	Wall     time.Duration
	Tables   []TableReport
}

// TableReport is one table's part of a Report.
type TableReport struct {
	Name   string
	Engine string
	Reason string // why this engine
	engine.Result
	Skipped bool  // not tried, because something that it reads has failed
	Err     error // nil: the table is up to date
}

// Table is the report of a table by name, or nil.
func (r *Report) Table(name string) *TableReport {
	for i := range r.Tables {
		if r.Tables[i].Name == name {
			return &r.Tables[i]
		}
	}
	return nil
}

// String prints the report for people.
func (r *Report) String() string {
	var b strings.Builder
	_ = r.Print(&b) // a strings.Builder never fails
	return b.String()
}

// Print writes the report for people: a line per table, then what the expectations counted, then what went wrong. A nil report, which a run with faulty
// declarations gives, prints nothing.
func (r *Report) Print(w io.Writer) error {
	if r == nil {
		return nil
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "TABLE\tENGINE\tVERSION\tDID\tROWS IN\tROWS OUT\tSET ASIDE\tREAD\tWRITTEN\tTIME\n")
	for _, t := range r.Tables {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.Name, t.Engine, version(t.Version), t.did(), FormatCount(t.RowsIn), FormatCount(t.RowsOut),
			t.setAside(), FormatBytes(t.BytesIn), FormatBytes(t.BytesOut), t.Wall.Round(time.Millisecond))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if err := r.printRules(w); err != nil {
		return err
	}
	return r.printFaults(w)
}

func (r *Report) printRules(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	header := sync.OnceFunc(func() { fmt.Fprintf(tw, "\nEXPECTATION\tACTION\tPASSED\tFAILED\n") })
	for _, t := range r.Tables {
		for _, c := range t.Rules {
			header()
			fmt.Fprintf(tw, "%s.%s\t%s\t%s\t%s\n", t.Name, c.Name, c.Action, FormatCount(c.Passed), FormatCount(c.Failed))
		}
		for _, c := range t.Checks {
			header()
			fmt.Fprintf(tw, "%s.%s: %s\t%s\t%s\t%s\n", t.Name, c.Name, c.Text, c.Action, yes(c.Passed), FormatCount(c.Violated))
		}
	}
	return tw.Flush()
}

func (r *Report) printFaults(w io.Writer) error {
	for _, t := range r.Tables {
		if t.Err == nil {
			continue
		}
		if _, err := fmt.Fprintf(w, "\n%s: %v\n", t.Name, t.Err); err != nil {
			return err
		}
	}
	return nil
}

// did says in a word or two what happened to the table.
func (t *TableReport) did() string {
	switch {
	case t.Skipped:
		return "left out"
	case t.Err != nil:
		return "failed"
	case t.Commits == 0:
		return "nothing new"
	default:
		return t.Mode
	}
}

// setAside sums up the rows that are not in the table as they came.
func (t *TableReport) setAside() string {
	var parts []string
	for _, p := range []struct {
		n    int64
		what string
	}{{t.Quarantined, "quarantined"}, {t.Dropped, "dropped"}, {t.Corrupt, "corrupt"}, {t.Rescued, "rescued"}} {
		if p.n > 0 {
			parts = append(parts, FormatCount(p.n)+" "+p.what)
		}
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(parts, ", ")
}

func version(v int64) string {
	if v < 0 {
		return "-"
	}
	return fmt.Sprint(v)
}

func yes(ok bool) string {
	if ok {
		return "yes"
	}
	return "no"
}

// FormatCount prints a number with its thousands apart: 1,234,567.
func FormatCount(n int64) string { return engine.FormatCount(n) }

// FormatBytes prints a size with three digits or so: 12.3 MB.
func FormatBytes(n int64) string { return engine.FormatBytes(n) }
