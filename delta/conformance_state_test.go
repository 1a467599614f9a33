//go:build integration

package delta_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage"
)

// stateCase is what must come of a table whose rows cannot be read: how opening it fails, or the state of the snapshot and how reading it fails.
type stateCase struct {
	notTable    bool
	unsupported string // the name of what is needed
	corrupt     string // part of what is wrong
	file        string // of the damage

	version   int64
	files     int
	paths     []string         // of the files, in order; nil: not compared
	txns      map[string]int64 // nil: none
	noColumns bool             // reading fails for want of columns; else for want of a file
}

// stateOnly are the tables without rows: logs alone, and damaged or unknown ones.
var stateOnly = map[string]stateCase{
	"delta-go/checkpoints-simple":     {version: 12, files: 12},
	"delta-go/checkpoints-singlepart": {version: 10, files: 9},

	"delta-rs/checkpoint_with_partitions":              {version: 2, files: 2},
	"delta-rs/checkpoints":                             {version: 12, files: 12},
	"delta-rs/checkpoints_vacuumed":                    {version: 12, files: 12},
	"delta-rs/errlog-table_a":                          {version: 13, files: 130},
	"delta-rs/errlog-table_b":                          {version: 13, files: 130},
	"delta-rs/errlog-table_c":                          {corrupt: "missing", file: "_delta_log/00000000000000000012.json"},
	"delta-rs/errlog-table_d":                          {unsupported: "catalogOwned"},
	"delta-rs/errlog-table_e":                          {unsupported: "catalogOwned"},
	"delta-rs/errlog-table_f":                          {unsupported: "catalogOwned"},
	"delta-rs/errlog-table_g":                          {version: 9999, files: 100},
	"delta-rs/errlog-table_h":                          {unsupported: "catalogOwned"},
	"delta-rs/errlog-table_i":                          {unsupported: "catalogOwned"},
	"delta-rs/latest_not_checkpointed":                 {version: 3, files: 1},
	"delta-rs/simple_table_features":                   {unsupported: "minReaderVersion"},
	"delta-rs/spark-variant-stable-feature-checkpoint": {version: 1, files: 4},
	"delta-rs/table-with-domain-metadata":              {version: 108, files: 109},
	"delta-rs/with_checkpoint_no_last_checkpoint":      {version: 3, files: 1},

	"golden/checkpoint":                                                     {version: 14, files: 1, paths: []string{"15"}},
	"golden/corrupted-last-checkpoint":                                      {version: 10, files: 11, noColumns: true},
	"golden/data-reader-absolute-paths-escaped-chars":                       {corrupt: "no metaData"},
	"golden/delete-re-add-same-file-different-transactions":                 {version: 3, files: 2, paths: []string{"bar", "foo"}},
	"golden/deltalog-commit-info":                                           {version: 0, files: 1, paths: []string{"abc"}, noColumns: true},
	"golden/deltalog-invalid-protocol-version":                              {unsupported: "minReaderVersion"},
	"golden/deltalog-state-reconstruction-from-checkpoint-missing-metadata": {version: 10, files: 11, noColumns: true}, // its commits are all there
	"golden/deltalog-state-reconstruction-from-checkpoint-missing-protocol": {version: 10, files: 11, noColumns: true},
	"golden/deltalog-state-reconstruction-without-metadata":                 {corrupt: "no metaData"},
	"golden/deltalog-state-reconstruction-without-protocol":                 {corrupt: "no protocol"},
	"golden/log-replay-special-characters-b":                                {version: 0, files: 1, paths: []string{"special%20p@%23h"}},
	"golden/no-delta-log-folder":                                            {notTable: true},
	"golden/parquet-decimal-dictionaries-v1":                                {version: 0, files: 1},
	"golden/update-deleted-directory":                                       {version: 0, files: 10, noColumns: true},
	"golden/versions-not-contiguous":                                        {corrupt: "missing", file: "_delta_log/00000000000000000001.json"},

	"kernel-java/catalog-owned-preview": {unsupported: "catalogManaged"},

	"kernel-rs/app-txn-with-last-updated":          {version: 3, files: 4, txns: map[string]int64{"new_app_0": 1, "new_app_1": 1, "new_app_2": 1, "old_app": 1}},
	"kernel-rs/crc-malformed":                      {notTable: true},
	"kernel-rs/table-with-geo":                     {unsupported: `type "geometry(OGC:CRS84)"`},
	"kernel-rs/type-widening":                      {unsupported: "typeWidening"},
	"kernel-rs/uc-catalog_managed_0":               {unsupported: "catalogManaged"},
	"kernel-rs/with_checkpoint_no_last_checkpoint": {version: 3, files: 1},
}

// TestConformanceState opens the tables whose rows cannot be read.
func TestConformanceState(t *testing.T) {
	tables := conformanceTables(t)
	for _, name := range slices.Sorted(maps.Keys(stateOnly)) {
		want, c := stateOnly[name], tables[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.truth != "error-or-log-only" {
				t.Fatalf("the index says that its rows are known by %s", c.truth)
			}
			s, err := c.open(t).Snapshot(t.Context())
			switch {
			case want.notTable:
				if !errors.Is(err, delta.ErrNotTable) {
					t.Errorf("error %v, want ErrNotTable", err)
				}
			case want.unsupported != "":
				requireUnsupported(t, err, want.unsupported)
			case want.corrupt != "":
				requireCorrupt(t, err, want.corrupt, want.file)
			case err != nil:
				t.Error(err)
			default:
				want.check(t, s)
			}
		})
	}
}

func requireUnsupported(t *testing.T, err error, feature string) {
	t.Helper()
	var unsupported *delta.UnsupportedError
	if !errors.As(err, &unsupported) || unsupported.Feature != feature {
		t.Errorf("error %v, want that %s is not supported", err, feature)
	}
}

func requireCorrupt(t *testing.T, err error, reason, file string) {
	t.Helper()
	var corrupt *delta.CorruptError
	if !errors.As(err, &corrupt) || !strings.Contains(corrupt.Reason, reason) || corrupt.File != file {
		t.Errorf("error %v, want %q of file %q", err, reason, file)
	}
}

// check compares a snapshot, and the error of reading it.
func (want stateCase) check(t *testing.T, s *delta.Snapshot) {
	t.Helper()
	if s.Version() != want.version || s.NumFiles() != want.files {
		t.Errorf("version %d of %d files, want %d of %d", s.Version(), s.NumFiles(), want.version, want.files)
	}
	paths := map[string]bool{}
	for f := range s.Files() {
		paths[f.Path] = true
	}
	if got := slices.Sorted(maps.Keys(paths)); want.paths != nil && !slices.Equal(got, want.paths) {
		t.Errorf("files %q, want %q", got, want.paths)
	}
	txns := map[string]int64{}
	for _, txn := range s.Txns() {
		txns[txn.AppID] = txn.Version
	}
	if diff := cmp.Diff(want.txns, txns); len(want.txns)+len(txns) > 0 && diff != "" {
		t.Errorf("txns (-want +got):\n%s", diff)
	}
	_, err := tableRows(t, s)
	if want.noColumns {
		requireCorrupt(t, err, "no columns", "")
	} else if !errors.Is(err, storage.ErrNotFound) || !strings.Contains(err.Error(), "file ") {
		t.Errorf("error %v, want that a file is not there", err)
	}
}
