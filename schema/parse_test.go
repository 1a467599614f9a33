package schema_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/schema"
)

func TestParseType(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, name, ddl string }{
		{"BOOLEAN", "boolean", "BOOLEAN"},
		{"byte", "tinyint", "TINYINT"},
		{"Short", "smallint", "SMALLINT"},
		{"INTEGER", "int", "INT"},
		{"long", "bigint", "BIGINT"},
		{"real", "float", "FLOAT"},
		{"double", "double", "DOUBLE"},
		{"string", "string", "STRING"},
		{"binary", "binary", "BINARY"},
		{"date", "date", "DATE"},
		{"timestamp_ltz", "timestamp", "TIMESTAMP"},
		{"timestamp_ntz", "timestamp_ntz", "TIMESTAMP_NTZ"},
		{"void", "void", "VOID"},
		{"dec", "decimal(10,0)", "DECIMAL(10,0)"},
		{"numeric(5)", "decimal(5,0)", "DECIMAL(5,0)"},
		{" decimal ( 38 , 38 ) ", "decimal(38,38)", "DECIMAL(38,38)"},
		{"interval year", "interval year to month", "INTERVAL YEAR TO MONTH"},
		{"INTERVAL HOUR TO SECOND", "interval day to second", "INTERVAL DAY TO SECOND"},
		{"array<array<int>>", "array<array<int>>", "ARRAY<ARRAY<INT>>"},
		{"map<string,struct<>>", "map<string,struct<>>", "MAP<STRING, STRUCT<>>"},
		{"struct<a:int,`b c` string not null comment 'it''s'>", "struct<a:int,b c:string>", "STRUCT<a: INT, `b c`: STRING NOT NULL COMMENT 'it\\'s'>"},
		{"STRUCT<struct STRUCT<map: MAP<INT,INT>>>", "struct<struct:struct<map:map<int,int>>>", "STRUCT<struct: STRUCT<map: MAP<INT, INT>>>"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			typ, err := schema.ParseType(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := schema.Name(typ); got != tt.name {
				t.Errorf("Name = %s, want %s", got, tt.name)
			}
			if got := schema.TypeDDL(typ); got != tt.ddl {
				t.Errorf("TypeDDL = %s, want %s", got, tt.ddl)
			}
			again, err := schema.ParseType(tt.ddl)
			if err != nil || !schema.Equal(typ, again, schema.Nullability, schema.Metadata) {
				t.Errorf("ParseType(%s) = %v, %v", tt.ddl, again, err)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"", "1:1: expected a column name, but the text ends"},
		{"a", "1:2: expected a type, but the text ends"},
		{"a INT,\n  b FOO", "2:5: unknown type FOO"},
		{"a INT, A STRING", "1:8: column A stands twice"},
		{"é VARCHAR(3)", "1:3: type VARCHAR is not supported"},
		{"a DECIMAL(39,1)", "1:10: decimal(39,1): precision must be 1 to 38"},
		{"a DECIMAL(5,6)", "scale 0 to precision"},
		{"a DECIMAL(99999999999)", "number 99999999999 is too large"},
		{"a INT NOT", `expected "NULL", but the text ends`},
		{"a INT COMMENT x", "expected a quoted comment, found \"x\""},
		{"a INT COMMENT 'x", "1:15: quote ' is not closed"},
		{"`a INT", "back quote is not closed"},
		{"`` INT", "empty name"},
		{"a-b INT", "unexpected character '-'"},
		{"a INT b INT", "1:7: expected the end, found \"b\""},
		{"a ARRAY<INT", `expected ">", but the text ends`},
		{"a MAP<INT>", `expected ",", found ">"`},
		{"a INTERVAL SECOND TO DAY", "interval units must fall"},
		{"a INTERVAL YEAR TO DAY", "interval units must fall"},
		{"a INTERVAL WEEK", "expected YEAR, MONTH"},
		{"a " + strings.Repeat("ARRAY<", 101) + "INT" + strings.Repeat(">", 101), "types nest deeper than 100"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			_, err := schema.ParseDDL(tt.text)
			var syntax *schema.SyntaxError
			if !errors.As(err, &syntax) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("ParseDDL(%q) error = %v, want a *SyntaxError with %q", tt.text, err, tt.want)
			}
		})
	}
}

func TestDDL(t *testing.T) {
	t.Parallel()
	const text = "a BIGINT NOT NULL, b STRUCT<c: STRING> COMMENT 'x', `d e` ARRAY<INT>, `3` MAP<STRING, DECIMAL(4,2)> NOT NULL COMMENT 'it\\'s\\n\\\\'"
	s, err := schema.ParseDDL(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := schema.DDL(s); got != text {
		t.Errorf("DDL = %s\nwant  %s", got, text)
	}
	comment, _ := s.Field(3).Metadata.GetValue(schema.CommentKey)
	if want := "it's\n\\"; comment != want {
		t.Errorf("comment = %q, want %q", comment, want)
	}
	if diff := cmp.Diff([]bool{false, true, true, false}, nullable(s.Fields())); diff != "" {
		t.Errorf("nullability (-want +got):\n%s", diff)
	}
}

func nullable(fields []arrow.Field) (n []bool) {
	for _, f := range fields {
		n = append(n, f.Nullable)
	}
	return n
}

func TestParseUnicodeEscapes(t *testing.T) {
	t.Parallel()
	s, err := schema.ParseDDL(`a INT COMMENT "\u00e9\u12 \t\"\%"`)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Field(0).Metadata.GetValue(schema.CommentKey); got != "éu12 \t\"%" {
		t.Errorf("comment = %q", got)
	}
}

func FuzzParseDDL(f *testing.F) {
	f.Add("a BIGINT NOT NULL, b STRUCT<c: STRING, d: ARRAY<MAP<INT, DECIMAL(3,1)>>> COMMENT 'x'")
	f.Add("`a``b` interval day, c timestamp_ntz comment \"q\\u0041\"")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := schema.ParseDDL(text)
		if err != nil {
			return
		}
		again, err := schema.ParseDDL(schema.DDL(s))
		if err != nil {
			t.Fatalf("%q printed as %q: %v", text, schema.DDL(s), err)
		}
		if !schema.EqualFields(s.Fields(), again.Fields(), schema.Nullability, schema.Metadata) {
			t.Fatalf("%q printed as %q is another schema", text, schema.DDL(s))
		}
	})
}
