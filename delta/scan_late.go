package delta

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// late reads the columns that the filter needs ahead of the others, of which only the rows that pass are decoded then.
type late struct {
	ahead    int           // how many of fileReader.wanted the filter needs; they come first. 0: all columns are read at once
	read     []arrow.Array // the columns read ahead, of the batch at hand
	n        int           // its rows
	position int64         // of its first row in the file
	cols     []arrow.Array // output columns; those of the filter first
	dense    bool          // of the other columns only the rows of fileReader.sel are read
}

// planLate puts the filter's columns in front of the wanted ones, if reading them ahead can spare anything.
func (r *fileReader) planLate() {
	if r.scan.filter == nil {
		return
	}
	have := r.parquet.Schema().Fields()
	var order []int // positions in wanted
	place := make([]int, len(r.wanted))
	for _, i := range expr.Columns(r.scan.config.Filter) {
		if i >= len(r.columns) { // the row's number
			return
		}
		if s := r.columns[i].source; s >= 0 && place[s] == 0 {
			order = append(order, s)
			place[s] = len(order)
		}
	}
	ahead := len(order)
	if ahead == 0 || ahead == len(r.wanted) {
		return
	}
	for s, column := range r.wanted {
		if place[s] > 0 {
			continue
		}
		if arrow.IsNested(have[column].Type.ID()) {
			return
		}
		order = append(order, s)
		place[s] = len(order)
	}
	wanted := make([]int, len(order))
	for i, s := range order {
		wanted[i] = r.wanted[s]
	}
	for i := range r.columns {
		if s := r.columns[i].source; s >= 0 {
			r.columns[i].source = place[s] - 1
		}
	}
	r.wanted, r.late.ahead = wanted, ahead
}

// choose is the first half of reading a batch: it evaluates the filter over the columns read ahead, and gives the rows to be read of the others; nil: all rows,
// for most of them pass.
func (r *fileReader) choose(read []arrow.Array, n int, position int64) ([]int32, error) {
	l := &r.late
	l.release()
	l.cols = append(l.cols[:0], make([]arrow.Array, r.scan.schema.NumFields())...)
	l.read, l.n, l.position = read, n, position
	var err error
	for _, i := range expr.Columns(r.scan.config.Filter) {
		if l.cols[i], err = r.column(&r.columns[i], read, n); err != nil {
			return nil, r.scan.fileError(r.file, err)
		}
	}
	if r.sel == nil {
		r.sel = make([]int32, 0, n) // parquet.ReadConfig.Select: none is not nil
	}
	if r.sel, err = r.scan.filter.Select(r.scan.env, l.cols, n, nil, r.sel[:0]); err != nil {
		return nil, r.scan.fileError(r.file, err)
	}
	if l.dense = len(r.sel) <= n/4*3; !l.dense {
		return nil, nil
	}
	return r.sel, nil
}

// yieldLate is the second half: read are the other columns, of the rows that were chosen.
func (r *fileReader) yieldLate(read []arrow.Array, yield func(*exec.Batch) error) error {
	l := &r.late
	defer l.release()
	for i := range l.cols {
		if err := r.completeLate(i, read); err != nil {
			return r.scan.fileError(r.file, err)
		}
	}
	b := &exec.Batch{Columns: l.cols, N: l.n}
	switch {
	case l.dense:
		b.N = len(r.sel)
	case len(r.sel) < l.n:
		b.Selection = r.sel
	}
	return yield(b)
}

// completeLate makes output column i of the rows that were chosen.
func (r *fileReader) completeLate(i int, read []arrow.Array) (err error) {
	l := &r.late
	if l.cols[i] == nil {
		switch {
		case i == len(r.columns):
			l.cols[i] = r.rowIDs(l.position, l.n)
		case r.columns[i].source < l.ahead: // read ahead for another output column, or constant
			l.cols[i], err = r.column(&r.columns[i], l.read, l.n)
		default:
			l.cols[i], err = r.columns[i].convert.apply(r.scan.env, read[r.columns[i].source-l.ahead], nil)
			return err
		}
	}
	if err != nil || !l.dense {
		return err
	}
	whole := l.cols[i]
	defer whole.Release()
	l.cols[i], err = vector.Take(r.scan.config.Alloc, whole, r.sel)
	return err
}

func (l *late) release() {
	releaseAll(l.cols)
	l.cols = l.cols[:0]
}
