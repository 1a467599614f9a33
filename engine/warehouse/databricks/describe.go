package databricks

import (
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// sqlType is the key under which the server notes a column's SQL type in the Arrow schema.
const sqlType = "Spark:DataType:SqlName"

// describe is a result's schema in schema's types, as the server describes it. Names come from the driver: those in files of results may be of another
// statement.
func describe(sent *arrow.Schema, rows driver.Rows) (*arrow.Schema, error) {
	names := rows.Columns()
	fields := make([]arrow.Field, sent.NumFields())
	for i, f := range sent.Fields() {
		name := f.Name
		if len(names) == len(fields) {
			name = names[i]
		}
		t, err := described(f, typeName(rows, i))
		if err != nil {
			return nil, err
		}
		fields[i] = arrow.Field{Name: name, Type: t, Nullable: true}
	}
	return arrow.NewSchema(fields, nil), nil
}

// typeName is the server's name for a column's type: DECIMAL, INTERVAL_DAY_TIME …
func typeName(rows driver.Rows, i int) string {
	if named, ok := rows.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return named.ColumnTypeDatabaseTypeName(i)
	}
	return ""
}

func described(f arrow.Field, name string) (arrow.DataType, error) {
	if f.Type.ID() != arrow.STRING {
		return inWords(f.Name, f.Type)
	}
	switch name {
	case "DECIMAL":
		if text, ok := f.Metadata.GetValue(sqlType); ok {
			return schema.ParseType(text)
		}
		const reason = "the server does not say which precision: give the schema that the rows are wanted in"
		return nil, &ColumnError{Column: f.Name, Sent: "STRING", Wanted: "DECIMAL", Reason: reason}
	case "INTERVAL_YEAR_MONTH":
		return arrow.FixedWidthTypes.MonthInterval, nil
	case "INTERVAL_DAY_TIME":
		return arrow.FixedWidthTypes.Duration_us, nil
	case "INTERVAL":
		return schema.CalendarInterval, nil
	default:
		return schema.String, nil
	}
}

// inWords is an Arrow type as package schema has it: zones are UTC, and the parts of nested types have their usual names.
func inWords(column string, t arrow.DataType) (arrow.DataType, error) {
	switch t := t.(type) {
	case *arrow.TimestampType:
		if t.TimeZone == "" {
			return schema.TimestampNTZType, nil
		}
		return schema.Timestamp, nil
	case *arrow.MapType:
		key, err := inWords(column, t.KeyType())
		if err != nil {
			return nil, err
		}
		value, err := inWords(column, t.ItemType())
		return schema.MapOf(key, value, true), err
	case *arrow.ListType:
		element, err := inWords(column, t.Elem())
		return schema.ArrayOf(element, true), err
	case *arrow.StructType:
		fields := make([]arrow.Field, t.NumFields())
		for i, f := range t.Fields() {
			part, err := inWords(column, f.Type)
			if err != nil {
				return nil, err
			}
			fields[i] = arrow.Field{Name: f.Name, Type: part, Nullable: true}
		}
		return arrow.StructOf(fields...), nil
	case *arrow.MonthIntervalType, *arrow.DurationType:
		return t, nil
	default:
		if err := schema.Supported(t); err != nil {
			return nil, &ColumnError{Column: column, Sent: fmt.Sprint(t), Wanted: "a type of Spark SQL", Reason: strings.TrimPrefix(err.Error(), "schema: ")}
		}
		return t, nil
	}
}
