package engine

import (
	"fmt"
	"time"
)

// FormatCount prints a number with its thousands apart: 1,234,567.
func FormatCount(n int64) string {
	s := fmt.Sprint(n)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// FormatBytes prints a size in the unit that people read: 12.3 MB.
func FormatBytes(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	size, unit := float64(n)/1000, 0
	for size >= 999.95 { // which would print as 1000.0
		size /= 1000
		unit++
	}
	return fmt.Sprintf("%.1f %cB", size, "kMGTPE"[unit])
}

// FormatTime prints a duration with three digits or so: 12.3ms.
func FormatTime(d time.Duration) string {
	for unit := time.Microsecond; unit < time.Second; unit *= 10 {
		if d < 1000*unit {
			return d.Round(unit / 10).String()
		}
	}
	return d.Round(time.Second / 100).String()
}
