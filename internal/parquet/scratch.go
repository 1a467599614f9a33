package parquet

import (
	"github.com/klauspost/compress/zstd"
)

// Scratch is work space that several Writers may share, as long as no two of them are used at the same time. The zero value is ready. Writers that are
// open side by side in one goroutine, one per partition say, need its few megabytes once instead of once each.
type Scratch struct {
	page, packed []byte  // a page before and after compression
	pos          []int32 // positions of the present values of a stretch of rows
	idx, idx2    []int32 // positions in nested arrays, -1 where an ancestor is null or empty
	def, rep     []uint8 // levels before a list is opened
	vals         []byte  // present values in Parquet's layout
	codes        []int32 // indices of an incoming dictionary

	// Codes of incoming dictionaries: the upper half of an entry is the round in which it was found, the lower half is the code.
	round uint32
	xlat  []uint64

	zstd *zstd.Encoder
}

// translation gives a table for the n entries of an incoming dictionary. Entries of earlier rounds do not count.
func (s *Scratch) translation(n int) ([]uint64, uint32) {
	if s.round++; s.round == 0 {
		clear(s.xlat)
		s.round = 1
	}
	if len(s.xlat) < n {
		s.xlat = make([]uint64, n+n/4)
	}
	return s.xlat[:n], s.round
}
