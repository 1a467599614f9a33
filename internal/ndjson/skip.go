package ndjson

// skip gives where the value at d[at:] ends, or malformed. It checks all of it; depth is how deep it may nest.
func skip(d []byte, at, depth int) int {
	switch c := d[at]; {
	case c == '"':
		if end := stringEnd(d, at+1); end >= 0 {
			return end + 1
		}
		return malformed
	case c == '{':
		return skipObject(d, at+1, depth-1)
	case c == '[':
		return skipArray(d, at+1, depth-1)
	case isNull(d, at), isTrue(d, at):
		return at + 4
	case isFalse(d, at):
		return at + 5
	}
	if _, end := scan(d, at); end >= 0 {
		return end
	}
	if n := bareFloat(d, at); n > 0 {
		return at + n
	}
	return malformed
}

func skipObject(d []byte, at, depth int) int {
	if depth < 0 {
		return malformed
	}
	if at = space(d, at); d[at] == '}' {
		return at + 1
	}
	for {
		if at = space(d, at); d[at] != '"' {
			return malformed
		}
		if at = stringEnd(d, at+1); at < 0 {
			return malformed
		}
		if at = space(d, at+1); d[at] != ':' {
			return malformed
		}
		if at = skip(d, space(d, at+1), depth); at < 0 {
			return malformed
		}
		switch at = space(d, at); d[at] {
		case ',':
			at++
		case '}':
			return at + 1
		default:
			return malformed
		}
	}
}

func skipArray(d []byte, at, depth int) int {
	if depth < 0 {
		return malformed
	}
	if at = space(d, at); d[at] == ']' {
		return at + 1
	}
	for {
		if at = skip(d, space(d, at), depth); at < 0 {
			return malformed
		}
		switch at = space(d, at); d[at] {
		case ',':
			at++
		case ']':
			return at + 1
		default:
			return malformed
		}
	}
}

// bareFloat is the length of the word for NaN or an infinity at d[at:], which Spark takes for a number; 0 if there is none.
func bareFloat(d []byte, at int) int {
	for _, word := range [...]string{"NaN", "Infinity", "+Infinity", "-Infinity", "+INF", "-INF"} {
		if string(d[at:at+len(word)]) == word {
			return len(word)
		}
	}
	return 0
}
