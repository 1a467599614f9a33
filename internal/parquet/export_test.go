package parquet

// Unchecked makes files be read whatever their page checksums are, so that damage reaches the decoders.
func Unchecked(c ReaderConfig) ReaderConfig {
	c.unchecked = true
	return c
}

// Encodings are those of a column chunk.
func (f *File) Encodings(group, column int) (names []string) {
	for _, e := range f.meta.RowGroups[group].Columns[column].Encodings {
		names = append(names, e.String())
	}
	return names
}
