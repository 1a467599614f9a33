package delta

import "strings"

// checkpointMembers are the members, of the actions that a checkpoint by this package holds again, that it knows.
var checkpointMembers = map[string][]string{
	"add": {
		"path", "partitionValues", "size", "modificationTime", "dataChange", "tags", "deletionVector", "baseRowId", "defaultRowCommitVersion",
		"clusteringProvider", "stats", "stats_parsed", "partitionValues_parsed",
	},
	"remove": {
		"path", "deletionTimestamp", "dataChange", "extendedFileMetadata", "partitionValues", "size", "deletionVector", "baseRowId",
		"defaultRowCommitVersion", "clusteringProvider", "stats", "stats_parsed", "tags", "numRecords", // the last of Delta 1.2
	},
	"metaData": {"id", "name", "description", "format", "schemaString", "partitionColumns", "configuration", "createdTime"},
}

// column takes over the actions of one kind. A struct whose required member is NULL is no action: some writers leave such shells.
func (r *checkpointReader) column(name string, v structView) error {
	if known := checkpointMembers[name]; known != nil {
		r.actions.opaque = r.actions.opaque || v.hasOther(known)
	}
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
		paths, sizes, modified := v.texts("path"), v.ints("sizeInBytes"), v.ints("modificationTime")
		for i := range v.rows(paths) {
			r.addSidecar(paths.at(i), sizes.at(i), modified.at(i))
		}
	case "checkpointMetadata":
		versions, tags := v.ints("version"), v.mapOf("tags")
		for i := range v.rows(versions) {
			r.manifest = &manifest{version: versions.at(i), adds: -1}
			r.manifest.setTags(tags.strings(i))
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
