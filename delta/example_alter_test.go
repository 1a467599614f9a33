package delta_test

import (
	"context"
	"fmt"
	"log"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

// described prints a table's columns.
func described(ctx context.Context, table *delta.Table) {
	s, err := table.Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(schema.DDL(s.Schema()))
}

// mustDo is for the operations of which only the error matters here.
func mustDo(_ int64, err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// A table numbers its rows, fills in what they leave out and computes what follows from the rest.
func ExampleWithIdentity() {
	ctx := context.Background()
	fields := columns("id BIGINT, name STRING, country STRING, initial STRING").Fields()
	fields[0] = delta.WithIdentity(fields[0], 1, 1, false)
	fields[2] = delta.WithDefault(fields[2], "'unknown'")
	fields[3] = delta.WithGeneration(fields[3], "upper(left(name, 1))")
	table := delta.Open(memory.New(), "people", delta.Config{})
	mustDo(table.Create(ctx, delta.Definition{Schema: arrow.NewSchema(fields, nil)}))
	mustDo(table.Append(ctx, jsonRows(columns("name STRING"), `[{"name": "ann"}, {"name": "bob"}]`), delta.WriteOptions{}))
	s, err := table.Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}
	show(ctx, s, delta.ScanConfig{})
	// Output:
	// 1 "ann" "unknown" "A"
	// 2 "bob" "unknown" "B"
}

// Columns are renamed and dropped without a file being written anew, once the table has column mapping.
func ExampleTable_RenameColumn() {
	ctx := context.Background()
	table, _ := people(ctx)
	mustDo(table.SetProperties(ctx, map[string]string{"delta.columnMapping.mode": "name"}))
	mustDo(table.RenameColumn(ctx, []string{"name"}, "first name"))
	mustDo(table.AddColumns(ctx, delta.NewColumn{Field: arrow.Field{Name: "born", Type: schema.DateType, Nullable: true}, Position: delta.Position{After: "id"}}))
	described(ctx, table)
	mustDo(table.DropColumns(ctx, []string{"born"}))
	described(ctx, table)
	// Output:
	// id BIGINT NOT NULL, born DATE, `first name` STRING, country STRING
	// id BIGINT NOT NULL, `first name` STRING, country STRING
}

// A column's type may become a wider one; files keep their narrower values.
func ExampleTable_ChangeColumn() {
	ctx := context.Background()
	table := delta.Open(memory.New(), "readings", delta.Config{})
	mustDo(table.Create(ctx, delta.Definition{Schema: columns("at DATE, value INT"), Properties: map[string]string{"delta.enableTypeWidening": "true"}}))
	mustDo(table.Append(ctx, jsonRows(columns("at DATE, value INT"), `[{"at": "2026-01-02", "value": 3}]`), delta.WriteOptions{}))
	mustDo(table.ChangeColumn(ctx, delta.ColumnChange{Path: []string{"value"}, Type: schema.BigInt, Comment: new("in litres")}))
	mustDo(table.ChangeColumn(ctx, delta.ColumnChange{Path: []string{"at"}, Nullable: new(false)}))
	described(ctx, table)
	// Output: at DATE NOT NULL, value BIGINT COMMENT 'in litres'
}

// A constraint looks at the rows that are there, then at all that come.
func ExampleTable_AddConstraint() {
	ctx := context.Background()
	table, _ := people(ctx)
	_, err := table.AddConstraint(ctx, "few", "id < 2")
	fmt.Println(err)
	mustDo(table.AddConstraint(ctx, "positive", "id > 0"))
	_, err = table.Update(ctx, map[string]string{"id": "-id"}, "id = 1", delta.WriteOptions{})
	fmt.Println(err)
	mustDo(table.DropConstraint(ctx, false, "positive"))
	// Output:
	// delta: ADD CONSTRAINT on silver/people: delta: write to silver/people: 1 rows of the batch violate constraint few: id < 2
	// delta: write to silver/people: 1 rows of the batch violate constraint positive: id > 0
}

// A feature that is dropped leaves nothing in the table; older versions stay readable.
func ExampleTable_DropFeature() {
	ctx := context.Background()
	table, _ := people(ctx)
	mustDo(table.SetProperties(ctx, map[string]string{"delta.columnMapping.mode": "name"}))
	mustDo(table.RenameColumn(ctx, []string{"name"}, "first_name"))
	mustDo(table.DropFeature(ctx, "columnMapping"))
	s, err := table.Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Protocol().MinReaderVersion, s.Protocol().WriterFeatures)
	described(ctx, table)
	// Output:
	// 1 [appendOnly invariants checkConstraints changeDataFeed generatedColumns checkpointProtection]
	// id BIGINT NOT NULL, first_name STRING, country STRING
}
