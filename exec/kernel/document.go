package kernel

import (
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/internal/columns"
)

// documentReader reads one text into the column that it was opened with.
type documentReader interface {
	open(col *columns.Column)
	read(text []byte) error
}

// assembled builds a nested column out of texts; rows that are not computed are NULL.
func (k *frame) assembled(a texts, r documentReader) (vec, error) {
	col, err := columns.New(k.env.Alloc, k.call.typ)
	if err != nil {
		return vec{}, err
	}
	col.Start(k.n)
	defer col.Release()
	r.open(col)
	for i := range k.rows() {
		for col.Len() < i {
			col.AppendNull()
		}
		if err := r.read(a.at(i)); err != nil {
			return vec{}, err
		}
	}
	for col.Len() < k.n {
		col.AppendNull()
	}
	d := col.Finish()
	defer d.Release()
	out := array.MakeFromData(d)
	k.own(out)
	return vec{arr: out}, nil
}
