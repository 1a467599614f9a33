package delta

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/medallion-go/medallion/storage"
)

// lastCheckpointName is the hint at the newest checkpoint.
const lastCheckpointName = "_last_checkpoint"

// checkpointHint is what _last_checkpoint says (Delta protocol: Last Checkpoint File Schema). Nothing depends on it but where a listing begins.
type checkpointHint struct {
	version int64
	actions int64 // rows of the checkpoint, with those of its sidecars
	bytes   int64
	adds    int64
}

// lastCheckpoint reads the hint; version is -1 where there is none, and where it is damaged, which err says.
func (l *log) lastCheckpoint(ctx context.Context) (version int64, err error) {
	key := l.key(lastCheckpointName)
	data, err := storage.ReadAll(ctx, l.store, key)
	if errors.Is(err, storage.ErrNotFound) {
		return -1, nil
	}
	if err != nil {
		return -1, fmt.Errorf("delta: read %s: %w", key, err)
	}
	version, err = parseHint(string(data))
	if err != nil {
		return -1, &CorruptError{Table: l.table, Version: -1, File: key, Reason: "the hint at the last checkpoint cannot be used", Err: err}
	}
	return version, nil
}

func parseHint(text string) (version int64, err error) {
	version = -1
	var checksum string
	s := &scanner{text: text}
	for k := range s.members {
		switch k {
		case "version":
			version = s.int64()
		case "checksum":
			checksum = s.str()
		default:
			s.skip(0)
		}
	}
	switch {
	case s.err != nil:
		return -1, s.err
	case version < 0:
		return -1, errors.New("it names no version")
	case checksum == "":
		return version, nil
	}
	sum, err := jsonChecksum(text)
	if err == nil && sum != checksum {
		err = fmt.Errorf("its checksum is %s, it says %s", sum, checksum)
	}
	return version, err
}

// hintAt points _last_checkpoint at a checkpoint unless it points at a later one.
func (t *Table) hintAt(ctx context.Context, h checkpointHint) error {
	if there, err := t.log.lastCheckpoint(ctx); err == nil && there > h.version {
		return nil
	}
	data, err := appendHint(nil, h)
	if err == nil {
		_, err = storage.Put(ctx, t.store, t.log.key(lastCheckpointName), data)
	}
	if err != nil {
		return fmt.Errorf("delta: point %s of %s at version %d: %w", lastCheckpointName, t.Name(), h.version, err)
	}
	return nil
}

// appendHint writes the hint with its checksum.
func appendHint(dst []byte, h checkpointHint) ([]byte, error) {
	dst = strconv.AppendInt(append(dst, `{"version":`...), h.version, 10)
	dst = strconv.AppendInt(append(dst, `,"size":`...), h.actions, 10)
	dst = strconv.AppendInt(append(dst, `,"sizeInBytes":`...), h.bytes, 10)
	dst = strconv.AppendInt(append(dst, `,"numOfAddFiles":`...), h.adds, 10)
	sum, err := jsonChecksum(string(dst) + "}")
	return append(append(append(dst, `,"checksum":"`...), sum...), `"}`...), err
}
