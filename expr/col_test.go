package expr_test

import (
	"testing"
	"time"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

type audit struct {
	CreatedAt time.Time
}

type address struct {
	City string `delta:"town"`
}

type order struct {
	audit
	OrderID  int64
	Amount   schema.Decimal `delta:"amount,decimal(18,2)"`
	Price    float64
	Quantity int32
	Coupon   *string
	ShipTo   address
	Tags     []string
	internal int
}

var (
	orderID  = expr.FieldOf(func(o *order) *int64 { return &o.OrderID })
	amount   = expr.FieldOf(func(o *order) *schema.Decimal { return &o.Amount })
	price    = expr.FieldOf(func(o *order) *float64 { return &o.Price })
	quantity = expr.FieldOf(func(o *order) *int32 { return &o.Quantity })
	coupon   = expr.NullableOf(func(o *order) **string { return &o.Coupon })
	town     = expr.FieldOf(func(o *order) *string { return &o.ShipTo.City })
	created  = expr.FieldOf(func(o *order) *time.Time { return &o.CreatedAt })
	tags     = expr.FieldOf(func(o *order) *[]string { return &o.Tags })
	shipTo   = expr.FieldOf(func(o *order) *address { return &o.ShipTo })
)

func TestCol(t *testing.T) {
	t.Parallel()
	day := schema.Date(20_000)
	tests := []struct {
		col  expr.Typed
		want string
	}{
		{orderID, "order_id"},
		{town, "ship_to.town"},
		{shipTo, "ship_to"},
		{created, "created_at"},
		{tags, "tags"},
		{price.Gt(0), "price > 0D"},
		{price.Between(1, 2), "price >= 1D AND price <= 2D"},
		{amount.Le(schema.NewDecimal(150, 2)), "amount <= 1.50"},
		{coupon.Eq("it's"), `coupon = 'it\'s'`},
		{coupon.In("a", "b"), "coupon IN ('a', 'b')"},
		{coupon.In(), "FALSE"},
		{expr.Not(coupon.IsNull()), "NOT coupon IS NULL"},
		{coupon.OrElse("none"), "coalesce(coupon, 'none')"},
		{created.Ge(time.Date(2025, 1, 2, 3, 4, 5, 6000, time.UTC)), "created_at >= TIMESTAMP '2025-01-02 03:04:05.000006'"},
		{expr.Lit(day), "DATE '2024-10-04'"},
		{expr.Lit([]int32{1, 2}), "CAST(array(1, 2) AS ARRAY<INT>)"},
		{expr.Lit((*string)(nil)), "CAST(NULL AS STRING)"},
		{expr.Mul(quantity, expr.Add(quantity, expr.Lit[int32](1))), "quantity * (quantity + 1)"},
		{expr.Div(quantity, quantity), "CAST(quantity / quantity AS DOUBLE)"},
		{expr.Compare(price, expr.Same, price), "price <=> price"},
		{expr.All(), "TRUE"},
		{expr.Any(price.Lt(1), price.Gt(2), coupon.IsNotNull()), "price < 1D OR price > 2D OR coupon IS NOT NULL"},
		{expr.If(price.Eq(0), expr.Lit("free"), coupon), "CASE WHEN price = 0D THEN 'free' ELSE coupon END"},
		{expr.CastTo[int64](coupon), "CAST(coupon AS BIGINT)"},
		{expr.TryCastTo[time.Time](coupon), "TRY_CAST(coupon AS TIMESTAMP)"},
		{expr.CastToDecimal(price, 18, 2), "CAST(price AS DECIMAL(18,2))"},
		{expr.Count(), "count(*)"},
		{expr.Count(coupon, price), "count(coupon, price)"},
		{expr.Sum(amount), "sum(amount)"},
		{expr.Max(created), "max(created_at)"},
		{expr.Named[string]("payload.device"), "payload.device"},
	}
	s, err := schema.Of[order]()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			if got := tt.col.Node().String(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			parsed, err := expr.Parse(tt.want)
			if err != nil {
				t.Fatal(err)
			}
			if got := parsed.String(); got != tt.want {
				t.Errorf("parsed again it is %s, want %s", got, tt.want)
			}
			if c, ok := parsed.(expr.Column); ok && c.Path[0] != "payload" {
				if _, err := expr.Bind(tt.col.Node(), expr.NewScope(s)); err != nil {
					t.Errorf("%s is no column of the row: %v", tt.want, err)
				}
			}
		})
	}
}

func TestFieldOfPanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("an unexported field was taken for a column")
		}
	}()
	expr.FieldOf(func(o *order) *int { return &o.internal })
}
