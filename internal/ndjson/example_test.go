package ndjson_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/ndjson"
	"github.com/medallion-go/medallion/schema"
)

func ExampleParser() {
	s, err := schema.ParseDDL("id BIGINT, payload STRUCT<quantity: INT>, _rescued_data STRING")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := ndjson.New(ndjson.Config{Schema: s, Rescued: "_rescued_data", File: "orders.json"})
	if err != nil {
		fmt.Println(err)
		return
	}
	text := `{"id": 1, "payload": {"quantity": 2}}
{"id": 2, "payload": {"quantity": "three"}, "note": "new"}
{"id": 3, "payl`
	err = p.Parse([]byte(text), 1, func(b arrow.RecordBatch, c ndjson.Counts) error {
		fmt.Println(c.Rows, c.Rescued)
		for i := range b.Column(0).Len() {
			fmt.Println(b.Column(0).ValueStr(i), b.Column(1).ValueStr(i), b.Column(2).ValueStr(i))
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// 3 2
	// 1 {"quantity":2} (null)
	// 2 {"quantity":null} {"payload":{"quantity":"three"},"note":"new","_file_path":"orders.json"}
	// (null) (null) {"_corrupt_record":"{\"id\": 3, \"payl","_file_path":"orders.json"}
	// <nil>
}

func ExampleParseStrict() {
	s, err := schema.ParseDDL("id BIGINT NOT NULL, name STRING")
	if err != nil {
		fmt.Println(err)
		return
	}
	err = ndjson.ParseStrict(s, []byte("{\"id\":1}\n{\"name\":\"b\"}\n"), func(arrow.RecordBatch) error { return nil })
	fmt.Println(err)
	// Output: line 2: column id int64: the column may not be NULL and is missing:
}

func ExampleInfer() {
	text := `{"id":1,"payload":{"price":2},"tags":["a"]}
{"id":"x","payload":{"price":2.5,"device":{"os":null}},"ok":true}`
	for _, types := range []bool{false, true} {
		s, err := ndjson.Infer(context.Background(), strings.NewReader(text), ndjson.InferConfig{ColumnTypes: types})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(schema.DDL(s))
	}
	// Output:
	// id STRING, payload STRUCT<price: STRING, device: STRUCT<os: STRING>>, tags ARRAY<STRING>, ok STRING
	// id STRING, payload STRUCT<price: DOUBLE, device: STRUCT<os: STRING>>, tags ARRAY<STRING>, ok BOOLEAN
}
