package delta

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/delta/internal/deletionvector"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
)

// rewrite takes the rows of a predicate out of the files that hold them, and writes them again with new values if it sets any. It first finds the rows, by the
// columns that the predicate reads; where they are not marked by deletion vectors, it then writes the other rows of their files anew.
type rewrite struct {
	tx        *Transaction
	view      *Snapshot
	env       *exec.Env
	eval      *kernel.Env
	predicate expr.Bound
	set       []*kernel.Expr // one per column of the table; nil: the rows are deleted
	told      bool           // change files tell what was done
}

func newRewrite(tx *Transaction, where string, env *exec.Env) (*rewrite, error) {
	s, err := tx.view()
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, fmt.Errorf("delta: %s on %s: %w", tx.op.Name, tx.table.Name(), ErrNotTable)
	}
	p, err := s.Predicate(where)
	if err != nil {
		return nil, fmt.Errorf("delta: %s on %s: %w", tx.op.Name, tx.table.Name(), err)
	}
	tx.readByRow(p)
	eval := env.Kernel
	if eval == nil {
		eval = &kernel.Env{Alloc: tx.table.config.Alloc, Now: tx.table.config.Clock()}
	}
	return &rewrite{tx: tx, view: s, env: env, eval: eval, predicate: p}, nil
}

// bind resolves what columns are set to.
func (r *rewrite) bind(set map[string]string) error {
	exprs, err := setColumns(r.view.Schema(), set)
	if err != nil {
		return err
	}
	for _, e := range exprs {
		compiled, err := kernel.Compile(e)
		if err != nil {
			return err
		}
		r.set = append(r.set, compiled)
	}
	return nil
}

func (r *rewrite) run(ctx context.Context) error {
	scan, err := r.scan()
	if err != nil {
		return err
	}
	if rows, exact := scan.exactRows(); exact && r.set == nil {
		r.tx.removeFiles(scan.Files)
		r.tx.deletesOf(scan.Files, false)
		r.tx.count(marking{emptied: scan.Files}.vectorMetrics(r.tx.op.Name))
		r.tx.countRows(rows, 0)
		return nil
	}
	marks, err := r.find(ctx, scan)
	if err != nil {
		return err
	}
	touched := r.touched(scan, marks)
	if touched.rows == 0 {
		return nil
	}
	r.tx.countRows(touched.rows, 0)
	if r.view.writesVectors() {
		if r.set == nil {
			r.tx.deletesOf(touched.all(), true)
		} else if err := r.write(ctx, touched, ScanConfig{Files: touched.all(), picked: touched.marks}); err != nil {
			return err
		}
		return r.tx.deleteMarked(ctx, scan, marks)
	}
	again := r.again(touched)
	if len(again) == len(touched.parts) {
		r.tx.deletesOf(touched.whole, false)
	}
	if len(again) > 0 {
		if err := r.write(ctx, touched, ScanConfig{Files: again, rowIDs: true}); err != nil {
			return err
		}
	}
	r.tx.removeFiles(touched.all())
	return nil
}

// again are the files that are read again without deletion vectors: for their other rows, for new values, or for the change feed, which needs no file of its own where
// whole files go.
func (r *rewrite) again(touched *touchedFiles) []*File {
	if r.set != nil || len(touched.parts) > 0 && r.view.hasFeed() {
		return touched.all()
	}
	return touched.parts
}

// scan plans to find the rows of the predicate. Only its columns are read.
func (r *rewrite) scan() (*Scan, error) {
	c := ScanConfig{Columns: expr.Columns(r.predicate), KeepDictionary: true, Alloc: r.env.Alloc, Now: r.eval.Now, rowIDs: true}
	if l, ok := r.predicate.(expr.BoundLiteral); !ok || l.Value != true {
		position := make(map[int]int, len(c.Columns))
		for i, column := range c.Columns {
			position[column] = i
		}
		c.Filter = expr.MapColumns(r.predicate, func(i int) int { return position[i] })
	}
	if c.Columns == nil {
		c.Columns = []int{}
	}
	return r.view.Scan(c)
}

// exactRows is how many rows the filter keeps, where the log alone tells.
func (s *Scan) exactRows() (rows int64, exact bool) {
	for _, f := range s.Files {
		n, ok := f.NumRows()
		if !ok {
			return 0, false
		}
		rows += n
	}
	return rows, s.decided
}

// find marks the rows of the predicate.
func (r *rewrite) find(ctx context.Context, scan *Scan) (*rowMarks, error) {
	marks := newRowMarks(scan)
	sink := exec.SinkFunc(func(_ context.Context, b *exec.Batch) error {
		marks.add(b.Columns[len(b.Columns)-1].(*array.Int64).Int64Values(), b.Selection)
		return nil
	})
	return marks, exec.Pipeline{Source: scan.Source()}.Run(ctx, r.env, sink)
}

// touchedFiles is the files that hold rows of a predicate.
type touchedFiles struct {
	whole, parts []*File // of which all rows are meant, and of which some
	marks        map[*File]*deletionvector.Vector
	rows         int64 // that are meant
}

func (t *touchedFiles) all() []*File { return append(t.whole[:len(t.whole):len(t.whole)], t.parts...) }

func (r *rewrite) touched(scan *Scan, marks *rowMarks) *touchedFiles {
	t := &touchedFiles{marks: make(map[*File]*deletionvector.Vector)}
	for i, f := range scan.Files {
		rows := marks.of(i)
		if rows == nil {
			continue
		}
		t.marks[f] = rows
		n := rows.Count()
		t.rows += n
		if all, exact := f.NumRows(); exact && n == all {
			t.whole = append(t.whole, f)
		} else {
			t.parts = append(t.parts, f)
		}
	}
	return t
}

// write reads the files again, in whole, and writes what is left of them, the rows with new values, and the change files.
func (r *rewrite) write(ctx context.Context, touched *touchedFiles, c ScanConfig) error {
	c.KeepDictionary, c.Alloc, c.Now, c.RowTracking = true, r.env.Alloc, r.eval.Now, r.view.metadata.tracksRows()
	scan, err := r.view.Scan(c)
	if err != nil {
		return err
	}
	r.told = r.view.hasFeed()
	w, err := r.tx.NewWriter(WriterConfig{tells: r.told, tracked: true})
	if err != nil {
		return err
	}
	return exec.Pipeline{Source: scan.Source()}.Run(ctx, r.env, &rewriteSink{run: r, files: scan.Files, marks: touched.marks, writer: w})
}
