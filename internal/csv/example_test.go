package csv_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/csv"
	"github.com/medallion-go/medallion/schema"
)

func ExampleReader() {
	s, err := schema.ParseDDL("id BIGINT, name STRING, credit DECIMAL(10,2), _rescued_data STRING")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := csv.New(csv.Config{Schema: s, Header: true, MultiLine: true, Rescued: "_rescued_data", File: "customers.csv"})
	if err != nil {
		fmt.Println(err)
		return
	}
	text := "name,id,credit\n\"Doe, \"\"J\"\"\",1,10.5\n\"two\nlines\",2,much\n,3,1,extra\nshort,4\n\"wrong\"quotes,5,1\n"
	err = r.Read(context.Background(), strings.NewReader(text), func(b arrow.RecordBatch, c csv.Counts) error {
		fmt.Println(c.Rows, c.Rescued)
		for i := range b.Column(0).Len() {
			fmt.Printf("%s %q %s %s\n", b.Column(0).ValueStr(i), b.Column(1).ValueStr(i), b.Column(2).ValueStr(i), b.Column(3).ValueStr(i))
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// 5 4
	// 1 "Doe, \"J\"" 10.5 (null)
	// 2 "two\nlines" (null) {"credit":"much","_file_path":"customers.csv"}
	// 3 "(null)" 1 {"_c3":"extra","_file_path":"customers.csv"}
	// 4 "short" (null) {"_corrupt_record":"short,4","_file_path":"customers.csv"}
	// (null) "(null)" (null) {"_corrupt_record":"\"wrong\"quotes,5,1","_file_path":"customers.csv"}
	// <nil>
}

func ExampleReadStrict() {
	s, err := schema.ParseDDL("id BIGINT NOT NULL, name STRING")
	if err != nil {
		fmt.Println(err)
		return
	}
	err = csv.ReadStrict(context.Background(), s, strings.NewReader("id,name\n1,a\nx,b\n"), func(arrow.RecordBatch) error { return nil })
	fmt.Println(err)
	// Output: line 3: column id int64: the value does not fit: x
}

func ExampleInfer() {
	c := csv.InferConfig{Config: csv.Config{Header: true}, ColumnTypes: true}
	s, err := csv.Infer(context.Background(), strings.NewReader("id,price,day,ok,name\n1,2,2024-01-02,true,a\n5000000000,2.5,,false,1\n"), c)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(schema.DDL(s))
	// Output: id BIGINT, price DOUBLE, day DATE, ok BOOLEAN, name STRING
}
