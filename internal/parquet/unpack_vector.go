//go:build (amd64 || arm64) && !purego

package parquet

import "github.com/parquet-go/bitpack"

// groupMargin is how many bytes behind the last group unpackGroups may look at, for no value.
const groupMargin = bitpack.PaddingInt32

// unpackGroups reads groups of 8 values of 1 to 31 bits. src is these and groupMargin bytes more, at least.
func unpackGroups(dst []int32, src []byte, width int) { bitpack.Unpack(dst, src, uint(width)) }
