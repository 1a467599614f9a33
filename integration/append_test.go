//go:build integration

package integration

import (
	"fmt"
	"path/filepath"
	"testing"
)

// TestOthersAppend has Spark and delta-rs append to a table of ours between our own runs. We read their rows, process each once downstream, and go on.
func TestOthersAppend(t *testing.T) {
	s := newSite(t)
	s.land(t, 100)
	s.run(t)
	table := filepath.Join(s.lake, "bronze", "events")

	shared.spark.ask(t, map[string]any{"op": "sql", "query": fmt.Sprintf(
		"INSERT INTO delta.`%s` SELECT id, concat('event-', id %% 7), TIMESTAMP '2026-01-01 00:00:00', sha2(string(id), 256), NULL FROM range(%d, %d)", table, s.next, s.next+50)})
	s.next += 50
	s.run(t)
	s.checkOnce(t)

	var rows []map[string]any
	for range 30 {
		rows = append(rows, map[string]any{"id": s.next, "name": fmt.Sprintf("event-%d", s.next%7), "at": nil, "note": "by delta-rs"})
		s.next++
	}
	shared.readers.ask(t, map[string]any{"op": "append", "path": table, "rows": rows})
	s.land(t, 20)
	s.run(t)
	s.checkOnce(t)
	for _, name := range []string{"bronze/events", "silver/events", "gold/counts"} {
		checkReadAlike(t, filepath.Join(s.lake, name))
	}
}
