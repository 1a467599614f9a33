package kernel

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash/crc32"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
)

// hashes are checksums, digests and the encodings of binaries.
func hashes() map[string]builder {
	return map[string]builder{
		"md5":   textual(func(dst, s []byte) []byte { d := md5.Sum(s); return hex.AppendEncode(dst, d[:]) }),
		"sha1":  textual(func(dst, s []byte) []byte { d := sha1.Sum(s); return hex.AppendEncode(dst, d[:]) }),
		"sha2":  sha2,
		"crc32": checksum, "xxhash64": hashed[int64](xx64()), "hash": hashed[int32](murmur3()),
		"hex": hexadecimal,
	}
}

// sha2 gives NULL for a number of bits that there is no digest of; 0 means 256.
func sha2(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, bits := textsOf(args[0]), valuesOf[int32](args[1])
		t := k.newText(64 * k.n)
		for i := range k.rows() {
			t.row(i)
			var ok bool
			if t.data, ok = appendSHA2(t.data, a.at(i), bits.at(i)); !ok {
				k.setNull(i)
			}
		}
		return t.done()
	}}, nil
}

func appendSHA2(dst, s []byte, bits int32) ([]byte, bool) {
	switch bits {
	case 0, 256:
		d := sha256.Sum256(s)
		return hex.AppendEncode(dst, d[:]), true
	case 224:
		d := sha256.Sum224(s)
		return hex.AppendEncode(dst, d[:]), true
	case 384:
		d := sha512.Sum384(s)
		return hex.AppendEncode(dst, d[:]), true
	case 512:
		d := sha512.Sum512(s)
		return hex.AppendEncode(dst, d[:]), true
	}
	return dst, false
}

func checksum(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a := textsOf(args[0])
		return mapped(k, func(i int) int64 { return int64(crc32.ChecksumIEEE(a.at(i))) }), nil
	}}, nil
}

// hexadecimal prints upper-case digits: of the bytes of text, or of a number in two's complement.
func hexadecimal(c *site) (kernel, error) {
	const digits = "0123456789ABCDEF"
	if c.args[0].ID() == arrow.INT64 {
		return kernel{run: func(k *frame, args []vec) (vec, error) {
			a := valuesOf[int64](args[0])
			return k.texted(8*k.n, func(dst []byte, i int) []byte {
				start := len(dst)
				dst = strconv.AppendUint(dst, uint64(a.at(i)), 16)
				for j, c := range dst[start:] {
					if c >= 'a' {
						dst[start+j] = c - ('a' - 'A')
					}
				}
				return dst
			})
		}}, nil
	}
	if !isText(c.args[0]) {
		return c.unsupported()
	}
	return textual(func(dst, s []byte) []byte {
		for _, b := range s {
			dst = append(dst, digits[b>>4], digits[b&15])
		}
		return dst
	})(c)
}
