package pool

import "math/bits"

// Memory of less than 4 KiB is cheap to zero and to collect; of more than 16 MiB there is too little at a time to be worth keeping.
const (
	least = 4 << 10
	most  = 16 << 20

	steps      = 8                 // classes from one power of two to the next: at most an eighth of a buffer is lost to its class
	slack      = 64                // above the round sizes: n+1 offsets are in the class of n values
	stepBits   = 3                 // log2 of steps
	leastBits  = 12                // of least
	classCount = (24-12)*steps + 1 // from least to most
)

// classOf is the smallest class that holds size bytes; -1: memory of this size is not kept.
func classOf(size int) int {
	if size < least || size > most+slack {
		return -1
	}
	n := max(size-slack, least) - 1
	shift := bits.Len(uint(n)) - 1 - stepBits
	return (shift+stepBits-leastBits)*steps + n>>shift - steps + 1
}

// capacity is the bytes of memory of a class.
func capacity(class int) int {
	return (steps+class%steps)<<(class/steps+leastBits-stepBits) + slack
}
