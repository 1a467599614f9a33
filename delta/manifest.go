package delta

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/medallion-go/medallion/storage"
)

const (
	manifestFolder   = "_symlink_format_manifest/"
	manifestName     = "manifest"
	manifestProperty = "delta.compatibility.symlinkFormatManifest.enabled"
)

// GenerateManifest writes, for engines that read neither Delta nor its log, which files the table has: _symlink_format_manifest/manifest, of a partitioned table
// one in a folder for each partition, with a file's address in each line (GENERATE symlink_format_manifest). Manifests of partitions that are no more are
// removed. Where the property delta.compatibility.symlinkFormatManifest.enabled is true, every commit does so for the partitions that it changes. Tables
// whose files are not to be read as they are, for deletion vectors or column mapping, are refused.
func (t *Table) GenerateManifest(ctx context.Context) error {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return err
	}
	if err := s.generateManifest(ctx, nil); err != nil {
		return fmt.Errorf("delta: generate the manifest of %s: %w", t.Name(), err)
	}
	return nil
}

// generateManifest writes the manifests of these partitions' folders; nil: of all.
func (s *Snapshot) generateManifest(ctx context.Context, only map[string]bool) error {
	if mode := s.metadata.mapping(); mode != mappingNone {
		return s.unsupported("columnMapping", "a manifest of files with other names for columns", false)
	}
	content := make(map[string][]string)
	if len(s.PartitionColumns()) == 0 {
		content[""] = nil
	}
	for _, f := range s.files().live {
		folder := partitionDirectory(ordered(f, s.PartitionColumns()))
		if only != nil && !only[folder] {
			continue
		}
		if f.vector() != nil {
			return s.unsupported("deletionVectors", "a manifest of files with deleted rows: REORG TABLE … APPLY (PURGE) comes first", false)
		}
		address, err := s.manifestLine(f)
		if err != nil {
			return err
		}
		content[folder] = append(content[folder], address)
	}
	for folder, lines := range content {
		if err := s.writeManifest(ctx, folder, lines); err != nil {
			return err
		}
	}
	return s.removeManifests(ctx, content, only)
}

// manifestLine is the address of a file, with nothing escaped.
func (s *Snapshot) manifestLine(f *File) (string, error) {
	key, err := s.table.objectKey(f.Path)
	if err != nil {
		return "", err
	}
	if l, ok := s.table.store.(storage.Locator); ok {
		return decodePath(absolutePath(l, key)), nil
	}
	return key, nil
}

func (s *Snapshot) manifestKey(folder string) string {
	return s.table.log.root + manifestFolder + folder + manifestName
}

func (s *Snapshot) writeManifest(ctx context.Context, folder string, lines []string) error {
	w, err := s.table.store.Create(ctx, s.manifestKey(folder))
	if err != nil {
		return err
	}
	text := strings.Join(lines, "\n")
	if len(lines) > 0 {
		text += "\n"
	}
	if _, err := w.Write([]byte(text)); err != nil {
		return errors.Join(err, w.Abort())
	}
	if _, err := w.Commit(ctx); err != nil {
		return errors.Join(err, w.Abort())
	}
	return nil
}

// removeManifests removes those of partitions that are no more.
func (s *Snapshot) removeManifests(ctx context.Context, content map[string][]string, only map[string]bool) error {
	root := s.table.log.root + manifestFolder
	var stale []string
	for o, err := range s.table.store.List(ctx, root, "") {
		if err != nil {
			return err
		}
		folder, ok := strings.CutSuffix(strings.TrimPrefix(o.Key, root), manifestName)
		if _, current := content[folder]; ok && !current && (only == nil || only[folder]) {
			stale = append(stale, o.Key)
		}
	}
	if len(stale) == 0 {
		return nil
	}
	slices.Sort(stale)
	return s.table.store.Delete(ctx, stale...)
}

// updateManifest follows a commit: it writes the manifests of the partitions whose files the commit changed, where the table asks for it.
func (t *Table) updateManifest(ctx context.Context, s *Snapshot, changed ...[]*File) error {
	if s.Property(manifestProperty) != "true" {
		return nil
	}
	only := make(map[string]bool)
	for _, f := range slices.Concat(changed...) {
		only[partitionDirectory(ordered(f, s.PartitionColumns()))] = true
	}
	return s.generateManifest(ctx, only)
}
