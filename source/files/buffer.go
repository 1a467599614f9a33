package files

// resize is b with length n, its bytes kept.
func resize(b []byte, n int) []byte {
	if n <= cap(b) {
		return b[:n]
	}
	grown := make([]byte, n, n+n/8+padding)
	copy(grown, b)
	return grown
}

// padding lies behind a buffer's text so that a cut at a line's end rarely needs another.
const padding = 64

// maxKept is the largest buffer that is kept for the next split.
const maxKept = 64 << 20

func (s *Source) buffer() *[]byte {
	if b, ok := s.shared.buffers.Get().(*[]byte); ok {
		return b
	}
	return new([]byte)
}

func (s *Source) keepBuffer(b *[]byte) {
	if cap(*b) <= maxKept {
		s.shared.buffers.Put(b)
	}
}
