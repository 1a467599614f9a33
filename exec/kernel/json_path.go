package kernel

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/medallion-go/medallion/internal/digits"
)

// documents are the functions on text in JSON and CSV.
func documents() map[string]builder {
	return map[string]builder{
		"get_json_object": getJSONObject, "from_json": fromJSON, "to_json": toJSON, "json_array_length": jsonArrayLength, "json_object_keys": jsonObjectKeys,
		"from_csv": fromCSV, "to_csv": toCSV,
	}
}

// jsonStep is one step of a path.
type jsonStep struct {
	kind  jsonStepKind
	name  string
	index int
}

type jsonStepKind uint8

const (
	jsonName     jsonStepKind = iota // .name or ['name']
	jsonAnyName                      // .*, which matches nothing
	jsonIndex                        // [0]
	jsonAnyIndex                     // [*]
)

// parseJSONPath reads $ and steps; ok is false for anything else, which gives NULL for every row.
func parseJSONPath(path string) (steps []jsonStep, ok bool) {
	rest, ok := strings.CutPrefix(path, "$")
	for ok && rest != "" {
		var step jsonStep
		if step, rest, ok = parseJSONStep(rest); ok {
			steps = append(steps, step)
		}
	}
	return steps, ok
}

func parseJSONStep(path string) (step jsonStep, rest string, ok bool) {
	if name, found := strings.CutPrefix(path, "."); found {
		end := strings.IndexAny(name, ".[")
		if end < 0 {
			end = len(name)
		}
		if name[:end] == "*" {
			return jsonStep{kind: jsonAnyName}, name[end:], true
		}
		return jsonStep{kind: jsonName, name: name[:end]}, name[end:], end > 0
	}
	if name, found := strings.CutPrefix(path, "['"); found {
		name, rest, found = strings.Cut(name, "']")
		if name == "*" {
			return jsonStep{kind: jsonAnyName}, rest, found
		}
		return jsonStep{kind: jsonName, name: name}, rest, found && name != "" && !strings.ContainsAny(name, "'?")
	}
	inside, found := strings.CutPrefix(path, "[")
	if !found {
		return step, path, false
	}
	inside, rest, found = strings.Cut(inside, "]")
	if inside == "*" {
		return jsonStep{kind: jsonAnyIndex}, rest, found
	}
	index, err := strconv.ParseInt(inside, 10, 32)
	return jsonStep{kind: jsonIndex, index: int(index)}, rest, found && err == nil && digits.Count([]byte(inside)) == len(inside)
}

// getJSONObject is the value at a path: strings as they are, everything else as JSON; NULL where there is nothing, null, or no JSON.
func getJSONObject(c *site) (kernel, error) {
	fixed, constant := c.text(1)
	steps, ok := parseJSONPath(fixed)
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, paths := textsOf(args[0]), textsOf(args[1])
		var last []byte
		t := k.newText(a.size())
		for i := range k.rows() {
			t.row(i)
			if path := paths.at(i); !constant && (last == nil || !bytes.Equal(path, last)) {
				steps, ok = parseJSONPath(string(path))
				last = append([]byte{}, path...)
			}
			w := jsonWriter{in: jsonScanner{b: a.at(i)}}
			if !ok || !w.document(steps) {
				k.setNull(i)
				continue
			}
			t.data = append(t.data, w.out...)
		}
		return t.done()
	}}, nil
}

// jsonStyle is how matches are written, as in Hive: raw for one value, quoted inside an array, flat to join nested arrays.
type jsonStyle uint8

const (
	rawStyle jsonStyle = iota
	quotedStyle
	flatStyle
)

// jsonWriter evaluates a path over one document.
type jsonWriter struct {
	in     jsonScanner
	out    []byte
	broken bool // not JSON
}

func (w *jsonWriter) document(steps []jsonStep) bool {
	return w.in.peek() != 0 && w.value(steps, rawStyle) && !w.broken
}

// value writes what the path finds in the next value and tells whether it found anything.
func (w *jsonWriter) value(steps []jsonStep, style jsonStyle) bool {
	c := w.in.peek()
	if len(steps) == 0 {
		return w.match(c, style)
	}
	switch step := steps[0]; {
	case c == '{' && step.kind == jsonName:
		return w.object(steps, style)
	case c == '[' && step.kind == jsonIndex:
		return w.element(steps, style)
	case c == '[' && step.kind == jsonAnyIndex:
		return w.array(steps, style)
	}
	w.skip()
	return false
}

func (w *jsonWriter) skip() { w.broken = !w.in.skip() || w.broken }

// match writes a value that the path ends at.
func (w *jsonWriter) match(c byte, style jsonStyle) bool {
	switch {
	case c == '[' && style == flatStyle:
		found := false
		w.each(func() { found = w.value(nil, style) || found })
		return found
	case c == '"' && style == rawStyle:
		text, ok := w.in.text(nil)
		w.out, w.broken = append(w.out, text...), w.broken || !ok
		return true
	}
	w.separate()
	var ok bool
	w.out, ok = w.in.copy(w.out)
	w.broken = w.broken || !ok
	return true
}

// separate writes a comma between the values of an array.
func (w *jsonWriter) separate() {
	if n := len(w.out); n > 0 && w.out[n-1] != '[' {
		w.out = append(w.out, ',')
	}
}

// each runs f at every element of the array, or every member's value.
func (w *jsonWriter) each(f func()) {
	ok := w.in.each(func() bool {
		f()
		return !w.broken
	})
	w.broken = w.broken || !ok
}

// object looks for the first member that the path matches in.
func (w *jsonWriter) object(steps []jsonStep, style jsonStyle) bool {
	found := false
	w.each(func() {
		name, ok := w.in.member(nil)
		switch {
		case !ok:
			w.broken = true
		case found || string(name) != steps[0].name:
			w.skip()
		case w.in.peek() == 'n': // null is no match
			w.skip()
		default:
			found = w.value(steps[1:], style)
		}
	})
	return found
}

// element goes to one element; a wildcard behind it is written in full.
func (w *jsonWriter) element(steps []jsonStep, style jsonStyle) bool {
	if len(steps) > 1 && steps[1].kind == jsonAnyIndex {
		style = quotedStyle
	}
	found, at := false, 0
	w.each(func() {
		if at == steps[0].index {
			found = w.value(steps[1:], style)
		} else {
			w.skip()
		}
		at++
	})
	return found
}

// array goes through all elements. A single match is written without brackets, unless it stands in an array already.
func (w *jsonWriter) array(steps []jsonStep, style jsonStyle) bool {
	next := quotedStyle
	rest := steps[1:]
	double := len(steps) > 1 && steps[1].kind == jsonAnyIndex
	if double {
		next, rest = flatStyle, steps[2:]
	} else if style == flatStyle {
		next = flatStyle
	}
	w.separate()
	start, found := len(w.out), 0
	w.out = append(w.out, '[')
	w.each(func() { found += b2i(w.value(rest, next)) })
	w.out = append(w.out, ']')
	if double || style == quotedStyle {
		return found > 0
	}
	switch found {
	case 0:
		w.out = w.out[:start]
	case 1:
		w.out = append(w.out[:start], w.out[start+1:len(w.out)-1]...)
	}
	return found > 0
}
