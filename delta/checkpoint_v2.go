package delta

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// sidecarActions is how many actions a sidecar holds.
const sidecarActions = 100_000

// v2 writes a checkpoint as the feature v2Checkpoint has it (Delta protocol: V2 Spec): the files in Parquet sidecars, and a JSON file that names them and holds
// everything else. Where the log has what this package does not know, the files are in the JSON file too, which keeps it.
func (w *checkpointWriter) v2(ctx context.Context) error {
	s := w.snapshot
	if s.opaque {
		return errUnknown
	}
	adds, removes := s.files().live, w.tombstones()
	var sidecars []sidecar
	if !s.unknown {
		var err error
		if sidecars, err = w.writeSidecars(ctx, adds, removes); err != nil {
			return fmt.Errorf("sidecar: %w", err)
		}
		adds, removes = nil, nil
	}
	return w.writeManifest(ctx, sidecars, adds, removes)
}

func (w *checkpointWriter) writeSidecars(ctx context.Context, adds []*File, removes []*tombstone) ([]sidecar, error) {
	layout := newCheckpointLayout(w.snapshot).filesOnly()
	var list []sidecar
	write := func(adds []*File, removes []*tombstone) error {
		c := sidecar{name: w.table.config.NewID() + ".parquet", modified: w.now.UnixMilli()}
		var err error
		c.bytes, err = w.parquet(ctx, sidecarFolder+c.name, layout, adds, removes)
		list = append(list, c)
		return err
	}
	for chunk := range slices.Chunk(adds, sidecarActions) {
		if err := write(chunk, nil); err != nil {
			return nil, err
		}
	}
	for chunk := range slices.Chunk(removes, sidecarActions) {
		if err := write(nil, chunk); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// filesOnly is the layout of a sidecar.
func (l checkpointLayout) filesOnly() checkpointLayout {
	l.schema = arrow.NewSchema([]arrow.Field{l.schema.Field(l.add), l.schema.Field(l.remove)}, nil)
	l.add, l.remove, l.txn, l.metadata, l.protocol, l.domain = 0, 1, -1, -1, -1, -1
	return l
}

// writeManifest writes the JSON file.
func (w *checkpointWriter) writeManifest(ctx context.Context, sidecars []sidecar, adds []*File, removes []*tombstone) (err error) {
	key := w.table.log.key(fmt.Sprintf("%020d.checkpoint.%s.json", w.snapshot.version, w.table.config.NewID()))
	out, err := w.table.store.Create(ctx, key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, abortUnlessNil(err, out)) }()
	m := &manifestWriter{out: bufio.NewWriterSize(out, 1<<16)}
	m.line(w.appendManifest(nil, sidecars))
	s := w.snapshot
	m.line(append(appendMetadata([]byte(`{"metaData":`), s.metadata.Metadata), "}\n"...))
	m.line(append(appendProtocol([]byte(`{"protocol":`), s.protocol), "}\n"...))
	for _, t := range w.txns() {
		m.line(append(appendTxn([]byte(`{"txn":`), t), "}\n"...))
	}
	for _, name := range slices.Sorted(maps.Keys(s.domains)) {
		m.line(append(appendDomain([]byte(`{"domainMetadata":`), s.domains[name]), "}\n"...))
	}
	for _, line := range s.extras {
		m.line(append([]byte(line), '\n'))
	}
	for _, c := range sidecars {
		m.line(appendSidecar(nil, c))
	}
	for _, f := range adds {
		m.line(appendAdd(nil, f))
	}
	for _, t := range removes {
		m.line(appendRemove(nil, t))
	}
	if err := errors.Join(m.err, m.out.Flush()); err != nil {
		return err
	}
	w.hint.bytes, w.hint.actions = w.hint.bytes+m.bytes, w.hint.actions+m.lines
	_, err = out.Commit(ctx)
	return err
}

// appendManifest appends the line that says what checkpoint it is, by which a reader finds out when a part of it is missing.
func (w *checkpointWriter) appendManifest(dst []byte, sidecars []sidecar) []byte {
	tags := map[string]string{"numOfAddFiles": strconv.FormatInt(w.hint.adds, 10)}
	if len(sidecars) > 0 {
		tags["sidecarNumActions"] = strconv.FormatInt(w.hint.actions, 10)
		tags["sidecarSizeInBytes"] = strconv.FormatInt(w.hint.bytes, 10)
	}
	dst = strconv.AppendInt(append(dst, `{"checkpointMetadata":{"version":`...), w.snapshot.version, 10)
	return append(appendStringMap(append(dst, `,"tags":`...), tags), "}}\n"...)
}

func appendSidecar(dst []byte, c sidecar) []byte {
	dst = schema.AppendQuoted(append(dst, `{"sidecar":{"path":`...), c.name)
	dst = strconv.AppendInt(append(dst, `,"sizeInBytes":`...), c.bytes, 10)
	dst = strconv.AppendInt(append(dst, `,"modificationTime":`...), c.modified, 10)
	return append(dst, "}}\n"...)
}

// manifestWriter writes lines and keeps the first error.
type manifestWriter struct {
	out   *bufio.Writer
	bytes int64
	lines int64
	err   error
}

func (m *manifestWriter) line(text []byte) {
	if m.err == nil {
		_, m.err = m.out.Write(text)
		m.bytes, m.lines = m.bytes+int64(len(text)), m.lines+1
	}
}
