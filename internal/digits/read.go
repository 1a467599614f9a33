package digits

import "encoding/binary"

// Read reads on from m as long as there are digits at d[at:], eight at a time where it can, and gives where they end. Seven bytes must follow those that
// are no digits. Beyond 19 digits the number has overflowed.
func Read(d []byte, at int, m uint64) (uint64, int) {
	for {
		w := binary.LittleEndian.Uint64(d[at:])
		if All(w) {
			m = m*1e8 + eight(w)
			at += 8
			continue
		}
		for {
			c := d[at] - '0'
			if c > 9 {
				return m, at
			}
			m = m*10 + uint64(c)
			at++
		}
	}
}

// All says whether all eight bytes are ASCII digits.
func All(w uint64) bool {
	return (w&0xf0f0f0f0f0f0f0f0)|((w+0x0606060606060606)&0xf0f0f0f0f0f0f0f0)>>4 == 0x3333333333333333
}

// eight is the number that eight ASCII digits stand for: pairs, then fours, then all are joined by one multiplication each.
func eight(w uint64) uint64 {
	w -= 0x3030303030303030
	w = w*10 + w>>8
	return (w&0x000000ff000000ff*0x000f424000000064 + w>>16&0x000000ff000000ff*0x0000271000000001) >> 32
}
