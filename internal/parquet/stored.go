package parquet

import "encoding/binary"

// stored gives the content of SNAPPY data that is one literal, as encoders leave what they cannot make smaller: it is a part of src, and need not be unpacked.
func stored(src []byte, size int) ([]byte, bool) {
	u, n := binary.Uvarint(src)
	if n <= 0 || u != uint64(size) || size == 0 || len(src)-n < size+1 || src[n]&3 != 0 {
		return nil, false
	}
	length, n := uint64(src[n]>>2), n+1
	if length >= 60 { // the length is in the bytes that follow
		more := int(length) - 59
		if len(src)-n < more {
			return nil, false
		}
		length = load(src[n : n+more : n+more])
		n += more
	}
	if length+1 != uint64(size) || len(src)-n != size {
		return nil, false
	}
	return src[n:], true
}
