//go:build integration

package delta_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// compareRows compares bags of rows as values.
func compareRows(want, got []string) string {
	w, g := slices.Clone(want), slices.Clone(got)
	slices.Sort(w)
	slices.Sort(g)
	if slices.Equal(w, g) {
		return ""
	}
	w, g = canonical(want), canonical(got)
	if slices.Equal(w, g) {
		return ""
	}
	first := 0
	for first < min(len(w), len(g)) && w[first] == g[first] {
		first++
	}
	return cmp.Diff(w[first:min(len(w), first+10)], g[first:min(len(g), first+10)]) + fmt.Sprintf("%d rows, want %d", len(g), len(w))
}

// canonical writes each row's numbers in one way.
func canonical(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		d := json.NewDecoder(bytes.NewReader([]byte(line)))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			out[i] = line
			continue
		}
		text, err := json.Marshal(canonicalValue(v))
		if err != nil {
			out[i] = line
			continue
		}
		out[i] = string(text)
	}
	slices.Sort(out)
	return out
}

func canonicalValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = canonicalValue(x)
		}
	case []any:
		for i, x := range v {
			v[i] = canonicalValue(x)
		}
	case json.Number:
		if strings.ContainsAny(string(v), ".eE") {
			f, _ := v.Float64()
			if f == float64(float32(f)) { // a FLOAT: some print its shortest text, some the double's
				return strconv.FormatFloat(f, 'g', -1, 32)
			}
			return strconv.FormatFloat(f, 'g', -1, 64)
		}
		return string(v)
	}
	return v
}
