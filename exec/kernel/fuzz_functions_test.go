package kernel_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

func str(s string) expr.Bound { return lit(s, schema.String) }

func num32(n int32) expr.Bound { return lit(n, schema.Int) }

// FuzzLevenshtein holds the distance against a table of all pairs of prefixes.
func FuzzLevenshtein(f *testing.F) {
	f.Add("kitten", "sitting", int32(2))
	f.Add("", "日本", int32(2))
	f.Add("abcdef", "fedcba", int32(-1))
	f.Fuzz(func(t *testing.T, a, b string, most int32) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) || len(a)*len(b) > 10_000 {
			return
		}
		want := editDistance([]rune(a), []rune(b))
		if got := one(t, call("levenshtein", schema.Int, str(a), str(b))); got != strconv.Itoa(want) {
			t.Errorf("levenshtein(%q, %q) = %s, want %d", a, b, got, want)
		}
		if want > int(most) {
			want = -1
		}
		if got := one(t, call("levenshtein", schema.Int, str(a), str(b), num32(most))); got != strconv.Itoa(want) {
			t.Errorf("levenshtein(%q, %q, %d) = %s, want %d", a, b, most, got, want)
		}
	})
}

func editDistance(a, b []rune) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
		for j := range table[i] {
			switch {
			case i == 0:
				table[i][j] = j
			case j == 0:
				table[i][j] = i
			case a[i-1] == b[j-1]:
				table[i][j] = table[i-1][j-1]
			default:
				table[i][j] = 1 + min(table[i-1][j-1], table[i-1][j], table[i][j-1])
			}
		}
	}
	return table[len(a)][len(b)]
}

// FuzzConv holds conv against arithmetic without limits.
func FuzzConv(f *testing.F) {
	f.Add(int64(-15), uint8(10), int8(16))
	f.Add(int64(-1<<63), uint8(36), int8(-2))
	f.Add(int64(0), uint8(2), int8(-10))
	f.Fuzz(func(t *testing.T, n int64, from uint8, to int8) {
		base := int(max(to, -to))
		if from < 2 || from > 36 || base < 2 || base > 36 {
			return
		}
		v := big.NewInt(n)
		if to > 0 && n < 0 {
			if v.Add(v, new(big.Int).Lsh(big.NewInt(1), 64)); n == -1<<63 { // its magnitude has the highest bit
				v.Sub(new(big.Int).Lsh(big.NewInt(1), 64), big.NewInt(1))
			}
		}
		digits := strconv.FormatInt(n, int(from))
		got := one(t, call("conv", schema.String, str(digits), num32(int32(from)), num32(int32(to))))
		if want := strings.ToUpper(v.Text(base)); got != want {
			t.Errorf("conv('%s', %d, %d) = %s, want %s", digits, from, to, got, want)
		}
	})
}

// FuzzBinaryTexts encodes bytes in every way and reads them back.
func FuzzBinaryTexts(f *testing.F) {
	f.Add([]byte("abc"), []byte("0123456789abcdef"))
	f.Add([]byte{}, make([]byte, 32))
	f.Add([]byte(strings.Repeat("\xff\x00", 100)), make([]byte, 24))
	f.Fuzz(func(t *testing.T, b, key []byte) {
		bin := lit(b, schema.Binary)
		want := one(t, call("hex", schema.String, bin))
		if want != strings.ToUpper(hex.EncodeToString(b)) {
			t.Errorf("hex(%x) = %s", b, want)
		}
		coded := one(t, call("base64", schema.String, bin))
		if plain := strings.ReplaceAll(coded, "\r\n", ""); plain != base64.StdEncoding.EncodeToString(b) {
			t.Errorf("base64(%x) = %s", b, plain)
		}
		back := map[string]expr.Bound{
			"unhex":     call("unhex", schema.Binary, str(want)),
			"unbase64":  call("unbase64", schema.Binary, str(coded)),
			"to_binary": call("to_binary", schema.Binary, str(coded), str("base64")),
		}
		if len(key) == 16 || len(key) == 24 || len(key) == 32 {
			for _, mode := range []string{"GCM", "CBC", "ECB"} {
				k, m, d, no := lit(key, schema.Binary), str(mode), str("DEFAULT"), lit([]byte{}, schema.Binary)
				back[mode] = call("aes_decrypt", schema.Binary, call("aes_encrypt", schema.Binary, bin, k, m, d, no, no), k, m, d, no)
			}
		}
		for name, e := range back {
			if got := one(t, call("hex", schema.String, e)); got != want {
				t.Errorf("%s gives %s back, want %s", name, got, want)
			}
		}
	})
}

// FuzzURL decodes what was encoded, and puts a URL's parts together again.
func FuzzURL(f *testing.F) {
	f.Add("http://user:pass@spark.apache.org:8080/path/a%20b?query=1&b=c%26#Ref")
	f.Add("mailto:a@b")
	f.Add("//h?#")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		if got := one(t, call("url_decode", schema.String, call("url_encode", schema.String, str(s)))); got != s {
			t.Errorf("%q comes back as %q", s, got)
		}
		part := func(name string) (string, bool) {
			got := one(t, call("try_parse_url", schema.String, str(s), str(name)))
			return got, got != "NULL"
		}
		path, ok := part("PATH")
		if !ok {
			return // no URL, or one without parts
		}
		whole := path
		if v, ok := part("AUTHORITY"); ok {
			whole = "//" + v + whole
		} else if strings.HasPrefix(strings.TrimPrefix(s[strings.IndexByte(s, ':')+1:], ":"), "//") || strings.HasPrefix(s, "//") {
			whole = "//" + whole
		}
		if v, ok := part("PROTOCOL"); ok {
			whole = v + ":" + whole
		}
		if v, ok := part("QUERY"); ok {
			whole += "?" + v
		}
		if v, ok := part("REF"); ok {
			whole += "#" + v
		}
		if whole != s {
			t.Errorf("the parts of %q give %q", s, whole)
		}
	})
}

// FuzzPattern translates any pattern without a panic, and a text quoted by \Q and \E matches itself.
func FuzzPattern(f *testing.F) {
	for _, p := range [][2]string{{"a[b-d&&[^c]]", "ab"}, {`\p{Alpha}+$`, "ab\n"}, {`(?i)[^a\d]{2,}?`, "bc"}, {`(?<n>x)|\x{e9}\07`, "é"}, {"a**", "a"}, {`[[:alpha:]`, "]"}} {
		f.Add(p[0], p[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(s) {
			return
		}
		got := one(t, call("rlike", schema.Boolean, str(s), str(pattern)))
		if got != "true" && got != "false" && got != "!INVALID_PARAMETER_VALUE.PATTERN" {
			t.Errorf("%q RLIKE %q = %s", s, pattern, got)
		}
		if strings.Contains(s, `\E`) {
			return
		}
		if got := one(t, call("regexp_extract", schema.String, str("<"+s+">"), str(`\Q<`+s+`>\E`), num32(0))); got != "<"+s+">" {
			t.Errorf("%q quoted matches %q", s, got)
		}
		if plain := regexp.QuoteMeta(s); s != "" && !strings.ContainsAny(s, "\n\r") {
			if got := one(t, call("regexp_count", schema.Int, str(s+s), str(plain))); got != strconv.Itoa(strings.Count(s+s, s)) {
				t.Errorf("regexp_count(%q, %q) = %s", s+s, plain, got)
			}
		}
	})
}

// FuzzNumberFormats reads back what was written, and holds format_string against package fmt.
func FuzzNumberFormats(f *testing.F) {
	f.Add(int64(-1234567), "S9,999,999.99")
	f.Add(int64(5), "000PR")
	f.Add(int64(0), "$9.9MI")
	f.Fuzz(func(t *testing.T, n int64, format string) {
		for verb, want := range map[string]string{"%d": fmt.Sprint(n), "%x": fmt.Sprintf("%x", uint64(n)), "%-25d|": fmt.Sprintf("%-25d|", n), "%025d": fmt.Sprintf("%025d", n)} {
			if got := one(t, call("format_string", schema.String, str(verb), lit(n, schema.BigInt))); got != want {
				t.Errorf("format_string(%q, %d) = %s, want %s", verb, n, got, want)
			}
		}
		decimal := schema.DecimalOf(20, 0)
		n %= 1_000_000
		written := one(t, call("to_char", schema.String, cast(lit(n, schema.BigInt), decimal), str(format)))
		if strings.HasPrefix(written, "!") || strings.Contains(written, "#") || strings.ContainsAny(format, "<>-+") {
			return
		}
		if n < 0 && !strings.ContainsAny(format, "SMP") {
			return // the sign is lost
		}
		wide := schema.DecimalOf(38, int32(strings.Count(behindPoint(format), "9")+strings.Count(behindPoint(format), "0")))
		if len(format) > 30 || wide.(*arrow.Decimal128Type).Scale > 18 {
			return
		}
		read := one(t, cast(call("to_number", wide, str(strings.ReplaceAll(written, " ", "")), str(format)), schema.DecimalOf(20, 0)))
		if strings.HasPrefix(read, "!INVALID_FORMAT") {
			return // blanks that were written are no separators
		}
		if read != fmt.Sprint(n) {
			t.Errorf("%d written by %q is %q, which reads as %s", n, format, written, read)
		}
	})
}

func behindPoint(format string) string {
	if i := strings.IndexAny(format, ".D"); i >= 0 {
		return format[i:]
	}
	return ""
}
