package files

import (
	"strings"
	"testing"
)

func TestGlob(t *testing.T) {
	t.Parallel()
	tests := []struct{ pattern, prefix, match, miss string }{
		{"a/*.json", "a/", "a/x.json", "a/.json.json a/b/x.json x.json a/_x.json a/.x.json a/x.json.bak b/x.json"},
		{"a/x.json", "a/x.json", "a/x.json", "a/x.json.gz a/x"},
		{"a/", "a/", "a/x a/b/c.csv", "a b/x a/_x a/_tmp/x a/b/.x"},
		{"**/*.csv", "", "x.csv a/x.csv a/b/c/x.csv", "a/_b/x.csv x.json"},
		{"a/**/b/*.csv", "a/", "a/b/x.csv a/1/b/x.csv a/1/2/b/x.csv a/b/b/x.csv", "a/x.csv b/x.csv a/b/1/x.csv a/.1/b/x.csv"},
		{"a/**", "a/", "a/x a/b/c", "b/x a/_x/c"},
		{"**/**/x", "", "x a/x a/b/x", "y"},
		{"year={2024,2025}/*", "year=202", "year=2024/x year=2025/y", "year=2026/x"},
		{"{a,b/{c,d}}/x?", "", "a/x1 b/c/xé b/d/x2", "b/x1 a/x a/x12"},
		{"[a-c]x/[!0-9]*", "", "ax/q cx/q1", "dx/q ax/1q"},
		{"_raw/*/_*.json", "_raw/", "_raw/a/_x.json", "_raw/a/x.json _raw/_a/_x.json _raw/a/.x.json"},
		{`a\*/\{x\}`, "a", `a*/{x}`, "ab/{x} a*/x"},
	}
	for _, tt := range tests {
		t.Run(tt.pattern, func(t *testing.T) {
			t.Parallel()
			g, err := parseGlob(tt.pattern)
			if err != nil {
				t.Fatal(err)
			}
			if g.prefix != tt.prefix {
				t.Errorf("prefix = %q, want %q", g.prefix, tt.prefix)
			}
			for _, key := range strings.Fields(tt.match) {
				if !g.match(key) {
					t.Errorf("%q does not match", key)
				}
				if !strings.HasPrefix(key, g.prefix) {
					t.Errorf("%q would not be listed under %q", key, g.prefix)
				}
			}
			for _, key := range strings.Fields(tt.miss) {
				if g.match(key) {
					t.Errorf("%q matches", key)
				}
			}
		})
	}
}

func TestGlobErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"": "is empty", "a//b": "segment between slashes is empty", "a/[x": "syntax error", "{a,b": "brace is not closed",
		strings.Repeat("{a,b}", 11): "more than 1024", "/a": "is empty",
	}
	for pattern, want := range tests {
		if _, err := parseGlob(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parseGlob(%q) error = %v, want %q", pattern, err, want)
		}
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("a/{b,c*}/**/[x-z]?.json", "a/b/q/x1.json")
	f.Add("a/", "a/_b/c")
	f.Fuzz(func(t *testing.T, pattern, key string) {
		g, err := parseGlob(pattern)
		if err != nil || !g.match(key) {
			return
		}
		if !strings.HasPrefix(key, g.prefix) {
			t.Errorf("%q matches %q, but is not listed under %q", key, pattern, g.prefix)
		}
	})
}
