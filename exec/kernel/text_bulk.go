package kernel

import (
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// recased is lower or upper: plain text that is all ASCII keeps its lengths, so that all rows are changed at once.
func recased(first byte, f func(dst, s []byte) []byte) builder {
	return func(*site) (kernel, error) {
		return kernel{run: func(k *frame, args []vec) (vec, error) {
			a := textsOf(args[0])
			if a.codes == nil && !args[0].one && k.dense() {
				if data := a.data[a.offsets[0]:a.offsets[k.n]]; isASCII(data) {
					return k.flipped(a.offsets, data, first), nil
				}
			}
			return k.texted(a.size(), func(dst []byte, i int) []byte { return f(dst, a.at(i)) })
		}}, nil
	}
}

// flipped changes the case of the letters from first on, 26 of them, in the text of all rows.
func (k *frame) flipped(offsets []int32, data []byte, first byte) vec {
	offBuf, buf := k.buffer(4*(k.n+1)), k.buffer(len(data))
	out := arrow.GetData[int32](offBuf.Bytes())
	for i, o := range offsets[:k.n+1] {
		out[i] = o - offsets[0]
	}
	flipCase(buf.Bytes(), data, first)
	return vec{arr: k.newArray(k.call.typ, k.n, k.valid.buf, []*memory.Buffer{offBuf, buf})}
}

// flipCase copies ASCII text with the letters first to first+25 in the other case, eight bytes at a time.
func flipCase(dst, src []byte, first byte) {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	above := uint64(0x80-first) * ones     // sets the high bit of bytes from first on
	beyond := uint64(0x80-first-26) * ones // … of bytes behind the letters
	for len(src) >= 8 {
		w := binary.LittleEndian.Uint64(src)
		letters := (w + above) &^ (w + beyond) & high
		binary.LittleEndian.PutUint64(dst, w^letters>>2)
		dst, src = dst[8:], src[8:]
	}
	for i, c := range src {
		if c-first < 26 {
			c ^= 0x20
		}
		dst[i] = c
	}
}

// trimBlanks is trim and its kin without characters to cut: spaces only.
func trimBlanks(left, right bool) kernel {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a := textsOf(args[0])
		return k.texted(a.size(), func(dst []byte, i int) []byte {
			s := a.at(i)
			for left && len(s) > 0 && s[0] == ' ' {
				s = s[1:]
			}
			for right && len(s) > 0 && s[len(s)-1] == ' ' {
				s = s[:len(s)-1]
			}
			return append(dst, s...)
		})
	}}
}
