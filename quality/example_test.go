package quality_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/gold"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/storage/memory"
)

// Payment is a payment as it is checked: anything may be NULL.
type Payment struct {
	ID     *int32
	Payer  *string
	Amount *int32
}

// CheckedPayment has no room for NULL where a rule has taken it out.
type CheckedPayment struct {
	ID     int32
	Payer  *string
	Amount *int32
}

// payments are the rows that the examples check.
func payments() *dataset.Dataset[Payment] {
	return dataset.SQL[Payment](`SELECT * FROM VALUES
		(1, 'ann', 10), (2, 'bob', -5), (CAST(NULL AS INT), 'eve', 7), (4, CAST(NULL AS STRING), 2000) AS p(id, payer, amount)`)
}

func newPipeline() *medallion.Pipeline {
	return &medallion.Pipeline{Lake: medallion.LakeIn(memory.New(), "lake"), Now: func() time.Time { return time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC) }}
}

// run refreshes the tables and prints what their rules counted.
func run(p *medallion.Pipeline, tables ...medallion.AnyTable) {
	report, err := p.Run(context.Background(), tables...)
	for _, t := range report.Tables {
		for _, r := range t.Rules {
			fmt.Printf("%s %s: %d passed, %d failed\n", r.Action, r.Name, r.Passed, r.Failed)
		}
		for _, c := range t.Checks {
			fmt.Printf("%s %s (%s): %t, %d violations\n", c.Action, c.Name, c.Text, c.Passed, c.Violated)
		}
	}
	var failed *quality.FailedError
	if errors.As(err, &failed) {
		fmt.Println(failed)
	} else if err != nil {
		log.Fatal(err)
	}
}

// show prints a relation's rows as JSON.
func show(p *medallion.Pipeline, rel dataset.Relation) {
	_, rows, err := p.Query(context.Background(), rel)
	if err != nil {
		log.Fatal(err)
	}
	for rec, err := range rows {
		if err != nil {
			log.Fatal(err)
		}
		for i := range int(rec.NumRows()) {
			fmt.Println(string(schema.AppendRowJSON(nil, rec, i)))
		}
	}
}

// Every rule sees every row. A row is kept unless a Drop or Quarantine rule takes it out; one that violates both kinds is quarantined.
func ExampleCheck() {
	p := newPipeline()
	checked := silver.Table("silver.payments", quality.Check(
		dataset.SQL[CheckedPayment](`SELECT * FROM p`, dataset.In("p", payments())),
		quality.Drop("has_id", "id IS NOT NULL"),
		quality.Quarantine("positive", "amount > 0"),
		quality.Warn("has_payer", "payer IS NOT NULL")))
	run(p, checked)
	show(p, dataset.SQL[CheckedPayment](`SELECT * FROM c ORDER BY id`, dataset.In("c", checked)))
	// Output:
	// drop has_id: 3 passed, 1 failed
	// quarantine positive: 3 passed, 1 failed
	// warn has_payer: 3 passed, 1 failed
	// {"id":1,"payer":"ann","amount":10}
	// {"id":4,"payer":null,"amount":2000}
}

// Warn counts.
func ExampleWarn() {
	run(newPipeline(), silver.Table("silver.payments", quality.Check(payments(), quality.Warn("has_payer", "payer IS NOT NULL"))))
	// Output: warn has_payer: 3 passed, 1 failed
}

// Drop counts and leaves out. What it proves, the row type may rely on: id needs no pointer.
func ExampleDrop() {
	p := newPipeline()
	checked := silver.Table("silver.payments", quality.Check(
		dataset.SQL[CheckedPayment](`SELECT * FROM p`, dataset.In("p", payments())), quality.Drop("has_id", "id IS NOT NULL")))
	run(p, checked)
	rows, err := medallion.Collect(context.Background(), p, checked)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(rows), "rows")
	// Output:
	// drop has_id: 3 passed, 1 failed
	// 3 rows
}

// QuarantinedPayment is a row of the quarantine, with what is known of its violation.
type QuarantinedPayment struct {
	ID     *int32
	Payer  *string
	Amount *int32
	Rules  []*string  `delta:"_rules"`
	Source *string    `delta:"_source"`
	Batch  *int64     `delta:"_batch"`
	At     *time.Time `delta:"_quarantined_at"`
}

// Quarantined rows are kept beside the table, each with the names of all rules that it violates.
func ExampleQuarantine() {
	p := newPipeline()
	run(p, silver.Table("silver.payments", quality.Check(payments(),
		quality.Quarantine("positive", "amount > 0"), quality.Warn("small", "amount BETWEEN 0 AND 1000"))))
	show(p, medallion.Existing[QuarantinedPayment]("silver.payments_quarantine"))
	// Output:
	// quarantine positive: 3 passed, 1 failed
	// warn small: 2 passed, 2 failed
	// {"id":2,"payer":"bob","amount":-5,"_rules":["positive","small"],"_source":"silver.payments","_batch":0,"_quarantined_at":"2026-01-31T12:00:00.000000Z"}
}

// BadPayment is a row of a quarantine of one's own making.
type BadPayment struct {
	ID    *int32
	Why   *string
	Batch *int64 `delta:"_batch"`
}

// The quarantine may lie elsewhere and keep other columns.
func ExampleQuarantineTo() {
	p := newPipeline()
	run(p, silver.Table("silver.payments", quality.Check(payments(),
		quality.Quarantine("positive", "amount > 0"),
		quality.QuarantineTo("ops.bad_payments", "id, array_join(_rules, ', ') AS why, _batch"))))
	show(p, medallion.Existing[BadPayment]("ops.bad_payments"))
	// Output:
	// quarantine positive: 3 passed, 1 failed
	// {"id":2,"why":"positive","_batch":0}
}

// Fail keeps the commit from being made.
func ExampleFail() {
	run(newPipeline(), silver.Table("silver.payments", quality.Check(payments(), quality.Fail("known", "payer IN ('ann', 'bob')"))))
	// Output:
	// fail known: 2 passed, 2 failed
	// quality: silver.payments was not committed: known (payer IN ('ann', 'bob')): 2 violations (mend the table's inputs or the rule; the next run tries again)
}

// A table may have bounds on how many rows it has.
func ExampleRowCount() {
	run(newPipeline(), gold.Table("gold.payments", payments(), medallion.Expect(quality.RowCount(1, 3))))
	// Output:
	// fail row_count (1 to 3 rows): false, 1 violations
	// quality: gold.payments was not committed: row_count (1 to 3 rows): 1 violation (mend the table's inputs or the rule; the next run tries again)
}

// A key is unique over all of its columns; rows with a NULL among them are not looked at.
func ExampleUniqueKey() {
	run(newPipeline(), gold.Table("gold.payments", payments(), medallion.Expect(quality.UniqueKey("id", "payer"))))
	// Output: fail unique_key (id, payer unique): true, 0 violations
}

// Payer is who may pay.
type Payer struct{ Name string }

// References are looked up in another relation; NULL refers to nothing. OnlyWarn lets the commit go on.
func ExampleForeignKey() {
	payers := dataset.SQL[Payer](`SELECT * FROM VALUES ('ann'), ('bob') AS p(name)`)
	run(newPipeline(), gold.Table("gold.payments", payments(),
		medallion.Expect(quality.ForeignKey("payer", payers, "name").OnlyWarn())))
	// Output: warn foreign_key (payer refers to name): false, 1 violations
}

// Sale is a row with its time.
type Sale struct {
	ID int32
	At time.Time
}

// The newest row must not be older than an hour by the pipeline's clock, which shows noon here.
func ExampleFreshness() {
	sales := dataset.SQL[Sale](`SELECT 1 AS id, timestamp'2026-01-31 10:30:00' AS at`)
	run(newPipeline(), gold.Table("gold.sales", sales, medallion.Expect(quality.Freshness("at", time.Hour))))
	// Output:
	// fail freshness (at at most 1h0m0s old): false, 1 violations
	// quality: gold.sales was not committed: freshness (at at most 1h0m0s old): 1 violation (mend the table's inputs or the rule; the next run tries again)
}

// A part of the rows may violate the predicate.
func ExampleMostly() {
	run(newPipeline(), gold.Table("gold.payments", payments(), medallion.Expect(quality.Mostly("positive", "amount > 0", 0.7))))
	// Output: fail positive (amount > 0 for at least 70 % of the rows): true, 0 violations
}

// OnlyWarn reports a check that does not hold and lets the commit go on.
func ExampleTableCheck_OnlyWarn() {
	p := newPipeline()
	table := gold.Table("gold.payments", payments(), medallion.Expect(quality.RowCount(10, 0).OnlyWarn()))
	run(p, table)
	rows, err := medallion.Collect(context.Background(), p, table)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(rows), "rows")
	// Output:
	// warn row_count (at least 10 rows): false, 1 violations
	// 4 rows
}
