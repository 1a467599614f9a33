package delta

import (
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/internal/parquet"
)

// Codec is how data files are compressed.
type Codec uint8

// The codecs. TableCodec is what the table's delta.parquet.compression.codec says, else Snappy.
const (
	TableCodec Codec = iota
	Snappy
	Zstd
	Uncompressed
)

// parquetCodec is the codec of Parquet files, by the table's property where the writer leaves it to the table.
func parquetCodec(c Codec, property string) (parquet.Codec, error) {
	if c == TableCodec {
		switch strings.ToLower(property) {
		case "", "snappy":
			c = Snappy
		case "zstd":
			c = Zstd
		case "uncompressed", "none":
			c = Uncompressed
		default:
			return 0, fmt.Errorf("codec %q of delta.parquet.compression.codec is not supported: choose snappy, zstd or uncompressed", property)
		}
	}
	switch c {
	case Zstd:
		return parquet.Zstd, nil
	case Uncompressed:
		return parquet.Uncompressed, nil
	default:
		return parquet.Snappy, nil
	}
}
