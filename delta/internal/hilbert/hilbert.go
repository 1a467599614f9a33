// Package hilbert orders points of a few dimensions so that points that are near each other come near each other: along Hilbert's curve, or along Morton's,
// which interleaves the coordinates' bits and is called Z-order.
package hilbert

// Index is how far along Hilbert's curve the point lies, whose coordinates have so many bits each; dimensions times bits is at most 64. Consecutive numbers are
// neighbours: they differ in one coordinate, by one. The point is overwritten.
//
// It is J. Skilling's method ("Programming the Hilbert curve", 2004): coordinates are turned into the transposed number in place, by undoing, from the highest
// bit down, the reflections and exchanges of axes that each quadrant of the curve has.
func Index(point []uint32, bits int) uint64 {
	unfold(point, bits)
	for i := 1; i < len(point); i++ {
		point[i] ^= point[i-1]
	}
	last, flip := point[len(point)-1], uint32(0)
	for bit := uint32(1) << (bits - 1); bit > 1; bit >>= 1 {
		if last&bit != 0 {
			flip ^= bit - 1
		}
	}
	for i := range point {
		point[i] ^= flip
	}
	return Interleave(point, bits)
}

func unfold(point []uint32, bits int) {
	for bit := uint32(1) << (bits - 1); bit > 1; bit >>= 1 {
		low := bit - 1
		for i, x := range point {
			if x&bit != 0 {
				point[0] ^= low
			} else {
				t := (point[0] ^ x) & low
				point[0] ^= t
				point[i] ^= t
			}
		}
	}
}

// Interleave is the point's place in Z-order: the coordinates' bits in turn, the highest first and of each the first coordinate's topmost.
func Interleave(point []uint32, bits int) uint64 {
	index := uint64(0)
	for bit := bits - 1; bit >= 0; bit-- {
		for _, x := range point {
			index = index<<1 | uint64(x>>bit&1)
		}
	}
	return index
}
