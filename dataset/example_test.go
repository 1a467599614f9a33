package dataset_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/storage"
	memorystore "github.com/medallion-go/medallion/storage/memory"
)

// Reading is one measurement of a sensor.
type Reading struct {
	Sensor string
	Seq    int32
	Value  int32
}

// Mean is a sensor's mean. The mean of no value is NULL, hence the pointer.
type Mean struct {
	Sensor string
	Mean   *float64
}

// readings are rows written down in SQL.
func readings() *dataset.Dataset[Reading] {
	return dataset.SQL[Reading](`SELECT * FROM VALUES ('a', 1, 10), ('a', 2, 20), ('b', 1, 7) AS r(sensor, seq, value)`)
}

// show runs a relation over an empty lake and prints its rows as JSON.
func show(rel dataset.Relation) {
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(memorystore.New(), "lake")}
	_, rows, err := pipeline.Query(context.Background(), rel)
	if err != nil {
		fmt.Println(err)
		return
	}
	for rec, err := range rows {
		if err != nil {
			fmt.Println(err)
			return
		}
		for i := range int(rec.NumRows()) {
			fmt.Println(string(schema.AppendRowJSON(nil, rec, i)))
		}
	}
}

// A query sees its inputs under the names that In gives them, and nothing else. Its columns are the row type's, by name.
func ExampleSQL() {
	show(dataset.SQL[Mean](`
		SELECT sensor, avg(value) AS mean
		FROM r
		GROUP BY sensor
		ORDER BY sensor`, dataset.In("r", readings())))
	// Output:
	// {"sensor":"a","mean":15.0}
	// {"sensor":"b","mean":7.0}
}

// The values of parameters are given beside the text.
func ExampleArg() {
	show(dataset.SQL[Mean](`
		SELECT sensor, avg(value) AS mean
		FROM r
		WHERE sensor <> :but AND value > :least
		GROUP BY sensor`, dataset.In("r", readings()), dataset.Arg("but", "b"), dataset.Arg("least", 3.5)))
	// Output: {"sensor":"a","mean":15.0}
}

// A fault in a query is found before anything is read, with its line and column.
func ExampleSQL_fault() {
	table := silver.Table("silver.means", dataset.SQL[Mean](`
		SELECT sensor, avg(valu) AS mean
		FROM r GROUP BY sensor`, dataset.In("r", readings())))
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(memorystore.New(), "lake")}
	err := pipeline.Validate(context.Background(), table)
	_, fault, _ := strings.Cut(err.Error(), "dataset.SQL: ") // what comes before it is the place in this file
	fmt.Println(fault)
	// Output: 2:22: UNRESOLVED_COLUMN.WITH_SUGGESTION: no column or parameter has the name valu (did you mean r.value, r.seq, r.sensor?)
}

// Latest keeps one row per key.
func ExampleLatest() {
	newest := dataset.Latest(readings(), "sensor", "seq")
	show(dataset.SQL[Reading](`SELECT * FROM n ORDER BY sensor`, dataset.In("n", newest)))
	// Output:
	// {"sensor":"a","seq":2,"value":20}
	// {"sensor":"b","seq":1,"value":7}
}

// Tables that are run together compute a view once, however many of them read it.
func ExampleView() {
	var calls atomic.Int64
	counted := dataset.Map(readings(), func(_ context.Context, in Reading, out []Reading) ([]Reading, error) {
		calls.Add(1)
		return append(out, in), nil
	})
	view := dataset.View("readings", counted)
	low := silver.Table("silver.low", dataset.SQL[Reading](`SELECT * FROM v WHERE value < 15`, dataset.In("v", view)))
	high := silver.Table("silver.high", dataset.SQL[Reading](`SELECT * FROM v WHERE value >= 15`, dataset.In("v", view)))

	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(memorystore.New(), "lake")}
	report, err := pipeline.Run(context.Background(), low, high)
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range report.Tables {
		fmt.Println(t.Name, t.RowsOut)
	}
	fmt.Println(calls.Load(), "calls for 3 rows")
	// Output:
	// silver.low 2
	// silver.high 1
	// 3 calls for 3 rows
}

// Word is a word of a line.
type Word struct{ Word string }

// Line is a line of text.
type Line struct{ Text string }

// A stage in Go gives any number of rows for each row.
func ExampleMap() {
	lines := dataset.SQL[Line](`SELECT * FROM VALUES ('bronze silver'), (''), ('gold') AS l(text)`)
	words := dataset.Map(lines, func(_ context.Context, in Line, out []Word) ([]Word, error) {
		for w := range strings.FieldsSeq(in.Text) {
			out = append(out, Word{w})
		}
		return out, nil
	})
	show(dataset.SQL[Word](`SELECT * FROM w ORDER BY word`, dataset.In("w", words)))
	// Output:
	// {"word":"bronze"}
	// {"word":"gold"}
	// {"word":"silver"}
}

// Length is the length of a text in bytes.
type Length struct{ Bytes int64 }

// A stage in Go over Arrow batches sees whole columns. What it yields is borrowed until yield returns.
func ExampleMapBatch() {
	lines := dataset.SQL[Line](`SELECT * FROM VALUES ('gold'), ('silver') AS l(text)`)
	lengths := dataset.MapBatch[Length](lines, func(_ context.Context, in arrow.RecordBatch, yield func(arrow.RecordBatch) error) error {
		text := in.Column(0).(*array.String)
		b := array.NewInt64Builder(memory.DefaultAllocator)
		defer b.Release()
		for i := range text.Len() {
			b.Append(int64(len(text.Value(i))))
		}
		column := b.NewArray()
		defer column.Release()
		s := arrow.NewSchema([]arrow.Field{{Name: "bytes", Type: arrow.PrimitiveTypes.Int64}}, nil)
		out := array.NewRecordBatch(s, []arrow.Array{column}, in.NumRows())
		defer out.Release()
		return yield(out)
	})
	show(dataset.SQL[Length](`SELECT * FROM n ORDER BY bytes`, dataset.In("n", lengths)))
	// Output:
	// {"bytes":4}
	// {"bytes":6}
}

// RawReading is a reading as a file has it.
type RawReading struct {
	Sensor  *string
	Value   *int32
	Rescued *string `delta:"_rescued_data"`
}

// A source's rows, typed. Read in a query it is everything that there is; read by an append flow it is what is new.
func ExampleSource() {
	store := memorystore.New()
	if _, err := storage.Put(context.Background(), store, "in/1.json", []byte(`{"sensor":"a","value":10}`+"\n"+`{"sensor":"b","value":"?"}`)); err != nil {
		log.Fatal(err)
	}
	raw := dataset.Source[RawReading](files.In(store, "in/*.json"))
	show(dataset.SQL[RawReading](`SELECT * FROM raw ORDER BY sensor`, dataset.In("raw", raw)))
	// Output:
	// {"sensor":"a","value":10,"_rescued_data":null}
	// {"sensor":"b","value":null,"_rescued_data":"{\"value\":\"?\",\"_file_path\":\"in/1.json\"}"}
}
