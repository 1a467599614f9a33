package parquet

import (
	"fmt"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// codec is the format's name for c.
func (c Codec) codec() (meta.Codec, error) {
	switch c {
	case Snappy:
		return meta.Snappy, nil
	case Zstd:
		return meta.Zstd, nil
	case Uncompressed:
		return meta.Uncompressed, nil
	}
	return 0, fmt.Errorf("parquet: %d is no codec", c)
}

// maxWindow is how far back zstd looks: a page. More would only cost memory.
const maxWindow = 1 << 20

// compress packs b; the result is valid until the next call, and may be b itself.
func (s *Scratch) compress(c Codec, b []byte) ([]byte, error) {
	switch c {
	case Snappy:
		s.packed = sized(s.packed, s2.MaxEncodedLen(len(b)))
		return s2.EncodeSnappy(s.packed[:cap(s.packed)], b), nil
	case Zstd:
		if s.zstd == nil {
			e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(maxWindow),
				zstd.WithZeroFrames(true))
			if err != nil {
				return nil, fmt.Errorf("parquet: start zstd: %w", err)
			}
			s.zstd = e
		}
		s.packed = s.zstd.EncodeAll(b, s.packed[:0])
		return s.packed, nil
	}
	return b, nil
}
