package parquet

import (
	"errors"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// skipStretch is how many rows are passed over at a time.
const skipStretch = 4096

// leafReader reads one leaf of one row group after the other into Arrow buffers.
type leafReader struct {
	f     *File
	leaf  *leafColumn
	dec   *decompressor
	src   source
	codec meta.Codec
	keep  bool // dictionaries stay: batches come as codes

	window buffer // memory of src
	page   pageReader
	pick   picker
	dict   dictReader

	groupRows int64 // rows of the row group
	row       int64 // of the row group, that comes next
	seeking   bool  // rows may be left out
	target    int64 // seeking: the row that is wanted next

	out leafOutput
}

// leafOutput is the part of a batch that one leaf gives.
type leafOutput struct {
	slots, nulls int
	rows         int     // that are to be read; flat: slots in the end
	perRow       float64 // bytes of strings in the batch before
	valid        buffer
	values       buffer  // fixed-width values, bits, or codes
	offsets      buffer  // strings
	data         buffer  // strings
	coded        bool    // values are codes of the dictionary
	def, rep     []uint8 // nested: levels of the batch, for the parents
	codes        []int32 // in codeMem
	codeMem      buffer  // scratch
	gathered     buffer  // scratch
	skipped      []byte  // scratch
}

func newLeafReader(f *File, l *leafColumn, dec *decompressor, keep bool) *leafReader {
	r := &leafReader{f: f, leaf: l, dec: dec, keep: keep && l.flat && (l.width > 0 || l.width < 0 && l.phys == meta.ByteArray)}
	for _, b := range append(r.buffers(), &r.dict.offsets, &r.dict.data) {
		b.alloc = f.cfg.Alloc
	}
	return r
}

// buffers are those that are held until the reader is released.
func (r *leafReader) buffers() []*buffer {
	o := &r.out
	return []*buffer{&o.valid, &o.values, &o.offsets, &o.data, &o.codeMem, &o.gathered, &r.window, &r.page.body}
}

// start readies the reader for a row group whose pages src gives.
func (r *leafReader) start(g *meta.RowGroup, src source) {
	r.src, r.codec, r.groupRows, r.row = src, g.Columns[r.leaf.index].Codec, g.NumRows, 0
	r.page.left = 0
	r.dict.release()
}

func (r *leafReader) release() {
	for _, b := range r.buffers() {
		b.release()
	}
	r.dict.release()
}

var (
	errShortChunk = errors.New("the chunk ends before the row group does")
	errLeftOut    = errors.New("the offset index leaves out rows")
)

// read appends n rows to the output.
func (r *leafReader) read(n int) error {
	r.out.rows = n
	if !r.leaf.flat {
		return r.readNested(r.row+int64(n), true)
	}
	for n > 0 {
		if r.page.left == 0 {
			if err := r.nextPage(); err != nil {
				return err
			}
		}
		k := min(n, r.page.left)
		if err := r.appendFlat(k); err != nil {
			return err
		}
		r.page.left -= k
		r.row += int64(k)
		n -= k
	}
	return nil
}

// appendFlat appends k rows of the page at hand; they are all in it.
func (r *leafReader) appendFlat(k int) error {
	present := k
	o := &r.out
	at := o.slots
	all, err := r.passPresent(k)
	if err != nil {
		return err
	}
	if all {
		o.extendOnes(k)
	} else if present, err = r.page.defs.bits(o.extendValid(k), at, k); err != nil {
		return err
	}
	o.slots += k
	o.nulls += k - present
	return r.appendValues(at, k, present)
}

// passPresent passes over the levels of k rows of a flat leaf if it can be seen at once that all have a value.
func (r *leafReader) passPresent(k int) (bool, error) {
	if r.leaf.maxDef == 0 {
		return true, nil
	}
	return r.page.defs.passOnes(k)
}

// extendValid makes the validity bitmap n zero bits longer, and gives it all. It begins with the first value that is missing: those before are all there.
func (o *leafOutput) extendValid(n int) []byte {
	have := o.valid.len()
	if have == 0 {
		o.valid.reserve((max(o.rows, o.slots+n) + 7) / 8)
	}
	clear(o.valid.extend((o.slots+n+7)/8 - have))
	b := o.valid.bytes()
	if have == 0 {
		fillBits(b, 0, o.slots)
	}
	return b
}

// extendOnes makes the validity bitmap n set bits longer, if there is one yet.
func (o *leafOutput) extendOnes(n int) {
	if o.valid.len() > 0 {
		fillBits(o.extendValid(n), o.slots, n)
	}
}

// seek passes over rows, so that the next is the row to; it is not before the one at hand.
func (r *leafReader) seek(to int64) error {
	if r.row == to {
		return nil
	}
	r.seeking, r.target = true, to
	defer func() { r.seeking = false }()
	if !r.leaf.flat {
		if err := r.readNested(to, false); err != nil {
			return err
		}
	}
	for r.row < to {
		if r.page.left == 0 {
			if err := r.nextPage(); err != nil {
				return err
			}
			continue
		}
		k := int(min(to-r.row, int64(min(r.page.left, skipStretch))))
		if err := r.skipFlat(k); err != nil {
			return err
		}
		r.page.left -= k
		r.row += int64(k)
	}
	if r.row > to {
		return errLeftOut
	}
	return nil
}

func (r *leafReader) skipFlat(k int) error {
	present := k
	all, err := r.passPresent(k)
	if err != nil {
		return err
	}
	if !all {
		o := &r.out
		o.skipped = sized(o.skipped, (k+7)/8)
		clear(o.skipped)
		if present, err = r.page.defs.bits(o.skipped, 0, k); err != nil {
			return err
		}
	}
	return r.skipValues(present)
}

// finish makes the array data of what was read, and starts the next batch.
func (r *leafReader) finish() (arrow.ArrayData, error) {
	o := &r.out
	slots, nulls := o.slots, o.nulls
	o.slots, o.nulls, o.def, o.rep = 0, 0, o.def[:0], o.rep[:0]
	if r.leaf.typ.ID() == arrow.NULL {
		o.valid.release()
		o.values.release()
		return array.NewData(arrow.Null, slots, []*memory.Buffer{nil}, nil, slots, 0), nil
	}
	var valid *memory.Buffer
	if nulls > 0 {
		valid = o.valid.take()
		defer valid.Release()
	}
	o.valid.release()
	values := o.values.take()
	defer values.Release()
	if o.coded {
		o.coded = false
		t := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: r.leaf.typ}
		return array.NewDataWithDictionary(t, slots, []*memory.Buffer{valid, values}, nulls, 0, r.dict.array(r.leaf.typ)), nil
	}
	if r.leaf.width >= 0 {
		return array.NewData(r.leaf.typ, slots, []*memory.Buffer{valid, values}, nil, nulls, 0), nil
	}
	if o.offsets.len() == 0 {
		clear(o.offsets.extend(4))
	}
	o.perRow = float64(o.data.len()) / float64(max(o.rows, 1))
	offsets, data := o.offsets.take(), o.data.take()
	defer offsets.Release()
	defer data.Release()
	return array.NewData(r.leaf.typ, slots, []*memory.Buffer{valid, offsets, data}, nil, nulls, 0), nil
}

// errTooLong says that a batch does not fit Arrow's 32-bit offsets.
var errTooLong = errors.New("a batch holds more than 2 GiB of strings or 2^31 elements: read with a lower BatchRows")

func checkOffset(n int) error {
	if n > math.MaxInt32 {
		return errTooLong
	}
	return nil
}
