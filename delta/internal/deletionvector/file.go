package deletionvector

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// fileVersion is the first byte of a file.
const fileVersion = 1

// FirstOffset is where the first vector of a file lies.
const FirstOffset = 1

// frameOverhead is the bytes around a payload in a file: its size before it, its checksum behind it.
const frameOverhead = 4 + 4

// FrameSize is how many bytes of a file a payload takes.
func FrameSize(payload int64) int64 { return payload + frameOverhead }

// File is a file of vectors in the making. The zero File is one without any.
type File struct{ data []byte }

// Add appends a vector, and says where it lies and how large its payload is.
func (f *File) Add(v *Vector) (offset, size int64, err error) {
	if len(f.data) == 0 {
		f.data = append(f.data, fileVersion)
	}
	at := len(f.data)
	data, err := v.AppendPayload(append(f.data, 0, 0, 0, 0))
	if err != nil {
		return 0, 0, err
	}
	payload := data[at+4:]
	binary.BigEndian.PutUint32(data[at:], uint32(len(payload)))
	f.data = binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(payload))
	return int64(at), int64(len(payload)), nil
}

// Bytes is the whole file.
func (f *File) Bytes() []byte { return f.data }

// CheckVersion checks the first byte of a file.
func CheckVersion(first byte) error {
	if first != fileVersion {
		return fmt.Errorf("deletion vector: version %d of its file is not known, only %d", first, fileVersion)
	}
	return nil
}

// ParseFrame reads the vector of a frame, which is FrameSize of the size that the log gives its payload.
func ParseFrame(frame []byte) (*Vector, error) {
	if len(frame) < frameOverhead {
		return nil, fmt.Errorf("deletion vector: %w", errShort)
	}
	payload := frame[4 : len(frame)-4]
	if size := binary.BigEndian.Uint32(frame); int64(size) != int64(len(payload)) {
		return nil, fmt.Errorf("deletion vector: the log says that it has %d bytes, its file says %d", len(payload), size)
	}
	if sum, want := crc32.ChecksumIEEE(payload), binary.BigEndian.Uint32(frame[len(frame)-4:]); sum != want {
		return nil, fmt.Errorf("deletion vector: its checksum is %08x instead of %08x", sum, want)
	}
	return ParsePayload(payload)
}

// ParseInline reads the vector of text in the log, of which so many bytes count.
func ParseInline(text string, size int64) (*Vector, error) {
	data, err := DecodeZ85(text)
	if err != nil {
		return nil, fmt.Errorf("deletion vector: %w", err)
	}
	if size < 0 || size > int64(len(data)) || int64(len(data))-size >= blockBytes {
		return nil, fmt.Errorf("deletion vector: the log says that it has %d bytes, its text has %d", size, len(data))
	}
	return ParsePayload(data[:size])
}
