package parquet

import (
	"encoding/binary"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// appendValues appends slots entries, of which present have a value in the page; the output's validity bits, from position at on, say which.
func (r *leafReader) appendValues(at, slots, present int) error {
	if r.leaf.width < 0 {
		return r.appendStrings(at, slots, present)
	}
	if r.leaf.width == 0 {
		return r.appendBools(at, slots, present)
	}
	o, v := &r.out, &r.page.values
	if v.form == formCodes || v.form == formPicked {
		if r.keep && (o.coded || at == 0) {
			return r.keepCodes(at, slots, present)
		}
	} else if o.coded {
		if err := r.uncodeFixed(at); err != nil {
			return err
		}
	}
	dst := r.extendValues(slots)
	if present == slots {
		return r.takeValues(dst, present)
	}
	src := o.gathered.room(present * r.leaf.width)
	if err := r.takeValues(src, present); err != nil {
		return err
	}
	spread(dst, src, r.leaf.width, o.valid.bytes(), at)
	return nil
}

// takeValues takes the next n values of the page into dst, as Arrow has them.
func (r *leafReader) takeValues(dst []byte, n int) error {
	v := &r.page.values
	switch v.form {
	case formCodes:
		return r.expandFixed(dst, n)
	case formPicked:
		return r.dict.gather(dst, r.out.codes, r.leaf.width)
	case formFixed:
		raw, err := v.takeFixed(n, r.leaf.physicalWidth())
		if err != nil {
			return err
		}
		return r.leaf.convert(dst, raw)
	case formDelta:
		if r.leaf.phys == meta.Int32 {
			return takeConverted[int32](r.leaf, v.delta, dst, n)
		}
		return takeConverted[int64](r.leaf, v.delta, dst, n)
	}
	return v.decimals(dst, n) // from BYTE_ARRAY
}

// inCache is how many values are decoded at a time where they go through a second step.
const inCache = 1024

// takeConverted decodes n values into dst, as Arrow has them.
func takeConverted[T int32 | int64](l *leafColumn, d *deltaReader, dst []byte, n int) error {
	if l.conv == asIs {
		return takeDeltas(d, viewOf[T](dst))
	}
	var part [inCache]T
	for ; n > 0; n -= len(part) {
		values := part[:min(n, len(part))]
		if err := takeDeltas(d, values); err != nil {
			return err
		}
		size := len(values) * l.width
		if err := l.convert(dst[:size], bytesOf(values)); err != nil {
			return err
		}
		dst = dst[size:]
	}
	return nil
}

// extendValues makes room for n values, and at first for all that the batch will have.
func (r *leafReader) extendValues(n int) []byte {
	o := &r.out
	if o.values.len() == 0 {
		o.values.reserve(max(n, o.rows) * r.leaf.width)
	}
	return o.values.extend(n * r.leaf.width)
}

// uncodeFixed turns the codes of the batch so far, n of them, into values: the chunk goes on without its dictionary.
func (r *leafReader) uncodeFixed(n int) error {
	o := &r.out
	all := o.values.take()
	defer all.Release()
	o.coded = false
	dst := r.extendValues(n)
	valid, codes := o.valid.bytes(), viewOf[int32](all.Bytes())[:n]
	if valid == nil {
		return r.dict.gather(dst, codes, r.leaf.width)
	}
	present := make([]int32, 0, n)
	for i, c := range codes {
		if bit(valid, i) != 0 {
			present = append(present, c)
		}
	}
	src := o.gathered.room(len(present) * r.leaf.width)
	if err := r.dict.gather(src, present, r.leaf.width); err != nil {
		return err
	}
	spread(dst, src, r.leaf.width, valid, 0)
	return nil
}

// decimals decodes decimals of formPlain or formSplit.
func (v *valueReader) decimals(dst []byte, n int) error {
	for i := range n {
		s, err := v.nextString()
		if err != nil {
			return err
		}
		lo, hi, ok := twosComplement(s)
		if !ok {
			return errDecimal
		}
		binary.LittleEndian.PutUint64(dst[16*i:], lo)
		binary.LittleEndian.PutUint64(dst[16*i+8:], hi)
	}
	return nil
}

// nextString gives the next string of formPlain or formSplit.
func (v *valueReader) nextString() ([]byte, error) {
	if v.form == formPlain {
		return v.nextPlain()
	}
	if v.at+1 >= len(v.ends) {
		return nil, errShortValues
	}
	v.at++
	return v.data[v.ends[v.at-1]:v.ends[v.at]], nil
}

// spread moves the values of src to the positions whose bit is set, from bit at on; the others become zero.
func spread(dst, src []byte, width int, valid []byte, at int) {
	switch width {
	case 4:
		spread4(viewOf[uint32](dst), src, valid, at)
	case 8:
		spread8(viewOf[uint64](dst), src, valid, at)
	default:
		j := 0
		for i := range len(dst) / width {
			part := dst[i*width : (i+1)*width]
			if bit(valid, at+i) == 0 {
				clear(part)
				continue
			}
			j += copy(part, src[j:])
		}
	}
}

// spread4 is branch-free within 8 positions as long as src has 8 more values to read.
func spread4(dst []uint32, src, valid []byte, at int) {
	i := 0
	for ; i+8 <= len(dst) && len(src) >= 32; i += 8 {
		b, d, s, j := byteAt(valid, at+i), dst[i:i+8:i+8], src[:32:32], 0
		for k := range d {
			set := b >> k & 1
			d[k] = binary.LittleEndian.Uint32(s[j&28:]) & -uint32(set)
			j += int(set) * 4
		}
		src = src[j:]
	}
	for ; i < len(dst); i++ {
		dst[i] = 0
		if bit(valid, at+i) != 0 {
			dst[i] = binary.LittleEndian.Uint32(src)
			src = src[4:]
		}
	}
}

// spread8 is spread4 for wider values.
func spread8(dst []uint64, src, valid []byte, at int) {
	i := 0
	for ; i+8 <= len(dst) && len(src) >= 64; i += 8 {
		b, d, s, j := byteAt(valid, at+i), dst[i:i+8:i+8], src[:64:64], 0
		for k := range d {
			set := b >> k & 1
			d[k] = binary.LittleEndian.Uint64(s[j&56:]) & -uint64(set)
			j += int(set) * 8
		}
		src = src[j:]
	}
	for ; i < len(dst); i++ {
		dst[i] = 0
		if bit(valid, at+i) != 0 {
			dst[i] = binary.LittleEndian.Uint64(src)
			src = src[8:]
		}
	}
}

// appendBools appends booleans, which are bits in Arrow too.
func (r *leafReader) appendBools(at, slots, present int) error {
	o, v := &r.out, &r.page.values
	if need := (o.slots+7)/8 - o.values.len(); need > 0 {
		clear(o.values.extend(need))
	}
	dst := o.values.bytes()
	src, from := v.bits, v.at
	if v.form == formBitRuns {
		if present == slots {
			_, err := v.runs.bits(dst, at, slots)
			return err
		}
		src, from = o.gathered.room((present+7)/8), 0
		clear(src)
		if _, err := v.runs.bits(src, 0, present); err != nil {
			return err
		}
	} else {
		if v.form != formBits || v.at+present > 8*len(v.bits) {
			return errShortValues
		}
		v.at += present
	}
	if present == slots {
		copyBits(dst, at, src, from, slots)
		return nil
	}
	valid := o.valid.bytes()
	for i := at; i < at+slots; i++ {
		if bit(valid, i) != 0 {
			dst[i>>3] |= bit(src, from) << (i & 7)
			from++
		}
	}
	return nil
}
