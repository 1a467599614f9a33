// Package deletionvector is the format in which Delta tables keep the positions of deleted rows (Delta protocol: Deletion Vector Format): sets of 64-bit
// positions as roaring bitmaps, the files that hold them, and the text that stands for short ones in the log. It does no I/O.
package deletionvector
