package files_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// TestNoFolder is about folders that are not there, as those that are misspelt or not mounted: they are no folders without files.
func TestNoFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	landing := filepath.Join(dir, "landing")
	s := files.New(filepath.Join(landing, "o*.json"), anyText()...)
	_, err := s.Plan(t.Context(), nil, source.Limits{})
	var missing *files.NoFolderError
	if !errors.As(err, &missing) || missing.Folder != landing || !errors.Is(err, storage.ErrNotFound) {
		t.Fatalf("Plan of a folder that is not there: %v, want a NoFolderError about %s", err, landing)
	}
	if errors.Is(err, source.ErrGone) {
		t.Errorf("%v: no file of a batch is gone, the batch is to be kept", err)
	}
	if _, err := files.New(filepath.Join(landing, "*.json")).Schema(t.Context()); !errors.As(err, &missing) {
		t.Errorf("inference: %v, want a NoFolderError", err)
	}
	if err := os.Mkdir(landing, 0o755); err != nil {
		t.Fatal(err)
	}
	if batch, err := s.Plan(t.Context(), nil, source.Limits{}); err != nil || batch.Files != 0 {
		t.Errorf("Plan of an empty folder: %d files, %v, want none", batch.Files, err)
	}
	if batch, err := files.In(memory.New(), "landing/*.json", anyText()...).Plan(t.Context(), nil, source.Limits{}); err != nil || batch.Files != 0 {
		t.Errorf("Plan of a store, which has no folders: %d files, %v, want none", batch.Files, err)
	}
}
