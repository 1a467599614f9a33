package files

import (
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// MetadataColumn is the name of the column that tells which file a row came from.
const MetadataColumn = "_metadata"

// MetadataType is the whole of that column, as in Spark; a schema may ask for some of its fields only.
var MetadataType arrow.DataType = arrow.StructOf(
	arrow.Field{Name: "file_path", Type: schema.String},
	arrow.Field{Name: "file_name", Type: schema.String},
	arrow.Field{Name: "file_size", Type: schema.BigInt},
	arrow.Field{Name: "file_modification_time", Type: schema.Timestamp},
	arrow.Field{Name: "file_block_start", Type: schema.BigInt},
	arrow.Field{Name: "file_block_length", Type: schema.BigInt},
)

// layout is where a source's columns are. Positions are -1 for columns that the schema does not ask for.
type layout struct {
	schema   *arrow.Schema // of the batches: every column nullable, because files promise nothing
	data     []int         // the columns that are read from the files
	metadata int
	rescued  int
	corrupt  int
}

func newLayout(c *config, s *arrow.Schema) (*layout, error) {
	if err := schema.Check(s); err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	l := &layout{metadata: -1, rescued: -1, corrupt: -1}
	fields := make([]arrow.Field, s.NumFields())
	var faults []error
	for i, f := range s.Fields() {
		f.Nullable = true
		switch f.Name {
		case MetadataColumn:
			l.metadata = i
			faults = append(faults, checkMetadata(f.Type))
		case c.rescued:
			l.rescued = i
			faults = append(faults, checkText(f))
		case c.corrupt:
			l.corrupt = i
			faults = append(faults, checkText(f))
		default:
			l.data = append(l.data, i)
			f.Type = nullable(f.Type)
		}
		fields[i] = f
	}
	if l.rescued < 0 && c.evolving && c.evolution == Rescue {
		faults = append(faults, fmt.Errorf("files: evolution mode Rescue needs a column %s STRING", c.rescued))
	}
	l.schema = arrow.NewSchema(fields, nil)
	return l, errors.Join(faults...)
}

func checkText(f arrow.Field) error {
	if f.Type.ID() != arrow.STRING {
		return fmt.Errorf("files: column %s must be STRING, not %s", f.Name, schema.Name(f.Type))
	}
	return nil
}

func checkMetadata(t arrow.DataType) error {
	st, ok := t.(*arrow.StructType)
	if !ok {
		return fmt.Errorf("files: column %s must be a struct of %s, not %s", MetadataColumn, schema.Name(MetadataType), schema.Name(t))
	}
	for _, f := range st.Fields() {
		want, ok := MetadataType.(*arrow.StructType).FieldByName(f.Name)
		if !ok || !schema.Equal(f.Type, want.Type) {
			return fmt.Errorf("files: %s.%s %s is not a field of %s", MetadataColumn, f.Name, schema.Name(f.Type), schema.Name(MetadataType))
		}
	}
	return nil
}

// checkFormat refuses text files whose malformed values would have no place to go.
func (l *layout) checkFormat(c *config, f FileFormat) error {
	if f == Auto || f == Parquet || l.rescued >= 0 || l.corrupt >= 0 {
		return nil
	}
	return fmt.Errorf("files: the schema of %s files needs a column %s STRING or %s STRING, or malformed values would be lost", f, c.rescued, c.corrupt)
}

// nullable is the type with every part of it nullable.
func nullable(t arrow.DataType) arrow.DataType {
	switch t := t.(type) {
	case *arrow.ListType:
		return schema.ArrayOf(nullable(t.Elem()), true)
	case *arrow.MapType:
		return schema.MapOf(t.KeyType(), nullable(t.ItemType()), true)
	case *arrow.StructType:
		fields := make([]arrow.Field, t.NumFields())
		for i, f := range t.Fields() {
			f.Nullable, f.Type = true, nullable(f.Type)
			fields[i] = f
		}
		return arrow.StructOf(fields...)
	}
	return t
}

// wanted says for each column whether a read of these names needs it.
func (l *layout) wanted(names []string) []bool {
	want := make([]bool, l.schema.NumFields())
	for i := range want {
		want[i] = names == nil
	}
	for _, name := range names {
		if i := schema.Find(l.schema.Fields(), name); i >= 0 {
			want[i] = true
		}
	}
	return want
}
