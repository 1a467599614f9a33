package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine/statement"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/local"
	"github.com/medallion-go/medallion/storage/s3"
)

// locate maps a path or URL to a store and a key in it. This is the only place that knows URL schemes.
func locate(ctx context.Context, name string) (storage.Store, string, error) {
	scheme, rest, isURL := strings.Cut(name, "://")
	switch {
	case !isURL:
		return localPath(name)
	case scheme == "file":
		return localPath(rest)
	case scheme == "s3" || scheme == "s3a":
		return s3Path(ctx, rest)
	}
	return nil, "", fmt.Errorf("%s: the scheme %s is not known: name a path, file:// or s3://", name, scheme)
}

func localPath(name string) (storage.Store, string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, "", err
	}
	root := filepath.VolumeName(abs) + string(filepath.Separator)
	store, err := local.New(root)
	if err != nil {
		return nil, "", err
	}
	return store, strings.Trim(filepath.ToSlash(strings.TrimPrefix(abs, root)), "/"), nil
}

// s3Path opens a bucket with the default credentials; AWS_ENDPOINT_URL_S3 and the like are honoured, as by every AWS tool.
func s3Path(ctx context.Context, rest string) (storage.Store, string, error) {
	bucket, key, _ := strings.Cut(rest, "/")
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("AWS configuration: %w", err)
	}
	store, err := s3.New(s3.Config{Bucket: bucket, AWS: &c})
	return store, strings.Trim(key, "/"), err
}

// openTable opens a Delta table by path or URL, whether it is there or not.
func openTable(ctx context.Context, name string) (*delta.Table, error) {
	store, key, err := locate(ctx, name)
	if err != nil {
		return nil, err
	}
	return delta.Open(store, key, delta.Config{}), nil
}

// parseTable reads the flags and opens the one table that is named beside them.
func parseTable(ctx context.Context, fs *flag.FlagSet, args []string, errs io.Writer) (*delta.Table, error) {
	name, err := parse(fs, args, errs)
	if err != nil {
		return nil, err
	}
	return openTable(ctx, name)
}

// snapshotOf reads a table's version, or as it was at a time, or its newest.
func snapshotOf(ctx context.Context, t *delta.Table, version int64, timestamp string) (*delta.Snapshot, error) {
	switch {
	case version >= 0 && timestamp != "":
		return nil, errors.New("--version and --timestamp exclude each other")
	case version >= 0:
		return t.SnapshotAt(ctx, version)
	case timestamp != "":
		at, err := parseTime(timestamp)
		if err != nil {
			return nil, err
		}
		return t.SnapshotAsOf(ctx, at)
	}
	return t.Snapshot(ctx)
}

func parseTime(text string) (time.Time, error) {
	t, err := statement.ParseTime(text)
	if err != nil {
		return t, fmt.Errorf("--timestamp %q: write it as 2026-01-31T12:00:00Z or 2026-01-31", text)
	}
	return t, nil
}

// isDataFile tells a Parquet, NDJSON or CSV file or glob from a table.
func isDataFile(name string) bool {
	if strings.ContainsAny(name, "*?[{") {
		return true
	}
	if !strings.Contains(name, "://") {
		if info, err := os.Stat(name); err == nil {
			return !info.IsDir()
		}
	}
	base := strings.ToLower(name)
	for _, compressed := range []string{".gz", ".zst", ".snappy", ".sz"} {
		base = strings.TrimSuffix(base, compressed)
	}
	for _, ext := range []string{".parquet", ".json", ".ndjson", ".jsonl", ".csv"} {
		if strings.HasSuffix(base, ext) {
			return true
		}
	}
	return false
}
