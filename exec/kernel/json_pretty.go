package kernel

// prettyJSON spreads compact JSON over lines, as Jackson does: members one a line, the elements of an array beside each other.
func prettyJSON(compact []byte) []byte {
	var out []byte
	depth, quoted := 0, false
	line := func() {
		out = append(out, '\n')
		for range depth {
			out = append(out, "  "...)
		}
	}
	var open []byte // the marks that are open
	for i := 0; i < len(compact); i++ {
		switch c := compact[i]; {
		case quoted:
			out = append(out, c)
			if c == '\\' {
				i++
				out = append(out, compact[i])
			}
			quoted = c != '"'
		case (c == '{' || c == '[') && compact[i+1] == c+2:
			out = append(out, c, ' ', c+2)
			i++
		case c == '{':
			open, depth, out = append(open, c), depth+1, append(out, c)
			line()
		case c == '[':
			open, out = append(open, c), append(out, "[ "...)
		case c == '}':
			open, depth = open[:len(open)-1], depth-1
			line()
			out = append(out, c)
		case c == ']':
			open, out = open[:len(open)-1], append(out, " ]"...)
		case c == ',' && open[len(open)-1] == '{':
			out = append(out, c)
			line()
		case c == ',':
			out = append(out, ", "...)
		case c == ':':
			out = append(out, " : "...)
		default:
			out, quoted = append(out, c), c == '"'
		}
	}
	return out
}
