package check_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
	store "github.com/medallion-go/medallion/storage/memory"
)

type inner struct {
	X *int64
}

type row struct {
	ID   int64
	Name *string
	At   schema.Date
	F    float32
	In   *inner
}

func ptr[T any](v T) *T { return &v }

// source is rows as a source.
func source[R any](t testing.TB, rows ...R) exec.Source {
	t.Helper()
	s, err := schema.Of[R]()
	if err != nil {
		t.Fatal(err)
	}
	codec, err := schema.NewCodec[R](s)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := codec.Encode(memory.DefaultAllocator, rows)
	if err != nil {
		t.Fatal(err)
	}
	return exec.NewBatches(rec.Schema(), rec)
}

// written is a table of two rows with a constraint, as the library writes it.
func written(t *testing.T) (*store.Store, *arrow.Schema) {
	t.Helper()
	s, err := schema.Of[row]()
	if err != nil {
		t.Fatal(err)
	}
	m := store.New()
	table := delta.Open(m, "t", delta.Config{})
	if _, err := table.Create(t.Context(), delta.Definition{Schema: s, Properties: map[string]string{"delta.constraints.positive": "id > 0"}}); err != nil {
		t.Fatal(err)
	}
	rows := source(t, row{1, ptr("a"), 20_000, 0.1, &inner{ptr(int64(5))}}, row{7, nil, 20_001, 3.14, nil})
	if _, err := table.Append(t.Context(), rows, delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	return m, s
}

// TestDeep writes tables, says what is not so in their logs, and finds it.
func TestDeep(t *testing.T) {
	t.Parallel()
	const zeroth, first = "t/_delta_log/00000000000000000000.json", "t/_delta_log/00000000000000000001.json"
	tests := []struct {
		name, object string
		from, to     string
		want         []string
	}{
		{"sound", first, "", "", nil},
		{"rows", first, `\"numRecords\":2`, `\"numRecords\":3`, []string{"stats-wrong"}},
		{"nulls", first, `\"name\":1`, `\"name\":0`, []string{"stats-wrong"}},
		{"minimum", first, `{\"id\":1`, `{\"id\":2`, []string{"stats-wrong"}},
		{"maximum of a string", first, `\"name\":\"a\"`, `\"name\":\"A\"`, []string{"stats-wrong"}},
		{"maximum of a date", first, `2024-10-05`, `2024-10-04`, []string{"stats-wrong"}},
		{"maximum of a float", first, `3.14`, `3.13`, []string{"stats-wrong"}},
		{"within a struct", first, `{\"x\":5}`, `{\"x\":4}`, []string{"stats-wrong"}},
		{"not null", zeroth, `\"name\",\"type\":\"string\",\"nullable\":true`, `\"name\",\"type\":\"string\",\"nullable\":false`, []string{"not-null"}},
		{"constraint", zeroth, `id > 0`, `id > 1`, []string{"constraint"}},
		{"vector", first, `"dataChange":true`, `"dataChange":true,"deletionVector":{"storageType":"i","pathOrInlineDv":"00000","sizeInBytes":4,"cardinality":1}`, []string{"vector-file"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, _ := written(t)
			for _, crc := range []string{"0", "1"} {
				if err := m.Delete(t.Context(), "t/_delta_log/0000000000000000000"+crc+".crc"); err != nil {
					t.Fatal(err)
				}
			}
			replace(t, m, tt.object, tt.from, tt.to)
			checkDeep(t, m, tt.want)
		})
	}
	t.Run("what cannot be evaluated", func(t *testing.T) {
		t.Parallel()
		m, _ := written(t)
		replace(t, m, zeroth, `id > 0`, `wonder(id)`)
		var left []string
		o := check.Options{Deep: true, Unchecked: func(v check.Violation) { left = append(left, v.String()) }}
		if _, err := check.Table(t.Context(), m, "t", o); err != nil {
			t.Fatal(err)
		}
		if len(left) != 1 || !strings.Contains(left[0], "the constraint positive: wonder(id) could not be checked: ") || !strings.Contains(left[0], "[constraint, ") {
			t.Errorf("left unchecked: %q, want the constraint", left)
		}
	})
	t.Run("data file", func(t *testing.T) {
		t.Parallel()
		m, _ := written(t)
		for info, err := range m.List(t.Context(), "t/part-", "") {
			if err != nil {
				t.Fatal(err)
			}
			if _, err := storage.Put(t.Context(), m, info.Key, make([]byte, info.Size)); err != nil {
				t.Fatal(err)
			}
		}
		checkDeep(t, m, []string{"data-file"})
	})
}

// replace rewrites an object; what is to be replaced must be there.
func replace(t *testing.T, m *store.Store, key, from, to string) {
	t.Helper()
	data, err := storage.ReadAll(t.Context(), m, key)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), from) {
		t.Fatalf("%s does not hold %s:\n%s", key, from, data)
	}
	if _, err := storage.Put(t.Context(), m, key, []byte(strings.ReplaceAll(string(data), from, to))); err != nil {
		t.Fatal(err)
	}
}

func checkDeep(t *testing.T, m *store.Store, want []string) {
	t.Helper()
	got, err := check.Table(t.Context(), m, "t", check.Options{Deep: true})
	if err != nil {
		t.Fatal(err)
	}
	ids := slices.DeleteFunc(rules(got), func(id string) bool { return id == "feature-missing" }) // the vector's
	if diff := cmp.Diff(want, slices.Compact(slices.Clip(ids)), cmp.Transformer("none", func(l []string) []string { return append([]string{}, l...) })); diff != "" {
		t.Errorf("rules broken (-want +got):\n%s\n%v", diff, got)
	}
}
