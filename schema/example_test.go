package schema_test

import (
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/schema"
)

func ExampleOf() {
	type Order struct {
		OrderID   int64
		Country   *string
		Amount    schema.Decimal `delta:"amount,decimal(18,2)"`
		OrderedAt time.Time
	}
	s, err := schema.Of[Order]()
	fmt.Println(schema.DDL(s), err)
	// Output: order_id BIGINT NOT NULL, country STRING, amount DECIMAL(18,2) NOT NULL, ordered_at TIMESTAMP NOT NULL <nil>
}

func ExampleParseDDL() {
	_, err := schema.ParseDDL("id BIGINT,\nprice MONEY")
	fmt.Println(err)
	// Output: schema: 2:7: unknown type MONEY
}

func ExampleMarshalDelta() {
	s, _ := schema.ParseDDL("id BIGINT NOT NULL COMMENT 'key'")
	text, err := schema.MarshalDelta(s)
	fmt.Println(text, err)
	// Output: {"type":"struct","fields":[{"name":"id","type":"long","nullable":false,"metadata":{"comment":"key"}}]} <nil>
}

func ExampleCodec() {
	type Point struct{ X, Y float64 }
	s, _ := schema.Of[Point]()
	codec, err := schema.NewCodec[Point](s)
	if err != nil {
		fmt.Println(err)
		return
	}
	batch, err := codec.Encode(memory.DefaultAllocator, []Point{{1, 2}, {3, 4}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer batch.Release()
	points, err := codec.Decode(batch, nil)
	fmt.Println(batch.Column(0), points, err)
	// Output: [1 3] [{1 2} {3 4}] <nil>
}

func ExampleRow() {
	s, _ := schema.ParseDDL("id BIGINT, day DATE, tags ARRAY<STRING>")
	row := schema.NewRow(s, int64(7), schema.Date(20000), []any{"a", nil})
	text, err := row.MarshalJSON()
	fmt.Println(string(text), err)
	// Output: {"id":7,"day":"2024-10-04","tags":["a",null]} <nil>
}
