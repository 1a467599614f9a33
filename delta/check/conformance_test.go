//go:build integration

package check_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/storage/local"
)

// breaches are the rules that tables of others' test suites break, most of them on purpose; a table that is not here breaks none.
var breaches = map[string]string{
	"delta-go/checkpoints-simple":                                           "file-missing",
	"delta-go/checkpoints-singlepart":                                       "file-missing",
	"delta-rs/cdc_ict_table":                                                "checksum ict-order",
	"delta-rs/checkpoint_with_partitions":                                   "file-missing",
	"delta-rs/checkpoints":                                                  "file-missing",
	"delta-rs/checkpoints_vacuumed":                                         "file-missing",
	"delta-rs/delta-live-table":                                             "field-missing",
	"delta-rs/errlog-table_a":                                               "file-missing",
	"delta-rs/errlog-table_b":                                               "commit-gap file-missing",
	"delta-rs/errlog-table_c":                                               "commit-gap file-missing",
	"delta-rs/errlog-table_e":                                               "file-missing",
	"delta-rs/errlog-table_f":                                               "file-missing",
	"delta-rs/errlog-table_g":                                               "commit-gap file-missing",
	"delta-rs/errlog-table_h":                                               "commit-gap",
	"delta-rs/errlog-table_i":                                               "commit-gap file-missing",
	"delta-rs/issue_1374":                                                   "stats-wrong",
	"delta-rs/latest_not_checkpointed":                                      "file-missing",
	"delta-rs/simple_table_features":                                        "protocol-feature protocol-version row-id-missing",
	"delta-rs/spark-variant-stable-feature-checkpoint":                      "file-missing",
	"delta-rs/table-with-domain-metadata":                                   "file-missing",
	"delta-rs/with_checkpoint_no_last_checkpoint":                           "file-missing",
	"duckdb/null_constraints_lists":                                         "commit-json first-commit",
	"golden/checkpoint":                                                     "file-missing",
	"golden/corrupted-last-checkpoint":                                      "field-missing file-missing",
	"golden/corrupted-last-checkpoint-kernel":                               "last-checkpoint",
	"golden/data-reader-absolute-paths-escaped-chars":                       "file-missing first-commit",
	"golden/delete-re-add-same-file-different-transactions":                 "file-missing",
	"golden/deltalog-commit-info":                                           "field-missing file-missing",
	"golden/deltalog-getChanges":                                            "change-file feature-missing",
	"golden/deltalog-invalid-protocol-version":                              "file-missing protocol-version",
	"golden/deltalog-state-reconstruction-from-checkpoint-missing-metadata": "checkpoint-shape field-missing file-missing",
	"golden/deltalog-state-reconstruction-from-checkpoint-missing-protocol": "checkpoint-shape field-missing file-missing",
	"golden/deltalog-state-reconstruction-without-metadata":                 "file-missing first-commit",
	"golden/deltalog-state-reconstruction-without-protocol":                 "file-missing first-commit",
	"golden/log-replay-special-characters-b":                                "file-missing",
	"golden/parquet-decimal-dictionaries-v1":                                "file-missing",
	"golden/update-deleted-directory":                                       "field-missing file-missing",
	"golden/versions-not-contiguous":                                        "commit-gap field-missing file-missing",
	"kernel-rs/app-txn-with-last-updated":                                   "file-missing",
	"kernel-rs/cdf-table-simple":                                            "change-file",
	"kernel-rs/cdf-table-update-ops":                                        "change-file",
	"kernel-rs/compacted-log-files-table":                                   "compaction",
	"kernel-rs/crc-full":                                                    "checksum",
	"kernel-rs/parquet_row_group_skipping":                                  "checkpoint-state",
	"kernel-rs/table-with-cdf":                                              "change-file remove-not-live",
	"kernel-rs/with_checkpoint_no_last_checkpoint":                          "file-missing",
}

// TestConformance checks every table of the collection: what others' writers made, and what they broke.
func TestConformance(t *testing.T) {
	root := os.Getenv("MEDALLION_CONFORMANCE")
	tables, err := filepath.Glob(filepath.Join(root, "*", "*", "delta"))
	if err != nil || root == "" || len(tables) == 0 {
		if os.Getenv("CI_CONFORMANCE") != "" {
			t.Fatalf("MEDALLION_CONFORMANCE=%q holds no tables: %v", root, err)
		}
		t.Skip("MEDALLION_CONFORMANCE does not name the folder of conformance tables")
	}
	found := make(map[string]string)
	for _, table := range tables {
		store, err := local.New(table)
		if err != nil {
			t.Fatal(err)
		}
		violations, err := check.Table(t.Context(), store, "", check.Options{Deep: true})
		name, relErr := filepath.Rel(root, filepath.Dir(table))
		if relErr != nil {
			t.Fatal(relErr)
		}
		name = filepath.ToSlash(name)
		if err != nil {
			t.Logf("%s: %v", name, err)
			continue
		}
		ids := slices.Compact(slices.Sorted(slices.Values(rules(violations))))
		if len(ids) > 0 {
			found[name] = strings.Join(ids, " ")
		}
	}
	if diff := cmp.Diff(breaches, found); diff != "" {
		t.Errorf("rules broken, by table (-want +got):\n%s", diff)
	}
	t.Logf("%d tables, of which %d break rules", len(tables), len(slices.Collect(maps.Keys(found))))
}
