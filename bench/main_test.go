package main

import (
	"errors"
	"testing"

	"github.com/medallion-go/medallion/delta"
)

// TestWholeTableIsThere holds Q2 to a table that is there: of none it would measure a query of no rows.
func TestWholeTableIsThere(t *testing.T) {
	t.Parallel()
	b, err := newBench(options{data: t.TempDir(), out: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.steps()["Q2"].prepare(); !errors.Is(err, delta.ErrNotTable) {
		t.Errorf("Q2 of a table that is missing: %v, want delta.ErrNotTable", err)
	}
}
