package parquet

// Unchecked makes files be read whatever their page checksums are, so that damage reaches the decoders.
func Unchecked(c ReaderConfig) ReaderConfig {
	c.unchecked = true
	return c
}
