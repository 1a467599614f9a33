package schema_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/medallion-go/medallion/schema"
)

type device struct {
	OS         string
	AppVersion *string
}

type base struct {
	EventID   string
	CreatedAt time.Time
}

type status string

type order struct {
	base
	OrderID    int64
	Small      int8
	N          int
	Amount     *schema.Decimal `delta:"amount,decimal(18,2)"`
	Day        schema.Date
	Local      *schema.TimestampNTZ
	Raw        []byte
	Status     status
	Device     *device `delta:"dev"`
	Tags       []string
	Notes      *[]*string
	Prices     map[string]schema.Decimal `delta:"prices,map<string,decimal(9,3)>"`
	Ratio      float32
	HTTPStatus *bool
	Skipped    chan int `delta:"-"`
	//lint:ignore U1000 an unexported field is passed over
	hidden int
}

func TestOf(t *testing.T) {
	t.Parallel()
	s, err := schema.Of[order]()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"event_id STRING NOT NULL", "created_at TIMESTAMP NOT NULL", "order_id BIGINT NOT NULL", "small TINYINT NOT NULL", "n BIGINT NOT NULL",
		"amount DECIMAL(18,2)", "day DATE NOT NULL", "local TIMESTAMP_NTZ", "raw BINARY NOT NULL", "status STRING NOT NULL",
		"dev STRUCT<os: STRING NOT NULL, app_version: STRING>", "tags ARRAY<STRING> NOT NULL", "notes ARRAY<STRING>",
		"prices MAP<STRING, DECIMAL(9,3)> NOT NULL", "ratio FLOAT NOT NULL", "http_status BOOLEAN",
	}, ", ")
	if got := schema.DDL(s); got != want {
		t.Errorf("Of = %s\nwant %s", got, want)
	}
	text, err := schema.MarshalDelta(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"elementType":"string","containsNull":false`, `"elementType":"string","containsNull":true`, `"valueContainsNull":false`} {
		if !strings.Contains(text, part) {
			t.Errorf("Delta schema lacks %s: %s", part, text)
		}
	}
}

type recursive struct {
	Children []recursive
}

func TestOfErrors(t *testing.T) {
	t.Parallel()
	check := func(name string, err error, want string) {
		t.Helper()
		var typeError *schema.TypeError
		var nameError *schema.NameError
		if !errors.As(err, &typeError) && !errors.As(err, &nameError) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want %q", name, err, want)
		}
	}
	check("unsigned", of[struct{ A struct{ B []uint32 } }](), "column a.b.element: type uint32: Delta has no unsigned integers")
	check("untagged decimal", of[struct{ A schema.Decimal }](), "column a: type schema.Decimal: it needs its precision")
	check("recursion", of[recursive](), "column children.element: type schema_test.recursive: it contains itself")
	check("case", of[struct {
		A int64 `delta:"x"`
		B int64 `delta:"X"`
	}](), "the name stands twice")
	check("no field", of[struct{ a int }](), "it has no exported field")
	check("no struct", of[int](), "a row must be a struct")
	check("run-time row", of[schema.Row](), "known only at run time")
	check("double pointer", of[struct{ A **int64 }](), "pointer to a pointer")
	check("interface", of[struct{ A any }](), "schema.Row")
	check("map key", of[struct{ A map[[2]int]int }](), "column a.key")
	check("tag type", of[struct {
		A int64 `delta:"a,string"`
	}](), "the tag asks for string, the Go type is bigint")
	check("tag syntax", of[struct {
		A int64 `delta:"a,omitempty"`
	}](), "unknown type omitempty")
	check("tag on hidden", of[struct {
		a int64 `delta:"a"`
	}](), "is not exported")
}

func of[R any]() error {
	_, err := schema.Of[R]()
	return err
}

func TestSnakeCase(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"OrderID": "order_id", "HTTPStatus": "http_status", "ID": "id", "Line2": "line2", "A": "a", "UserIDs": "user_i_ds", "Unit_Price": "unit_price",
		"EventTS": "event_ts", "Ärger": "ärger", "V2Name": "v2_name",
	}
	for name, want := range tests {
		if got := schema.SnakeCase(name); got != want {
			t.Errorf("SnakeCase(%s) = %s, want %s", name, got, want)
		}
	}
}
