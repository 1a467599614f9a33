package check

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// decodePath decodes the percent signs of a path in the log, once.
func decodePath(path string) (string, error) {
	if !strings.Contains(path, "%") {
		return path, nil
	}
	out := make([]byte, 0, len(path))
	for i := 0; i < len(path); i++ {
		if path[i] != '%' {
			out = append(out, path[i])
			continue
		}
		if i+2 >= len(path) {
			return "", fmt.Errorf("%q ends within an escape", path)
		}
		b, err := hex.DecodeString(path[i+1 : i+3])
		if err != nil {
			return "", fmt.Errorf("%q is no escape", path[i:i+3])
		}
		out, i = append(out, b[0]), i+2
	}
	return string(out), nil
}

// relative is the key under the table of a path in the log, and false where the file lies elsewhere or it cannot be told.
func (c *checker) relative(path string) (string, bool) {
	p, err := decodePath(path)
	if err != nil {
		return "", false
	}
	if !isAbsolute(p) {
		return p, true
	}
	table, err := decodePath(c.url)
	if err != nil || table == "" {
		return "", false
	}
	return strings.CutPrefix(canonical(p), canonical(table))
}

// isAbsolute tells a URL, or a path from the root of a file system.
func isAbsolute(path string) bool {
	if strings.HasPrefix(path, "/") {
		return true
	}
	scheme, _, found := strings.Cut(path, ":")
	return found && scheme != "" && !strings.ContainsFunc(scheme, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '+' && r != '-' && r != '.'
	})
}

// file is the path of the file that holds the vector, as in the log, empty where the log itself does.
func (v *vector) file() (string, error) {
	switch v.storage {
	case "i":
		return "", nil
	case "p":
		return v.path, nil
	case "u":
		return vectorName(v.path)
	default:
		return "", fmt.Errorf("the storage type %q is none of u, i and p", v.storage)
	}
}

// uuidDigits is the length of a UUID in base 85.
const uuidDigits = 20

// vectorName is the name of a vector's file: a random prefix of any length is a folder.
func vectorName(text string) (string, error) {
	at := len(text) - uuidDigits
	if at < 0 {
		return "", fmt.Errorf("%q has no UUID", text)
	}
	id, err := decode85(text[at:])
	if err != nil {
		return "", err
	}
	h := hex.EncodeToString(id)
	name := "deletion_vector_" + strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-") + ".bin"
	if at > 0 {
		name = text[:at] + "/" + name
	}
	return strings.ReplaceAll(name, "%", "%25"), nil
}

// digits85 are those of ZeroMQ's base 85, in order.
const digits85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"

// decode85 decodes blocks of five digits to four bytes each.
func decode85(text string) ([]byte, error) {
	if len(text)%5 != 0 {
		return nil, errors.New("base 85 comes in blocks of five digits")
	}
	out := make([]byte, 0, len(text)/5*4)
	for len(text) > 0 {
		n := uint64(0)
		for _, digit := range []byte(text[:5]) {
			d := strings.IndexByte(digits85, digit)
			if d < 0 {
				return nil, fmt.Errorf("%q is no digit of base 85", digit)
			}
			n = n*85 + uint64(d)
		}
		if n >= 1<<32 {
			return nil, fmt.Errorf("%q is more than four bytes", text[:5])
		}
		out, text = append(out, byte(n>>24), byte(n>>16), byte(n>>8), byte(n)), text[5:]
	}
	return out, nil
}
