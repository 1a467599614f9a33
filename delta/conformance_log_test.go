//go:build integration

package delta_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/local"
)

// wrongChecksums are files that say what the log does not, for tests of other readers: one tells another time, one counts files that were never added.
var wrongChecksums = []string{"cdc_ict_table/delta/_delta_log/00000000000000000001.crc", "crc-full/delta/"}

// TestConformanceChecksums holds every version of every table that has a checksum file by another writer against it.
func TestConformanceChecksums(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(conformanceRoot(t), "*", "*", "delta", "_delta_log", "*.crc"))
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range files {
		root := filepath.Dir(filepath.Dir(file))
		version, err := strconv.ParseInt(strings.TrimSuffix(filepath.Base(file), ".crc"), 10, 64)
		if err != nil {
			continue
		}
		wrong := slices.ContainsFunc(wrongChecksums, func(name string) bool { return strings.Contains(filepath.ToSlash(file), name) })
		store, err := local.New(root)
		if err != nil {
			t.Fatal(err)
		}
		s, err := delta.Open(store, "", delta.Config{}).SnapshotAt(t.Context(), version)
		var unsupported *delta.UnsupportedError
		if errors.As(err, &unsupported) || errors.Is(err, delta.ErrVersionNotFound) || errors.Is(err, delta.ErrNotTable) {
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		var corrupt *delta.CorruptError
		if _, err := s.Verify(t.Context()); wrong && !errors.As(err, &corrupt) || !wrong && err != nil {
			t.Errorf("%s: wrong: %v, Verify: %v", file, wrong, err)
		}
		checked++
	}
	if checked < 100 {
		t.Errorf("only %d checksum files were compared", checked)
	}
}
