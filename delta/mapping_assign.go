package delta

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// mapFields rebuilds columns, every field of a struct at any depth changed, a struct before its fields. The path leads to the field by logical names, with
// element, key and value for the parts of arrays and maps.
func mapFields(fields []arrow.Field, prefix []string, change func(path []string, f arrow.Field) arrow.Field) []arrow.Field {
	out := make([]arrow.Field, len(fields))
	for i, f := range fields {
		path := append(prefix[:len(prefix):len(prefix)], f.Name)
		out[i] = change(path, f)
		out[i].Type = mapType(out[i].Type, path, change)
	}
	return out
}

func mapType(t arrow.DataType, path []string, change func(path []string, f arrow.Field) arrow.Field) arrow.DataType {
	at := func(part string) []string { return append(path[:len(path):len(path)], part) }
	switch t := t.(type) {
	case *arrow.StructType:
		return arrow.StructOf(mapFields(t.Fields(), path, change)...)
	case *arrow.ListType:
		return schema.ArrayOf(mapType(t.Elem(), at("element"), change), t.ElemField().Nullable)
	case *arrow.MapType:
		return schema.MapOf(mapType(t.KeyType(), at("key"), change), mapType(t.ItemType(), at("value"), change), t.ItemField().Nullable)
	default:
		return t
	}
}

// eachField calls visit for every field of a struct at any depth, with the path that mapFields gives.
func eachField(fields []arrow.Field, visit func(path []string, f arrow.Field)) {
	mapFields(fields, nil, func(path []string, f arrow.Field) arrow.Field {
		visit(path, f)
		return f
	})
}

// withKey is metadata with a member set.
func withKey(m arrow.Metadata, key, value string) arrow.Metadata {
	kept := withoutKeys(m, func(k string) bool { return k == key })
	return arrow.NewMetadata(append(slices.Clone(kept.Keys()), key), append(slices.Clone(kept.Values()), value))
}

// withoutKeys is metadata without the members that drop names.
func withoutKeys(m arrow.Metadata, drop func(key string) bool) arrow.Metadata {
	var keys, values []string
	for i, k := range m.Keys() {
		if !drop(k) {
			keys, values = append(keys, k), append(values, m.Values()[i])
		}
	}
	return arrow.NewMetadata(keys, values)
}

// unmapped is columns without what column mapping keeps in their metadata.
func unmapped(fields []arrow.Field) []arrow.Field {
	return mapFields(fields, nil, func(_ []string, f arrow.Field) arrow.Field {
		f.Metadata = withoutKeys(f.Metadata, func(k string) bool { return strings.HasPrefix(k, "delta.columnMapping.") })
		return f
	})
}

// plain is columns of rows without what their own table keeps in their metadata: rules, defaults and names that are not another table's.
func plain(fields []arrow.Field) []arrow.Field {
	return mapFields(fields, nil, func(_ []string, f arrow.Field) arrow.Field {
		f.Metadata = withoutKeys(f.Metadata, func(k string) bool { return strings.HasPrefix(k, "delta.") || k == defaultKey || k == existsDefaultKey })
		return f
	})
}

// mapper gives columns their IDs and physical names.
type mapper struct {
	before *tableMetadata // nil: a new table
	names  func() string
	maxID  int64
	adopts bool // the table had no mapping: its columns keep their names in files
}

// mapColumns gives the columns of a mapped table the IDs and physical names that they lack: those that the column of that name has had, else new ones; and
// keeps count of them in delta.columnMapping.maxColumnId. A table can change to mode name, not to another one.
func mapColumns(before, after *tableMetadata, newID func() string) (*tableMetadata, error) {
	mode, had := after.mapping(), mappingNone
	if before != nil {
		had = before.mapping()
	}
	switch {
	case mode != mappingNone && mode != mappingName && mode != mappingID:
		return nil, &PropertyError{Name: mappingModeKey, Value: mode, Reason: "it must be none, name or id"}
	case before != nil && mode != had && (had != mappingNone || mode != mappingName):
		return nil, &PropertyError{Name: mappingModeKey, Value: mode, Reason: "a table can change from none to name only, and it has " + had + "; DropFeature columnMapping leads back to none"}
	case mode == mappingNone:
		return after, nil
	}
	m := mapper{before: before, names: newID, maxID: after.maxColumnID(), adopts: before != nil && had == mappingNone}
	if before != nil {
		m.maxID = max(m.maxID, before.maxColumnID())
	}
	fields := mapFields(after.schema.Fields(), nil, m.assign)
	meta := after.clone()
	var err error
	if meta.SchemaString, err = schema.MarshalDelta(arrow.NewSchema(fields, nil)); err != nil {
		return nil, err
	}
	if meta.Configuration == nil {
		meta.Configuration = make(map[string]string)
	}
	meta.Configuration[maxColumnIDKey] = strconv.FormatInt(m.maxID, 10)
	assigned, err := parseMetadata(&meta)
	if err != nil {
		return nil, err
	}
	return assigned, assigned.checkMapping()
}

// maxColumnID is the greatest ID that a column has or has had.
func (m *tableMetadata) maxColumnID() int64 {
	greatest, err := strconv.ParseInt(m.Configuration[maxColumnIDKey], 10, 64)
	if err != nil {
		greatest = 0
	}
	eachField(m.schema.Fields(), func(_ []string, f arrow.Field) { greatest = max(greatest, columnID(f)) })
	return greatest
}

// columnID is a field's ID, 0 where it has none.
func columnID(f arrow.Field) int64 {
	text, _ := f.Metadata.GetValue(columnIDKey)
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return id
}

func (m *mapper) assign(path []string, f arrow.Field) arrow.Field {
	var old *arrow.Field
	if m.before != nil {
		old = fieldAt(m.before.schema.Fields(), path)
	}
	if old != nil && !m.adopts && !sameColumn(old.Type, f.Type) {
		old = nil
	}
	if f.Metadata.FindKey(columnIDKey) < 0 {
		id := m.maxID + 1
		if old != nil && columnID(*old) > 0 {
			id = columnID(*old)
		}
		m.maxID = max(m.maxID, id)
		f.Metadata = withKey(f.Metadata, columnIDKey, strconv.FormatInt(id, 10))
	}
	if f.Metadata.FindKey(physicalNameKey) < 0 {
		name := "col-" + m.names()
		if old != nil {
			name = physicalName(*old)
			if m.adopts {
				name = old.Name
			}
		}
		f.Metadata = withKey(f.Metadata, physicalNameKey, name)
	}
	return f
}

// sameColumn reports whether files with values of the old type can be read as the new one.
func sameColumn(old, now arrow.DataType) bool {
	if arrow.IsNested(old.ID()) || arrow.IsNested(now.ID()) {
		return old.ID() == now.ID()
	}
	return schema.Equal(old, now) || widens(old, now)
}

// fieldAt finds a field by its logical path, with element, key and value for the parts of arrays and maps; nil: it is not there.
func fieldAt(fields []arrow.Field, path []string) *arrow.Field {
	i := schema.Find(fields, path[0])
	if i < 0 {
		return nil
	}
	f := fields[i]
	for path = path[1:]; len(path) > 0; path = path[1:] {
		switch t := f.Type.(type) {
		case *arrow.StructType:
			return fieldAt(t.Fields(), path)
		case *arrow.ListType:
			if !strings.EqualFold(path[0], "element") {
				return nil
			}
			f = t.ElemField()
		case *arrow.MapType:
			switch strings.ToLower(path[0]) {
			case "key":
				f = t.KeyField()
			case "value":
				f = t.ItemField()
			default:
				return nil
			}
		default:
			return nil
		}
	}
	return &f
}

// checkMapping refuses a schema of a mapped table in which a field has no ID or name in files, or that of another one (Delta protocol: Column Mapping).
func (m *tableMetadata) checkMapping() error {
	if m.mapping() == mappingNone {
		return nil
	}
	var err error
	fault := func(path []string, reason string) {
		if err == nil {
			err = &SchemaError{strings.Join(path, "."), reason}
		}
	}
	ids, names := make(map[int64]bool), make(map[string]bool)
	eachField(m.schema.Fields(), func(path []string, f arrow.Field) {
		id := columnID(f)
		switch {
		case id <= 0 || f.Metadata.FindKey(physicalNameKey) < 0:
			fault(path, "it has no "+columnIDKey+" or no "+physicalNameKey)
		case ids[id]:
			fault(path, "its "+columnIDKey+" is also another column's")
		}
		ids[id] = true
	})
	eachField(m.fileFields(m.schema.Fields()), func(path []string, _ arrow.Field) {
		name := strings.Join(path, "\x00")
		if names[name] {
			fault(path, "its "+physicalNameKey+" is also another column's")
		}
		names[name] = true
	})
	return err
}

// keepMapping lets a table that is mapped stay so where its new properties do not say.
func keepMapping(before *tableMetadata, m *Metadata) {
	if before == nil || before.mapping() == mappingNone || m.Configuration[mappingModeKey] != "" {
		return
	}
	m.Configuration = maps.Clone(m.Configuration)
	if m.Configuration == nil {
		m.Configuration = make(map[string]string)
	}
	m.Configuration[mappingModeKey] = before.mapping()
}
