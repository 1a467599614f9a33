package parquet

import (
	"encoding/binary"
	"math/bits"
	"sort"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// picker is what reading single rows of a flat leaf needs besides, from one page to the next.
type picker struct {
	valid []byte  // of all rows of a stretch
	ranks []int32 // per 64 rows of the stretch: how many before them have a value
	at    []int32 // positions of the picked values among those of the stretch
	bytes []byte  // picked values, or booleans
	ends  []int32 // of picked strings
	bits  []byte  // picked booleans
}

// readPicked appends the rows at the positions sel, which ascend, counted from the row first on; none is before the row at hand.
func (r *leafReader) readPicked(first int64, sel []int32) error {
	r.out.rows = len(sel)
	for len(sel) > 0 {
		if err := r.seek(first + int64(sel[0])); err != nil {
			return err
		}
		if r.page.left == 0 {
			if err := r.nextPage(); err != nil {
				return err
			}
			continue
		}
		end := r.row + int64(r.page.left) - first
		m := sort.Search(len(sel), func(i int) bool { return int64(sel[i]) >= end })
		k := int(first + int64(sel[m-1]) + 1 - r.row)
		if err := r.appendPicked(k, sel[:m], int32(r.row-first)); err != nil {
			return err
		}
		r.page.left -= k
		r.row += int64(k)
		sel = sel[m:]
	}
	return nil
}

// appendPicked appends those of the next k rows of the page at hand that sel lists; base is the position of the first of them.
func (r *leafReader) appendPicked(k int, sel []int32, base int32) error {
	o, p := &r.out, &r.pick
	at, present := o.slots, k
	p.at = sized(p.at, len(sel))
	all, err := r.passPresent(k)
	if err != nil {
		return err
	}
	if all {
		o.extendOnes(len(sel))
		for i, s := range sel {
			p.at[i] = s - base
		}
	} else {
		p.valid = sized(p.valid, (k+63)/64*8)
		clear(p.valid)
		if present, err = r.page.defs.bits(p.valid, 0, k); err != nil {
			return err
		}
		p.pickPresent(o.extendValid(len(sel)), at, sel, base)
	}
	o.slots += len(sel)
	o.nulls += len(sel) - len(p.at)
	return r.appendPickedValues(at, len(sel), present)
}

// pickPresent sets the validity bits of the rows sel in dst, from position at on, and finds the positions of their values.
func (p *picker) pickPresent(dst []byte, at int, sel []int32, base int32) {
	p.ranks = sized(p.ranks, len(p.valid)/8)
	rank := int32(0)
	for i := range p.ranks {
		p.ranks[i] = rank
		rank += int32(bits.OnesCount64(binary.LittleEndian.Uint64(p.valid[8*i:])))
	}
	k := 0
	for i, s := range sel {
		s -= base
		word := binary.LittleEndian.Uint64(p.valid[s>>6<<3:])
		set := word >> (s & 63) & 1
		dst[(at+i)>>3] |= byte(set) << ((at + i) & 7)
		p.at[k] = p.ranks[s>>6] + int32(bits.OnesCount64(word&(1<<(s&63)-1)))
		k += int(set)
	}
	p.at = p.at[:k]
}

// appendPickedValues passes over present values and appends those at the positions p.at, as the values of slots entries. The values picked are put together as a
// page holds them, so that they are appended as whole pages are.
func (r *leafReader) appendPickedValues(at, slots, present int) error {
	whole := r.page.values
	picked, err := r.pickValues(&whole, present)
	if err != nil {
		return err
	}
	r.page.values = picked
	err = r.appendValues(at, slots, len(r.pick.at))
	r.page.values = whole
	return err
}

// pickValues passes over n values of v and gives those at the positions p.at.
func (r *leafReader) pickValues(v *valueReader, n int) (valueReader, error) {
	p := &r.pick
	switch v.form {
	case formFixed:
		width := r.leaf.physicalWidth()
		raw, err := v.takeFixed(n, width)
		if err != nil {
			return valueReader{}, err
		}
		p.bytes = sized(p.bytes, len(p.at)*width)
		pickFixed(p.bytes, raw, p.at, width)
		return valueReader{form: formFixed, raw: p.bytes}, nil
	case formBits:
		if v.at+n > 8*len(v.bits) {
			return valueReader{}, errShortValues
		}
		v.at += n
		return p.pickBits(v.bits, v.at-n), nil
	case formBitRuns:
		p.bytes = sized(p.bytes, (n+7)/8)
		clear(p.bytes)
		if _, err := v.runs.bits(p.bytes, 0, n); err != nil {
			return valueReader{}, err
		}
		return p.pickBits(p.bytes, 0), nil
	case formCodes:
		err := v.runs.pick(r.out.roomForCodes(len(p.at)), p.at, n)
		return valueReader{form: formPicked}, err
	case formDelta:
		return p.pickDelta(r.leaf.phys, v.delta, n)
	case formSplit:
		return p.pickSplit(v, n)
	case formPlain:
		return p.pickPlain(v, n)
	}
	return valueReader{}, errShortValues
}

// pickFixed copies the values at the positions pos.
func pickFixed(dst, src []byte, pos []int32, width int) {
	switch width {
	case 4:
		for i, p := range pos {
			binary.LittleEndian.PutUint32(dst[4*i:], binary.LittleEndian.Uint32(src[4*int(p):]))
		}
	case 8:
		for i, p := range pos {
			binary.LittleEndian.PutUint64(dst[8*i:], binary.LittleEndian.Uint64(src[8*int(p):]))
		}
	default:
		for i, p := range pos {
			copy(dst[i*width:(i+1)*width], src[int(p)*width:])
		}
	}
}

func (p *picker) pickDelta(phys meta.Type, d *deltaReader, n int) (valueReader, error) {
	var err error
	if phys == meta.Int32 {
		p.bytes = sized(p.bytes, 4*len(p.at))
		err = pickDeltas(d, viewOf[int32](p.bytes), p.at, n)
	} else {
		p.bytes = sized(p.bytes, 8*len(p.at))
		err = pickDeltas(d, viewOf[int64](p.bytes), p.at, n)
	}
	return valueReader{form: formFixed, raw: p.bytes}, err
}

func (p *picker) pickBits(src []byte, from int) valueReader {
	p.bits = sized(p.bits, (len(p.at)+7)/8)
	clear(p.bits)
	for i, at := range p.at {
		p.bits[i>>3] |= bit(src, from+int(at)) << (i & 7)
	}
	return valueReader{form: formBits, bits: p.bits}
}

func (p *picker) pickSplit(v *valueReader, n int) (valueReader, error) {
	if v.at+n >= len(v.ends) {
		return valueReader{}, errShortValues
	}
	ends := v.ends[v.at : v.at+n+1]
	v.at += n
	p.bytes = p.bytes[:0]
	p.ends = append(p.ends[:0], 0)
	for _, at := range p.at {
		p.bytes = append(p.bytes, v.data[ends[at]:ends[at+1]]...)
		p.ends = append(p.ends, int32(len(p.bytes)))
	}
	return valueReader{form: formSplit, data: p.bytes, ends: p.ends}, nil
}

// pickPlain copies the picked strings with their lengths.
func (p *picker) pickPlain(v *valueReader, n int) (valueReader, error) {
	p.bytes = p.bytes[:0]
	raw, pos := v.raw, 0
	next := 0
	for i := range n {
		if pos+4 > len(raw) {
			return valueReader{}, errShortValues
		}
		end := uint64(pos) + 4 + uint64(binary.LittleEndian.Uint32(raw[pos:]))
		if end > uint64(len(raw)) {
			return valueReader{}, errShortValues
		}
		if next < len(p.at) && p.at[next] == int32(i) {
			p.bytes = append(p.bytes, raw[pos:end]...)
			next++
		}
		pos = int(end)
	}
	v.raw = raw[pos:]
	return valueReader{form: formPlain, raw: p.bytes}, nil
}

// pick passes over n values and decodes those at the positions pos, which ascend.
func (h *hybrid) pick(dst, pos []int32, n int) error {
	if len(pos) > n/sparse {
		return h.pickDense(dst, pos, n)
	}
	for base := 0; base < n; {
		if err := h.next(); err != nil {
			return err
		}
		k := min(h.left, n-base)
		end := before(pos, base+k)
		if h.isRun {
			for i := range dst[:end] {
				dst[i] = int32(h.value)
			}
		} else {
			unpackAt(dst[:end], h.packed, pos[:end], h.at-base, h.width)
			h.at += k
		}
		dst, pos = dst[end:], pos[end:]
		h.left -= k
		base += k
	}
	return nil
}

// sparse is the number of values among which one that is picked is decoded alone; where there are more, all are.
const sparse = 8

// pickDense is pick by decoding all values.
func (h *hybrid) pickDense(dst, pos []int32, n int) error {
	var all [inCache]int32
	for base := 0; base < n; base += len(all) {
		k := min(n-base, len(all))
		if err := h.codes(all[:k]); err != nil {
			return err
		}
		end := before(pos, base+k)
		for i, p := range pos[:end] {
			dst[i] = all[int(p)-base]
		}
		dst, pos = dst[end:], pos[end:]
	}
	return nil
}

// before counts the positions before limit, which are mostly few.
func before(pos []int32, limit int) int {
	from, to := 0, 1
	for to <= len(pos) && int(pos[to-1]) < limit {
		from, to = to, 2*to
	}
	to = min(to-1, len(pos))
	return from + sort.Search(to-from, func(i int) bool { return int(pos[from+i]) >= limit })
}

// skip passes over n values.
func (h *hybrid) skip(n int) error {
	for n > 0 {
		if err := h.next(); err != nil {
			return err
		}
		k := min(h.left, n)
		if !h.isRun {
			h.at += k
		}
		h.left -= k
		n -= k
	}
	return nil
}
