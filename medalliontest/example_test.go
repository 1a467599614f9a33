package medalliontest_test

import (
	"testing"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/silver"
)

type rawPayment struct {
	ID     *int64
	Amount *int64
}

type payment struct {
	ID     int64
	Amount int64
}

// A stage under test: rows in, one refresh, rows out.
func TestPaymentsStage(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	raw := medallion.Existing[rawPayment]("bronze.payments")
	payments := silver.Table("silver.payments", quality.Check(
		dataset.SQL[payment](`SELECT id, abs(amount) AS amount FROM raw`, dataset.In("raw", raw)),
		quality.Drop("has_id", "id IS NOT NULL"), quality.Drop("has_amount", "amount IS NOT NULL")))

	medalliontest.GivenCSV(lake, raw, "id,amount\n1,-5\n,7\n2,\n")
	medalliontest.GivenJSON(lake, raw, `{"id":3,"amount":9}`)
	lake.Refresh(payments)

	medalliontest.Want(lake, payments, payment{ID: 1, Amount: 5}, payment{ID: 3, Amount: 9})
}
