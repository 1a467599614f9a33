package warehouse_test

import (
	"context"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/gold"
	"github.com/medallion-go/medallion/internal/golden"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/source/files"
)

// payment is a row of the tests' tables. Its names are what SQL has to be kept from taking for its own.
type payment struct {
	ID     *int64
	Payer  *string `delta:"the; payer--"`
	Amount *int64  `delta:"order"`
	Op     *string
}

// rawPayment is a payment as it comes.
type rawPayment struct {
	payment
	Rescued *string `delta:"_rescued_data"`
}

// payerVersion is a version of a payer.
type payerVersion struct {
	Payer  string `delta:"the; payer--"`
	Amount *int64 `delta:"order"`
	From   int64  `delta:"from"`
	To     *int64 `delta:"to"`
}

// payerTotal is a row of gold.
type payerTotal struct {
	Payer *string `delta:"the; payer--"`
	Total *int64
}

// tablesOfEachKind are one table per kind of stage, over files.
func tablesOfEachKind(lake *medalliontest.Lake) []medallion.AnyTable {
	raw := bronze.Append("bronze.payments", payments(lake))
	checked := quality.Check(raw,
		quality.Warn("it's known", "op IN ('U', 'D')"), quality.Drop("has id", "id IS NOT NULL"),
		quality.Quarantine("positive", "`order` > 0"), quality.Fail("sane", "`order` < 1000000"))
	changes := quality.Check(raw, quality.Drop("applicable", "id IS NOT NULL AND `the; payer--` IS NOT NULL"))
	return []medallion.AnyTable{
		raw,
		silver.Append("silver.payments", checked),
		silver.Merge("silver.upserted", []silver.Flow[payment]{silver.Once(dataset.SQL[payment](
			"SELECT * FROM r WHERE id = 0", dataset.In("r", raw))), silver.Upsert(raw, "id")}),
		silver.Merge("silver.history", []silver.Flow[payerVersion]{silver.ApplyChanges[payerVersion](changes, silver.Changes{
			Keys: []string{"the; payer--"}, SequenceBy: "id", DeleteWhen: "op = 'D'", SCD: silver.SCD2{Start: "from", End: "to"},
		})}),
		silver.Table("silver.latest", dataset.Latest(raw, "`the; payer--`", "id"), medallion.Expect(quality.UniqueKey("the; payer--"))),
		gold.Table("gold.totals", dataset.SQL[payerTotal](
			"SELECT `the; payer--`, sum(`order`) AS total FROM r GROUP BY ALL", dataset.In("r", raw))),
	}
}

func payments(lake *medalliontest.Lake) *dataset.Dataset[payment] {
	return dataset.SQL[payment]("SELECT id, `the; payer--`, `order`, op FROM r",
		dataset.In("r", dataset.Source[rawPayment](files.In(lake.Store, "landing/*.json"))))
}

// TestExplain holds the statements of each kind of stage, before its table is there and when it is.
func TestExplain(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.File("landing/1.json", `{"id":1,"the; payer--":"ann","order":5,"op":"U"}`+"\n")
	tables := tablesOfEachKind(lake)
	explain := func() string {
		lake.Engine(warehouse.New(nil, warehouse.Config{Catalog: "main", Lake: "s3://bucket/lake"}))
		e, err := lake.Pipeline.Explain(t.Context(), tables...)
		if err != nil {
			t.Fatal(err)
		}
		return e.String()
	}
	text := "BEFORE THE FIRST RUN\n\n" + explain()
	lake.Engine(local.New(local.Config{}))
	lake.Run(tables...)
	lake.File("landing/2.json", `{"id":2,"the; payer--":"bob","order":7,"op":"D"}`+"\n")
	golden.Text(t, "testdata/explain.sql", text+"\nAFTER IT\n\n"+explain())
}

// TestGoCodeStaysHere has a table with Go code fall to the next engine, with the reason.
func TestGoCodeStaysHere(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.File("landing/1.json", `{"id":1}`+"\n")
	raw := bronze.Append("bronze.payments", dataset.MapBatch[payment](payments(lake), same))
	lake.Pipeline.Engines = []engine.Engine{warehouse.New(nil, warehouse.Config{Catalog: "main", Lake: "s3://bucket/lake"}), local.New(local.Config{})}
	tr := lake.Run(raw).Table("bronze.payments")
	if want := "engine: warehouse cannot run bronze.payments: the Go function warehouse_test.same runs in this process only"; tr.Engine != "local" || tr.Reason != want {
		t.Errorf("got engine %s because of %q, want local because of %q", tr.Engine, tr.Reason, want)
	}
}

// same is Go code that changes nothing.
func same(_ context.Context, in arrow.RecordBatch, yield func(arrow.RecordBatch) error) error {
	return yield(in)
}
