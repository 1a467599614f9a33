package exec

import (
	"math/bits"
	"slices"
)

// wordPages finds the numbers of words that lie close together, as those of integer keys mostly do, without hashing them: a word's number lies at a place
// of its own, in a page that is made when the first of its words comes.
type wordPages struct {
	first uint64      // the page that dir begins with
	dir   []*wordPage // nil: none of the page's words is there
	made  int
}

// wordPage are the numbers of words that follow each other, plus one; 0: the word is not there.
type wordPage [1 << pageBits]uint32

// What pages may take: a page for every so many words beside some to begin with, and a directory that is so many times as long.
const (
	pageBits   = 11
	pageFill   = 128
	sparePages = 64
	maxAway    = 16
)

// placed moves the sign, so that signed words follow each other.
func placed(word uint64) (page, place uint64) {
	u := word ^ signBit
	return u >> pageBits, u & (1<<pageBits - 1)
}

// allowed is how many pages so many words may have.
func allowed(words int) int { return sparePages + words/pageFill }

func (x *wordPages) size() int64 { return int64(x.made)<<(pageBits+2) + 8*int64(cap(x.dir)) }

// at is a page, nil where there is none.
func (x *wordPages) at(page uint64) *wordPage {
	if i := page - x.first; i < uint64(len(x.dir)) {
		return x.dir[i]
	}
	return nil
}

// end is the page behind the last.
func (x *wordPages) end() uint64 { return x.first + uint64(len(x.dir)) }

// make makes a page that is not there, unless that is too much for so many words.
func (x *wordPages) make(page uint64, words int) *wordPage {
	if x.made >= allowed(words) || !x.reach(page, maxAway*allowed(words)) {
		return nil
	}
	x.made++
	p := new(wordPage)
	x.dir[page-x.first] = p
	return p
}

// reach lengthens the directory to a page, by doubling, if it does not become longer than most.
func (x *wordPages) reach(page uint64, most int) bool {
	switch {
	case len(x.dir) == 0:
		x.first, x.dir = page, make([]*wordPage, 1)
	case page >= x.end():
		more := page - x.end() + 1
		if more > uint64(most) || len(x.dir)+int(more) > most {
			return false
		}
		x.dir = growTo(x.dir, len(x.dir)+int(more))
	case page < x.first:
		more := x.first - page
		if more > uint64(most) || len(x.dir)+int(more) > most {
			return false
		}
		more = min(max(more, uint64(len(x.dir))), x.first)
		x.dir = slices.Insert(x.dir, 0, make([]*wordPage, more)...)
		x.first -= more
	}
	return true
}

// insertPaged finds or adds words. It returns how many it came through: all, or those before one that the pages are too far apart for.
func (t *table) insertPaged(words []uint64, ids []uint32) int {
	var page *wordPage
	at := uint64(0)
	for i, w := range words {
		n, place := placed(w)
		if page == nil || n != at {
			if page, at = t.pages.at(n), n; page == nil {
				if page = t.pages.make(n, len(t.words)); page == nil {
					return i
				}
			}
		}
		id := page[place]
		if id == 0 {
			t.words = append(doubled(t.words, 1), w)
			id = uint32(len(t.words))
			page[place] = id
		}
		ids[i] = id - 1
	}
	return len(words)
}

// usePages has a table of words without any keep them in pages, as long as they lie close together.
func (t *table) usePages() {
	t.slots, t.pages, t.mayPage = nil, &wordPages{}, true
}

// leavePages goes over to slots. Pages are tried again when there are twice as many words.
func (t *table) leavePages() {
	t.pages, t.retry = nil, 2*len(t.words)
	t.slots = t.wordSlots(max(firstSlots, 1<<bits.Len(uint(2*len(t.words)))))
}

// retryPages goes over to pages if there are enough words by now.
func (t *table) retryPages() {
	if !t.mayPage || t.pages != nil || len(t.words) < t.retry {
		return
	}
	t.retry = 2 * len(t.words)
	x := t.room()
	if x == nil {
		return
	}
	t.slots, t.pages = nil, x
	for i, w := range t.words {
		if i == t.null-1 {
			continue
		}
		n, place := placed(w)
		page := x.at(n)
		if page == nil {
			page = x.make(n, len(t.words))
		}
		page[place] = uint32(i + 1)
	}
}

// room is an empty directory for the words, nil if their pages are too many or too far apart.
func (t *table) room() *wordPages {
	low, high := ^uint64(0), uint64(0)
	for i, w := range t.words {
		if i != t.null-1 {
			n, _ := placed(w)
			low, high = min(low, n), max(high, n)
		}
	}
	most := allowed(len(t.words))
	if low > high || high-low >= uint64(maxAway*most) {
		return nil
	}
	there := make([]uint64, (high-low)/64+1)
	pages := 0
	for i, w := range t.words {
		if i == t.null-1 {
			continue
		}
		n, _ := placed(w)
		if bit := uint64(1) << ((n - low) % 64); there[(n-low)/64]&bit == 0 {
			there[(n-low)/64] |= bit
			pages++
		}
	}
	if pages > most {
		return nil
	}
	return &wordPages{first: low, dir: make([]*wordPage, high-low+1)}
}
