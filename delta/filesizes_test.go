package delta

import "testing"

// TestSizeBin holds the ranges to their bounds.
func TestSizeBin(t *testing.T) {
	t.Parallel()
	bounds := sizeBounds()
	if len(bounds) != sizeBins {
		t.Fatalf("there are %d bounds, want %d", len(bounds), sizeBins)
	}
	for i, b := range bounds {
		if got := sizeBin(b); got != i {
			t.Errorf("%d bytes are in range %d, want %d", b, got, i)
		}
		if i > 0 {
			if got := sizeBin(b - 1); got != i-1 {
				t.Errorf("%d bytes are in range %d, want %d", b-1, got, i-1)
			}
		}
	}
	if got := sizeBin(1 << 60); got != sizeBins-1 {
		t.Errorf("an exbibyte is in range %d, want the last", got)
	}
}
