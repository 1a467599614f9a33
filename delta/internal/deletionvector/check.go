package deletionvector

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// The cookies and limits of a serialised roaring bitmap (RoaringFormatSpec).
const (
	cookieNoRuns    = 12346
	cookieRuns      = 12347 // in the lower half; the upper is the number of containers less one
	offsetsFrom     = 4     // containers from which a bitmap with runs has their offsets
	containerRows   = 1 << 16
	arrayRows       = 4096 // most of a container that lists its rows
	bitmapBytes     = containerRows / 8
	containerHeader = 4 // key, cardinality less one
)

var errOrder = errors.New("its values do not ascend")

// checkBitmap checks every byte of the serialised bitmap that data begins with, in one pass, and gives its length: the library that reads it trusts them.
func checkBitmap(data []byte) (size int, err error) {
	if len(data) < 8 {
		return 0, errShort
	}
	cookie := binary.LittleEndian.Uint32(data)
	containers, at := int(binary.LittleEndian.Uint32(data[4:])), 8
	var runs []byte
	switch {
	case cookie == cookieNoRuns && containers <= containerRows:
	case cookie&0xFFFF == cookieRuns:
		containers, at = int(cookie>>16)+1, 4+(int(cookie>>16)+8)/8
		runs = data[4:min(at, len(data))]
	default:
		return 0, fmt.Errorf("it is no roaring bitmap: it begins with %d", cookie)
	}
	headers := at
	at += containers * containerHeader
	if runs == nil || containers >= offsetsFrom {
		at += containers * 4
	}
	if at > len(data) {
		return 0, errShort
	}
	last := -1
	for i := range containers {
		header := data[headers+i*containerHeader:]
		key, rows := int(binary.LittleEndian.Uint16(header)), int(binary.LittleEndian.Uint16(header[2:]))+1
		if key <= last {
			return 0, errOrder
		}
		last = key
		n, err := checkContainer(data[at:], rows, runs != nil && runs[i/8]>>(i%8)&1 != 0)
		if err != nil {
			return 0, err
		}
		at += n
	}
	return at, nil
}

// checkContainer checks the container that data begins with, and gives its length.
func checkContainer(data []byte, rows int, runs bool) (size int, err error) {
	switch {
	case runs:
		return checkRuns(data, rows)
	case rows > arrayRows:
		if len(data) < bitmapBytes {
			return 0, errShort
		}
		n := 0
		for at := 0; at < bitmapBytes; at += 8 {
			n += bits.OnesCount64(binary.LittleEndian.Uint64(data[at:]))
		}
		if n != rows {
			return 0, fmt.Errorf("a container has %d rows instead of %d", n, rows)
		}
		return bitmapBytes, nil
	default:
		if len(data) < 2*rows {
			return 0, errShort
		}
		last := -1
		for i := range rows {
			row := int(binary.LittleEndian.Uint16(data[2*i:]))
			if row <= last {
				return 0, errOrder
			}
			last = row
		}
		return 2 * rows, nil
	}
}

// checkRuns checks a container of runs: their number, then of each its first row and its length less one.
func checkRuns(data []byte, rows int) (size int, err error) {
	if len(data) < 2 {
		return 0, errShort
	}
	count := int(binary.LittleEndian.Uint16(data))
	size = 2 + 4*count
	if len(data) < size {
		return 0, errShort
	}
	next, n := 0, 0
	for at := 2; at < size; at += 4 {
		start, length := int(binary.LittleEndian.Uint16(data[at:])), int(binary.LittleEndian.Uint16(data[at+2:]))+1
		if start < next || start+length > containerRows {
			return 0, errOrder
		}
		next, n = start+length, n+length
	}
	if n != rows {
		return 0, fmt.Errorf("a container of runs has %d rows instead of %d", n, rows)
	}
	return size, nil
}
