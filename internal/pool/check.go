package pool

// What memory is filled with by a checked pool. As an offset, a length or a code either is far out of bounds, and as a bitmap it is neither all nor nothing.
const (
	fresh    = 0xA5
	released = 0x5A
)

// NewChecked is New for tests, also under memory.NewCheckedAllocator: new memory is garbage, what is freed is overwritten, and Reallocate moves.
func NewChecked() *Pool {
	p := New(64 << 20)
	p.checked = true
	return p
}

func fill(b []byte, v byte) {
	if len(b) > 0 {
		b[0] = v
		for n := 1; n < len(b); n *= 2 {
			copy(b[n:], b[:n])
		}
	}
}
