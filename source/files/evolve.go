package files

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/schema"
)

// mode is the evolution mode: as given, else by whether the schema was.
func (s *Source) mode() EvolutionMode {
	switch {
	case s.config.evolving:
		return s.config.evolution
	case s.config.schema == nil:
		return AddNewColumns
	default:
		return None
	}
}

// failsOnNewColumns says that a column that the schema lacks ends the read.
func (s *Source) failsOnNewColumns() bool {
	m := s.mode()
	return m == FailOnNewColumns || m == AddNewColumns
}

// checkNewColumns fails where the evolution mode says so. What a schema is inferred from has its bounds, so it is inferred anew to see whether that helps.
func (s *Source) checkNewColumns(ctx context.Context, file string, names []string) error {
	if len(names) == 0 || !s.failsOnNewColumns() {
		return nil
	}
	e := &NewColumnsError{File: file, Columns: names}
	if s.mode() == FailOnNewColumns || s.config.schema != nil {
		return e
	}
	e.inferred = true
	fields, err := s.inferFields(ctx)
	e.Added = !slices.ContainsFunc(names, func(name string) bool { return !has(fields, name) })
	return errors.Join(e, err)
}

// isOwn says that a column of this name is the source's own: one that files have is never a new column.
func (c *config) isOwn(name string) bool {
	return name == MetadataColumn || name == c.rescued || name == c.corrupt
}

// has says whether one of the fields has this path, as collectNew writes it.
func has(fields []arrow.Field, path string) bool {
	if schema.Find(fields, path) >= 0 {
		return true
	}
	for _, f := range fields {
		st, ok := f.Type.(*arrow.StructType)
		if rest, under := strings.CutPrefix(path, f.Name+"."); ok && under && has(st.Fields(), rest) {
			return true
		}
	}
	return false
}

// newColumns lists the columns that stand in rescued data because fields lack them, and not because their values do not fit.
func newColumns(rescued *array.String, fields []arrow.Field) []string {
	found := map[string]bool{}
	for i := range rescued.Len() {
		if rescued.IsNull(i) {
			continue
		}
		var values map[string]json.RawMessage
		if json.Unmarshal([]byte(rescued.Value(i)), &values) == nil {
			delete(values, "_file_path")
			delete(values, "_corrupt_record") // a line that is no row at all
			delete(values, "")                // which can be no column's name
			collectNew(found, "", values, fields)
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func collectNew(found map[string]bool, path string, values map[string]json.RawMessage, fields []arrow.Field) {
	for name, value := range values {
		i := schema.Find(fields, name)
		if i < 0 {
			found[path+name] = true
			continue
		}
		st, isStruct := fields[i].Type.(*arrow.StructType)
		var inner map[string]json.RawMessage
		if isStruct && json.Unmarshal(value, &inner) == nil {
			collectNew(found, path+name+".", inner, st.Fields())
		}
	}
}
