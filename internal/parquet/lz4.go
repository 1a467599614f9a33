package parquet

import (
	"encoding/binary"
	"errors"
)

var errLZ4 = errors.New("LZ4_RAW data is damaged")

// decodeLZ4 decodes one LZ4 block (lz4_Block_format.md) that must fill dst exactly.
func decodeLZ4(dst, src []byte) error {
	at := 0
	for len(src) > 0 {
		token := src[0]
		n, rest, ok := lz4Length(int(token>>4), src[1:])
		if !ok || n > len(rest) || n > len(dst)-at {
			return errLZ4
		}
		at += copy(dst[at:], rest[:n])
		src = rest[n:]
		if len(src) == 0 { // the last sequence has literals only
			break
		}
		if len(src) < 2 {
			return errLZ4
		}
		back := int(binary.LittleEndian.Uint16(src))
		n, src, ok = lz4Length(int(token&15), src[2:])
		n += 4
		if !ok || back == 0 || back > at || n > len(dst)-at {
			return errLZ4
		}
		for end := at + n; at < end; { // a match may overlap what it writes
			at += copy(dst[at:end], dst[at-back:at])
		}
	}
	if at != len(dst) {
		return errLZ4
	}
	return nil
}

// lz4Length reads the bytes that lengthen n when it is 15.
func lz4Length(n int, src []byte) (int, []byte, bool) {
	if n < 15 {
		return n, src, true
	}
	for i, b := range src {
		n += int(b)
		if b != 255 {
			return n, src[i+1:], true
		}
	}
	return 0, nil, false
}
