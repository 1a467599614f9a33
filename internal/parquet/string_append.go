package parquet

import "encoding/binary"

// stringGroup is how many strings are measured, then copied, at a time.
const stringGroup = 256

// appendStrings is appendValues for STRING and BINARY.
func (r *leafReader) appendStrings(at, slots, present int) error {
	o, v := &r.out, &r.page.values
	if v.form == formCodes || v.form == formPicked {
		if r.keep && (o.coded || at == 0) {
			return r.keepCodes(at, slots, present)
		}
		codes, err := r.takeCodes(present)
		if err != nil {
			return err
		}
		return r.placeStrings(at, slots, present, func(ends []int32) error { return r.expandCodes(ends, codes) })
	}
	if o.coded {
		if err := r.uncode(at); err != nil {
			return err
		}
	}
	switch v.form {
	case formPlain:
		return r.placeStrings(at, slots, present, r.copyPlain)
	case formSplit:
		return r.placeStrings(at, slots, present, r.copySplit)
	}
	return r.placeStrings(at, slots, present, r.copyFixed)
}

// uncode turns the codes of the batch so far, n of them, into strings: the chunk goes on without its dictionary.
func (r *leafReader) uncode(n int) error {
	o := &r.out
	all := o.values.take()
	defer all.Release()
	o.coded = false
	valid := o.valid.bytes()
	codes := make([]int32, 0, n)
	for i, c := range viewOf[int32](all.Bytes())[:n] {
		if valid == nil || bit(valid, i) != 0 {
			codes = append(codes, c)
		}
	}
	return r.placeStrings(0, n, len(codes), func(ends []int32) error { return r.expandCodes(ends, codes) })
}

// placeStrings appends offsets for slots entries. fill appends the bytes of the present ones to the data, and notes where each ends.
func (r *leafReader) placeStrings(at, slots, present int, fill func(ends []int32) error) error {
	o := &r.out
	if o.offsets.len() == 0 {
		o.offsets.reserve(4 * (max(slots, o.rows) + 1))
		clear(o.offsets.extend(4))
		o.data.reserve(int(o.perRow * float64(o.rows) * 1.05))
	}
	base := int32(o.data.len())
	dst := viewOf[int32](o.offsets.extend(4 * slots))
	if present == slots {
		return fill(dst)
	}
	ends := viewOf[int32](o.gathered.room(4 * (present + 1)))
	ends[0] = base
	if err := fill(ends[1:]); err != nil {
		return err
	}
	valid, j := o.valid.bytes(), 0
	for i := range dst {
		j += int(bit(valid, at+i))
		dst[i] = ends[j]
	}
	return nil
}

// copyPlain takes the next strings of formPlain.
func (r *leafReader) copyPlain(ends []int32) error {
	v, o := &r.page.values, &r.out
	var begin [stringGroup]int
	for len(ends) > 0 {
		n := min(len(ends), stringGroup)
		at, raw := 0, v.raw
		size := o.data.len()
		for i := range n {
			if at+4 > len(raw) {
				return errShortValues
			}
			k := int(binary.LittleEndian.Uint32(raw[at:]))
			at += 4
			if k > len(raw)-at {
				return errShortValues
			}
			begin[i] = at
			at += k
			size += k
			ends[i] = int32(size)
		}
		if err := checkOffset(size); err != nil {
			return err
		}
		to := size - at + 4*n // where the group's bytes begin
		dst := o.data.extend(size - to)
		out := 0
		for i, b := range begin[:n] {
			k := int(ends[i]) - to - out
			copyShort(dst, out, raw, b, k)
			out += k
		}
		v.raw, ends = raw[at:], ends[n:]
	}
	return nil
}

// copyShort copies n bytes; short strings in one move of fixed size, when there is room behind them on both sides.
func copyShort(dst []byte, to int, src []byte, from, n int) {
	if n <= 16 && to+16 <= len(dst) && from+16 <= len(src) {
		*(*[16]byte)(dst[to:]) = *(*[16]byte)(src[from:])
		return
	}
	copy(dst[to:to+n], src[from:from+n])
}

// copySplit takes the next strings of formSplit.
func (r *leafReader) copySplit(ends []int32) error {
	v, o := &r.page.values, &r.out
	if v.at+len(ends) >= len(v.ends) {
		return errShortValues
	}
	src := v.ends[v.at : v.at+len(ends)+1]
	v.at += len(ends)
	part := v.data[src[0]:src[len(src)-1]]
	base := o.data.len()
	if err := checkOffset(base + len(part)); err != nil {
		return err
	}
	copy(o.data.extend(len(part)), part)
	for i := range ends {
		ends[i] = src[i+1] - src[0] + int32(base)
	}
	return nil
}

// copyFixed takes the next values of formFixed as strings.
func (r *leafReader) copyFixed(ends []int32) error {
	o, size := &r.out, r.leaf.size
	if r.page.values.form != formFixed {
		return errShortValues
	}
	part, err := r.page.values.takeFixed(len(ends), size)
	if err != nil {
		return err
	}
	base := o.data.len()
	if err := checkOffset(base + len(part)); err != nil {
		return err
	}
	copy(o.data.extend(len(part)), part)
	for i := range ends {
		ends[i] = int32(base + (i+1)*size)
	}
	return nil
}

// expandCodes appends the dictionary's strings at the codes, which are checked.
func (r *leafReader) expandCodes(ends, codes []int32) error {
	offs, data := r.dict.strings()
	o := &r.out
	for len(codes) > 0 {
		n := min(len(codes), stringGroup)
		to := o.data.len()
		size := to
		for i, c := range codes[:n] {
			size += int(offs[c+1] - offs[c])
			ends[i] = int32(size)
		}
		if err := checkOffset(size); err != nil {
			return err
		}
		dst := o.data.extend(size - to)
		out := 0
		for i, c := range codes[:n] {
			k := int(ends[i]) - to - out
			copyShort(dst, out, data, int(offs[c]), k)
			out += k
		}
		codes, ends = codes[n:], ends[n:]
	}
	return nil
}
