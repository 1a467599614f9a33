package delta

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/medallion-go/medallion/storage"
)

// defaultCheckpointInterval is delta.checkpointInterval's default.
const defaultCheckpointInterval = 10

// afterCommit writes what may follow a commit: the checksum file and, every few versions, a checkpoint. The commit stands whether they succeed or not.
func (t *Table) afterCommit(ctx context.Context, s *Snapshot) *Snapshot {
	if err := t.writeChecksum(ctx, s); err != nil {
		t.warn(ctx, "delta: checksum file of version "+strconv.FormatInt(s.version, 10)+" not written", err)
	}
	interval := t.checkpointInterval(s)
	if interval <= 0 || s.version == 0 || s.version%interval != 0 {
		return s
	}
	if err := t.Checkpoint(ctx, s); err != nil {
		t.warn(ctx, "delta: checkpoint of version "+strconv.FormatInt(s.version, 10)+" not written", err)
		return s
	}
	if n, err := s.advance(nil, s.seen); err == nil {
		return n // without the commits that the checkpoint has taken up
	}
	return s
}

func (t *Table) checkpointInterval(s *Snapshot) int64 {
	if n := t.config.CheckpointInterval; n != 0 {
		return int64(n)
	}
	if n, err := strconv.ParseInt(s.Property("delta.checkpointInterval"), 10, 64); err == nil && n > 0 {
		return n
	}
	return defaultCheckpointInterval
}

// writeChecksum writes the version's .crc file (Delta protocol: Version Checksum File), unless the totals are not known without reading the whole log.
func (t *Table) writeChecksum(ctx context.Context, s *Snapshot) error {
	if s.totals == nil {
		return nil
	}
	dst := append([]byte(`{"tableSizeBytes":`), strconv.FormatInt(s.totals.bytes, 10)...)
	dst = strconv.AppendInt(append(dst, `,"numFiles":`...), s.totals.files, 10)
	dst = append(dst, `,"numMetadata":1,"numProtocol":1,"metadata":`...)
	dst = appendMetadata(dst, s.metadata.Metadata)
	dst = append(appendProtocol(append(dst, `,"protocol":`...), s.protocol), '}')
	err := t.store.PutIfAbsent(ctx, t.log.key(checksumName(s.version)), dst)
	if errors.Is(err, storage.ErrExists) {
		return nil
	}
	return err
}

func checksumName(version int64) string { return fmt.Sprintf("%020d.crc", version) }

// Verify compares the snapshot with its version's checksum file. Without one there is nothing to compare, and ok is false; a difference is a *CorruptError.
func (s *Snapshot) Verify(ctx context.Context) (ok bool, err error) {
	key := s.table.log.key(checksumName(s.version))
	data, err := storage.ReadAll(ctx, s.table.store, key)
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("delta: read the checksum file of %s version %d: %w", s.table.Name(), s.version, err)
	}
	files, size := int64(-1), int64(-1)
	p := &scanner{text: string(data)}
	p.open('{')
	for k, more := p.key(); more; k, more = p.key() {
		switch k {
		case "numFiles":
			files = p.int64()
		case "tableSizeBytes":
			size = p.int64()
		default:
			p.skip(0)
		}
	}
	if p.err != nil {
		return false, &CorruptError{Table: s.table.Name(), Version: s.version, File: key, Reason: "the checksum file cannot be parsed", Err: p.err}
	}
	if files != int64(s.NumFiles()) || size != s.Size() {
		return false, &CorruptError{Table: s.table.Name(), Version: s.version, File: key, Reason: fmt.Sprintf(
			"the checksum file tells %d files of %d bytes, the log %d of %d", files, size, s.NumFiles(), s.Size())}
	}
	return true, nil
}

// interval reads a property like "interval 1 week". Months and years have no fixed length and are refused.
func parseInterval(text string) (time.Duration, error) {
	words := strings.Fields(strings.ToLower(strings.TrimSpace(text)))
	if len(words) > 0 && words[0] == "interval" {
		words = words[1:]
	}
	if len(words) == 0 || len(words)%2 != 0 {
		return 0, fmt.Errorf("delta: %q is no interval: write one like interval 7 days", text)
	}
	units := map[string]time.Duration{
		"week": 7 * 24 * time.Hour, "day": 24 * time.Hour, "hour": time.Hour, "minute": time.Minute, "second": time.Second,
		"millisecond": time.Millisecond, "microsecond": time.Microsecond,
	}
	var sum time.Duration
	for i := 0; i < len(words); i += 2 {
		n, err := strconv.ParseInt(words[i], 10, 64)
		unit, ok := units[strings.TrimSuffix(words[i+1], "s")]
		if err != nil || !ok {
			return 0, fmt.Errorf("delta: %q is no interval of weeks, days, hours, minutes or seconds", text)
		}
		sum += time.Duration(n) * unit
	}
	return sum, nil
}

// retention is a property that holds an interval; a value that is none counts as the default.
func (s *Snapshot) retention(property string, otherwise time.Duration) time.Duration {
	if v := s.Property(property); v != "" {
		if d, err := parseInterval(v); err == nil {
			return d
		}
	}
	return otherwise
}
