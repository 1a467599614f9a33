package delta

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/internal/parquet"
)

// late reads the columns that the filter needs ahead of the others, part by part of the filter, each for the rows that have passed the parts before; of the other
// columns only the rows that pass are decoded then.
type late struct {
	stages   []lateStage
	ahead    int           // how many of fileReader.wanted the stages read; they come first
	read     []arrow.Array // these columns, of the batch at hand
	stage    []int         // that has read each
	n        int           // rows of the batch
	position int64         // of its first row in the file
	batches  int           // of this size that are left of the row group, with this one
	dense    bool          // of the other columns only the rows of fileReader.sel are read
}

// lateStage is one part of the filter with the columns that no stage before has read.
type lateStage struct {
	part    filterPart
	columns int // how many of fileReader.wanted
	codes   codeTest
	of      []int32 // the rows of the batch at hand that it has read; nil: all
	passed  []int32 // those of them that pass
	places  []int32 // where the rows that pass stand in of, and in the end where those do that all stages have chosen
}

// planLate puts the filter's columns in front of the wanted ones, if reading them ahead can spare anything.
func (r *fileReader) planLate() {
	if r.scan.filter == nil {
		return
	}
	var order []int // positions in wanted
	place := make([]int, len(r.wanted))
	for _, p := range r.scan.parts {
		before := len(order)
		for _, i := range p.columns {
			if i >= len(r.columns) || r.columns[i].tracked != untracked { // the row's number
				r.late.stages = nil
				return
			}
			s := r.columns[i].source
			switch {
			case s < 0:
			case place[s] == 0:
				order = append(order, s)
				place[s] = len(order)
			case place[s] <= before: // under another name, an earlier stage reads it for other rows
				r.late.stages = nil
				return
			}
		}
		r.late.stages = append(r.late.stages, lateStage{part: p, columns: len(order) - before})
	}
	first := r.late.stages[0].columns
	if len(order) == 0 || first == len(r.wanted) && !r.coded(&r.late.stages[0]) || !r.canPick(order[first:], place) {
		r.late.stages = nil
		return
	}
	ahead := len(order)
	for s := range r.wanted {
		if place[s] == 0 {
			order = append(order, s)
			place[s] = len(order)
		}
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

// canPick tells whether single rows can be read of the wanted columns that are listed, and of those that no stage reads.
func (r *fileReader) canPick(listed, place []int) bool {
	have := r.parquet.Schema().Fields()
	for s, column := range r.wanted {
		if (place[s] == 0 || slices.Contains(listed, s)) && arrow.IsNested(have[column].Type.ID()) {
			return false
		}
	}
	return true
}

// stages are what parquet is to read ahead of so many rows; position gives the position of a batch's first row.
func (r *fileReader) stages(rows int64, position func(rows int64) int64) []parquet.Stage {
	stages := make([]parquet.Stage, len(r.late.stages))
	for k := range r.late.stages {
		st := &r.late.stages[k]
		stages[k] = parquet.Stage{Columns: st.columns, Codes: r.coded(st)}
		stages[k].Select = func(rec arrow.RecordBatch, of []int32) ([]int32, error) {
			if k == 0 {
				r.late.read, r.late.stage, r.late.n = r.late.read[:0], r.late.stage[:0], int(rec.NumRows())
				r.late.position = position(rec.NumRows())
				r.late.batches = int(rows/rec.NumRows()) + 1
				rows -= rec.NumRows()
			}
			sel, err := r.choose(k, rec.Columns(), of)
			if err != nil {
				return nil, r.scan.fileError(r.file, err)
			}
			return sel, nil
		}
	}
	return stages
}

// coded tells whether a stage can do with the codes of a dictionary: it reads one column, which needs no conversion.
func (r *fileReader) coded(st *lateStage) bool {
	if len(st.part.columns) != 1 || st.columns != 1 {
		return false
	}
	_, plain := r.columns[st.part.columns[0]].convert.(asIs)
	return plain
}

// choose evaluates a stage over its columns, which hold the rows at the positions of. It gives the rows of the batch that are still wanted; nil: all, for most are.
func (r *fileReader) choose(k int, read []arrow.Array, of []int32) ([]int32, error) {
	l := &r.late
	l.read, l.stages[k].of = append(l.read, read...), of
	for range read {
		l.stage = append(l.stage, k)
	}
	sel := r.sel
	if k == 0 {
		sel, _ = r.liveRows(l.position, l.n) // nil: all
	}
	chosen, err := r.pass(&l.stages[k], sel)
	if err != nil {
		return nil, err
	}
	r.sel = chosen
	if k < len(l.stages)-1 {
		return r.sel, nil
	}
	l.locate()
	if l.dense = of != nil || len(r.sel) <= l.n/4*3; !l.dense {
		return nil, nil
	}
	return r.sel, nil
}

// pass are the rows of the batch that pass a stage: of those that it has read, or of sel where it has read all.
func (r *fileReader) pass(st *lateStage, sel []int32) ([]int32, error) {
	n := r.late.n
	if st.of != nil {
		n, sel = len(st.of), nil
	}
	if st.passed == nil {
		st.passed = make([]int32, 0, n) // parquet.Stage.Select: none is not nil
	}
	cols := make([]arrow.Array, r.scan.schema.NumFields())
	defer releaseAll(cols)
	for _, i := range st.part.columns {
		var err error
		if cols[i], err = r.column(&r.columns[i], r.late.read, n); err != nil {
			return nil, err
		}
	}
	var err error
	if st.of == nil {
		st.passed, err = r.test(st, cols, n, sel, st.passed[:0])
		return st.passed, err
	}
	if st.places, err = r.test(st, cols, n, nil, st.places[:0]); err != nil {
		return nil, err
	}
	st.passed = slices.Grow(st.passed[:0], len(st.places))[:len(st.places)]
	for i, p := range st.places {
		st.passed[i] = st.of[p]
	}
	return st.passed, nil
}

// locate finds where the chosen rows stand among those that each stage has read. A stage that has not read all rows has read what the one before it chose, and the last
// one's are chosen.
func (l *late) locate() {
	for k := len(l.stages) - 2; k >= 0 && l.stages[k].of != nil; k-- {
		places, next := l.stages[k].places, l.stages[k+1].places
		for i, p := range next { // p is not below i
			places[i] = places[p]
		}
		l.stages[k].places = places[:len(next)]
	}
}

// test appends the rows of sel (nil: all n) that pass a stage.
func (r *fileReader) test(st *lateStage, cols []arrow.Array, n int, sel, out []int32) ([]int32, error) {
	if len(st.part.columns) == 1 {
		if d, ok := cols[st.part.columns[0]].(*array.Dictionary); ok && st.codes.pays(d, n*r.late.batches) {
			if err := st.codes.prepare(r.scan.env, st.part, d); err != nil {
				return nil, err
			}
			return st.codes.filter(d, sel, out), nil
		}
	}
	for _, i := range st.part.columns {
		if d, ok := cols[i].(*array.Dictionary); ok && !isText(d.Dictionary().DataType()) {
			flat, err := vector.Flat(r.scan.config.Alloc, d)
			if err != nil {
				return nil, err
			}
			d.Release()
			cols[i] = flat
		}
	}
	return st.part.filter.Select(r.scan.env, cols, n, sel, out)
}

// yieldLate gives the rows that were chosen: read are the columns that no stage has read.
func (r *fileReader) yieldLate(read []arrow.Array, yield func(*exec.Batch) error) error {
	l := &r.late
	cols := make([]arrow.Array, r.scan.schema.NumFields())
	defer releaseAll(cols)
	for i := range cols {
		var err error
		if cols[i], err = r.completeLate(i, read); err != nil {
			return r.scan.fileError(r.file, err)
		}
	}
	b := &exec.Batch{Columns: cols, N: l.n}
	switch {
	case l.dense:
		b.N = len(r.sel)
	case len(r.sel) < l.n:
		b.Selection = r.sel
	}
	return yield(b)
}

// completeLate makes output column i of the rows that were chosen, or of all rows where most were.
func (r *fileReader) completeLate(i int, read []arrow.Array) (arrow.Array, error) {
	l := &r.late
	if i == len(r.columns) {
		return r.chosen(r.rowIDs(l.position, l.n), r.sel)
	}
	c := &r.columns[i]
	a, err := r.valuesLate(c, read)
	if err != nil || c.tracked == untracked {
		return a, err
	}
	if l.dense {
		return r.track(c, a, l.position, r.sel)
	}
	return r.track(c, a, l.position, nil)
}

// valuesLate is what the file holds of a column.
func (r *fileReader) valuesLate(c *outputColumn, read []arrow.Array) (arrow.Array, error) {
	l := &r.late
	switch {
	case c.source < 0:
		n := l.n
		if l.dense {
			n = len(r.sel)
		}
		return r.column(c, nil, n)
	case c.source >= l.ahead:
		return c.convert.apply(r.scan.env, read[c.source-l.ahead], nil)
	}
	a, err := c.convert.apply(r.scan.env, l.read[c.source], nil)
	if err != nil {
		return nil, err
	}
	if st := &l.stages[l.stage[c.source]]; st.of != nil {
		return r.chosen(a, st.places)
	}
	return r.chosen(a, r.sel)
}

// chosen takes the chosen rows of an array, which stand at rows, without a dictionary of other than text. It takes a over.
func (r *fileReader) chosen(a arrow.Array, rows []int32) (arrow.Array, error) {
	if r.late.dense {
		taken, err := vector.Take(r.scan.config.Alloc, a, rows)
		a.Release()
		if err != nil {
			return nil, err
		}
		a = taken
	}
	d, ok := a.(*array.Dictionary)
	if !ok || isText(d.Dictionary().DataType()) {
		return a, nil
	}
	defer a.Release()
	return vector.Flat(r.scan.config.Alloc, a)
}

func isText(t arrow.DataType) bool { return t.ID() == arrow.STRING || t.ID() == arrow.BINARY }
