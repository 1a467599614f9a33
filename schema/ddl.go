package schema

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// CommentKey is the metadata key of a column's comment.
const CommentKey = "comment"

// DDL writes the columns as Spark's toDDL does, so that ParseDDL reads them back: a BIGINT NOT NULL, b STRUCT<c: STRING> COMMENT 'x'. The language has
// no words for the nullability of array elements and map values, nor for metadata other than comments: these are left out.
func DDL(s *arrow.Schema) string {
	return string(appendColumns(nil, s.Fields(), " "))
}

// TypeDDL writes one type as DDL does; unlike Name, it quotes field names where they need it and keeps NOT NULL and comments of struct fields.
func TypeDDL(t arrow.DataType) string {
	return string(appendTypeDDL(nil, t))
}

func appendColumns(dst []byte, fields []arrow.Field, afterName string) []byte {
	for i, f := range fields {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(append(dst, Quote(f.Name)...), afterName...)
		dst = appendTypeDDL(dst, f.Type)
		if !f.Nullable {
			dst = append(dst, " NOT NULL"...)
		}
		if c, ok := f.Metadata.GetValue(CommentKey); ok {
			dst = append(append(dst, " COMMENT "...), quoteText(c)...)
		}
	}
	return dst
}

func appendTypeDDL(dst []byte, t arrow.DataType) []byte {
	switch t := t.(type) {
	case *arrow.ListType:
		return append(appendTypeDDL(append(dst, "ARRAY<"...), t.Elem()), '>')
	case *arrow.MapType:
		dst = appendTypeDDL(append(dst, "MAP<"...), t.KeyType())
		return append(appendTypeDDL(append(dst, ", "...), t.ItemType()), '>')
	case *arrow.StructType:
		return append(appendColumns(append(dst, "STRUCT<"...), t.Fields(), ": "), '>')
	}
	return append(dst, strings.ToUpper(Name(t))...)
}

// Quote puts a name in back quotes if SQL needs them: when it is not letters, digits and underscores, or begins with a digit.
func Quote(name string) string {
	if isPlainName(name) {
		return name
	}
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

func isPlainName(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

var textQuoter = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\x00", `\0`)

func quoteText(s string) string {
	return "'" + textQuoter.Replace(s) + "'"
}
