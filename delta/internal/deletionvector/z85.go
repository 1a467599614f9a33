package deletionvector

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// z85Digits are the digits of ZeroMQ's base 85, in order. The last, #, cannot begin a block of 32 bits.
const z85Digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"

// The sizes of a block.
const (
	blockDigits = 5
	blockBytes  = 4
)

// EncodeZ85 writes bytes as text; the last block is filled up with zeros, so that a reader must know how many bytes there were.
func EncodeZ85(data []byte) string {
	var out strings.Builder
	for len(data) > 0 {
		var block [blockBytes]byte
		data = data[copy(block[:], data):]
		n := binary.BigEndian.Uint32(block[:])
		var digits [blockDigits]byte
		for i := range digits {
			digits[blockDigits-1-i] = z85Digits[n%85]
			n /= 85
		}
		out.Write(digits[:])
	}
	return out.String()
}

// DecodeZ85 reads text of whole blocks. Some writers shorten the last block instead of filling it up: as many # as bytes are missing, then the digits of the
// rest. It is told from a whole block by its first digit.
func DecodeZ85(text string) ([]byte, error) {
	if len(text)%blockDigits != 0 {
		return nil, fmt.Errorf("%d digits of base 85 are no multiple of %d", len(text), blockDigits)
	}
	out := make([]byte, 0, len(text)/blockDigits*blockBytes)
	for at := 0; at < len(text); at += blockDigits {
		block := text[at : at+blockDigits]
		short := 0
		if at+blockDigits == len(text) {
			short = len(block) - len(strings.TrimLeft(block, "#"))
		}
		if short >= blockBytes {
			return nil, fmt.Errorf("%q is no block of base 85", block)
		}
		n, err := blockValue(block[short:])
		if err != nil {
			return nil, err
		}
		if n>>(8*(blockBytes-short)) != 0 {
			return nil, fmt.Errorf("%q is more than %d bytes of base 85", block, blockBytes-short)
		}
		var bytes [blockBytes]byte
		binary.BigEndian.PutUint32(bytes[:], uint32(n))
		out = append(out, bytes[short:]...)
	}
	return out, nil
}

func blockValue(digits string) (n uint64, err error) {
	for _, c := range []byte(digits) {
		d := strings.IndexByte(z85Digits, c)
		if d < 0 {
			return 0, fmt.Errorf("%q is no digit of base 85", c)
		}
		n = n*85 + uint64(d)
	}
	return n, nil
}
