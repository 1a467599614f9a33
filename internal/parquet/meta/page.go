package meta

// PageHeader stands in front of every page. Which of the fields count depends on Type.
type PageHeader struct {
	Type         PageType
	Uncompressed int32
	Compressed   int32
	CRC          uint32 // of the compressed page
	HasCRC       bool

	NumValues   int32 // DataPage, DataPageV2: nulls and empty lists among them; DictionaryPage: entries
	Encoding    Encoding
	DefEncoding Encoding // DataPage
	RepEncoding Encoding // DataPage

	// DataPageV2
	NumNulls     int32
	NumRows      int32
	DefLength    int32
	RepLength    int32
	IsCompressed bool

	HasData, HasDictionary, HasDataV2 bool // which of the headers there are
}

// DecodePageHeader reads a header from the front of b and tells its length. ErrShort says that b ends before the header does.
func DecodePageHeader(b []byte) (h PageHeader, n int, err error) {
	d := decoder{b: b}
	h.IsCompressed = true
	d.fields(func(id int16, t wire) {
		switch id {
		case 1:
			h.Type = PageType(d.i32(t))
		case 2:
			h.Uncompressed = d.i32(t)
		case 3:
			h.Compressed = d.i32(t)
		case 4:
			h.CRC, h.HasCRC = uint32(d.i32(t)), true
		case 5, 7, 8:
			if d.want(t, wireStruct) {
				h.decodePart(&d, id)
			}
		default:
			d.skip(t)
		}
	})
	return h, len(b) - len(d.b), d.err
}

func (h *PageHeader) decodePart(d *decoder, part int16) {
	switch part {
	case 5:
		h.HasData = true
		d.fields(func(id int16, t wire) { h.decodeData(d, id, t) })
	case 7:
		h.HasDictionary = true
		d.fields(func(id int16, t wire) { h.decodeDictionary(d, id, t) })
	case 8:
		h.HasDataV2 = true
		d.fields(func(id int16, t wire) { h.decodeV2(d, id, t) })
	}
}

func (h *PageHeader) decodeData(d *decoder, id int16, t wire) {
	switch id {
	case 1:
		h.NumValues = d.i32(t)
	case 2:
		h.Encoding = Encoding(d.i32(t))
	case 3:
		h.DefEncoding = Encoding(d.i32(t))
	case 4:
		h.RepEncoding = Encoding(d.i32(t))
	default:
		d.skip(t)
	}
}

func (h *PageHeader) decodeDictionary(d *decoder, id int16, t wire) {
	switch id {
	case 1:
		h.NumValues = d.i32(t)
	case 2:
		h.Encoding = Encoding(d.i32(t))
	default:
		d.skip(t)
	}
}

func (h *PageHeader) decodeV2(d *decoder, id int16, t wire) {
	switch id {
	case 1:
		h.NumValues = d.i32(t)
	case 2:
		h.NumNulls = d.i32(t)
	case 3:
		h.NumRows = d.i32(t)
	case 4:
		h.Encoding = Encoding(d.i32(t))
	case 5:
		h.DefLength = d.i32(t)
	case 6:
		h.RepLength = d.i32(t)
	case 7:
		h.IsCompressed = d.bool(t)
	default:
		d.skip(t)
	}
}

// Append appends the encoded header of a DataPage or a DictionaryPage to b.
func (h *PageHeader) Append(b []byte) []byte {
	e := encoder{b: b}
	e.element(func() {
		e.i32(1, int32(h.Type))
		e.i32(2, h.Uncompressed)
		e.i32(3, h.Compressed)
		if h.HasCRC {
			e.i32(4, int32(h.CRC))
		}
		if h.Type == DictionaryPage {
			e.structure(7, func() { e.i32(1, h.NumValues); e.i32(2, int32(h.Encoding)) })
			return
		}
		e.structure(5, func() {
			e.i32(1, h.NumValues)
			e.i32(2, int32(h.Encoding))
			e.i32(3, int32(RLE))
			e.i32(4, int32(RLE))
		})
	})
	return e.b
}
