package vector_test

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/schema"
)

// column makes a column of JSON values.
func column(t arrow.DataType, json string) arrow.Array {
	a, _, err := array.FromJSON(memory.DefaultAllocator, t, strings.NewReader(json))
	if err != nil {
		panic(err)
	}
	return a
}

func ExampleTake() {
	names := column(schema.String, `["ann", "bob", "cid"]`)
	defer names.Release()
	taken, err := vector.Take(memory.DefaultAllocator, names, []int32{2, -1, 0, 2})
	if err != nil {
		panic(err)
	}
	defer taken.Release()
	fmt.Println(taken)
	// Output: ["cid" (null) "ann" "cid"]
}

func ExampleConcat() {
	a, b := column(schema.Int, `[1, null]`), column(schema.Int, `[3]`)
	defer a.Release()
	defer b.Release()
	all, err := vector.Concat(memory.DefaultAllocator, []arrow.Array{a, b})
	if err != nil {
		panic(err)
	}
	defer all.Release()
	fmt.Println(all)
	// Output: [1 (null) 3]
}

func ExampleNewCompare() {
	prices := column(schema.Double, `[2.5, null, 1.5]`)
	defer prices.Release()
	compare, err := vector.NewCompare(prices, prices, true, false) // descending, NULLs last
	if err != nil {
		panic(err)
	}
	fmt.Println(compare(0, 2), compare(1, 2))
	// Output: -1 1
}

func ExampleEncoder_WriteBatch() {
	ids := column(schema.BigInt, `[1, 2, 3]`)
	defer ids.Release()
	var file bytes.Buffer
	var enc vector.Encoder
	if _, err := enc.WriteBatch(&file, []arrow.Array{ids}, ids.Len()); err != nil {
		panic(err)
	}
	cols, n, err := vector.ReadBatch(&file, memory.DefaultAllocator, []arrow.DataType{schema.BigInt})
	if err != nil {
		panic(err)
	}
	defer cols[0].Release()
	fmt.Println(n, cols[0])
	// Output: 3 [1 2 3]
}
