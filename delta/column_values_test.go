package delta_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	arrowmem "github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

// valued makes an empty table of an identity, a default and a generated column.
func valued(t *testing.T, explicit bool) *delta.Table {
	t.Helper()
	c := testConfig()
	c.Alloc = checked(t)
	table := delta.Open(memory.New(), "t", c)
	f := ddl(t, "id BIGINT, a INT, note STRING, twice BIGINT").Fields()
	f[0], f[2], f[3] = delta.WithIdentity(f[0], 10, 5, explicit), delta.WithDefault(f[2], "concat('n', 'one')"), delta.WithGeneration(f[3], "a * 2")
	if _, err := table.Create(t.Context(), delta.Definition{Schema: arrow.NewSchema(f, nil)}); err != nil {
		t.Fatal(err)
	}
	return table
}

func TestTableGivesColumnsValues(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	table := valued(t, false)
	if diff := cmp.Diff([]string{"identityColumns", "allowColumnDefaults", "generatedColumns"}, snapshot(t, table).Protocol().WriterFeatures[2:]); diff != "" {
		t.Errorf("features (-want +got):\n%s", diff)
	}
	appendTo := func(columns, text string) error {
		_, err := table.Append(t.Context(), rows(t, alloc, columns, text), delta.WriteOptions{})
		return err
	}
	for _, step := range []struct{ columns, text string }{
		{"a INT", `[{"a": 1}, {"a": 2}]`},
		{"a INT, note STRING, twice BIGINT", `[{"a": 3, "note": null, "twice": 6}]`},
	} {
		if err := appendTo(step.columns, step.text); err != nil {
			t.Fatal(err)
		}
	}
	var violated *delta.ConstraintError
	if err := appendTo("a INT, twice BIGINT", `[{"a": 3, "twice": 7}]`); !errors.As(err, &violated) {
		t.Errorf("a generated value that is not the expression's: %v, want a *ConstraintError", err)
	}
	if err := appendTo("id BIGINT, a INT", `[{"id": 3, "a": 7}]`); err == nil || !strings.Contains(err.Error(), "GENERATED ALWAYS AS IDENTITY") {
		t.Errorf("a number for an identity: %v, want it refused", err)
	}
	if _, err := table.Update(t.Context(), map[string]string{"id": "1"}, "TRUE", delta.WriteOptions{}); err == nil || !strings.Contains(err.Error(), "cannot be updated") {
		t.Errorf("UPDATE of an identity: %v, want it refused", err)
	}
	if _, err := table.Update(t.Context(), map[string]string{"a": "a + 10", "note": "DEFAULT"}, "a = 3", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	source := rows(t, alloc, "a INT, note STRING", `[{"a": 1, "note": "m"}, {"a": 4, "note": "m"}, {"a": 5, "note": "m"}]`)
	merge := table.Merge(source, "source.a = target.a").WhenMatched("").Update(map[string]string{"a": "source.a + 100"}).
		WhenNotMatched("source.a = 4").InsertAll().WhenNotMatched("").Insert(map[string]string{"a": "source.a"})
	if _, err := merge.Run(t.Context(), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	want := []string{`10 101 "none" 202`, `15 2 "none" 4`, `20 13 "none" 26`, `25 4 "m" 8`, `30 5 "none" 10`}
	got := valuesOf(t, snapshot(t, table), "id", "a", "note", "twice")
	for i := range got { // which of the two gets which number is not defined
		if strings.HasPrefix(got[i], "30 4") || strings.HasPrefix(got[i], "25 5") {
			got[i] = map[bool]string{true: "25 4", false: "30 5"}[strings.HasPrefix(got[i], "30 4")] + got[i][4:]
		}
	}
	if diff := cmp.Diff(sortedLines(want), sortedLines(got)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	f := snapshot(t, table).Schema().Field(0)
	if high, _ := f.Metadata.GetValue("delta.identity.highWaterMark"); high != "30" {
		t.Errorf("high-water mark = %s, want 30", high)
	}
}

func TestIdentityTakesNumbersOfRows(t *testing.T) {
	t.Parallel()
	table := valued(t, true)
	if _, err := table.Append(t.Context(), rows(t, checked(t), "id BIGINT, a INT", `[{"id": 7, "a": 1}, {"id": null, "a": 2}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"10 2", "7 1"}, valuesOf(t, snapshot(t, table), "id", "a")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestIdentityWorkersGetRangesThatDoNotMeet(t *testing.T) {
	t.Parallel()
	table := valued(t, false)
	tx := table.Begin(snapshot(t, table), delta.Operation{Name: "WRITE"})
	w, err := tx.NewWriter(delta.WriterConfig{Schema: ddl(t, "a INT")})
	if err != nil {
		t.Fatal(err)
	}
	batch := ints(t, 1, 2, 3)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			worker, err := w.Worker()
			if err != nil {
				t.Error(err)
				return
			}
			for range 50 {
				if err := worker.Write(t.Context(), []arrow.Array{batch}, 3, nil); err != nil {
					t.Error(err)
				}
			}
			if err := worker.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := make([]string, 600)
	for i := range want {
		want[i] = fmt.Sprint(10 + 5*i)
	}
	if diff := cmp.Diff(sortedLines(want), valuesOf(t, snapshot(t, table), "id")); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

func ints(t *testing.T, values ...int32) arrow.Array {
	t.Helper()
	b := array.NewInt32Builder(arrowmem.DefaultAllocator)
	defer b.Release()
	b.AppendValues(values, nil)
	return b.NewArray()
}

func longs(t *testing.T, values ...int64) arrow.Array {
	t.Helper()
	b := array.NewInt64Builder(arrowmem.DefaultAllocator)
	defer b.Release()
	b.AppendValues(values, nil)
	return b.NewArray()
}

func TestIdentityBesideOthers(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	table := valued(t, true)
	before := snapshot(t, table)
	if _, err := table.Append(t.Context(), rows(t, alloc, "a INT", `[{"a": 1}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	late := func(columns string, value arrow.Array) error {
		tx := table.Begin(before, delta.Operation{Name: "WRITE"})
		defer func() { _ = tx.Abort(t.Context()) }()
		w, err := tx.NewWriter(delta.WriterConfig{Schema: ddl(t, columns)})
		if err != nil {
			return err
		}
		worker, err := w.Worker()
		if err != nil {
			return err
		}
		if err := worker.Write(t.Context(), []arrow.Array{value}, value.Len(), nil); err != nil {
			return err
		}
		if err := worker.Close(t.Context()); err != nil {
			return err
		}
		_, err = tx.Commit(t.Context())
		return err
	}
	if err := late("id BIGINT", longs(t, 1)); err != nil {
		t.Errorf("a commit that needs no numbers behind one that took some: %v", err)
	}
	if err := late("a INT", ints(t, 2)); !errors.Is(err, &delta.ConflictError{Kind: delta.MetadataChanged}) {
		t.Errorf("a commit that took the same numbers: %v, want a conflict", err)
	}
}

func TestIdentityThatIsFull(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ start, step int64 }{{math.MaxInt64 - 1, 2}, {math.MinInt64 + 1, -2}} {
		table := delta.Open(memory.New(), "t", testConfig())
		f := ddl(t, "id BIGINT, a INT").Fields()
		f[0] = delta.WithIdentity(f[0], tt.start, tt.step, false)
		if _, err := table.Create(t.Context(), delta.Definition{Schema: arrow.NewSchema(f, nil)}); err != nil {
			t.Fatal(err)
		}
		source := rows(t, checked(t), "a INT", `[{"a": 1}]`)
		if _, err := table.Append(t.Context(), source, delta.WriteOptions{}); err != nil {
			t.Error(err)
		}
		if _, err := table.Append(t.Context(), source, delta.WriteOptions{}); err == nil || !strings.Contains(err.Error(), "no further value") {
			t.Errorf("beyond BIGINT: %v, want it refused", err)
		}
	}
}

func TestColumnValuesThatCannotBe(t *testing.T) {
	t.Parallel()
	big, text := arrow.Field{Name: "x", Type: schema.BigInt, Nullable: true}, arrow.Field{Name: "x", Type: schema.String, Nullable: true}
	for name, f := range map[string]arrow.Field{
		"step 0":                       delta.WithIdentity(big, 1, 0, false),
		"an identity of text":          delta.WithIdentity(text, 1, 1, false),
		"a default and an identity":    delta.WithDefault(delta.WithIdentity(big, 1, 1, false), "1"),
		"a default of another type":    delta.WithDefault(big, "'one'"),
		"a default that reads columns": delta.WithDefault(big, "y"),
		"an unknown function":          delta.WithGeneration(big, "wonder(y)"),
		"another value each time":      delta.WithGeneration(text, "uuid()"),
		"itself":                       delta.WithGeneration(big, "x + 1"),
	} {
		table := delta.Open(memory.New(), "t", testConfig())
		_, err := table.Create(t.Context(), delta.Definition{Schema: arrow.NewSchema([]arrow.Field{f, {Name: "y", Type: schema.BigInt, Nullable: true}}, nil)})
		if err == nil || !strings.Contains(err.Error(), "column x") {
			t.Errorf("%s: %v, want it refused for column x", name, err)
		}
	}
}

func TestCharAndVarchar(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	table := delta.Open(memory.New(), "t", testConfig())
	f := ddl(t, "c STRING, v STRING").Fields()
	for i, typ := range []string{"char(3)", "varchar(3)"} {
		f[i].Metadata = arrow.NewMetadata([]string{"__CHAR_VARCHAR_TYPE_STRING"}, []string{typ})
	}
	if _, err := table.Create(t.Context(), delta.Definition{Schema: arrow.NewSchema(f, nil)}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Append(t.Context(), rows(t, alloc, "c STRING, v STRING", `[{"c": "é", "v": "é"}, {"c": "abc  ", "v": "abc  "}, {"c": null, "v": null}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`"abc" "abc"`, `"é  " "é"`, "null null"}, valuesOf(t, snapshot(t, table), "c", "v")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	var violated *delta.ConstraintError
	for _, column := range []string{"c", "v"} {
		if _, err := table.Append(t.Context(), rows(t, alloc, column+" STRING", `[{"`+column+`": "abcd"}]`), delta.WriteOptions{}); !errors.As(err, &violated) {
			t.Errorf("four characters in column %s: %v, want a *ConstraintError", column, err)
		}
	}
}
