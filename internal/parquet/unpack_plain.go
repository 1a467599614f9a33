//go:build !(amd64 || arm64) || purego

package parquet

// groupMargin is how many bytes behind the last group unpackGroups may look at, for no value.
const groupMargin = 8

// unpackGroups reads groups of 8 values of 1 to 31 bits. src is these and groupMargin bytes more, at least.
func unpackGroups(dst []int32, src []byte, width int) { unpack(dst, src, 0, width) }
