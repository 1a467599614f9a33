package parquet

import "unsafe"

// fixed is what may be viewed as bytes and back: no pointers, no padding.
type fixed interface {
	~uint8 | ~int8 | ~int16 | ~uint32 | ~int32 | ~uint64 | ~int64 | ~float32 | ~float64 | [2]uint64
}

// bytesOf views s as bytes. Sound: the elements hold no pointers and bytes need no alignment.
func bytesOf[T fixed](s []T) []byte {
	var z T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(z)))
}

// viewOf views b, which must be aligned for T, as Ts; bytes that do not fill a T are left out. Sound: any bits are a T, and the view does not reach beyond b.
func viewOf[T fixed](b []byte) []T {
	var z T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(z)))
}

// minCap is the least capacity of scratch. So much memory is aligned for any value, also when it was asked for as bytes.
const minCap = 64

// grow makes s longer by n elements, whose values are unspecified.
func grow[T any](s []T, n int) []T {
	k := len(s) + n
	if cap(s) < k {
		t := make([]T, len(s), max(k+k/2, minCap))
		copy(t, s)
		s = t
	}
	return s[:k]
}

// sized gives a slice of length n, in the memory of s if that is large enough. Its values are unspecified.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, max(n+n/4, minCap))
	}
	return s[:n]
}
