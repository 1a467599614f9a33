package delta

import (
	"net/url"
	"strings"
)

// canonicalPath is the form under which two spellings of one file are equal: escapes decoded, and file: URIs without scheme and authority
// (Spark writes file:/x, file:///x and /x for one local file, and s3a: for s3:).
func canonicalPath(path string) string {
	if !strings.ContainsAny(path, "%:") && !strings.HasPrefix(path, "/") {
		return path
	}
	p := decodePath(path)
	switch {
	case strings.HasPrefix(p, "file:"):
		return "/" + strings.TrimLeft(p[len("file:"):], "/")
	case strings.HasPrefix(p, "//"):
		return "/" + strings.TrimLeft(p, "/")
	case strings.HasPrefix(p, "s3a://"), strings.HasPrefix(p, "s3n://"):
		return "s3" + p[len("s3a"):]
	default:
		return p
	}
}

// decodePath undoes the URI encoding of a path in the log, once. Text that is no valid escape stays as it is.
func decodePath(path string) string {
	if !strings.Contains(path, "%") {
		return path
	}
	d, err := url.PathUnescape(path)
	if err != nil {
		return path
	}
	return d
}

// isAbsolute reports whether a canonical path does not lie under the table: it has a scheme or begins with a slash.
func isAbsolute(canonical string) bool {
	if strings.HasPrefix(canonical, "/") {
		return true
	}
	colon := strings.IndexByte(canonical, ':')
	if colon <= 0 {
		return false
	}
	for i := range colon {
		c := canonical[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return true
}

// encodePath is the URI encoding of a key relative to the table, as java.net.URI writes a path: characters beyond ASCII stay as they are.
func encodePath(key string) string {
	const legal = "_-!.~'()*,;:$&+=@/"
	clean := true
	for i := range len(key) {
		if !pathByte(key[i], legal) {
			clean = false
			break
		}
	}
	if clean {
		return key
	}
	const hex = "0123456789ABCDEF"
	out := make([]byte, 0, len(key)+16)
	for i := range len(key) {
		if c := key[i]; pathByte(c, legal) {
			out = append(out, c)
		} else {
			out = append(out, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(out)
}

func pathByte(c byte, legal string) bool {
	return c >= 0x80 || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte(legal, c) >= 0
}

// nullDirectory is the directory name that stands for a NULL partition value.
const nullDirectory = "__HIVE_DEFAULT_PARTITION__"

// appendHiveEscaped appends the value or name as Hive and Spark spell it in a directory name.
func appendHiveEscaped(dst []byte, v string) []byte {
	const special = "\"#%'*/:=?\\{[]^"
	const hex = "0123456789ABCDEF"
	for i := range len(v) {
		if c := v[i]; c < ' ' || c == 0x7F || strings.IndexByte(special, c) >= 0 {
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

// partitionDirectory is the directory of a file with these values: "a=1/b=x/"; empty without partitions. Spark puts it there for people; nothing
// reads values from it.
func partitionDirectory(values []PartitionValue) string {
	var dst []byte
	for _, v := range values {
		dst = append(appendHiveEscaped(dst, v.Column), '=')
		if v.Null || v.Value == "" {
			dst = append(dst, nullDirectory...)
		} else {
			dst = appendHiveEscaped(dst, v.Value)
		}
		dst = append(dst, '/')
	}
	return string(dst)
}
