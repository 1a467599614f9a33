package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// decompressor unpacks pages. It belongs to one Read.
type decompressor struct {
	zstd *zstd.Decoder
	gzip *gzip.Reader
	most int // bytes of a page
}

func (d *decompressor) close() {
	if d.zstd != nil {
		d.zstd.Close()
	}
}

// known says whether pages of that codec can be unpacked.
func known(c meta.Codec) bool {
	switch c {
	case meta.Uncompressed, meta.Snappy, meta.Gzip, meta.Zstd, meta.LZ4Raw:
		return true
	}
	return false
}

// unpack fills dst, exactly, from src.
func (d *decompressor) unpack(c meta.Codec, dst, src []byte) error {
	switch c {
	case meta.Snappy:
		if n, err := s2.DecodedLen(src); err != nil || n != len(dst) {
			return fmt.Errorf("%d bytes of SNAPPY data do not unpack to %d", len(src), len(dst))
		}
		_, err := s2.Decode(dst, src)
		return err
	case meta.Zstd:
		return d.unpackZstd(dst, src)
	case meta.Gzip:
		return d.unpackGzip(dst, src)
	case meta.LZ4Raw:
		return decodeLZ4(dst, src)
	}
	if len(src) != len(dst) {
		return fmt.Errorf("%d bytes where the header says %d", len(src), len(dst))
	}
	copy(dst, src)
	return nil
}

func (d *decompressor) unpackZstd(dst, src []byte) error {
	if d.zstd == nil {
		z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(d.most)))
		if err != nil {
			return err
		}
		d.zstd = z
	}
	out, err := d.zstd.DecodeAll(src, dst[:0:len(dst)])
	if err != nil {
		return err
	}
	if len(out) != len(dst) || len(out) > 0 && &out[0] != &dst[0] {
		return fmt.Errorf("ZSTD data unpacks to %d bytes where the header says %d", len(out), len(dst))
	}
	return nil
}

func (d *decompressor) unpackGzip(dst, src []byte) error {
	var err error
	if d.gzip == nil {
		d.gzip, err = gzip.NewReader(bytes.NewReader(src))
	} else {
		err = d.gzip.Reset(bytes.NewReader(src))
	}
	if err != nil {
		return err
	}
	if _, err := io.ReadFull(d.gzip, dst); err != nil {
		return err
	}
	var more [1]byte
	if n, err := d.gzip.Read(more[:]); n != 0 || !errors.Is(err, io.EOF) {
		return fmt.Errorf("GZIP data does not end after %d bytes", len(dst))
	}
	return nil
}
