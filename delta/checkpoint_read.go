package delta

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/storage"
)

// checkpointState is what a checkpoint holds.
type checkpointState struct {
	actions *actions // without files
	files   *fileSet
}

// checkpointReader gathers the actions of a checkpoint's files.
type checkpointReader struct {
	log      *log
	alloc    memory.Allocator
	actions  *actions
	sidecars []string // names below _sidecars (v2 checkpoints)
	text     interner
}

// readCheckpoint reads a complete checkpoint: classic, in parts, or v2 with its sidecars.
func (l *log) readCheckpoint(ctx context.Context, c checkpointFiles, alloc memory.Allocator) (*checkpointState, error) {
	r := &checkpointReader{log: l, alloc: alloc, actions: &actions{version: c.version, size: -1}, text: newInterner()}
	for _, part := range c.parts {
		if err := r.file(ctx, part.Key); err != nil {
			return nil, fmt.Errorf("delta: checkpoint %d of %s: %w", c.version, l.table, err)
		}
	}
	for _, name := range r.sidecars {
		if err := r.file(ctx, l.key("_sidecars/"+name)); err != nil {
			return nil, fmt.Errorf("delta: checkpoint %d of %s: sidecar: %w", c.version, l.table, err)
		}
	}
	if r.actions.protocol == nil || r.actions.metadata == nil {
		return nil, &CorruptError{Table: l.table, Version: c.version, File: c.parts[0].Key, Reason: "the checkpoint has no protocol or no metaData action"}
	}
	files := newFileSet(r.actions.adds, r.actions.removes)
	r.actions.adds, r.actions.removes = nil, nil
	return &checkpointState{r.actions, files}, nil
}

func (r *checkpointReader) file(ctx context.Context, key string) error {
	if strings.HasSuffix(key, ".json") {
		return r.json(ctx, key)
	}
	o, err := r.log.store.Open(ctx, key)
	if err != nil {
		return err
	}
	err = r.parquet(ctx, key, o)
	return errors.Join(err, o.Close())
}

// json reads the top level of a v2 checkpoint that is JSON.
func (r *checkpointReader) json(ctx context.Context, key string) error {
	data, err := storage.ReadAll(ctx, r.log.store, key)
	if err != nil {
		return err
	}
	p := newParser()
	unknown := r.actions.unknown
	for line := range strings.Lines(string(data)) {
		s := &scanner{text: line}
		s.open('{')
		kind, _ := s.key()
		switch kind {
		case "sidecar":
			r.addSidecar(s.stringMap()["path"])
		case "checkpointMetadata":
		default:
			if err := p.entry(r.actions, &scanner{text: line}); err != nil {
				return err
			}
		}
		if s.err != nil {
			return s.err
		}
	}
	r.actions.unknown = unknown || r.actions.unknown
	return nil
}

func (r *checkpointReader) addSidecar(name string) {
	if name != "" {
		r.sidecars = append(r.sidecars, path.Base(decodePath(name)))
	}
}

// checkpointColumns are the top-level columns that are read.
var checkpointColumns = []string{"txn", "add", "remove", "metaData", "protocol", "domainMetadata", "sidecar"}

func (r *checkpointReader) parquet(ctx context.Context, key string, o storage.Object) error {
	f, err := parquet.Open(io.NewSectionReader(o, 0, o.Info().Size), o.Info().Size, parquet.ReaderConfig{Name: key, Alloc: r.alloc})
	if err != nil {
		return err
	}
	var columns []int
	var names []string
	for i, field := range f.Schema().Fields() {
		switch {
		case slices.Contains(checkpointColumns, field.Name):
			columns, names = append(columns, i), append(names, field.Name)
		case field.Name != "checkpointMetadata":
			r.actions.unknown = true
		}
	}
	return f.Read(ctx, parquet.ReadConfig{Columns: columns}, func(rec arrow.RecordBatch) error {
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
	})
}

// column takes over the actions of one kind. A struct whose required member is NULL is no action: some writers leave such shells.
func (r *checkpointReader) column(name string, v structView) error {
	switch name {
	case "add":
		return r.adds(v)
	case "remove":
		r.removes(v)
	case "protocol":
		r.protocol(v)
	case "metaData":
		r.metadata(v)
	case "txn":
		ids, versions, updated := v.texts("appId"), v.ints("version"), v.ints("lastUpdated")
		for i := range v.rows(ids) {
			r.actions.txns = append(r.actions.txns, Txn{AppID: strings.Clone(ids.at(i)), Version: versions.at(i), LastUpdated: updated.at(i)})
		}
	case "domainMetadata":
		names, configuration, removed := v.texts("domain"), v.texts("configuration"), v.bools("removed")
		for i := range v.rows(names) {
			d := domain{name: strings.Clone(names.at(i)), configuration: strings.Clone(configuration.at(i)), removed: removed.at(i)}
			r.actions.domains = append(r.actions.domains, d)
		}
	case "sidecar":
		paths := v.texts("path")
		for i := range v.rows(paths) {
			r.addSidecar(paths.at(i))
		}
	}
	return nil
}

func (r *checkpointReader) adds(v structView) error {
	paths := v.texts("path").cloned()
	stats := v.texts("stats").cloned()
	sizes, modified, dataChange := v.ints("size"), v.ints("modificationTime"), v.bools("dataChange")
	values := v.mapOf("partitionValues")
	more := r.moreOf(v)
	parsed := v.child("stats_parsed")
	slab := make([]File, v.count(paths))
	n := 0
	for i := range v.rows(paths) {
		f := &slab[n]
		n++
		f.Path, f.Size, f.ModificationTime, f.DataChange = paths.at(i), sizes.at(i), modified.at(i), dataChange.at(i)
		f.Stats = stats.at(i)
		if f.Stats == "" && parsed != nil {
			f.Stats = statsFromStruct(parsed, i)
		}
		f.PartitionValues = r.partitionValues(values, i)
		f.more = more.at(i)
		r.actions.adds = append(r.actions.adds, f)
	}
	return more.err
}

func (r *checkpointReader) removes(v structView) {
	paths := v.texts("path").cloned()
	deleted, dataChange, extended, sizes := v.ints("deletionTimestamp"), v.bools("dataChange"), v.bools("extendedFileMetadata"), v.ints("size")
	values := v.mapOf("partitionValues")
	more := r.moreOf(v)
	slab := make([]tombstone, v.count(paths))
	n := 0
	for i := range v.rows(paths) {
		t := &slab[n]
		n++
		t.path, t.deletionTimestamp, t.dataChange, t.size = paths.at(i), deleted.at(i), dataChange.at(i), sizes.at(i)
		t.partitionValues = r.partitionValues(values, i)
		t.extended = extended.at(i) || t.partitionValues != nil
		t.more = more.at(i)
		r.actions.removes = append(r.actions.removes, t)
	}
}

func (r *checkpointReader) partitionValues(m mapView, i int) []PartitionValue {
	if !m.valid(i) {
		return nil
	}
	from, to := m.span(i)
	list := make([]PartitionValue, 0, to-from)
	for j := from; j < to; j++ {
		v := PartitionValue{Column: r.text.intern(m.keys.at(j)), Null: !m.values.valid(j)}
		if !v.Null {
			v.Value = r.text.intern(m.values.at(j))
		}
		list = append(list, v)
	}
	return list
}

func (r *checkpointReader) protocol(v structView) {
	readers, writers := v.ints("minReaderVersion"), v.ints("minWriterVersion")
	for i := range v.rows(readers) {
		r.actions.protocol = &Protocol{
			MinReaderVersion: int(readers.at(i)), MinWriterVersion: int(writers.at(i)),
			ReaderFeatures: v.list("readerFeatures", i), WriterFeatures: v.list("writerFeatures", i),
		}
	}
}

func (r *checkpointReader) metadata(v structView) {
	ids, names, descriptions, schemas, created := v.texts("id"), v.texts("name"), v.texts("description"), v.texts("schemaString"), v.ints("createdTime")
	for i := range v.rows(schemas) {
		m := &Metadata{
			ID: strings.Clone(ids.at(i)), Name: strings.Clone(names.at(i)), Description: strings.Clone(descriptions.at(i)),
			SchemaString: strings.Clone(schemas.at(i)), CreatedTime: created.at(i),
			PartitionColumns: v.list("partitionColumns", i), Configuration: v.mapOf("configuration").strings(i),
		}
		if format := v.child("format"); format != nil {
			inner := newStructView(format)
			m.provider, m.options = strings.Clone(inner.texts("provider").at(i)), inner.mapOf("options").strings(i)
		}
		r.actions.metadata = m
	}
}
