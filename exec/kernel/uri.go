package kernel

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// uri is a URI in parts, each as it is written; nil is a part that is not there.
type uri struct{ scheme, authority, userInfo, host, path, query, fragment *string }

// What characters a part of a URI may have beside letters and digits (RFC 2396 with the deviations of Java's java.net.URI).
const (
	markChars     = "_-!.~'()*"
	uriChars      = markChars + ";/?:@&=+$,[]"
	pathChars     = markChars + ":@&=+$,;/"
	userChars     = markChars + ";:&=+$,"
	registryChars = markChars + "$,;:@&=+"
	serverChars   = userChars + ".:@[]-"
	schemeChars   = "+-."
)

// parseURI reads a URI or reference.
func parseURI(s string) (u uri, ok bool) {
	if !wellEscaped(s) {
		return u, false
	}
	rest := s
	if i := strings.IndexAny(s, ":/?#"); i >= 0 && s[i] == ':' {
		scheme := s[:i]
		if scheme == "" || !isLetter(scheme[0]) || !all(scheme, schemeChars, false) {
			return u, false
		}
		u.scheme, rest = &scheme, s[i+1:]
		if !strings.HasPrefix(rest, "/") {
			return u, u.opaque(rest)
		}
	}
	return u, u.hierarchical(rest)
}

// opaque is what follows a scheme without a slash: it has no parts but a fragment.
func (u *uri) opaque(s string) bool {
	part, fragment, found := strings.Cut(s, "#")
	return part != "" && all(part, uriChars, true) && u.setFragment(fragment, found)
}

func (u *uri) setFragment(s string, found bool) bool {
	if found {
		u.fragment = &s
	}
	return all(s, uriChars, true)
}

func (u *uri) hierarchical(s string) bool {
	if rest, ok := strings.CutPrefix(s, "//"); ok {
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		if authority := rest[:end]; authority != "" {
			if !u.setAuthority(authority) {
				return false
			}
		} else if end == len(rest) {
			return false
		}
		s = rest[end:]
	}
	s, fragment, hasFragment := strings.Cut(s, "#")
	path, query, hasQuery := strings.Cut(s, "?")
	u.path = &path
	if hasQuery {
		u.query = &query
	}
	return all(path, pathChars, true) && all(query, uriChars, true) && u.setFragment(fragment, hasFragment)
}

// setAuthority reads [user@]host[:port], or else any name of a registry.
func (u *uri) setAuthority(s string) bool {
	u.authority = &s
	server := serverChars
	if strings.Contains(s, "]") {
		server += "%"
	}
	if all(s, server, true) && u.setServer(s) {
		return true
	}
	u.userInfo, u.host = nil, nil
	return all(s, registryChars, true)
}

func (u *uri) setServer(s string) bool {
	if user, rest, found := strings.Cut(s, "@"); found {
		if !all(user, userChars, true) {
			return false
		}
		u.userInfo, s = &user, rest
	}
	host, port := s, ""
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 || !isIPv6(s[1:end]) {
			return false
		}
		host, port = s[:end+1], s[end+1:]
	} else {
		if i := strings.IndexByte(s, ':'); i >= 0 {
			host, port = s[:i], s[i:]
		}
		if !isIPv4(host) && !isHostname(host) {
			return false
		}
	}
	u.host = &host
	return isPort(port)
}

// isPort takes nothing, a colon, or a colon and a number.
func isPort(s string) bool {
	digits, found := strings.CutPrefix(s, ":")
	if !found {
		return s == ""
	}
	number := strings.TrimLeft(digits, "0")
	return strings.Trim(digits, "0123456789") == "" && (len(number) < 10 || len(number) == 10 && number <= "2147483647")
}

func isIPv6(s string) bool {
	address, scope, scoped := strings.Cut(s, "%")
	a, err := netip.ParseAddr(address)
	return err == nil && a.Is6() && (!scoped || scope != "" && all(scope, "_.", false))
}

func isIPv4(s string) bool {
	parts := strings.Split(s, ".")
	for _, p := range parts {
		if p == "" || len(p) > 3 || strings.Trim(p, "0123456789") != "" || len(p) == 3 && p > "255" {
			return false
		}
	}
	return len(parts) == 4
}

// isHostname takes labels of letters, digits and inner hyphens, the last of several beginning with a letter; a dot may follow.
func isHostname(s string) bool {
	labels := strings.Split(strings.TrimSuffix(s, "."), ".")
	for _, label := range labels {
		if label == "" || !all(label, "-", false) || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
	}
	return len(labels) == 1 || isLetter(labels[len(labels)-1][0])
}

// wellEscaped tells that two hexadecimal digits follow each %, but for the scope of an IPv6 address.
func wellEscaped(s string) bool {
	for i := range len(s) {
		if s[i] == '%' && (i+2 >= len(s) || digitOf(s[i+1]) >= 16 || digitOf(s[i+2]) >= 16) && !strings.Contains(s[:i], "[") {
			return false
		}
	}
	return true
}

// all tells that s has nothing but ASCII letters, digits and the characters given; and where they may be, escapes and other visible characters.
func all(s, chars string, escapes bool) bool {
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf && digitOf(byte(r)) < 36, strings.ContainsRune(chars, r):
		case escapes && r == '%', escapes && r > utf8.RuneSelf && !unicode.In(r, unicode.Z) && !unicode.IsControl(r):
		default:
			return false
		}
	}
	return true
}
