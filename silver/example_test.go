package silver_test

import (
	"context"
	"fmt"
	"log"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// Event is a change of a customer as it comes from another system.
type Event struct {
	ID      *int64
	Op      *string
	Seq     *int64
	City    *string
	Rescued *string `delta:"_rescued_data"`
}

// Customer is a customer as they are now.
type Customer struct {
	ID   *int64
	City *string
}

// CustomerVersion is a customer as they were for a time.
type CustomerVersion struct {
	ID    *int64
	City  *string
	Start int64  `delta:"__START_AT"`
	End   *int64 `delta:"__END_AT"`
}

// world is a lake in memory with a folder for raw files.
type world struct {
	store    storage.Store
	pipeline medallion.Pipeline
}

func newWorld() *world {
	store := memory.New()
	return &world{store, medallion.Pipeline{Lake: medallion.LakeIn(store, "lake")}}
}

// arrive puts a file of lines into the folder.
func (w *world) arrive(key, lines string) {
	if _, err := storage.Put(context.Background(), w.store, key, []byte(lines)); err != nil {
		log.Fatal(err)
	}
}

// run refreshes the table and what it reads.
func (w *world) run(table medallion.AnyTable) medallion.TableReport {
	report, err := w.pipeline.Run(context.Background(), table)
	if err != nil {
		log.Fatal(err)
	}
	return *report.Table(table.Name())
}

// show prints the table's rows as JSON, in the order of the columns named.
func show[R any](w *world, table *medallion.Table[R], by string) {
	_, rows, err := w.pipeline.Query(context.Background(), dataset.SQL[R](`SELECT * FROM t ORDER BY `+by, dataset.In("t", table)))
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

// A table is its query. Where new input rows can only add to the result they alone are read; the report says what was done and why.
func ExampleTable() {
	w := newWorld()
	events := silver.Append("silver.events", dataset.Source[Event](files.In(w.store, "cdc/*.json")))
	customers := silver.Table("silver.customers", dataset.SQL[Customer](
		`SELECT id, upper(city) AS city FROM e WHERE op <> 'D'`, dataset.In("e", events)))

	w.arrive("cdc/1.json", `{"id":1,"op":"I","seq":1,"city":"Rome"}`)
	w.arrive("cdc/2.json", `{"id":2,"op":"I","seq":1,"city":"Oslo"}`)
	t := w.run(customers)
	fmt.Println(t.Mode, t.RowsIn, t.Why)
	w.arrive("cdc/3.json", `{"id":3,"op":"I","seq":1,"city":"Lima"}`)
	t = w.run(customers)
	fmt.Println(t.Mode, t.RowsIn, t.Why)
	show(w, customers, "id")
	// Output:
	// append 2 the table was built for the first time
	// append 1 new rows of silver.events only add to it
	// {"id":1,"city":"ROME"}
	// {"id":2,"city":"OSLO"}
	// {"id":3,"city":"LIMA"}
}

// Each row of a stream counts once, whatever becomes of the other inputs later: a city that is renamed in the lookup stays as it was when the event came.
func ExampleAppend() {
	w := newWorld()
	lookup := silver.Table("silver.cities", dataset.SQL[City](`SELECT * FROM VALUES ('R', 'Rome'), ('O', 'Oslo') AS c(code, name)`))
	events := dataset.Source[Event](files.In(w.store, "cdc/*.json"))
	located := silver.Append("silver.located", dataset.SQL[Customer](
		`SELECT e.id, c.name AS city FROM e LEFT JOIN c ON e.city = c.code`, dataset.In("e", events), dataset.In("c", lookup)))

	w.arrive("cdc/1.json", `{"id":1,"city":"R"}`+"\n"+`{"id":2,"city":"X"}`)
	w.run(located)
	w.arrive("cdc/2.json", `{"id":3,"city":"O"}`)
	fmt.Println(w.run(located).RowsOut)
	show(w, located, "id")
	// Output:
	// 1
	// {"id":1,"city":"Rome"}
	// {"id":2,"city":null}
	// {"id":3,"city":"Oslo"}
}

// City is a row of a lookup table.
type City struct{ Code, Name string }

// Several flows bring rows into one table, each with a progress of its own: a load that is made once, then rows by key.
func ExampleMerge() {
	w := newWorld()
	old := dataset.SQL[Customer](`SELECT * FROM VALUES (1L, 'Rome'), (2L, 'Oslo') AS c(id, city)`)
	events := dataset.Source[Event](files.In(w.store, "cdc/*.json"))
	customers := silver.Merge("silver.customers", []silver.Flow[Customer]{
		silver.Once(old),
		silver.Upsert(dataset.SQL[Customer](`SELECT id, city FROM e`, dataset.In("e", events)), "id"),
	})

	w.arrive("cdc/1.json", `{"id":2,"city":"Bergen"}`+"\n"+`{"id":3,"city":"Lima"}`)
	fmt.Println(w.run(customers).Commits, "commits")
	show(w, customers, "id")
	fmt.Println(w.run(customers).Commits, "commits")
	// Output:
	// 2 commits
	// {"id":1,"city":"Rome"}
	// {"id":2,"city":"Bergen"}
	// {"id":3,"city":"Lima"}
	// 0 commits
}

// A load is made a single time, even when its query would give other rows later.
func ExampleOnce() {
	w := newWorld()
	backfill := dataset.SQL[Customer](`SELECT 1L AS id, 'Rome' AS city`)
	customers := silver.Merge("silver.customers", []silver.Flow[Customer]{silver.Once(backfill).Named("backfill_2025")})
	fmt.Println(w.run(customers).Commits, w.run(customers).Commits)
	show(w, customers, "id")
	// Output:
	// 1 0
	// {"id":1,"city":"Rome"}
}

// A row replaces the one that has its key, or is inserted. Two rows of a key in one batch are refused; where the rows have an order, ApplyChanges is the
// flow to use.
func ExampleUpsert() {
	w := newWorld()
	events := dataset.Source[Event](files.In(w.store, "cdc/*.json"))
	customers := silver.Merge("silver.customers", []silver.Flow[Customer]{
		silver.Upsert(dataset.SQL[Customer](`SELECT id, city FROM e`, dataset.In("e", events)), "id"),
	})

	w.arrive("cdc/1.json", `{"id":1,"city":"Rome"}`+"\n"+`{"id":2,"city":"Oslo"}`)
	w.run(customers)
	w.arrive("cdc/2.json", `{"id":1,"city":"Lima"}`)
	w.run(customers)
	show(w, customers, "id")
	// Output:
	// {"id":1,"city":"Lima"}
	// {"id":2,"city":"Oslo"}
}

// SCD type 1: each key's row as its last event left it, whatever the order of the events within a batch.
func ExampleApplyChanges() {
	w := newWorld()
	events := dataset.Source[Event](files.In(w.store, "cdc/*.json"))
	customers := silver.Merge("silver.customers", []silver.Flow[Customer]{
		silver.ApplyChanges[Customer](events, silver.Changes{Keys: []string{"id"}, SequenceBy: "seq", DeleteWhen: "op = 'D'"}),
	})

	w.arrive("cdc/1.json", `{"id":1,"op":"U","seq":2,"city":"Lima"}
		{"id":1,"op":"I","seq":1,"city":"Rome"}
		{"id":2,"op":"I","seq":1,"city":"Oslo"}`)
	w.run(customers)
	w.arrive("cdc/2.json", `{"id":2,"op":"D","seq":3}`)
	w.run(customers)
	show(w, customers, "id")
	// Output: {"id":1,"city":"Lima"}
}

// SCD type 2: each key's versions, from the event that began it to the event that ended it.
func ExampleApplyChanges_history() {
	w := newWorld()
	events := dataset.Source[Event](files.In(w.store, "cdc/*.json"))
	history := silver.Merge("silver.customer_history", []silver.Flow[CustomerVersion]{
		silver.ApplyChanges[CustomerVersion](events, silver.Changes{
			Keys: []string{"id"}, SequenceBy: "seq", DeleteWhen: "op = 'D'", SCD: silver.SCD2{},
		}),
	})

	w.arrive("cdc/1.json", `{"id":1,"op":"I","seq":10,"city":"Rome"}`+"\n"+`{"id":2,"op":"I","seq":10,"city":"Oslo"}`)
	w.run(history)
	w.arrive("cdc/2.json", `{"id":1,"op":"U","seq":20,"city":"Lima"}`+"\n"+`{"id":2,"op":"D","seq":30}`)
	w.run(history)
	show(w, history, "id, `__START_AT`")
	// Output:
	// {"id":1,"city":"Rome","__START_AT":10,"__END_AT":20}
	// {"id":1,"city":"Lima","__START_AT":20,"__END_AT":null}
	// {"id":2,"city":"Oslo","__START_AT":10,"__END_AT":30}
}
