package exec

import "sync/atomic"

// Whatever the budget says, each worker of an operator may hold this much, so that every operator can always go on, if slowly: a share of the budget,
// but no more than so many bytes.
const (
	minimumShare = 32
	minimumBytes = 1 << 20
)

// Budget is the memory that the operators of one run may hold together: Arrow buffers and hash tables. An operator whose reservation is refused spills
// what it holds. A nil *Budget refuses nothing. It is safe for concurrent use.
type Budget struct {
	limit               int64
	whole               *Budget // that this one is a part of; nil: none
	used, peak, spilled atomic.Int64
}

// NewBudget returns a budget of so many bytes; zero or less is unbounded.
func NewBudget(bytes int64) *Budget { return &Budget{limit: bytes} }

// Part is b for some of its operators: what they hold counts in both, so that it is known of them alone, and the bound is b's.
func (b *Budget) Part() *Budget { return &Budget{limit: b.Limit(), whole: b} }

// Reserve takes n bytes, or none and reports false when they are not there.
func (b *Budget) Reserve(n int64) bool {
	if b == nil {
		return true
	}
	if b.whole != nil {
		if !b.whole.Reserve(n) {
			return false
		}
		b.note(b.used.Add(n))
		return true
	}
	used := b.used.Add(n)
	if b.limit > 0 && used > b.limit {
		b.used.Add(-n)
		return false
	}
	b.note(used)
	return true
}

// Release gives n bytes back.
func (b *Budget) Release(n int64) {
	for ; b != nil; b = b.whole {
		b.used.Add(-n)
	}
}

// take counts n bytes that are held in any case.
func (b *Budget) take(n int64) {
	for ; b != nil; b = b.whole {
		b.note(b.used.Add(n))
	}
}

func (b *Budget) note(used int64) {
	for peak := b.peak.Load(); used > peak && !b.peak.CompareAndSwap(peak, used); peak = b.peak.Load() {
	}
}

// Limit is the bound in bytes; zero or less: none.
func (b *Budget) Limit() int64 {
	if b == nil {
		return 0
	}
	return b.limit
}

// Used is the bytes reserved now.
func (b *Budget) Used() int64 {
	if b == nil {
		return 0
	}
	return b.used.Load()
}

// Peak is the most that was reserved at one time.
func (b *Budget) Peak() int64 {
	if b == nil {
		return 0
	}
	return b.peak.Load()
}

// Spilled is the bytes written to spill files, compressed.
func (b *Budget) Spilled() int64 {
	if b == nil {
		return 0
	}
	return b.spilled.Load()
}

func (b *Budget) addSpilled(n int64) {
	for ; b != nil; b = b.whole {
		b.spilled.Add(n)
	}
}

// account is one worker's or one partition's part of the budget. It is not safe for concurrent use, but may move between goroutines.
type account struct {
	budget *Budget
	held   int64
}

// grow reserves n more bytes, or reports false: then the owner spills. The minimum is never refused.
func (a *account) grow(n int64) bool {
	if a.budget == nil {
		a.held += n
		return true
	}
	if a.held+n <= min(a.budget.limit/minimumShare, minimumBytes) {
		a.force(n)
		return true
	}
	if !a.budget.Reserve(n) {
		return false
	}
	a.held += n
	return true
}

// force counts n bytes (or gives them back, when negative) that are held in any case.
func (a *account) force(n int64) {
	a.budget.take(n)
	a.held += n
}

// set makes n the bytes held. It reports false, and leaves the account as it is, when they are not there.
func (a *account) set(n int64) bool {
	if n <= a.held {
		a.force(n - a.held)
		return true
	}
	return a.grow(n - a.held)
}

// free gives everything back.
func (a *account) free() { a.force(-a.held) }
