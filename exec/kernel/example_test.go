package kernel_test

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// exampleBatch has two columns: country STRING, amount BIGINT.
func exampleBatch() (*arrow.Schema, []arrow.Array, error) {
	s, err := schema.ParseDDL("country STRING, amount BIGINT")
	if err != nil {
		return nil, nil, err
	}
	var cols []arrow.Array
	for i, json := range []string{`["de", " fr ", null]`, `[10, 20, 30]`} {
		a, _, err := array.FromJSON(memory.DefaultAllocator, s.Field(i).Type, strings.NewReader(json))
		if err != nil {
			return nil, nil, err
		}
		cols = append(cols, a)
	}
	return s, cols, nil
}

func compileText(s *arrow.Schema, text string) (*kernel.Expr, error) {
	n, err := expr.Parse(text)
	if err != nil {
		return nil, err
	}
	b, err := expr.Bind(n, expr.NewScope(s))
	if err != nil {
		return nil, err
	}
	return kernel.Compile(b)
}

func ExampleExpr_Eval() {
	s, cols, err := exampleBatch()
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := compileText(s, "concat(upper(trim(country)), ': ', amount * 2)")
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := e.Eval(&kernel.Env{Alloc: memory.DefaultAllocator}, cols, 3, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer out.Release()
	fmt.Println(out)
	// Output: ["DE: 20" "FR: 40" (null)]
}

func ExampleExpr_Select() {
	s, cols, err := exampleBatch()
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := compileText(s, "amount > 15 AND (country IS NULL OR country LIKE '%f%')")
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, err := e.Select(&kernel.Env{Alloc: memory.DefaultAllocator}, cols, 3, nil, nil)
	fmt.Println(rows, err)
	// Output: [1 2] <nil>
}

func ExampleCompile_errors() {
	s, cols, err := exampleBatch()
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := compileText(s, "100 div (amount - 20)")
	if err != nil {
		fmt.Println(err)
		return
	}
	env := &kernel.Env{Alloc: memory.DefaultAllocator}
	_, err = e.Eval(env, cols, 3, nil)
	fmt.Println(err)
	out, err := e.Eval(env, cols, 3, []int32{0, 2}) // the row that fails is not selected
	if err != nil {
		fmt.Println(err)
		return
	}
	defer out.Release()
	fmt.Println(out.(*array.Int64).Value(0), out.(*array.Int64).Value(2))
	// Output:
	// 1:1: DIVIDE_BY_ZERO: division by zero (use try_divide to get NULL instead)
	// -10 10
}
