package expr

import (
	"errors"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/csv"
	"github.com/medallion-go/medallion/schema"
)

// csvFunctions are those between text in CSV and columns.
func csvFunctions() []Function {
	return []Function{
		scalar("from_csv", 2, 3, "from_csv(csv, schema[, options]): STRUCT of the schema; what does not fit is NULL, or an error in mode FAILFAST", fromCSV),
		scalar("to_csv", 1, 2, "to_csv(struct[, options]): the fields of a STRUCT as a record; blanks around values are left out", toCSV),
		rewritten("schema_of_csv", 1, 2, "schema_of_csv(csv[, options]): schema of a constant record, as from_csv takes it", schemaOfCSV),
	}
}

// The options of the functions of CSV, in lower case. Others are refused, as they would be passed over in silence.
var (
	csvOptions     = []string{"sep", "delimiter", "quote", "escape", "nullvalue"}
	timeOptions    = []string{"dateformat", "timestampformat", "timestampntzformat"}
	readCSVOptions = slices.Concat([]string{"mode", "columnnameofcorruptrecord"}, csvOptions, timeOptions)
)

func fromCSV(c *call) (Bound, error) {
	if !isString(c.args[0].Type()) && !isNull(c.args[0].Type()) {
		return nil, c.unexpected(0, "STRING")
	} else if err := c.convert(0, typeString); err != nil {
		return nil, err
	}
	t, err := c.schemaArgument(1)
	if err != nil {
		return nil, err
	}
	record, ok := t.(*arrow.StructType)
	if !ok {
		at := c.place(1)
		return nil, &Error{
			Class: "INVALID_SCHEMA.NON_STRUCT_TYPE", SQLState: "42K07", Line: at.Line, Column: at.Column, Message: "the schema must be a STRUCT, not " + TypeSQL(t),
		}
	}
	for _, f := range record.Fields() {
		if !isAtomic(f.Type) || f.Type.ID() == arrow.BINARY {
			at := c.place(1)
			return nil, &Error{
				Class: "UNSUPPORTED_FEATURE", SQLState: "0A000", Line: at.Line, Column: at.Column,
				Message: "the column " + f.Name + " of type " + TypeSQL(f.Type) + " cannot be read from CSV",
			}
		}
	}
	return c.result(t), c.options(2, readCSVOptions)
}

func toCSV(c *call) (Bound, error) {
	t, ok := c.args[0].Type().(*arrow.StructType)
	if !ok {
		return nil, c.mismatch("UNSUPPORTED_INPUT_TYPE", "a STRUCT is needed, not "+TypeSQL(c.args[0].Type()))
	}
	for _, f := range t.Fields() {
		if !isAtomic(f.Type) && !isNull(f.Type) && !isInterval(f.Type) || f.Type.ID() == arrow.BINARY {
			return nil, &Error{
				Class: "UNSUPPORTED_FEATURE", SQLState: "0A000", Line: c.Line, Column: c.Column,
				Message: "to_csv of the field " + f.Name + " of type " + TypeSQL(f.Type) + " is not supported",
			}
		}
	}
	c.null = true
	return c.result(typeString), c.options(1, slices.Concat(csvOptions, timeOptions))
}

// schemaOfCSV finds the schema of a constant record.
func schemaOfCSV(c *call) (Bound, error) {
	v, _ := c.constant(0)
	text, ok := v.(string)
	if l, isLiteral := c.args[0].(BoundLiteral); isLiteral && l.Value == nil {
		return nil, c.mismatch("UNEXPECTED_NULL", "the record must not be NULL")
	} else if !ok {
		return nil, c.mismatch("NON_FOLDABLE_INPUT", "the record must be a constant STRING")
	}
	if err := c.options(1, csvOptions); err != nil {
		return nil, err
	}
	if text == "" {
		at := c.place(0)
		return nil, &Error{Class: "UNSUPPORTED_FEATURE", SQLState: "0A000", Line: at.Line, Column: at.Column, Message: "schema_of_csv of an empty record is not supported"}
	}
	line, null, err := c.lineOptions(1)
	if err != nil {
		return nil, err
	}
	return literal(schema.TypeDDL(csv.TypeOfLine(line, null, text)), typeString), nil
}

// lineOptions are the characters that an argument gives, and the text for NULL.
func (c *call) lineOptions(i int) (line csv.Line, null string, err error) {
	line = csv.Line{Comma: ',', Quote: '"', Escape: '\\'}
	if i >= len(c.args) {
		return line, "", nil
	}
	characters := map[string]*byte{"sep": &line.Comma, "delimiter": &line.Comma, "quote": &line.Quote, "escape": &line.Escape}
	args := c.args[i].(BoundCall).Args
	for j := 0; j+1 < len(args); j += 2 {
		name, value := strings.ToLower(args[j].(BoundLiteral).Value.(string)), args[j+1].(BoundLiteral).Value.(string)
		if name == "nullvalue" {
			null = value
		} else if *characters[name], err = csv.Character(value); err != nil {
			break
		}
	}
	if err == nil && (line.Comma == line.Quote || line.Comma == line.Escape) {
		err = errors.New("the separator must be neither the quote nor the escape")
	}
	if err != nil {
		at := c.place(i)
		err = &Error{Class: "UNSUPPORTED_FEATURE", SQLState: "0A000", Line: at.Line, Column: at.Column, Message: "the options of " + c.name + ": " + err.Error()}
	}
	return line, null, err
}
