package enginetest

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// basicTypes are the types of most expressions.
func basicTypes() []arrow.DataType {
	return []arrow.DataType{schema.Boolean, schema.Int, schema.BigInt, schema.Double, schema.String, schema.DecimalOf(10, 2), schema.DateType, schema.Timestamp}
}

// basic is how many types of allTypes are basic; they come first.
const basic = 8

// allTypes are those of the tables' columns.
func allTypes() []arrow.DataType {
	return append(basicTypes(), schema.TinyInt, schema.SmallInt, schema.Float, schema.DecimalOf(38, 10), schema.Binary, schema.TimestampNTZType,
		schema.ArrayOf(schema.Int, true), schema.ArrayOf(schema.String, true), schema.ArrayOf(schema.ArrayOf(schema.Int, true), true),
		schema.MapOf(schema.String, schema.Int, true),
		pairType, schema.ArrayOf(pairType, true))
}

// pairType is that of nested.st.
var pairType = arrow.StructOf(arrow.Field{Name: "a", Type: schema.Int, Nullable: true}, arrow.Field{Name: "b", Type: schema.String, Nullable: true})

// constant is a constant of the type.
func (g *generator) constant(t arrow.DataType) expr.Node {
	if g.chance(10) && !g.strict {
		return expr.Literal{Type: t}
	}
	return pick(g, constants(t))
}

// constants are texts of constants by type; of any other type there is NULL.
func constants(t arrow.DataType) []expr.Node {
	texts := map[string][]string{
		"boolean":         {"TRUE", "FALSE"},
		"tinyint":         {"0Y", "1Y", "-1Y", "127Y"},
		"smallint":        {"0S", "1S", "-7S", "32767S"},
		"int":             {"1", "0", "-1", "2", "3", "100", "2147483647"},
		"bigint":          {"1L", "0L", "-1L", "12345678901L", "9223372036854775807L"},
		"float":           {"0F", "1.5F", "-2.25F", "CAST('NaN' AS FLOAT)"},
		"double":          {"0.5D", "0D", "-1.5D", "1E10D", "CAST('NaN' AS DOUBLE)", "CAST('Infinity' AS DOUBLE)"},
		"decimal(10,2)":   {"CAST(1.50 AS DECIMAL(10,2))", "CAST(0 AS DECIMAL(10,2))", "CAST(-99999999.99 AS DECIMAL(10,2))"},
		"decimal(38,10)":  {"CAST(1.5 AS DECIMAL(38,10))", "CAST(-123456789012345678.0123456789 AS DECIMAL(38,10))"},
		"string":          {"'a'", "''", "'A b'", "'12'", "'-3.5'", "'ü日'", "'2024-02-29'", "'true'", "'x,y,z'", `'{"a": [1, {"b": "c"}]}'`},
		"binary":          {"X'61'", "X''", "X'FF00'"},
		"date":            {"DATE '2024-02-29'", "DATE '1969-12-31'", "DATE '2000-01-01'"},
		"timestamp":       {"TIMESTAMP '2024-02-29 12:34:56.789'", "TIMESTAMP '1969-12-31 23:59:59.5'"},
		"timestamp_ntz":   {"TIMESTAMP_NTZ '2024-02-29 12:34:56.789'", "TIMESTAMP_NTZ '1969-12-31 23:59:59.5'"},
		"array<int>":      {"array(1, NULL, 3)", "array(2)"},
		"array<string>":   {"array('b', NULL, 'a')", "array('', 'ü')"},
		"map<string,int>": {"map('a', 1, 'b', NULL)"},
	}[schema.Name(t)]
	if texts == nil {
		return []expr.Node{expr.Literal{Type: t}}
	}
	return parsed(texts...)
}

// domains are what an argument may be where most values make no sense, or too much work, or differ by engine; nil where it may be anything.
func domains(function string, argument int) []expr.Node {
	at := func(positions ...int) bool { return slices.Contains(positions, argument) }
	switch {
	case function == "date_trunc" && at(0):
		return parsed("'YEAR'", "'QUARTER'", "'MONTH'", "'WEEK'", "'DAY'", "'HOUR'", "'minute'", "'SECOND'", "'MILLISECOND'", "'x'")
	case function == "trunc" && at(1):
		return parsed("'YEAR'", "'QUARTER'", "'MM'", "'week'", "'x'")
	case slices.Contains([]string{"date_format", "from_unixtime", "to_date", "to_timestamp", "try_to_date", "try_to_timestamp", "unix_timestamp"}, function) && at(1):
		return parsed("'yyyy-MM-dd'", "'yyyy-MM-dd HH:mm:ss'", "'dd/MM/yyyy'")
	case slices.Contains([]string{"rlike", "regexp_extract", "regexp_replace", "split", "regexp_count", "regexp_extract_all", "regexp_instr", "regexp_substr"}, function) && at(1):
		return parsed("'[a-z]+'", "'(\\\\d)(\\\\d)'", "'(.)b'", "','")
	case (function == "regexp_extract" || function == "regexp_extract_all") && at(2):
		return parsed("0", "1")
	case function == "like" || function == "ilike":
		return map[int][]expr.Node{1: parsed("'a%'", "'%2%'", "'_'", "'%ü_'"), 2: parsed("'!'")}[argument]
	case function == "get_json_object" && at(1):
		return parsed("'$.a'", "'$.a[0]'", "'$.a[1].b'", "'$'")
	case (function == "repeat" || function == "lpad" || function == "rpad") && at(1), function == "sha2" && at(1), function == "split" && at(2):
		return parsed("3", "0", "-1", "7", "256")
	case function == "space" && at(0):
		return parsed("3", "0", "-1")
	case function == "format_number" && at(1):
		return parsed("0", "2", "-1", "20", "'#,##0.00'", "'000.#'")
	case function == "format_string" && at(0):
		return parsed("'%s|%10s'", "'%s'", "'%2$s %1$s'")
	case (function == "to_number" || function == "try_to_number") && at(1):
		return parsed("'999'", "'S9,999.99'", "'000.0'")
	case (function == "encode" || function == "decode") && at(1):
		return parsed("'UTF-8'", "'UTF-16BE'", "'ISO-8859-1'")
	case (function == "to_binary" || function == "try_to_binary") && at(1):
		return parsed("'hex'", "'base64'", "'utf-8'")
	case (function == "parse_url" || function == "try_parse_url") && at(0):
		return parsed("'http://u@h.com:80/p?q=1&r=2#f'", "'/p?q'", "'a b'")
	case (function == "parse_url" || function == "try_parse_url") && at(1, 2):
		return parsed("'HOST'", "'QUERY'", "'q'", "'FILE'")
	case function == "conv" && at(1, 2):
		return parsed("10", "16", "2", "-10", "37")
	case (function == "round" || function == "bround" || function == "ceil" || function == "floor") && at(1):
		return parsed("0", "1", "-1", "3", "-3")
	case slices.Contains([]string{"date_add", "date_sub", "add_months"}, function) && at(1):
		return parsed("1", "0", "-1", "31", "-400")
	case slices.Contains([]string{"timestamp_seconds", "timestamp_millis", "timestamp_micros", "from_unixtime"}, function) && at(0):
		return parsed("0", "-1", "1700000000", "1700000000123L")
	case function == "named_struct" && at(0, 2):
		return parsed("'x'")
	}
	if domain := arrayDomains(function, argument); domain != nil {
		return domain
	}
	return timeDomains(function, argument)
}

// arrayDomains are domains for the functions of arrays and maps: few elements, and texts that hold pairs.
func arrayDomains(function string, argument int) []expr.Node {
	switch {
	case (function == "array_repeat" || function == "array_insert") && argument == 1:
		return parsed("1", "2", "-1", "-3", "5", "0")
	case function == "sequence" && argument < 2:
		return parsed("1", "3", "-2", "0")
	case function == "sequence":
		return parsed("1", "2", "-1")
	case function == "str_to_map":
		return map[int][]expr.Node{1: parsed("','", "'[a-c]'"), 2: parsed("':'", "'-'")}[argument]
	}
	return nil
}

func parsed(texts ...string) []expr.Node {
	nodes := make([]expr.Node, len(texts))
	for i, text := range texts {
		n, err := expr.Parse(text)
		if err != nil {
			panic(fmt.Sprintf("the generator's constant %s: %v", text, err))
		}
		nodes[i] = n
	}
	return nodes
}
