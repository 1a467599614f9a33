package check

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/bits"

	"github.com/medallion-go/medallion/storage"
)

// errElsewhere says that a deletion vector does not lie in the table's store.
var errElsewhere = errors.New("check: the deletion vector lies elsewhere")

// vectorPayload reads a deletion vector as its container holds it (Deletion Vector File Storage Format).
func (c *checker) vectorPayload(ctx context.Context, v *vector) ([]byte, error) {
	if v.storage == "i" {
		data, err := decode85(v.path)
		if err != nil || int64(len(data)) < v.size {
			return nil, errors.Join(err, fmt.Errorf("it has %d bytes, and sizeInBytes is %d", len(data), v.size))
		}
		return data[:v.size], nil
	}
	path, err := v.file()
	if err != nil {
		return nil, err
	}
	key, ok := c.relative(path)
	if !ok {
		return nil, errElsewhere
	}
	data, err := storage.ReadAll(ctx, c.store, c.root+key)
	if err != nil {
		return nil, err
	}
	offset := int64(1)
	if v.offset != nil {
		offset = *v.offset
	}
	end := offset + 4 + v.size
	if len(data) == 0 || data[0] != 1 || offset < 1 || v.size < 0 || end+4 > int64(len(data)) {
		return nil, fmt.Errorf("%s has %d bytes, which do not hold %d bytes at %d", key, len(data), v.size, offset)
	}
	if size := binary.BigEndian.Uint32(data[offset:]); int64(size) != v.size {
		return nil, fmt.Errorf("%s tells a size of %d at %d, and sizeInBytes is %d", key, size, offset, v.size)
	}
	payload := data[offset+4 : end]
	if crc32.ChecksumIEEE(payload) != binary.BigEndian.Uint32(data[end:]) {
		return nil, fmt.Errorf("%s: the checksum at %d does not hold", key, end)
	}
	return payload, nil
}

// vectorMagic begins every deletion vector.
const vectorMagic = 1681511377

// errShort says that a deletion vector ends too early.
var errShort = errors.New("it ends too early")

// countRows gives the number of rows that a deletion vector holds, and the last of them, -1 where there is none.
func countRows(data []byte) (rows, last int64, err error) {
	if len(data) < 12 {
		return 0, -1, errShort
	}
	if magic := binary.LittleEndian.Uint32(data); magic != vectorMagic {
		return 0, -1, fmt.Errorf("it begins with %d, not %d", magic, vectorMagic)
	}
	buckets := binary.LittleEndian.Uint64(data[4:])
	data, last = data[12:], -1
	for range buckets {
		if len(data) < 4 {
			return 0, -1, errShort
		}
		b := &bitmap{data: data[4:]}
		high := int64(binary.LittleEndian.Uint32(data)) << 32
		n, top, err := b.count()
		if err != nil {
			return 0, -1, err
		}
		rows, data = rows+n, b.data
		if n > 0 {
			last = max(last, high|top)
		}
	}
	return rows, last, nil
}

// bitmap reads a roaring bitmap of 32 bits.
type bitmap struct{ data []byte }

func (b *bitmap) take(n int) ([]byte, error) {
	if n < 0 || n > len(b.data) {
		return nil, errShort
	}
	out := b.data[:n]
	b.data = b.data[n:]
	return out, nil
}

// The cookies of bitmaps without and with containers of runs, and the number of containers from which such bitmaps have offsets.
const (
	cookieArrays  = 12346
	cookieRuns    = 12347
	fewContainers = 4
)

// count reads a whole bitmap.
func (b *bitmap) count() (rows, last int64, err error) {
	head, err := b.take(4)
	if err != nil {
		return 0, -1, err
	}
	cookie := binary.LittleEndian.Uint32(head)
	containers, runs := 0, []byte(nil)
	switch {
	case cookie == cookieArrays:
		if head, err = b.take(4); err != nil {
			return 0, -1, err
		}
		containers = int(binary.LittleEndian.Uint32(head))
	case cookie&0xffff == cookieRuns:
		containers = int(cookie>>16) + 1
		if runs, err = b.take((containers + 7) / 8); err != nil {
			return 0, -1, err
		}
	default:
		return 0, -1, fmt.Errorf("a bitmap begins with %d", cookie)
	}
	keys, err := b.take(4 * containers)
	if err != nil {
		return 0, -1, err
	}
	if runs == nil || containers >= fewContainers {
		if _, err := b.take(4 * containers); err != nil {
			return 0, -1, err
		}
	}
	last = -1
	for i := range containers {
		key, cardinality := int64(binary.LittleEndian.Uint16(keys[4*i:])), int(binary.LittleEndian.Uint16(keys[4*i+2:]))+1
		n, top, err := b.container(runs != nil && runs[i/8]>>(i%8)&1 == 1, cardinality)
		if err != nil {
			return 0, -1, err
		}
		rows, last = rows+n, max(last, key<<16|top)
	}
	return rows, last, nil
}

// arrayMost is the cardinality up to which a container is a list.
const arrayMost = 4096

// container reads one container, of which the last value is the highest.
func (b *bitmap) container(run bool, cardinality int) (rows, last int64, err error) {
	switch {
	case run:
		head, err := b.take(2)
		if err != nil {
			return 0, -1, err
		}
		data, err := b.take(4 * int(binary.LittleEndian.Uint16(head)))
		for ; err == nil && len(data) > 0; data = data[4:] {
			from, more := int64(binary.LittleEndian.Uint16(data)), int64(binary.LittleEndian.Uint16(data[2:]))
			rows, last = rows+more+1, from+more
		}
		return rows, last, err
	case cardinality <= arrayMost:
		data, err := b.take(2 * cardinality)
		if err != nil {
			return 0, -1, err
		}
		return int64(cardinality), int64(binary.LittleEndian.Uint16(data[2*cardinality-2:])), nil
	}
	data, err := b.take(8192)
	for i := 0; err == nil && i < len(data); i += 8 {
		if word := binary.LittleEndian.Uint64(data[i:]); word != 0 {
			rows, last = rows+int64(bits.OnesCount64(word)), int64(i*8+63-bits.LeadingZeros64(word))
		}
	}
	return rows, last, err
}
