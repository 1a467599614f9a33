package delta

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// path is the path of the file that holds the vector, as paths of files are in the log; empty where the log holds the vector itself (Delta protocol: Deletion
// Vector Descriptor Schema).
func (v *deletionVector) path() (string, error) {
	switch v.storageType {
	case "i":
		return "", nil
	case "p":
		return v.pathOrInline, nil
	case "u":
		return vectorFile(v.pathOrInline)
	default:
		return "", fmt.Errorf("storage type %q of its deletion vector is none of u, i and p", v.storageType)
	}
}

// uuidDigits is the length of a UUID in Z85.
const uuidDigits = 20

// vectorFile is the file that a random prefix, perhaps, and a UUID in Z85 stand for.
func vectorFile(text string) (string, error) {
	at := len(text) - uuidDigits
	if at < 0 {
		return "", fmt.Errorf("%q is no UUID of a deletion vector", text)
	}
	id, err := decodeZ85(text[at:])
	if err != nil {
		return "", fmt.Errorf("%q is no UUID of a deletion vector: %w", text, err)
	}
	folder := text[:at]
	if folder != "" {
		folder += "/"
	}
	h := hex.EncodeToString(id)
	return encodePath(folder + "deletion_vector_" + strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-") + ".bin"), nil
}

// z85Digits are the digits of ZeroMQ's base 85, in order.
const z85Digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"

// decodeZ85 decodes text of a multiple of five digits.
func decodeZ85(text string) ([]byte, error) {
	out := make([]byte, 0, len(text)/5*4)
	for block := range len(text) / 5 {
		n := uint64(0)
		for _, c := range []byte(text[block*5 : block*5+5]) {
			d := strings.IndexByte(z85Digits, c)
			if d < 0 {
				return nil, fmt.Errorf("%q is no digit of base 85", c)
			}
			n = n*85 + uint64(d)
		}
		if n > 1<<32-1 {
			return nil, fmt.Errorf("%q is more than 32 bits", text[block*5:block*5+5])
		}
		out = append(out, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return out, nil
}
