package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// FileFormat is how rows are written in a file.
type FileFormat uint8

// The formats. Auto takes it from each file's name: .json, .ndjson, .jsonl, .csv, .tsv, .parquet, before .gz, .zst, .sz or .snappy.
const (
	Auto FileFormat = iota
	NDJSON
	CSV
	Parquet
)

// String is the format's name.
func (f FileFormat) String() string {
	switch f {
	case NDJSON:
		return "NDJSON"
	case CSV:
		return "CSV"
	case Parquet:
		return "Parquet"
	default:
		return "auto"
	}
}

// compression is how a text file as a whole is packed.
type compression uint8

const (
	plain compression = iota
	gzipped
	zstandard
	snappyFramed
)

// String is the name of the packing.
func (c compression) String() string {
	switch c {
	case gzipped:
		return "gzip"
	case zstandard:
		return "zstd"
	case snappyFramed:
		return "snappy"
	default:
		return "plain text"
	}
}

// cutCompression takes a packed file's last extension off its name.
func cutCompression(name string) (string, compression) {
	ext := path.Ext(name)
	rest := strings.TrimSuffix(name, ext)
	switch strings.ToLower(ext) {
	case ".gz", ".gzip":
		return rest, gzipped
	case ".zst", ".zstd":
		return rest, zstandard
	case ".sz", ".snappy":
		return rest, snappyFramed
	}
	return name, plain
}

// formatOf is the format that a key's or a pattern's extension means, or Auto.
func formatOf(name string) FileFormat {
	name, _ = cutCompression(name)
	switch strings.ToLower(path.Ext(name)) {
	case ".json", ".ndjson", ".jsonl":
		return NDJSON
	case ".csv", ".tsv":
		return CSV
	case ".parquet", ".pq":
		return Parquet
	}
	return Auto
}

func isTabSeparated(key string) bool {
	key, _ = cutCompression(key)
	return strings.EqualFold(path.Ext(key), ".tsv")
}

// formatFor is the format of a file in this source.
func (s *Source) formatFor(key string) (FileFormat, error) {
	if s.config.format != Auto {
		return s.config.format, nil
	}
	f := formatOf(key)
	if f == Auto {
		return Auto, fmt.Errorf("files: %s: its name does not tell its format: give files.Format, or a pattern that leaves it out", s.url(key))
	}
	return f, nil
}

const magicBytes = 10

var errUTF16 = errors.New("its byte order mark is that of UTF-16")

// isUTF16 goes by a byte order mark. Where each line is told from the others, as in NDJSON, such a line is one that cannot be read; a table without its header
// has no rows.
func isUTF16(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff"))
}

// compressionOf goes by a file's first bytes.
func compressionOf(head []byte) compression {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return gzipped
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return zstandard
	case bytes.HasPrefix(head, []byte("\xff\x06\x00\x00sNaPpY")):
		return snappyFramed
	}
	return plain
}

// unpack reads a packed file. Close frees it; it does not close r.
func unpack(r io.Reader, c compression) (io.ReadCloser, error) {
	switch c {
	case gzipped:
		return gzip.NewReader(r)
	case zstandard:
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	case snappyFramed:
		return io.NopCloser(s2.NewReader(r)), nil
	default:
		return io.NopCloser(r), nil
	}
}
