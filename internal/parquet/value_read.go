package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

var errShortValues = errors.New("a page holds fewer values than its levels say")

// valueForm is how the values of the page at hand lie in memory.
type valueForm uint8

const (
	formFixed   valueForm = iota // physical values of a fixed width
	formBits                     // booleans, bits
	formBitRuns                  // booleans, hybrid
	formCodes                    // dictionary indices, hybrid
	formPicked                   // dictionary indices, already decoded: leafOutput.codes
	formDelta                    // integers in DELTA_BINARY_PACKED
	formPlain                    // strings with their lengths in front
	formSplit                    // strings, lengths apart
)

// valueReader is the values of the data page at hand that are not read yet.
type valueReader struct {
	form  valueForm
	raw   []byte // formFixed, formPlain
	bits  []byte // formBits
	at    int    // formBits, formSplit: position in values
	runs  hybrid // formBitRuns, formCodes
	delta *deltaReader
	ends  []int32
	data  []byte // formSplit: value i is data[ends[i]:ends[i+1]]
	ints  []int64
	more  []int64
	bytes []byte // scratch
}

// open readies the values b of a page; at most most of them are there.
func (v *valueReader) open(r *leafReader, e meta.Encoding, b []byte, most int) error {
	v.at = 0
	switch e {
	case meta.Plain:
		return v.openPlain(r, b)
	case meta.PlainDictionary, meta.RLEDictionary:
		return v.openCodes(r, b)
	}
	if most > r.f.cfg.MaxPageValues {
		return fmt.Errorf("a page of %d values in %s, where the limit is %d", most, e, r.f.cfg.MaxPageValues)
	}
	l := r.leaf
	switch {
	case e == meta.RLE && l.phys == meta.Boolean:
		if len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-4) {
			return errLevelsShort
		}
		v.form, v.runs = formBitRuns, newHybrid(b[4:], 1)
		return nil
	case e == meta.DeltaBinaryPacked && (l.phys == meta.Int32 || l.phys == meta.Int64):
		v.form = formDelta
		return v.deltas().open(b, most)
	case e == meta.ByteStreamSplit && l.physicalWidth() > 0 && l.phys != meta.Int96:
		v.openStreams(b, l.physicalWidth())
		return nil
	case e == meta.DeltaLengthByteArray && l.phys == meta.ByteArray:
		return v.openDeltaLength(b, most)
	case e == meta.DeltaByteArray && (l.phys == meta.ByteArray || l.phys == meta.FixedLenByteArray):
		return v.openDeltaStrings(r, b, most)
	}
	return &UnsupportedError{File: r.f.cfg.Name, Column: l.name(), What: fmt.Sprintf("%s encoded as %s", l.phys, e)}
}

func (v *valueReader) openPlain(r *leafReader, b []byte) error {
	switch r.leaf.phys {
	case meta.Boolean:
		v.form, v.bits = formBits, b
	case meta.ByteArray:
		v.form, v.raw = formPlain, b
	default:
		v.form, v.raw = formFixed, b
	}
	return nil
}

func (v *valueReader) openCodes(r *leafReader, b []byte) error {
	if !r.dict.loaded {
		return errors.New("a page of dictionary indices without a dictionary")
	}
	v.form = formCodes
	if len(b) == 0 { // no values at all
		v.runs = hybrid{}
		return nil
	}
	if b[0] > 32 {
		return fmt.Errorf("dictionary indices of %d bits", b[0])
	}
	v.runs = newHybrid(b[1:], int(b[0]))
	return nil
}

// deltas is the reader of deltas, which pages of other encodings do without.
func (v *valueReader) deltas() *deltaReader {
	if v.delta == nil {
		v.delta = &deltaReader{}
	}
	return v.delta
}

// openStreams undoes BYTE_STREAM_SPLIT: byte k of all values lies in stream k.
func (v *valueReader) openStreams(b []byte, width int) {
	n := len(b) / width
	v.bytes = sized(v.bytes, n*width)
	for k := range width {
		stream := b[k*n : (k+1)*n]
		for i, x := range stream {
			v.bytes[i*width+k] = x
		}
	}
	v.form, v.raw = formFixed, v.bytes
}

// openDeltaLength reads DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes.
func (v *valueReader) openDeltaLength(b []byte, most int) error {
	lengths, rest, err := v.deltas().decodeAll(v.ints, b, most)
	if err != nil {
		return err
	}
	v.ints = lengths
	v.ends = sized(v.ends, len(lengths)+1)
	v.ends[0] = 0
	end := int64(0)
	for i, n := range lengths {
		end += n
		if n < 0 || end > int64(len(rest)) {
			return errShortValues
		}
		v.ends[i+1] = int32(end)
	}
	v.form, v.data = formSplit, rest
	return nil
}

// openDeltaStrings reads DELTA_BYTE_ARRAY: each value begins with a part of the one before.
func (v *valueReader) openDeltaStrings(r *leafReader, b []byte, most int) error {
	prefixes, rest, err := v.deltas().decodeAll(v.more, b, most)
	if err != nil {
		return err
	}
	v.more = prefixes
	if err := v.openDeltaLength(rest, most); err != nil {
		return err
	}
	if len(prefixes) != len(v.ends)-1 {
		return errShortValues
	}
	out, from := v.bytes[:0], 0
	begin := int32(0)
	for i, n := range prefixes {
		if n < 0 || n > int64(len(out)-from) {
			return errShortValues
		}
		if len(out)+int(n) > r.f.cfg.MaxPageBytes {
			return fmt.Errorf("a page of over %d bytes of strings", r.f.cfg.MaxPageBytes)
		}
		next := len(out)
		out = append(out, out[from:from+int(n)]...)
		end := v.ends[i+1]
		out = append(out, v.data[begin:end]...)
		begin, from = end, next
		v.ends[i+1] = int32(len(out))
	}
	v.bytes, v.data = out, out
	if r.leaf.phys == meta.FixedLenByteArray {
		for i := range prefixes {
			if int(v.ends[i+1]-v.ends[i]) != r.leaf.size {
				return errShortValues
			}
		}
		v.form, v.raw = formFixed, out
	}
	return nil
}

// takeFixed gives the next n physical values.
func (v *valueReader) takeFixed(n, width int) ([]byte, error) {
	if len(v.raw) < n*width {
		return nil, errShortValues
	}
	b := v.raw[: n*width : n*width]
	v.raw = v.raw[n*width:]
	return b, nil
}

// skipValues passes over n values.
func (r *leafReader) skipValues(n int) error {
	v := &r.page.values
	switch v.form {
	case formFixed:
		_, err := v.takeFixed(n, r.leaf.physicalWidth())
		return err
	case formBits, formSplit:
		v.at += n
		return nil
	case formBitRuns:
		r.out.skipped = sized(r.out.skipped, (n+7)/8)
		_, err := v.runs.bits(r.out.skipped, 0, n)
		return err
	case formCodes:
		return v.runs.skip(n)
	case formDelta:
		v.delta.skip(n)
		return nil
	}
	for ; n > 0; n-- {
		if _, err := v.nextPlain(); err != nil {
			return err
		}
	}
	return nil
}

// nextPlain gives the next string of formPlain.
func (v *valueReader) nextPlain() ([]byte, error) {
	if len(v.raw) < 4 {
		return nil, errShortValues
	}
	n := binary.LittleEndian.Uint32(v.raw)
	if uint64(n) > uint64(len(v.raw)-4) {
		return nil, errShortValues
	}
	s := v.raw[4 : 4+n : 4+n]
	v.raw = v.raw[4+n:]
	return s, nil
}
