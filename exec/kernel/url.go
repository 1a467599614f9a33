package kernel

import (
	"bytes"

	"github.com/medallion-go/medallion/expr"
)

// urls are the functions of URLs.
func urls() map[string]builder {
	return map[string]builder{
		"url_encode": textual(appendURLEncoded), "url_decode": urlDecode, "try_url_decode": urlDecode, "parse_url": parseURL, "try_parse_url": parseURL,
	}
}

// appendURLEncoded writes application/x-www-form-urlencoded.
func appendURLEncoded(dst, s []byte) []byte {
	const digits = "0123456789ABCDEF"
	for _, c := range s {
		switch {
		case digitOf(c) < 36 || c == '.' || c == '-' || c == '*' || c == '_':
			dst = append(dst, c)
		case c == ' ':
			dst = append(dst, '+')
		default:
			dst = append(dst, '%', digits[c>>4], digits[c&15])
		}
	}
	return dst
}

func urlDecode(c *site) (kernel, error) {
	return c.reading(appendURLDecoded, func(text []byte) error {
		return fault(c.pos, "CANNOT_DECODE_URL", "22546", "use try_url_decode to get NULL instead", "'%s' cannot be decoded", text)
	})
}

// appendURLDecoded decodes escapes, which stand for UTF-8: what is none becomes U+FFFD.
func appendURLDecoded(dst, s []byte) ([]byte, bool) {
	var run []byte
	for len(s) > 0 {
		run = run[:0]
		for len(s) > 0 && s[0] == '%' {
			if len(s) < 3 {
				return dst, false
			}
			b, ok := escapedByte(s[1], s[2])
			if !ok {
				return dst, false
			}
			run, s = append(run, b), s[3:]
		}
		dst = appendValidUTF8(dst, run)
		if len(s) > 0 && s[0] != '%' {
			c := s[0]
			if c == '+' {
				c = ' '
			}
			dst, s = append(dst, c), s[1:]
		}
	}
	return dst, true
}

// escapedByte reads two digits, or + and one, as Java's parseInt does.
func escapedByte(high, low byte) (byte, bool) {
	h, l := digitOf(high), digitOf(low)
	if high == '+' {
		h = 0
	}
	return h<<4 | l, h < 16 && l < 16
}

// parseURL takes a part out of a URL, or the value of a parameter out of its query.
func parseURL(c *site) (kernel, error) {
	try := tries(c.name)
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, parts := textsOf(args[0]), textsOf(args[1])
		key := parameter{pos: c.pos}
		t := k.newText(a.size())
		for i := range k.rows() {
			t.row(i)
			name := string(parts.at(i))
			if len(args) == 3 && name != "QUERY" { // only a query has parameters: the URL is not looked at
				k.setNull(i)
				continue
			}
			u, ok := parseURI(string(a.at(i)))
			if !ok && !try {
				return vec{}, fault(c.pos, "INVALID_URL", "22P02", "use try_parse_url to get NULL instead", "'%s' is no URL", a.at(i))
			}
			var part []byte
			found := false
			if ok {
				part, found = u.part(name)
			}
			if found && len(args) == 3 {
				var err error
				if part, found, err = key.of(part, textsOf(args[2]).at(i)); err != nil {
					return vec{}, err
				}
			}
			if !found {
				k.setNull(i)
			}
			t.data = append(t.data, part...)
		}
		return t.done()
	}}, nil
}

// part is a part by its name in capitals; found is false where the URL does not have it, or there is no such part.
func (u uri) part(name string) (part []byte, found bool) {
	p := map[string]*string{
		"HOST": u.host, "PATH": u.path, "QUERY": u.query, "REF": u.fragment, "PROTOCOL": u.scheme, "FILE": u.path, "AUTHORITY": u.authority,
		"USERINFO": u.userInfo,
	}[name]
	if p == nil {
		return nil, false
	}
	if name == "FILE" && u.query != nil {
		return []byte(*p + "?" + *u.query), true
	}
	return []byte(*p), true
}

// parameter finds a parameter's value in a query. Its name is part of a regular expression, as in Spark.
type parameter struct {
	pos  expr.Pos
	name []byte
	re   *expression
}

func (p *parameter) of(query, name []byte) (value []byte, found bool, err error) {
	if p.re == nil || !bytes.Equal(p.name, name) {
		if p.re, err = compileRegexp(p.pos, "parse_url", "(&|^)"+string(name)+"=([^&]*)"); err != nil {
			return nil, false, err
		}
		p.name = name
	}
	m := p.re.find(query)
	if m == nil || m[4] < 0 {
		return nil, false, nil
	}
	return query[m[4]:m[5]], true, nil
}
