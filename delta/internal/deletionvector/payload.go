package deletionvector

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"
)

// payloadMagic begins a payload.
const payloadMagic = 1681511377

// The sizes of a payload's parts.
const (
	payloadHeader = 4 + 8 // magic, number of buckets
	bucketHeader  = 4     // the upper 32 bits
)

// AppendPayload writes the set as the payload of a file or of inline text: RoaringBitmapArray in the protocol's words.
func (v *Vector) AppendPayload(dst []byte) ([]byte, error) {
	dst = binary.LittleEndian.AppendUint32(dst, payloadMagic)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(v.buckets)))
	for _, b := range v.buckets {
		dst = binary.LittleEndian.AppendUint32(dst, b.high)
		rows := b.rows.Clone() // others may be reading it
		rows.RunOptimize()
		buf := bytes.NewBuffer(dst)
		if _, err := rows.WriteTo(buf); err != nil {
			return nil, fmt.Errorf("deletion vector: %w", err)
		}
		dst = buf.Bytes()
	}
	return dst, nil
}

// ParsePayload reads a payload. Damaged ones are errors, and cost no more memory than a small multiple of their size.
func ParsePayload(data []byte) (*Vector, error) {
	if len(data) < payloadHeader {
		return nil, fmt.Errorf("deletion vector: %d bytes are too few", len(data))
	}
	if magic := binary.LittleEndian.Uint32(data); magic != payloadMagic {
		return nil, fmt.Errorf("deletion vector: it begins with %d instead of %d", magic, payloadMagic)
	}
	count := binary.LittleEndian.Uint64(data[4:])
	data = data[payloadHeader:]
	v := &Vector{}
	for i := range count {
		size, err := bucketSize(data)
		if err != nil {
			return nil, fmt.Errorf("deletion vector: bucket %d of %d: %w", i, count, err)
		}
		b := bucket{high: binary.LittleEndian.Uint32(data), rows: roaring.New()}
		if len(v.buckets) > 0 && v.buckets[len(v.buckets)-1].high >= b.high || b.high > 1<<31-1 {
			return nil, fmt.Errorf("deletion vector: bucket %d of %d: its key %d does not follow", i, count, b.high)
		}
		if _, err := b.rows.ReadFrom(bytes.NewReader(data[bucketHeader:size])); err != nil {
			return nil, fmt.Errorf("deletion vector: bucket %d of %d: %w", i, count, err)
		}
		if !b.rows.IsEmpty() {
			v.buckets = append(v.buckets, b)
		}
		data = data[size:]
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("deletion vector: %d bytes follow its end", len(data))
	}
	return v, nil
}

// bucketSize checks the bucket that data begins with and gives its length.
func bucketSize(data []byte) (int, error) {
	if len(data) < bucketHeader {
		return 0, errShort
	}
	size, err := checkBitmap(data[bucketHeader:])
	return bucketHeader + size, err
}

var errShort = errors.New("it ends too soon")
