package delta

import (
	"fmt"
	"math/bits"
	"slices"
	"sync"
)

// sizeBins is how many ranges of sizes Delta's writers tell apart.
const sizeBins = 95

// sizeBounds are where these begin: those of Delta for Spark.
var sizeBounds = sync.OnceValue(func() []int64 {
	const kib, mib = 1 << 10, 1 << 20
	bounds := []int64{0}
	double := func(from, to int64) {
		for b := from; b <= to; b *= 2 {
			bounds = append(bounds, b)
		}
	}
	double(8*kib, 4*mib)
	last := int64(4 * mib)
	for _, r := range [][2]int64{{40, 4}, {120, 8}, {144, 4}, {576, 16}, {1408, 64}, {2048, 128}, {4096, 256}} { // up to so many MiB, in steps of so many
		for last < r[0]*mib {
			last += r[1] * mib
			bounds = append(bounds, last)
		}
	}
	double(8<<30, 256<<30)
	return bounds
})

// sizeBin is the range that a size falls into.
func sizeBin(size int64) int {
	const doubling = 8 << 20 // up to here the ranges double
	if size < doubling {
		return bits.Len64(uint64(max(size, 0)) >> 13)
	}
	i, found := slices.BinarySearch(sizeBounds(), size)
	if !found {
		i--
	}
	return i
}

// fileSizes is how many of the live files fall into each range of sizes, and how many bytes these have (Delta protocol: File Size Histogram Schema).
type fileSizes struct {
	unknown bool
	files   [sizeBins]int64
	bytes   [sizeBins]int64
}

func (s *fileSizes) add(size, sign int64) {
	i := sizeBin(size)
	s.files[i], s.bytes[i] = s.files[i]+sign, s.bytes[i]+sign*size
}

// appendJSON writes the histogram as the protocol has it.
func (s *fileSizes) appendJSON(dst []byte) []byte {
	dst = appendInts(append(dst, `{"sortedBinBoundaries":`...), sizeBounds())
	dst = appendInts(append(dst, `,"fileCounts":`...), s.files[:])
	return append(appendInts(append(dst, `,"totalBytes":`...), s.bytes[:]), '}')
}

// fileSizes reads a histogram; one with other ranges than ours is not known.
func (p *parser) fileSizes(s *scanner) fileSizes {
	var bounds, files, bytes []int64
	for k := range s.members {
		switch k {
		case "sortedBinBoundaries":
			bounds = s.ints()
		case "fileCounts":
			files = s.ints()
		case "totalBytes":
			bytes = s.ints()
		default:
			s.skip(0)
		}
	}
	if s.err == nil && (len(bounds) != len(files) || len(bounds) != len(bytes)) {
		s.err = fmt.Errorf("%w: a histogram of %d ranges has %d counts and %d sums", errJSON, len(bounds), len(files), len(bytes))
	}
	if s.err != nil || !slices.Equal(bounds, sizeBounds()) {
		return fileSizes{unknown: true}
	}
	return fileSizes{files: [sizeBins]int64(files), bytes: [sizeBins]int64(bytes)}
}
