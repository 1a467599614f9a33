package delta

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestJSONChecksum has the protocol's own example first.
func TestJSONChecksum(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{
			"nested", `{"k0":"'v 0'", "checksum": "adsaskfljadfkjadfkj", "k1":{"k2": 2, "k3": ["v3", [1, 2], {"k4": "v4", "k5": ["v5", "v6", "v7"]}]}}`,
			"6a92d155a59bf2eecbd4b4ec7fd1f875",
		},
		{"the order of members does not count", `{"k1":{"k3":["v3",[1,2],{"k5":["v5","v6","v7"],"k4":"v4"}],"k2":2},"k0":"'v 0'"}`, "6a92d155a59bf2eecbd4b4ec7fd1f875"},
		{"only the outer checksum is left out", `{"a":{"checksum":"x"}}`, "bbe93f63a5362ac4af5dbd0be73d4f2e"},
		{"a member twice", `{"a":1,"a":1}`, ""},
		{"no object", `[1]`, ""},
		{"cut off", `{"a":1`, ""},
		{"too deep", `{"a":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := jsonChecksum(tt.text)
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("checksum = %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// TestHintsOfOthers verifies the checksums that other writers computed.
func TestHintsOfOthers(t *testing.T) {
	t.Parallel()
	hints, err := filepath.Glob(filepath.Join(os.Getenv("MEDALLION_CONFORMANCE"), "*", "*", "delta", "_delta_log", "_last_checkpoint"))
	if err != nil || len(hints) == 0 {
		t.Skip("MEDALLION_CONFORMANCE does not name the folder of conformance tables")
	}
	checked := 0
	for _, file := range hints {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(data), `"checksum"`) {
			continue
		}
		if _, err := parseHint(string(data)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		checked++
	}
	if checked == 0 {
		t.Error("no hint has a checksum")
	}
}
