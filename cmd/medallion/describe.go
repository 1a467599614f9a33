package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
)

// describe prints what a table is: schema, protocol, properties and size.
func describe(ctx context.Context, args []string, std streams) error {
	fs := flag.NewFlagSet("describe", flag.ContinueOnError)
	version := fs.Int64("version", -1, "version to describe; default: the newest")
	table, err := parseTable(ctx, fs, args, std.errs)
	if err != nil {
		return err
	}
	s, err := snapshotOf(ctx, table, *version, "")
	if err != nil {
		return err
	}
	return printSnapshot(std.out, s)
}

func printSnapshot(out io.Writer, s *delta.Snapshot) error {
	m, p := s.Metadata(), s.Protocol()
	rows, exact := s.NumRows()
	count := medallion.FormatCount(rows)
	if !exact {
		count = "at least " + count
	}
	line := func(name, format string, args ...any) {
		fmt.Fprintf(out, "%-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("table", "%s", s.Table().Name())
	if m.Name != "" {
		line("name", "%s", m.Name)
	}
	if m.Description != "" {
		line("description", "%s", m.Description)
	}
	line("version", "%d", s.Version())
	line("id", "%s", s.ID())
	line("created", "%s", s.CreatedAt().UTC().Format(time.RFC3339))
	line("protocol", "reader %d, writer %d", p.MinReaderVersion, p.MinWriterVersion)
	if features := slices.Compact(slices.Sorted(slices.Values(slices.Concat(p.ReaderFeatures, p.WriterFeatures)))); len(features) > 0 {
		line("features", "%s", strings.Join(features, ", "))
	}
	line("files", "%s", medallion.FormatCount(int64(s.NumFiles())))
	line("rows", "%s", count)
	line("bytes", "%s", medallion.FormatBytes(s.Size()))
	if by := s.PartitionColumns(); len(by) > 0 {
		line("partitions", "%s", strings.Join(by, ", "))
	}
	if by := s.ClusteringColumns(); len(by) > 0 {
		line("clustered by", "%s", strings.Join(by, ", "))
	}
	properties := s.Properties()
	for _, k := range slices.Sorted(maps.Keys(properties)) {
		line("property", "%s = %s", k, properties[k])
	}
	fmt.Fprintln(out, "columns")
	for _, f := range s.Schema().Fields() {
		null := ""
		if !f.Nullable {
			null = " NOT NULL"
		}
		if _, err := fmt.Fprintf(out, "  %s %s%s\n", schema.Quote(f.Name), schema.Name(f.Type), null); err != nil {
			return err
		}
	}
	return nil
}

// history prints a table's commits, newest first.
func history(ctx context.Context, args []string, std streams) error {
	fs := flag.NewFlagSet("history", flag.ContinueOnError)
	limit := fs.Int("limit", 0, "most commits to print; default: all")
	table, err := parseTable(ctx, fs, args, std.errs)
	if err != nil {
		return err
	}
	commits, err := table.History(ctx, *limit)
	if err != nil {
		return err
	}
	for _, c := range commits {
		if err := printCommit(std.out, c); err != nil {
			return err
		}
	}
	return nil
}

// commitLine is a commit as history prints it, with DESCRIBE HISTORY's names.
type commitLine struct {
	Version             int64             `json:"version"`
	Timestamp           string            `json:"timestamp"`
	Operation           string            `json:"operation"`
	OperationParameters map[string]string `json:"operationParameters,omitempty"`
	OperationMetrics    map[string]string `json:"operationMetrics,omitempty"`
	IsBlindAppend       bool              `json:"isBlindAppend"`
	EngineInfo          string            `json:"engineInfo,omitempty"`
}

func printCommit(out io.Writer, c delta.Commit) error {
	return json.NewEncoder(out).Encode(commitLine{
		Version: c.Version, Timestamp: c.Timestamp.UTC().Format("2006-01-02T15:04:05.000Z"), Operation: c.Operation, OperationParameters: c.Parameters,
		OperationMetrics: c.Metrics, IsBlindAppend: c.IsBlindAppend, EngineInfo: c.EngineInfo,
	})
}
