package expr_test

import (
	"fmt"
	"log"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// orders is the input of the examples.
func orders() expr.Scope {
	s, err := schema.ParseDDL("order_id BIGINT NOT NULL, country STRING, amount DECIMAL(18,2), ordered_at TIMESTAMP, items ARRAY<STRUCT<qty: INT>>")
	if err != nil {
		log.Fatal(err)
	}
	return expr.NewScope(s)
}

func ExampleParse() {
	n, err := expr.Parse("amount between 1 and 100 and country is not null")
	fmt.Println(n, err)
	_, err = expr.Parse("amount >\n  from")
	fmt.Println(err)
	// Output:
	// amount >= 1 AND amount <= 100 AND country IS NOT NULL <nil>
	// 2:3: PARSE_SYNTAX_ERROR: syntax error at or near 'from' (expected an expression or a column's name; a reserved word needs back-quotes: `from`)
}

func ExampleBind() {
	n, err := expr.Parse("amount * 2 > '100'")
	if err != nil {
		log.Fatal(err)
	}
	b, err := expr.Bind(n, orders())
	fmt.Println(b, expr.TypeSQL(b.Type()), err)
	// Output: CAST(amount * 2BD AS DOUBLE) > 100D BOOLEAN <nil>
}

func ExampleBind_unknownColumn() {
	n, err := expr.Parse("upper(contry)")
	if err != nil {
		log.Fatal(err)
	}
	_, err = expr.Bind(n, orders())
	fmt.Println(err)
	// Output: 1:7: UNRESOLVED_COLUMN.WITH_SUGGESTION: no column or parameter has the name contry (did you mean country, amount, items, order_id, ordered_at?)
}

func ExampleBindAggregate() {
	n, err := expr.Parse("sum(amount) FILTER (WHERE country = 'DE')")
	if err != nil {
		log.Fatal(err)
	}
	a, err := expr.BindAggregate(n.(expr.Call), orders())
	fmt.Println(a, expr.TypeSQL(a.Typ), err)
	// Output: sum(amount) FILTER (WHERE country = 'DE') DECIMAL(28,2) <nil>
}

func ExampleBindWindow() {
	n, err := expr.Parse("row_number() OVER (PARTITION BY country ORDER BY ordered_at DESC)")
	if err != nil {
		log.Fatal(err)
	}
	w, err := expr.BindWindow(n.(expr.Over), orders())
	fmt.Println(w.Func, w.PartitionBy[0], w.OrderBy[0], err)
	// Output: row_number country ordered_at DESC <nil>
}

func ExampleParser() {
	p, err := expr.NewParser("upper(country) AS land, amount FROM orders")
	if err != nil {
		log.Fatal(err)
	}
	for {
		item, err := p.ParseItem()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(item)
		if !p.Accept(",") {
			break
		}
	}
	fmt.Println(p.Peek().Text)
	// Output:
	// upper(country) AS land
	// amount
	// FROM
}

func ExampleParseList() {
	items, err := expr.ParseList("t.* EXCEPT (secret), upper(country) land")
	fmt.Println(items, err)
	// Output: [t.* EXCEPT (secret) upper(country) AS land] <nil>
}

func ExampleConjuncts() {
	n, err := expr.Parse("order_id > 0 AND country = 'DE' AND (amount > 1 OR amount IS NULL)")
	if err != nil {
		log.Fatal(err)
	}
	b, err := expr.BindPredicate(n, orders())
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range expr.Conjuncts(b) {
		fmt.Println(expr.Columns(c), c)
	}
	// Output:
	// [0] order_id > 0L
	// [1] country = 'DE'
	// [2] amount > CAST(1.00 AS DECIMAL(18,2)) OR amount IS NULL
}

func ExampleFieldOf() {
	type Order struct {
		OrderID int64
		Amount  float64
		Coupon  *string
	}
	amount := expr.FieldOf(func(o *Order) *float64 { return &o.Amount })
	coupon := expr.NullableOf(func(o *Order) **string { return &o.Coupon })
	fmt.Println(expr.All(amount.Gt(0), coupon.In("A", "B")))
	// Output: amount > 0D AND coupon IN ('A', 'B')
}

func ExampleSet() {
	type Raw struct{ ID string }
	type Order struct{ OrderID int64 }
	rawID := expr.FieldOf(func(r *Raw) *string { return &r.ID })
	orderID := expr.FieldOf(func(o *Order) *int64 { return &o.OrderID })
	fmt.Println(expr.Set(orderID, expr.CastTo[int64](rawID)))
	// Output: order_id = CAST(id AS BIGINT)
}

func ExampleCanAssign() {
	fmt.Println(expr.CanAssign(schema.Int, schema.BigInt))
	fmt.Println(expr.CanAssign(schema.String, schema.BigInt))
	// Output:
	// <nil>
	// INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST: STRING cannot be stored as BIGINT (write CAST(… AS BIGINT) where that is meant)
}
