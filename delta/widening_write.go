package delta

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

// canWiden tells whether a column may change from one primitive type to another.
func canWiden(from, to arrow.DataType) bool { return !schema.Equal(from, to) && mayWiden(from, to) }

// widensByItself tells whether rows of a wider type may widen a column that they are written to. An integer does not become a DECIMAL or DOUBLE by itself:
// that is for whom owns the table to say.
func widensByItself(from, to arrow.DataType) bool {
	return canWiden(from, to) && (!skipping.IsInteger(from) || skipping.IsInteger(to))
}

// recordChange notes that a column, or the part of it at the path, has another type.
func recordChange(f arrow.Field, part []string, from, to arrow.DataType) (arrow.Field, error) {
	var list []json.RawMessage // others' entries may have more members
	if text, ok := f.Metadata.GetValue(typeChangesKey); ok {
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			return f, &SchemaError{f.Name, typeChangesKey + " cannot be read: " + err.Error()}
		}
	}
	entry := schema.AppendQuoted([]byte(`{"fromType":`), schema.DeltaName(from))
	entry = schema.AppendQuoted(append(entry, `,"toType":`...), schema.DeltaName(to))
	if len(part) > 0 {
		entry = schema.AppendQuoted(append(entry, `,"fieldPath":`...), strings.Join(part, "."))
	}
	text, err := json.Marshal(append(list, append(entry, '}')))
	if err != nil {
		return f, err
	}
	f.Metadata = withKey(f.Metadata, typeChangesKey, string(text))
	return f, nil
}

// narrow are the files that hold values of other types than the table's columns.
func (s *Snapshot) narrow(ctx context.Context) ([]*File, error) {
	scan, err := s.Scan(ScanConfig{Files: []*File{}})
	if err != nil {
		return nil, err
	}
	var list []*File
	for f := range s.Files() {
		err := scan.withFile(ctx, f, func(p *parquet.File) error {
			have := p.Schema().Fields()
			for _, column := range s.metadata.dataFields() {
				at := scan.matching.find(have, column)
				if at >= 0 && !schema.Equal(have[at].Type, s.metadata.fileType(column.Type)) {
					list = append(list, f)
					return nil
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}
