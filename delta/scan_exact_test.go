package delta_test

import (
	"fmt"
	"testing"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/memory"
)

// byCountry are four files: ids 0 to 9 in PL, 10 to 18 in DE, 20 to 29 in FR, and 30 without a country.
func byCountry(t *testing.T) *delta.Snapshot {
	t.Helper()
	const columns = "country STRING, id BIGINT NOT NULL"
	table := delta.Open(memory.New(), "t", testConfig())
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, columns), PartitionBy: []string{"country"}}); err != nil {
		t.Fatal(err)
	}
	text := `[{"country": null, "id": 30}`
	for id := range 30 {
		if id != 19 {
			text += fmt.Sprintf(`, {"country": "%s", "id": %d}`, []string{"PL", "DE", "FR"}[id/10], id)
		}
	}
	if _, err := table.Append(t.Context(), rows(t, checked(t), columns, text+"]"), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	return snapshot(t, table)
}

func where(t *testing.T, s *delta.Snapshot, text string) *delta.Scan {
	t.Helper()
	p, err := s.Predicate(text)
	if err != nil {
		t.Fatal(err)
	}
	scan, err := s.Scan(delta.ScanConfig{Filter: p})
	if err != nil {
		t.Fatal(err)
	}
	return scan
}

// TestRowCount compares what partition values and statistics tell of a filter's rows with the rows.
func TestRowCount(t *testing.T) {
	t.Parallel()
	s := byCountry(t)
	tests := []struct {
		where string
		exact bool
	}{
		{"TRUE", true},
		{"country = 'DE'", true},
		{"country LIKE 'F%' OR country IS NULL", true},
		{"upper(country) = 'PL' AND id >= 0", true},
		{"country = 'none'", true},
		{"id < 10", true},
		{"id >= 10", true},
		{"id < 5", false},
		{"id + 1 > 0", false},
		{"country = 'DE' AND id % 2 = 0", false},
		{"100 / (id - id) > 1", false},
	}
	for _, tt := range tests {
		t.Run(tt.where, func(t *testing.T) {
			t.Parallel()
			scan := where(t, s, tt.where)
			rows, exact := scan.RowCount()
			if exact != tt.exact {
				t.Fatalf("got exact %t, want %t", exact, tt.exact)
			}
			if !exact {
				return
			}
			if want := int64(len(lines(t, scan))); rows != want {
				t.Errorf("got %d rows, want %d", rows, want)
			}
			if c := scan.ColumnStatistics(1); rows > 0 && c.Nulls != 0 {
				t.Errorf("got %d ids that are NULL, want none", c.Nulls)
			}
		})
	}
}

// TestRowCountExtremes reads the least and the greatest id of a partition.
func TestRowCountExtremes(t *testing.T) {
	t.Parallel()
	s := byCountry(t)
	c := where(t, s, "country = 'DE'").ColumnStatistics(1)
	if got := fmt.Sprint(c.Min, c.Max, c.Nulls, c.Exact); got != fmt.Sprint(int64(10), int64(18), 0, true) {
		t.Errorf("got %s", got)
	}
	if c := where(t, s, "id % 2 = 0").ColumnStatistics(1); c.Exact || c.Nulls != -1 {
		t.Errorf("got %v of rows that statistics do not tell", c)
	}
}
