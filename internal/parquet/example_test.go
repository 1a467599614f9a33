package parquet_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
)

func exampleFile() []byte {
	s := arrow.NewSchema([]arrow.Field{{Name: "id", Type: schema.BigInt}, {Name: "name", Type: schema.String, Nullable: true}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, s)
	defer b.Release()
	b.Field(0).(*array.Int64Builder).AppendValues([]int64{1, 2, 3}, nil)
	b.Field(1).(*array.StringBuilder).AppendValues([]string{"ann", "", "bob"}, []bool{true, false, true})
	r := b.NewRecordBatch()
	defer r.Release()

	var buf bytes.Buffer
	w, err := parquet.NewWriter(&buf, s, parquet.WriterConfig{})
	if err != nil {
		panic(err)
	}
	if err := w.Write(r.Columns(), 3, []int32{0, 2}); err != nil { // without the second row
		panic(err)
	}
	f, err := w.Close()
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d rows, id from %v to %v\n", f.Rows, f.Columns[0].Min, f.Columns[0].Max)
	return buf.Bytes()
}

func ExampleWriter() {
	exampleFile()
	// Output: 2 rows, id from 1 to 3
}

func ExampleFile_Read() {
	b := exampleFile()
	f, err := parquet.Open(bytes.NewReader(b), int64(len(b)), parquet.ReaderConfig{Name: "people.parquet"})
	if err != nil {
		panic(err)
	}
	err = f.Read(context.Background(), parquet.ReadConfig{Columns: []int{1}}, func(r arrow.RecordBatch) error {
		fmt.Println(r.Column(0))
		return nil
	})
	if err != nil {
		panic(err)
	}
	// Output:
	// 2 rows, id from 1 to 3
	// ["ann" "bob"]
}
