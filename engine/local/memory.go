package local

import (
	"math"
	"runtime/debug"
)

// mostMemory bounds the default budget.
const mostMemory = 1 << 30

// defaultMemory is the smaller of 1 GiB and a quarter of what the process may have: GOMEMLIMIT where it is set, else the machine's memory.
func defaultMemory() int64 {
	limit := debug.SetMemoryLimit(-1) // a negative limit only reads it
	if limit == math.MaxInt64 {
		limit = physicalMemory()
	}
	if limit <= 0 {
		return mostMemory
	}
	return min(mostMemory, limit/4)
}
