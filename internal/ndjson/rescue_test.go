package ndjson_test

import (
	"encoding/json"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/internal/ndjson"
	"github.com/medallion-go/medallion/schema/schematest"
)

// TestRescuedDataIsJSON: what is rescued can be parsed, whatever stood in the line, and holds what stood there.
func TestRescuedDataIsJSON(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, line, id, want string }{
		{"NaN", `{"id":NaN}`, "(null)", `{"id":"NaN","_file_path":"f"}`},
		{"NaN within", `{"x":[NaN,{"y":-Infinity,"z":"a NaN \" NaN"},+INF,-1],"id":1}`, "1", `{"x":["NaN",{"y":"-Infinity","z":"a NaN \" NaN"},"+INF",-1],"_file_path":"f"}`},
		{"the first of two cases", `{"ID":2,"id":1}`, "1", `{"ID":2,"_file_path":"f"}`},
		{"the last of two cases", `{"id":1,"ID":2}`, "1", `{"ID":2,"_file_path":"f"}`},
		{"neither case", `{"ID":1,"Id":2}`, "1", `{"Id":2,"_file_path":"f"}`},
		{"three cases", `{"ID":"x" , "Id":[2],"id":3}`, "3", `{"Id":[2],"ID":"x","_file_path":"f"}`},
		{"cases in a struct", `{"s":{"A":1,"a":2}}`, "(null)", `{"s":{"A":1},"_file_path":"f"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := schematest.DDL(t, "id BIGINT, s STRUCT<a: BIGINT>, _rescued_data STRING")
			p, err := ndjson.New(ndjson.Config{Schema: s, Rescued: "_rescued_data", File: "f"})
			if err != nil {
				t.Fatal(err)
			}
			lines := `{"ID":7}` + "\n" + tt.line + "\n" // a line of its own case before it leaves no trace
			err = p.Parse([]byte(lines), 1, func(b arrow.RecordBatch, _ ndjson.Counts) error {
				rescued := b.Column(2).(*array.String)
				if !rescued.IsNull(0) || rescued.Value(1) != tt.want {
					t.Errorf("got rescued %v, want the second line's to be %s", rescued, tt.want)
				}
				if !json.Valid([]byte(rescued.Value(1))) {
					t.Errorf("got %s, which is no JSON", rescued.Value(1))
				}
				if got := b.Column(0).ValueStr(1); got != tt.id {
					t.Errorf("got id %s, want %s", got, tt.id)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
