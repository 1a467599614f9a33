package parquet

import (
	"encoding/binary"
	"fmt"
)

// keepCodes appends slots entries as codes of the dictionary, of which present have one in the page.
func (r *leafReader) keepCodes(at, slots, present int) error {
	o, v := &r.out, &r.page.values
	o.coded = true
	if o.values.len() == 0 {
		o.values.reserve(4 * o.rows)
	}
	dst := o.values.extend(4 * slots)
	if present == slots && v.form == formCodes {
		codes := viewOf[int32](dst)
		if err := v.runs.codes(codes); err != nil {
			return err
		}
		return r.dict.check(codes)
	}
	codes, err := r.takeCodes(present)
	if err != nil {
		return err
	}
	if present == slots {
		copy(dst, bytesOf(codes))
		return nil
	}
	spread(dst, bytesOf(codes), 4, o.valid.bytes(), at)
	return nil
}

// roomForCodes makes codes n values long.
func (o *leafOutput) roomForCodes(n int) []int32 {
	o.codes = viewOf[int32](o.codeMem.room(4 * n))
	return o.codes
}

// takeCodes gives the next n codes of the page; they are in the dictionary.
func (r *leafReader) takeCodes(n int) ([]int32, error) {
	o, v := &r.out, &r.page.values
	if v.form == formCodes {
		if err := v.runs.codes(o.roomForCodes(n)); err != nil {
			return nil, err
		}
	}
	return o.codes, r.dict.check(o.codes)
}

// expandFixed takes the next n codes of the page and gives their values.
func (r *leafReader) expandFixed(dst []byte, n int) error {
	o := &r.out
	for n > 0 {
		k := min(n, inCache)
		o.codes = sized(o.codes, k)
		if err := r.page.values.runs.codes(o.codes); err != nil {
			return err
		}
		size := k * r.leaf.width
		if err := r.dict.gather(dst[:size], o.codes, r.leaf.width); err != nil {
			return err
		}
		dst, n = dst[size:], n-k
	}
	return nil
}

// check says whether all codes are in the dictionary. It looks at two at a time: a code c is below 2^31, and greater than most, if the difference most-c is not.
func (d *dictReader) check(codes []int32) error {
	const signs = 1<<63 | 1<<31
	if len(codes) == 0 {
		return nil
	}
	most := uint64(max(d.n, 1)-1) * (1<<32 + 1)
	b, bad := bytesOf(codes), uint64(0)
	for ; len(b) >= 32; b = b[32:] {
		v, w := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		x, y := binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])
		bad |= v | w | x | y | (most - v) | (most - w) | (most - x) | (most - y)
	}
	for ; len(b) > 0; b = b[4:] {
		c := uint64(binary.LittleEndian.Uint32(b))
		bad |= c | (most - c)
	}
	if bad&signs == 0 && d.n > 0 {
		return nil
	}
	top := uint32(0)
	for _, c := range codes {
		top = max(top, uint32(c))
	}
	return fmt.Errorf("dictionary index %d of %d", top, d.n)
}

// gather copies the dictionary's values of a fixed width at the codes.
func (d *dictReader) gather(dst []byte, codes []int32, width int) error {
	if err := d.check(codes); err != nil {
		return err
	}
	switch width {
	case 4:
		gatherAs(viewOf[uint32](dst), viewOf[uint32](d.fixed), codes)
	case 8:
		gatherAs(viewOf[uint64](dst), viewOf[uint64](d.fixed), codes)
	case 16:
		gatherAs(viewOf[[2]uint64](dst), viewOf[[2]uint64](d.fixed), codes)
	default:
		for i, c := range codes {
			copy(dst[i*width:(i+1)*width], d.fixed[int(c)*width:])
		}
	}
	return nil
}

func gatherAs[T uint32 | uint64 | [2]uint64](dst, dict []T, codes []int32) {
	dst = dst[:len(codes)]
	for i, c := range codes {
		dst[i] = dict[uint32(c)]
	}
}
