package check

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// metadata is what a table is.
type metadata struct {
	id            string
	text          string // the schemaString
	schema        *dataType
	partition     []string
	configuration map[string]string
	raw           members // as the log holds it
}

// metadataOf reads the action; a schema that cannot be read is an empty one.
func metadataOf(m members) (*metadata, error) {
	out := &metadata{id: m.text("id"), text: m.text("schemaString"), partition: m.list("partitionColumns"), configuration: make(map[string]string), raw: m}
	for k, v := range m.texts("configuration") {
		if v != nil {
			out.configuration[k] = *v
		}
	}
	var err error
	if out.schema, err = parseSchema(out.text); err != nil {
		out.schema = &dataType{name: "struct"}
	}
	return out, err
}

// visit calls visit for every field.
func (m *metadata) visit(visit func(path []string, f *column)) { m.schema.visitFields(nil, visit) }

func (m *metadata) mapping() string {
	if mode := m.configuration["delta.columnMapping.mode"]; mode != "" {
		return mode
	}
	return "none"
}

const (
	physicalName = "delta.columnMapping.physicalName"
	columnID     = "delta.columnMapping.id"
	maxColumnID  = "delta.columnMapping.maxColumnId"
)

// physical is the name that the field has in files.
func (m *metadata) physical(f *column) string {
	if name := f.metadata.text(physicalName); name != "" && m.mapping() != "none" {
		return name
	}
	return f.name
}

// partitionTypes are the types of the partition columns by their names in the log.
func (m *metadata) partitionTypes() map[string]*dataType {
	out := make(map[string]*dataType)
	for _, name := range m.partition {
		if f := m.schema.find(name); f != nil {
			out[m.physical(f)] = f.typ
		}
	}
	return out
}

// partitioned reports whether the column is a partition column.
func (m *metadata) partitioned(f *column) bool { return slices.Contains(m.partition, f.name) }

// checkMetadata looks at the action by itself, and at what came before it.
func (c *checker) checkMetadata(m *metadata, parseErr error, before *metadata) {
	c.within("metaData", "")
	if m.text == "" {
		return // which is told of as a member that is missing
	}
	if parseErr != nil {
		c.report(SchemaJSON, "the schemaString cannot be parsed: %v", parseErr)
		return
	}
	if p := m.raw.object("format").text("provider"); p != "parquet" {
		c.report(Format, "the format's provider is %q", p)
	}
	c.checkNames(m.schema, "")
	for i, name := range m.partition {
		f := m.schema.find(name)
		switch {
		case f == nil:
			c.report(PartitionColumn, "%s is not in the schema", name)
		case !f.typ.isPrimitive():
			c.report(PartitionColumn, "%s is a %s", name, f.typ.name)
		case slices.Contains(m.partition[:i], name):
			c.report(PartitionColumn, "%s is named twice", name)
		}
	}
	c.checkMapping(m, before)
}

func (c *checker) checkMapping(m, before *metadata) {
	switch m.mapping() {
	case "none":
		return
	case "name", "id":
	default:
		c.report(MappingMode, "delta.columnMapping.mode is %q", m.mapping())
		return
	}
	ids := make(map[int64]string)
	highest := int64(0)
	m.visit(func(path []string, f *column) {
		at := strings.Join(path, ".")
		id := f.metadata.optional(columnID)
		if id == nil || f.metadata.text(physicalName) == "" {
			c.report(MappingField, "column %s has no %s or no %s", at, columnID, physicalName)
			return
		}
		if other, twice := ids[*id]; twice {
			c.report(MappingTwice, "columns %s and %s have the ID %d", other, at, *id)
		}
		ids[*id], highest = at, max(highest, *id)
	})
	c.checkPhysicalNames(m.schema, "")
	largest, err := strconv.ParseInt(m.configuration[maxColumnID], 10, 64)
	switch {
	case err != nil:
		c.report(MappingMaxID, "%s is %q", maxColumnID, m.configuration[maxColumnID])
	case largest < highest:
		c.report(MappingMaxID, "%s is %d, and column %s has the ID %d", maxColumnID, largest, ids[highest], highest)
	case before != nil && before.id == m.id && before.mapping() != "none":
		if earlier, err := strconv.ParseInt(before.configuration[maxColumnID], 10, 64); err == nil && largest < earlier {
			c.report(MappingMaxID, "%s falls from %d to %d", maxColumnID, earlier, largest)
		}
	}
}

// checkPhysicalNames looks for two fields of one struct with one physical name.
func (c *checker) checkPhysicalNames(t *dataType, at string) {
	if t == nil {
		return
	}
	seen := make(map[string]string)
	for _, f := range t.fields {
		if name := f.metadata.text(physicalName); name != "" {
			if other, twice := seen[name]; twice {
				c.report(MappingTwice, "columns %s%s and %s%s have the physical name %s", at, other, at, f.name, name)
			}
			seen[name] = f.name
		}
		c.checkPhysicalNames(f.typ, at+f.name+".")
	}
	c.checkPhysicalNames(t.key, at)
	c.checkPhysicalNames(t.element, at)
}

// same compares what two metaData actions say, and names the first member that differs.
func (m *metadata) same(o *metadata) (string, bool) {
	switch {
	case m.id != o.id:
		return "id", false
	case !slices.Equal(m.partition, o.partition):
		return "partitionColumns", false
	case !maps.Equal(m.configuration, o.configuration):
		return "configuration", false
	case m.text != o.text && !sameJSON(m.text, o.text):
		return "schemaString", false
	}
	return "", true
}

// sameJSON compares two texts of JSON by what they say.
func sameJSON(a, b string) bool {
	x, err1 := decodeJSON([]byte(a))
	y, err2 := decodeJSON([]byte(b))
	return err1 == nil && err2 == nil && shownWhole(x) == shownWhole(y)
}
