package meta

// ColumnChunk describes one leaf of a row group.
type ColumnChunk struct {
	FilePath          string // of another file; empty: this one
	FileOffset        int64
	OffsetIndexOffset int64 // 0: none
	OffsetIndexLength int32
	ColumnIndexOffset int64 // 0: none
	ColumnIndexLength int32
	Encrypted         bool

	// The fields of ColumnMetaData.
	Type                 Type
	Encodings            []Encoding
	Path                 []string // written, not read: chunks are in the order of the schema
	Codec                Codec
	NumValues            int64
	TotalUncompressed    int64
	TotalCompressed      int64
	DataPageOffset       int64
	DictionaryPageOffset int64 // 0: none
	Statistics           Statistics
	EncodingStats        []EncodingStats
	BloomOffset          int64 // 0: none
	BloomLength          int32
}

// EncodingStats counts the pages of one type and encoding.
type EncodingStats struct {
	Page     PageType
	Encoding Encoding
	Count    int32
}

// Statistics describes the values of a chunk or a page. Values are encoded PLAIN, without a length in front; nil: absent.
type Statistics struct {
	OldMax, OldMin     []byte // deprecated: signed comparison whatever the type
	NullCount          int64  // -1: absent
	MaxValue, MinValue []byte
	MaxExact, MinExact Exactness
}

func (c *ColumnChunk) decode(d *decoder) {
	c.Type, c.Statistics.NullCount = NoType, -1
	d.fields(func(id int16, t wire) {
		switch id {
		case 1:
			c.FilePath = string(d.bytes(t))
		case 2:
			c.FileOffset = d.i64(t)
		case 3:
			if d.want(t, wireStruct) {
				d.fields(func(id int16, t wire) { c.decodeMeta(d, id, t) })
			}
		case 4:
			c.OffsetIndexOffset = d.i64(t)
		case 5:
			c.OffsetIndexLength = d.i32(t)
		case 6:
			c.ColumnIndexOffset = d.i64(t)
		case 7:
			c.ColumnIndexLength = d.i32(t)
		case 8:
			c.Encrypted = true
			d.skip(t)
		default:
			d.skip(t)
		}
	})
}

func (c *ColumnChunk) decodeMeta(d *decoder, id int16, t wire) {
	switch id {
	case 1:
		c.Type = Type(d.i32(t))
	case 2:
		for n, e := d.list(t, 1); n > 0 && d.err == nil; n-- {
			c.Encodings = append(c.Encodings, Encoding(d.i32(e)))
		}
	case 4:
		c.Codec = Codec(d.i32(t))
	case 5:
		c.NumValues = d.i64(t)
	case 6:
		c.TotalUncompressed = d.i64(t)
	case 7:
		c.TotalCompressed = d.i64(t)
	case 9:
		c.DataPageOffset = d.i64(t)
	case 11:
		c.DictionaryPageOffset = d.i64(t)
	case 12:
		if d.want(t, wireStruct) {
			c.Statistics.decode(d)
		}
	case 13:
		for n, e := d.list(t, 7); n > 0 && d.want(e, wireStruct); n-- {
			c.EncodingStats = append(c.EncodingStats, decodeEncodingStats(d))
		}
	case 14:
		c.BloomOffset = d.i64(t)
	case 15:
		c.BloomLength = d.i32(t)
	default:
		d.skip(t)
	}
}

func decodeEncodingStats(d *decoder) (s EncodingStats) {
	d.fields(func(id int16, t wire) {
		switch id {
		case 1:
			s.Page = PageType(d.i32(t))
		case 2:
			s.Encoding = Encoding(d.i32(t))
		case 3:
			s.Count = d.i32(t)
		default:
			d.skip(t)
		}
	})
	return s
}

func (s *Statistics) decode(d *decoder) {
	s.NullCount = -1
	d.fields(func(id int16, t wire) {
		switch id {
		case 1:
			s.OldMax = d.bytes(t)
		case 2:
			s.OldMin = d.bytes(t)
		case 3:
			s.NullCount = d.i64(t)
		case 5:
			s.MaxValue = d.bytes(t)
		case 6:
			s.MinValue = d.bytes(t)
		case 7:
			s.MaxExact = exactness(d.bool(t))
		case 8:
			s.MinExact = exactness(d.bool(t))
		default:
			d.skip(t)
		}
	})
}

func exactness(exact bool) Exactness {
	if exact {
		return Exact
	}
	return Inexact
}

func (c *ColumnChunk) encode(e *encoder) {
	e.i64(2, c.FileOffset)
	e.structure(3, func() { c.encodeMeta(e) })
	if c.OffsetIndexOffset > 0 {
		e.i64(4, c.OffsetIndexOffset)
		e.i32(5, c.OffsetIndexLength)
	}
	if c.ColumnIndexOffset > 0 {
		e.i64(6, c.ColumnIndexOffset)
		e.i32(7, c.ColumnIndexLength)
	}
}

func (c *ColumnChunk) encodeMeta(e *encoder) {
	e.i32(1, int32(c.Type))
	e.list(2, wireI32, len(c.Encodings))
	for _, x := range c.Encodings {
		e.varint(int64(x))
	}
	e.list(3, wireBinary, len(c.Path))
	for _, p := range c.Path {
		e.listString(p)
	}
	e.i32(4, int32(c.Codec))
	e.i64(5, c.NumValues)
	e.i64(6, c.TotalUncompressed)
	e.i64(7, c.TotalCompressed)
	e.i64(9, c.DataPageOffset)
	if c.DictionaryPageOffset > 0 {
		e.i64(11, c.DictionaryPageOffset)
	}
	e.structure(12, func() { c.Statistics.encode(e) })
	e.list(13, wireStruct, len(c.EncodingStats))
	for _, s := range c.EncodingStats {
		e.element(func() { e.i32(1, int32(s.Page)); e.i32(2, int32(s.Encoding)); e.i32(3, s.Count) })
	}
	if c.BloomOffset > 0 {
		e.i64(14, c.BloomOffset)
		e.i32(15, c.BloomLength)
	}
}

func (s *Statistics) encode(e *encoder) {
	if s.OldMax != nil {
		e.bytes(1, s.OldMax)
	}
	if s.OldMin != nil {
		e.bytes(2, s.OldMin)
	}
	if s.NullCount >= 0 {
		e.i64(3, s.NullCount)
	}
	if s.MaxValue != nil {
		e.bytes(5, s.MaxValue)
	}
	if s.MinValue != nil {
		e.bytes(6, s.MinValue)
	}
	if s.MaxValue != nil && s.MaxExact != ExactnessUnknown {
		e.bool(7, s.MaxExact == Exact)
	}
	if s.MinValue != nil && s.MinExact != ExactnessUnknown {
		e.bool(8, s.MinExact == Exact)
	}
}
