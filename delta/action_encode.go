package delta

import (
	"maps"
	"slices"
	"strconv"

	"github.com/medallion-go/medallion/schema"
)

// appendAdd appends one line of a commit: the file as an add action. Members that this package does not know go back as they came.
func appendAdd(dst []byte, f *File) []byte {
	dst = append(dst, `{"add":{"path":`...)
	dst = schema.AppendQuoted(dst, f.Path)
	dst = append(dst, `,"partitionValues":`...)
	dst = appendPartitionValues(dst, f.PartitionValues)
	dst = append(dst, `,"size":`...)
	dst = strconv.AppendInt(dst, f.Size, 10)
	dst = append(dst, `,"modificationTime":`...)
	dst = strconv.AppendInt(dst, f.ModificationTime, 10)
	dst = append(dst, `,"dataChange":`...)
	dst = strconv.AppendBool(dst, f.DataChange)
	if f.Stats != "" {
		dst = append(dst, `,"stats":`...)
		dst = schema.AppendQuoted(dst, f.Stats)
	}
	return append(appendMore(dst, f.more), "}}\n"...)
}

// appendRemove appends one line of a commit: the tombstone as a remove action.
func appendRemove(dst []byte, t *tombstone) []byte {
	dst = append(dst, `{"remove":{"path":`...)
	dst = schema.AppendQuoted(dst, t.path)
	if t.deletionTimestamp != 0 {
		dst = append(dst, `,"deletionTimestamp":`...)
		dst = strconv.AppendInt(dst, t.deletionTimestamp, 10)
	}
	dst = append(dst, `,"dataChange":`...)
	dst = strconv.AppendBool(dst, t.dataChange)
	if t.extended {
		dst = append(dst, `,"extendedFileMetadata":true,"partitionValues":`...)
		dst = appendPartitionValues(dst, t.partitionValues)
		dst = append(dst, `,"size":`...)
		dst = strconv.AppendInt(dst, t.size, 10)
	}
	return append(appendMore(dst, t.more), "}}\n"...)
}

// appendChange appends one line of a commit: the file as a cdc action.
func appendChange(dst []byte, f *changeFile) []byte {
	dst = append(dst, `{"cdc":{"path":`...)
	dst = schema.AppendQuoted(dst, f.path)
	dst = append(dst, `,"partitionValues":`...)
	dst = appendPartitionValues(dst, f.partitionValues)
	dst = append(dst, `,"size":`...)
	dst = strconv.AppendInt(dst, f.size, 10)
	return append(dst, `,"dataChange":false}}`+"\n"...)
}

func appendMore(dst []byte, m *fileMore) []byte {
	if m == nil {
		return dst
	}
	if m.tags != "" {
		dst = append(append(dst, `,"tags":`...), m.tags...)
	}
	if m.vector != nil {
		dst = appendDeletionVector(append(dst, `,"deletionVector":`...), m.vector)
	}
	dst = appendOptionalInt(dst, "baseRowId", m.baseRowID)
	dst = appendOptionalInt(dst, "defaultRowCommitVersion", m.defaultRowCommitVersion)
	if m.clusteringProvider != "" {
		dst = schema.AppendQuoted(append(dst, `,"clusteringProvider":`...), m.clusteringProvider)
	}
	if m.unknown != "" {
		dst = append(append(dst, ','), m.unknown...)
	}
	return dst
}

func appendDeletionVector(dst []byte, v *deletionVector) []byte {
	dst = append(dst, `{"storageType":`...)
	dst = schema.AppendQuoted(dst, v.storageType)
	dst = append(dst, `,"pathOrInlineDv":`...)
	dst = schema.AppendQuoted(dst, v.pathOrInline)
	dst = appendOptionalInt(dst, "offset", v.offset)
	dst = append(dst, `,"sizeInBytes":`...)
	dst = strconv.AppendInt(dst, v.sizeInBytes, 10)
	dst = append(dst, `,"cardinality":`...)
	dst = strconv.AppendInt(dst, v.cardinality, 10)
	dst = appendOptionalInt(dst, "maxRowIndex", v.maxRowIndex)
	return append(dst, '}')
}

func appendOptionalInt(dst []byte, name string, v *int64) []byte {
	if v == nil {
		return dst
	}
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return strconv.AppendInt(dst, *v, 10)
}

func appendPartitionValues(dst []byte, values []PartitionValue) []byte {
	dst = append(dst, '{')
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(schema.AppendQuoted(dst, v.Column), ':')
		if v.Null {
			dst = append(dst, "null"...)
		} else {
			dst = schema.AppendQuoted(dst, v.Value)
		}
	}
	return append(dst, '}')
}

// appendProtocol appends the object alone; callers put it into a line or into a checksum file.
func appendProtocol(dst []byte, p *Protocol) []byte {
	dst = append(dst, `{"minReaderVersion":`...)
	dst = strconv.AppendInt(dst, int64(p.MinReaderVersion), 10)
	dst = append(dst, `,"minWriterVersion":`...)
	dst = strconv.AppendInt(dst, int64(p.MinWriterVersion), 10)
	if p.MinReaderVersion >= readerWithFeatures {
		dst = appendStrings(append(dst, `,"readerFeatures":`...), p.ReaderFeatures)
	}
	if p.MinWriterVersion >= writerWithFeatures {
		dst = appendStrings(append(dst, `,"writerFeatures":`...), p.WriterFeatures)
	}
	return append(dst, '}')
}

func appendMetadata(dst []byte, m *Metadata) []byte {
	dst = append(dst, `{"id":`...)
	dst = schema.AppendQuoted(dst, m.ID)
	if m.Name != "" {
		dst = schema.AppendQuoted(append(dst, `,"name":`...), m.Name)
	}
	if m.Description != "" {
		dst = schema.AppendQuoted(append(dst, `,"description":`...), m.Description)
	}
	dst = append(dst, `,"format":{"provider":"parquet","options":`...)
	dst = appendStringMap(dst, m.options)
	dst = append(dst, `},"schemaString":`...)
	dst = schema.AppendQuoted(dst, m.SchemaString)
	dst = appendStrings(append(dst, `,"partitionColumns":`...), m.PartitionColumns)
	dst = appendStringMap(append(dst, `,"configuration":`...), m.Configuration)
	if m.CreatedTime != 0 {
		dst = append(dst, `,"createdTime":`...)
		dst = strconv.AppendInt(dst, m.CreatedTime, 10)
	}
	if m.unknown != "" {
		dst = append(append(dst, ','), m.unknown...)
	}
	return append(dst, '}')
}

func appendTxn(dst []byte, t Txn) []byte {
	dst = append(dst, `{"appId":`...)
	dst = schema.AppendQuoted(dst, t.AppID)
	dst = append(dst, `,"version":`...)
	dst = strconv.AppendInt(dst, t.Version, 10)
	if t.LastUpdated != 0 {
		dst = append(dst, `,"lastUpdated":`...)
		dst = strconv.AppendInt(dst, t.LastUpdated, 10)
	}
	return append(dst, '}')
}

func appendDomain(dst []byte, d domain) []byte {
	dst = append(dst, `{"domain":`...)
	dst = schema.AppendQuoted(dst, d.name)
	dst = append(dst, `,"configuration":`...)
	dst = schema.AppendQuoted(dst, d.configuration)
	dst = append(dst, `,"removed":`...)
	return append(strconv.AppendBool(dst, d.removed), '}')
}

func appendStrings(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = schema.AppendQuoted(dst, v)
	}
	return append(dst, ']')
}

func appendInts(dst []byte, list []int64) []byte {
	dst = append(dst, '[')
	for i, n := range list {
		dst = strconv.AppendInt(appendComma(dst, i), n, 10)
	}
	return append(dst, ']')
}

func appendStringMap(dst []byte, m map[string]string) []byte {
	dst = append(dst, '{')
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(schema.AppendQuoted(dst, k), ':')
		dst = schema.AppendQuoted(dst, m[k])
	}
	return append(dst, '}')
}
