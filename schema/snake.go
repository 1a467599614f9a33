package schema

import "unicode"

// SnakeCase is how an untagged Go field names its column: OrderID is order_id, HTTPStatus is http_status, Line2 is line2.
func SnakeCase(name string) string {
	runes := []rune(name)
	out := make([]rune, 0, len(runes)+4)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && startsWord(runes, i) {
			out = append(out, '_')
		}
		out = append(out, unicode.ToLower(r))
	}
	return string(out)
}

// startsWord says that the upper-case rune at i begins a word: it follows a lower-case letter or a digit, or ends a run of capitals.
func startsWord(runes []rune, i int) bool {
	before := runes[i-1]
	if before == '_' {
		return false
	}
	if !unicode.IsUpper(before) {
		return true
	}
	return i+1 < len(runes) && unicode.IsLower(runes[i+1])
}
