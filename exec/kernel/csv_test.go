package kernel_test

import (
	"testing"
	"unicode/utf8"
)

func TestCSVFunctions(t *testing.T) {
	t.Parallel()
	runSQL(t, []sqlCase{
		{"to_csv(from_csv('1;a', 'x int, y string', map('sep', ';')), map('sep', '|'))", "1|a"},
		{"to_csv(named_struct('a', null, 'b', 1))", ",1"},
		{"from_csv('', 'a int, _corrupt_record string')._corrupt_record", "NULL"},
		{"from_csv('', 'a int', map('mode', 'FAILFAST'))", "!MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION"},
		{"from_csv('a', 'x string', map('sep', 'ab'))", "!UNSUPPORTED_FEATURE"},
		{"from_csv('a', 'x string', map('quote', ''))", "!UNSUPPORTED_FEATURE"},
		{"from_csv('a', 'x string', map('sep', '\"'))", "!UNSUPPORTED_FEATURE"},
		{"from_csv('a', 'x string', map('header', 'true'))", "!UNSUPPORTED_FEATURE"},
		{"from_csv('a', 'x array<string>')", "!UNSUPPORTED_FEATURE"},
		{"from_csv('a', 'x binary')", "!UNSUPPORTED_FEATURE"},
		{"to_csv(named_struct('a', array(1)))", "!UNSUPPORTED_FEATURE"},
		{"to_csv(named_struct('a', 1), map('mode', 'FAILFAST'))", "!UNSUPPORTED_FEATURE"},
		{"schema_of_csv('')", "!UNSUPPORTED_FEATURE"},
		{"schema_of_csv('a', map('sep', 'ab'))", "!UNSUPPORTED_FEATURE"},
		{"schema_of_csv('a', map('escape', ','))", "!UNSUPPORTED_FEATURE"},
	})
}

// FuzzFromCSV reads any text, and what to_csv prints of it is read as the same again, once blanks are trimmed.
func FuzzFromCSV(f *testing.F) {
	for _, s := range []string{"", "a,b", `"a,b",c`, `"a\"b",c\`, `"a"b,c`, ` a , b `, `#a,#b`, "\"a\nb\",c", `"a""b",`, `"\\",`, "a\\,b", `"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		again := func(s string) string {
			return one(t, bound(t, callOf("to_csv", callOf("from_csv", textNode(s), textNode("a STRING, b STRING")))))
		}
		first := again(again(s))
		if second := again(first); second != first {
			t.Errorf("%q becomes %q, which is read as %q", s, first, second)
		}
	})
}
