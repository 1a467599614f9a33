package delta

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/delta/internal/deletionvector"
)

// Where a deletion vector is (Delta protocol: Deletion Vector Descriptor Schema).
const (
	vectorInline   = "i" // in the log
	vectorAbsolute = "p" // in a file with this path
	vectorRelative = "u" // in a file of the table that a UUID names
)

// path is the path of the file that holds the vector, as paths of files are in the log; empty where the log holds the vector itself (Delta protocol: Deletion
// Vector Descriptor Schema).
func (v *deletionVector) path() (string, error) {
	switch v.storageType {
	case vectorInline:
		return "", nil
	case vectorAbsolute:
		return v.pathOrInline, nil
	case vectorRelative:
		return vectorFile(v.pathOrInline)
	default:
		return "", fmt.Errorf("storage type %q of its deletion vector is none of u, i and p", v.storageType)
	}
}

// The lengths of a UUID.
const (
	uuidBytes  = 16
	uuidDigits = 20 // in Z85
)

// vectorFile is the file that a random prefix, perhaps, and a UUID in Z85 stand for.
func vectorFile(text string) (string, error) {
	at := len(text) - uuidDigits
	if at < 0 {
		return "", fmt.Errorf("%q is no UUID of a deletion vector", text)
	}
	id, err := deletionvector.DecodeZ85(text[at:])
	if err != nil {
		return "", fmt.Errorf("%q is no UUID of a deletion vector: %w", text, err)
	}
	if len(id) != uuidBytes {
		return "", fmt.Errorf("%q is no UUID of a deletion vector", text)
	}
	folder := text[:at]
	if folder != "" {
		folder += "/"
	}
	return encodePath(folder + vectorFileName(id)), nil
}

// vectorFileName is the name of the file with this UUID.
func vectorFileName(id []byte) string {
	h := hex.EncodeToString(id)
	return "deletion_vector_" + strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-") + ".bin"
}
