package delta

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"golang.org/x/sync/errgroup"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/storage"
)

// checkpointState is what a checkpoint holds.
type checkpointState struct {
	actions *actions // without files
	files   *fileSet
}

// checkpointReader gathers the actions of a checkpoint's files, or of one of them.
type checkpointReader struct {
	log      *log
	alloc    memory.Allocator
	actions  *actions
	manifest *manifest // nil: none was found
	sidecars []sidecar
	columns  []string // top-level ones that are read
	text     interner
}

// manifest is the protocol's checkpointMetadata action.
type manifest struct {
	version int64
	adds    int64 // of the checkpoint and its sidecars; -1 where it does not say
}

// sidecar is the protocol's sidecar action.
type sidecar struct {
	name     string // below _sidecars
	bytes    int64
	modified int64 // ms since the epoch
}

// readCheckpoint reads a complete checkpoint: classic, in parts, or v2 with its sidecars. What does not add up to what it says of itself is damage.
func (l *log) readCheckpoint(ctx context.Context, c checkpointFiles, alloc memory.Allocator) (*checkpointState, error) {
	r := l.checkpointReader(c.version, alloc)
	parts := make([]storage.Info, len(c.parts))
	for i, p := range c.parts {
		parts[i].Key = p.Key // another writer may put one of another size, and as good, in its place
	}
	if err := r.parts(ctx, parts); err != nil {
		return nil, fmt.Errorf("delta: checkpoint %d of %s: %w", c.version, l.table, err)
	}
	sidecars := make([]storage.Info, len(r.sidecars))
	for i, s := range r.sidecars {
		sidecars[i] = storage.Info{Key: l.key(sidecarFolder + s.name), Size: s.bytes}
	}
	if err := r.parts(ctx, sidecars); err != nil {
		return nil, fmt.Errorf("delta: checkpoint %d of %s: sidecar: %w", c.version, l.table, err)
	}
	if reason := r.fault(c); reason != "" {
		return nil, &CorruptError{Table: l.table, Version: c.version, File: c.parts[0].Key, Reason: reason}
	}
	files := newFileSet(r.actions.adds, r.actions.removes)
	r.actions.adds, r.actions.removes = nil, nil
	return &checkpointState{r.actions, files}, nil
}

func (l *log) checkpointReader(version int64, alloc memory.Allocator) *checkpointReader {
	return &checkpointReader{log: l, alloc: alloc, actions: &actions{version: version}, columns: checkpointColumns, text: newInterner()}
}

// sidecarsOf are the names of the sidecars of a checkpoint that is one file.
func (l *log) sidecarsOf(ctx context.Context, c checkpointFiles) ([]string, error) {
	r := l.checkpointReader(c.version, memory.DefaultAllocator)
	r.columns = []string{"sidecar"}
	if err := r.file(ctx, storage.Info{Key: c.parts[0].Key}); err != nil {
		return nil, err
	}
	names := make([]string, len(r.sidecars))
	for i, s := range r.sidecars {
		names[i] = s.name
	}
	return names, nil
}

// fault is what the checkpoint lacks, empty where nothing.
func (r *checkpointReader) fault(c checkpointFiles) string {
	switch m := r.manifest; {
	case r.actions.protocol == nil || r.actions.metadata == nil:
		return "the checkpoint has no protocol or no metaData action"
	case m == nil && c.named:
		return "the checkpoint has no checkpointMetadata action"
	case m != nil && m.version != c.version:
		return fmt.Sprintf("the checkpoint says that it is of version %d", m.version)
	case m != nil && m.adds >= 0 && m.adds != int64(len(r.actions.adds)):
		return fmt.Sprintf("the checkpoint has %d add actions and says that it has %d", len(r.actions.adds), m.adds)
	}
	return ""
}

// checkpointParallel is how many files, and of each how many row groups, are read at a time.
const checkpointParallel = 4

// parts reads files of the checkpoint at the same time and takes over what they hold in their order. A size of 0 is not known.
func (r *checkpointReader) parts(ctx context.Context, files []storage.Info) error {
	return r.together(ctx, len(files), func(ctx context.Context, one *checkpointReader, i int) error { return one.file(ctx, files[i]) })
}

// together has n readers of their own read at the same time and takes over what they found.
func (r *checkpointReader) together(ctx context.Context, n int, read func(context.Context, *checkpointReader, int) error) error {
	if n == 1 {
		return read(ctx, r, 0)
	}
	readers := make([]*checkpointReader, n)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(checkpointParallel)
	for i := range readers {
		readers[i] = r.log.checkpointReader(r.actions.version, r.alloc)
		readers[i].columns = r.columns
		g.Go(func() error { return read(gctx, readers[i], i) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, one := range readers {
		r.take(one)
	}
	return nil
}

func (r *checkpointReader) take(o *checkpointReader) {
	a, b := r.actions, o.actions
	a.protocol, a.metadata, r.manifest = cmp.Or(b.protocol, a.protocol), cmp.Or(b.metadata, a.metadata), cmp.Or(o.manifest, r.manifest)
	a.txns, a.domains = append(a.txns, b.txns...), append(a.domains, b.domains...)
	a.adds, a.removes = append(a.adds, b.adds...), append(a.removes, b.removes...)
	a.unknown, a.opaque = a.unknown || b.unknown, a.opaque || b.opaque
	a.extras = append(a.extras, b.extras...)
	r.sidecars = append(r.sidecars, o.sidecars...)
}

func (r *checkpointReader) file(ctx context.Context, file storage.Info) error {
	if strings.HasSuffix(file.Key, ".json") {
		return r.json(ctx, file.Key)
	}
	o, err := r.log.store.Open(ctx, file.Key)
	if err != nil {
		return err
	}
	if size := o.Info().Size; file.Size > 0 && size != file.Size {
		return errors.Join(&parquet.CorruptError{File: file.Key, Reason: fmt.Sprintf("it has %d bytes, and the log says %d", size, file.Size)}, o.Close())
	}
	return errors.Join(r.parquet(ctx, file.Key, o), o.Close())
}

// json reads the top level of a v2 checkpoint that is JSON.
func (r *checkpointReader) json(ctx context.Context, key string) error {
	data, err := storage.ReadAll(ctx, r.log.store, key)
	if err != nil {
		return err
	}
	p, s := newParser(), &scanner{text: string(data)}
	for s.peek() != 0 {
		for kind := range s.given {
			if err := r.action(p, kind, s); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
		}
		if s.err != nil {
			return fmt.Errorf("%s: %w", key, s.err)
		}
	}
	return nil
}

func (r *checkpointReader) action(p *parser, kind string, s *scanner) error {
	switch kind {
	case "sidecar":
		m := s.stringMap()
		bytes, _ := strconv.ParseInt(m["sizeInBytes"], 10, 64)
		modified, _ := strconv.ParseInt(m["modificationTime"], 10, 64)
		r.addSidecar(m["path"], bytes, modified)
		return s.err
	case "checkpointMetadata":
		r.manifest = p.manifest(s)
		return s.err
	default:
		return p.action(r.actions, kind, s)
	}
}

func (p *parser) manifest(s *scanner) *manifest {
	m := &manifest{version: -1, adds: -1}
	for k := range s.members {
		switch k {
		case "version":
			m.version = s.int64()
		case "tags":
			m.setTags(s.stringMap())
		default:
			s.skip(0)
		}
	}
	return m
}

func (m *manifest) setTags(tags map[string]string) {
	if n, err := strconv.ParseInt(tags["numOfAddFiles"], 10, 64); err == nil {
		m.adds = n
	}
}

// sidecarFolder is where the files of v2 checkpoints lie, below the log.
const sidecarFolder = "_sidecars/"

func (r *checkpointReader) addSidecar(name string, bytes, modified int64) {
	if name != "" {
		r.sidecars = append(r.sidecars, sidecar{path.Base(decodePath(name)), bytes, modified})
	}
}

// checkpointColumns are the top-level columns that are read.
var checkpointColumns = []string{"txn", "add", "remove", "metaData", "protocol", "domainMetadata", "sidecar", "checkpointMetadata"}

func (r *checkpointReader) parquet(ctx context.Context, key string, o storage.Object) error {
	f, err := parquet.Open(io.NewSectionReader(o, 0, o.Info().Size), o.Info().Size, parquet.ReaderConfig{Name: key, Alloc: r.alloc})
	if err != nil {
		return err
	}
	columns, names := []int{}, []string(nil)
	for i, field := range f.Schema().Fields() {
		switch {
		case slices.Contains(r.columns, field.Name):
			columns, names = append(columns, i), append(names, field.Name)
		case field.Name != "commitInfo" && field.Name != "cdc": // writers of old have these columns, always NULL
			r.actions.opaque = true
		}
	}
	groups := len(f.RowGroups())
	return r.together(ctx, groups, func(ctx context.Context, one *checkpointReader, i int) error {
		return f.Read(ctx, parquet.ReadConfig{Columns: columns, RowGroups: []int{i}, BatchRows: checkpointBatch}, func(rec arrow.RecordBatch) error {
			return one.batch(names, rec)
		})
	})
}

// checkpointBatch is how many actions are decoded at a time.
const checkpointBatch = 1 << 14

func (r *checkpointReader) batch(names []string, rec arrow.RecordBatch) error {
	for i, name := range names {
		st, ok := rec.Column(i).(*array.Struct)
		if !ok {
			return fmt.Errorf("column %s is a %s, not a struct", name, rec.Column(i).DataType())
		}
		if err := r.column(name, newStructView(st)); err != nil {
			return err
		}
	}
	return nil
}
