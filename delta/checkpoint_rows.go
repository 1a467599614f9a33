package delta

import (
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/schema"
)

// checkpointLayout is the schema of the checkpoints that this package writes and the positions of its columns.
type checkpointLayout struct {
	schema                                       *arrow.Schema
	txn, add, remove, metadata, protocol, domain int
	statsJSON, statsStruct                       bool
	stats                                        *statsLayout // nil unless statsStruct
	partition                                    []arrow.Field
}

func newCheckpointLayout(s *Snapshot) checkpointLayout {
	l := checkpointLayout{txn: 0, add: 1, remove: 2, metadata: 3, protocol: 4, domain: 5}
	l.statsJSON = s.Property("delta.checkpoint.writeStatsAsJson") != "false"
	l.statsStruct = s.Property("delta.checkpoint.writeStatsAsStruct") == "true"
	text := schema.String
	field := func(name string, t arrow.DataType) arrow.Field {
		return arrow.Field{Name: name, Type: t, Nullable: true}
	}
	stringMap := schema.MapOf(text, text, true)
	list := schema.ArrayOf(text, true)
	vector := arrow.StructOf(field("storageType", text), field("pathOrInlineDv", text), field("offset", schema.Int), field("sizeInBytes", schema.Int),
		field("cardinality", schema.BigInt), field("maxRowIndex", schema.BigInt))
	add := []arrow.Field{
		field("path", text), field("partitionValues", stringMap), field("size", schema.BigInt), field("modificationTime", schema.BigInt),
		field("dataChange", schema.Boolean), field("tags", stringMap), field("deletionVector", vector), field("baseRowId", schema.BigInt),
		field("defaultRowCommitVersion", schema.BigInt), field("clusteringProvider", text),
	}
	if l.statsJSON {
		add = append(add, field("stats", text))
	}
	if l.statsStruct {
		l.stats = newStatsLayout(s.metadata, s.protocol.supports("deletionVectors"))
		add = append(add, field("stats_parsed", l.stats.typ))
		if l.partition = partitionFields(s.metadata); len(l.partition) > 0 {
			add = append(add, field("partitionValues_parsed", arrow.StructOf(l.partition...)))
		}
	}
	l.schema = arrow.NewSchema([]arrow.Field{
		field("txn", arrow.StructOf(field("appId", text), field("version", schema.BigInt), field("lastUpdated", schema.BigInt))),
		field("add", arrow.StructOf(add...)),
		field("remove", arrow.StructOf(field("path", text), field("deletionTimestamp", schema.BigInt), field("dataChange", schema.Boolean),
			field("extendedFileMetadata", schema.Boolean), field("partitionValues", stringMap), field("size", schema.BigInt), field("deletionVector", vector),
			field("baseRowId", schema.BigInt), field("defaultRowCommitVersion", schema.BigInt))),
		field("metaData", arrow.StructOf(field("id", text), field("name", text), field("description", text),
			field("format", arrow.StructOf(field("provider", text), field("options", stringMap))), field("schemaString", text),
			field("partitionColumns", list), field("configuration", stringMap), field("createdTime", schema.BigInt))),
		field("protocol", arrow.StructOf(field("minReaderVersion", schema.Int), field("minWriterVersion", schema.Int),
			field("readerFeatures", list), field("writerFeatures", list))),
		field("domainMetadata", arrow.StructOf(field("domain", text), field("configuration", text), field("removed", schema.Boolean))),
	}, nil)
	return l
}

func partitionFields(m *tableMetadata) []arrow.Field {
	fields := make([]arrow.Field, 0, len(m.PartitionColumns))
	for _, c := range m.PartitionColumns {
		f := m.schema.Field(schema.Find(m.schema.Fields(), c))
		fields = append(fields, arrow.Field{Name: m.physical(f), Type: f.Type, Nullable: true})
	}
	return fields
}

// addAppender fills an add column. It holds the column's builders, so that a row costs no look-ups.
type addAppender struct {
	layout     checkpointLayout
	row        *array.StructBuilder
	path       *array.StringBuilder
	partition  *array.MapBuilder
	size       *array.Int64Builder
	modified   *array.Int64Builder
	dataChange *array.BooleanBuilder
	tags       *array.MapBuilder
	vector     *array.StructBuilder
	baseRow    *array.Int64Builder
	rowVersion *array.Int64Builder
	provider   *array.StringBuilder
	stats      *array.StringBuilder // nil: not written
	parsed     *array.StructBuilder // nil: not written
	values     *array.StructBuilder // nil: not written
}

func newAddAppender(b *array.StructBuilder, l checkpointLayout) *addAppender {
	a := &addAppender{
		layout: l, row: b, path: b.FieldBuilder(0).(*array.StringBuilder), partition: b.FieldBuilder(1).(*array.MapBuilder),
		size: b.FieldBuilder(2).(*array.Int64Builder), modified: b.FieldBuilder(3).(*array.Int64Builder),
		dataChange: b.FieldBuilder(4).(*array.BooleanBuilder), tags: b.FieldBuilder(5).(*array.MapBuilder),
		vector: b.FieldBuilder(6).(*array.StructBuilder), baseRow: b.FieldBuilder(7).(*array.Int64Builder),
		rowVersion: b.FieldBuilder(8).(*array.Int64Builder), provider: b.FieldBuilder(9).(*array.StringBuilder),
	}
	next := 10
	if l.statsJSON {
		a.stats = b.FieldBuilder(next).(*array.StringBuilder)
		next++
	}
	if l.statsStruct {
		a.parsed = b.FieldBuilder(next).(*array.StructBuilder)
		if len(l.partition) > 0 {
			a.values = b.FieldBuilder(next + 1).(*array.StructBuilder)
		}
	}
	return a
}

func (a *addAppender) append(f *File) error {
	a.row.Append(true)
	a.path.Append(f.Path)
	appendPartitionMap(a.partition, f.PartitionValues)
	a.size.Append(f.Size)
	a.modified.Append(f.ModificationTime)
	a.dataChange.Append(f.DataChange)
	more := f.more
	if more == nil {
		more = &fileMore{}
	}
	if err := appendTags(a.tags, more.tags); err != nil {
		return err
	}
	appendVectorRow(a.vector, more.vector)
	appendIntPointer(a.baseRow, more.baseRowID)
	appendIntPointer(a.rowVersion, more.defaultRowCommitVersion)
	appendText(a.provider, more.clusteringProvider)
	if a.stats != nil {
		appendText(a.stats, f.Stats)
	}
	if a.parsed != nil {
		a.layout.stats.append(a.parsed, f.Stats)
	}
	if a.values != nil {
		appendPartitionStruct(a.values, f, a.layout.partition)
	}
	return nil
}

func appendTombstoneRow(b *array.StructBuilder, t *tombstone) {
	b.Append(true)
	b.FieldBuilder(0).(*array.StringBuilder).Append(t.path)
	appendPositive(b.FieldBuilder(1).(*array.Int64Builder), t.deletionTimestamp)
	b.FieldBuilder(2).(*array.BooleanBuilder).Append(t.dataChange)
	b.FieldBuilder(3).(*array.BooleanBuilder).Append(t.extended)
	if t.extended {
		appendPartitionMap(b.FieldBuilder(4).(*array.MapBuilder), t.partitionValues)
		b.FieldBuilder(5).(*array.Int64Builder).Append(t.size)
	} else {
		b.FieldBuilder(4).AppendNull()
		b.FieldBuilder(5).AppendNull()
	}
	more := t.more
	if more == nil {
		more = &fileMore{}
	}
	appendVectorRow(b.FieldBuilder(6).(*array.StructBuilder), more.vector)
	appendIntPointer(b.FieldBuilder(7).(*array.Int64Builder), more.baseRowID)
	appendIntPointer(b.FieldBuilder(8).(*array.Int64Builder), more.defaultRowCommitVersion)
}

func appendProtocolRow(b *array.StructBuilder, p *Protocol) {
	b.Append(true)
	b.FieldBuilder(0).(*array.Int32Builder).Append(int32(p.MinReaderVersion))
	b.FieldBuilder(1).(*array.Int32Builder).Append(int32(p.MinWriterVersion))
	appendList(b.FieldBuilder(2).(*array.ListBuilder), p.ReaderFeatures, p.MinReaderVersion >= readerWithFeatures)
	appendList(b.FieldBuilder(3).(*array.ListBuilder), p.WriterFeatures, p.MinWriterVersion >= writerWithFeatures)
}

func appendMetadataRow(b *array.StructBuilder, m *Metadata) {
	b.Append(true)
	b.FieldBuilder(0).(*array.StringBuilder).Append(m.ID)
	appendText(b.FieldBuilder(1).(*array.StringBuilder), m.Name)
	appendText(b.FieldBuilder(2).(*array.StringBuilder), m.Description)
	format := b.FieldBuilder(3).(*array.StructBuilder)
	format.Append(true)
	format.FieldBuilder(0).(*array.StringBuilder).Append("parquet")
	appendMap(format.FieldBuilder(1).(*array.MapBuilder), m.options)
	b.FieldBuilder(4).(*array.StringBuilder).Append(m.SchemaString)
	appendList(b.FieldBuilder(5).(*array.ListBuilder), m.PartitionColumns, true)
	appendMap(b.FieldBuilder(6).(*array.MapBuilder), m.Configuration)
	appendPositive(b.FieldBuilder(7).(*array.Int64Builder), m.CreatedTime)
}

func appendTxnRow(b *array.StructBuilder, t Txn) {
	b.Append(true)
	b.FieldBuilder(0).(*array.StringBuilder).Append(t.AppID)
	b.FieldBuilder(1).(*array.Int64Builder).Append(t.Version)
	appendPositive(b.FieldBuilder(2).(*array.Int64Builder), t.LastUpdated)
}

func appendDomainRow(b *array.StructBuilder, d domain) {
	b.Append(true)
	b.FieldBuilder(0).(*array.StringBuilder).Append(d.name)
	b.FieldBuilder(1).(*array.StringBuilder).Append(d.configuration)
	b.FieldBuilder(2).(*array.BooleanBuilder).Append(d.removed)
}

func appendVectorRow(b *array.StructBuilder, v *deletionVector) {
	if v == nil {
		b.AppendNull()
		return
	}
	b.Append(true)
	b.FieldBuilder(0).(*array.StringBuilder).Append(v.storageType)
	b.FieldBuilder(1).(*array.StringBuilder).Append(v.pathOrInline)
	if v.offset == nil {
		b.FieldBuilder(2).AppendNull()
	} else {
		b.FieldBuilder(2).(*array.Int32Builder).Append(int32(*v.offset))
	}
	b.FieldBuilder(3).(*array.Int32Builder).Append(int32(v.sizeInBytes))
	b.FieldBuilder(4).(*array.Int64Builder).Append(v.cardinality)
	appendIntPointer(b.FieldBuilder(5).(*array.Int64Builder), v.maxRowIndex)
}

func appendPartitionMap(b *array.MapBuilder, values []PartitionValue) {
	b.Append(true)
	keys, items := b.KeyBuilder().(*array.StringBuilder), b.ItemBuilder().(*array.StringBuilder)
	for _, v := range values {
		keys.Append(v.Column)
		if v.Null {
			items.AppendNull()
		} else {
			items.Append(v.Value)
		}
	}
}

func appendTags(b *array.MapBuilder, tags string) error {
	if tags == "" {
		b.AppendNull()
		return nil
	}
	s := &scanner{text: tags}
	appendMap(b, s.stringMap())
	return s.err
}

func appendMap(b *array.MapBuilder, m map[string]string) {
	b.Append(true)
	keys, items := b.KeyBuilder().(*array.StringBuilder), b.ItemBuilder().(*array.StringBuilder)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		keys.Append(k)
		items.Append(m[k])
	}
}

func appendList(b *array.ListBuilder, list []string, present bool) {
	if !present {
		b.AppendNull()
		return
	}
	b.Append(true)
	values := b.ValueBuilder().(*array.StringBuilder)
	for _, v := range list {
		values.Append(v)
	}
}

func appendText(b *array.StringBuilder, v string) {
	if v == "" {
		b.AppendNull()
	} else {
		b.Append(v)
	}
}

func appendPositive(b *array.Int64Builder, v int64) {
	if v == 0 {
		b.AppendNull()
	} else {
		b.Append(v)
	}
}

func appendIntPointer(b *array.Int64Builder, v *int64) {
	if v == nil {
		b.AppendNull()
	} else {
		b.Append(*v)
	}
}
