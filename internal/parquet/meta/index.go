package meta

// ColumnIndex holds the bounds of the pages of a chunk.
type ColumnIndex struct {
	NullPages            []bool
	MinValues, MaxValues [][]byte
	Order                BoundaryOrder
	NullCounts           []int64 // nil: absent
}

// PageLocation is where a page lies.
type PageLocation struct {
	Offset   int64 // of the header, in the file
	Size     int32 // header and compressed page
	FirstRow int64 // in the row group
}

// DecodeColumnIndex reads a column index.
func DecodeColumnIndex(b []byte) (*ColumnIndex, error) {
	d := &decoder{b: b}
	x := new(ColumnIndex)
	d.fields(func(id int16, t wire) {
		switch id {
		case 1:
			for n, _ := d.list(t, 1); n > 0; n-- {
				x.NullPages = append(x.NullPages, d.listBool())
			}
		case 2:
			for n, e := d.list(t, 1); n > 0 && d.err == nil; n-- {
				x.MinValues = append(x.MinValues, d.bytes(e))
			}
		case 3:
			for n, e := d.list(t, 1); n > 0 && d.err == nil; n-- {
				x.MaxValues = append(x.MaxValues, d.bytes(e))
			}
		case 4:
			x.Order = BoundaryOrder(d.i32(t))
		case 5:
			for n, e := d.list(t, 1); n > 0 && d.err == nil; n-- {
				x.NullCounts = append(x.NullCounts, d.i64(e))
			}
		default:
			d.skip(t)
		}
	})
	return x, d.err
}

// Append appends the encoded column index to b.
func (x *ColumnIndex) Append(b []byte) []byte {
	e := &encoder{b: b}
	e.element(func() {
		e.list(1, wireTrue, len(x.NullPages))
		for _, null := range x.NullPages {
			e.b = append(e.b, byte(wireFalse))
			if null {
				e.b[len(e.b)-1] = byte(wireTrue)
			}
		}
		e.list(2, wireBinary, len(x.MinValues))
		for _, v := range x.MinValues {
			e.listBytes(v)
		}
		e.list(3, wireBinary, len(x.MaxValues))
		for _, v := range x.MaxValues {
			e.listBytes(v)
		}
		e.i32(4, int32(x.Order))
		e.list(5, wireI64, len(x.NullCounts))
		for _, n := range x.NullCounts {
			e.varint(n)
		}
	})
	return e.b
}

// DecodeOffsetIndex reads an offset index.
func DecodeOffsetIndex(b []byte) (pages []PageLocation, err error) {
	d := &decoder{b: b}
	d.fields(func(id int16, t wire) {
		if id != 1 {
			d.skip(t)
			return
		}
		for n, e := d.list(t, 7); n > 0 && d.want(e, wireStruct); n-- {
			pages = append(pages, decodeLocation(d))
		}
	})
	return pages, d.err
}

func decodeLocation(d *decoder) (p PageLocation) {
	d.fields(func(id int16, t wire) {
		switch id {
		case 1:
			p.Offset = d.i64(t)
		case 2:
			p.Size = d.i32(t)
		case 3:
			p.FirstRow = d.i64(t)
		default:
			d.skip(t)
		}
	})
	return p
}

// AppendOffsetIndex appends an encoded offset index to b.
func AppendOffsetIndex(b []byte, pages []PageLocation) []byte {
	e := &encoder{b: b}
	e.element(func() {
		e.list(1, wireStruct, len(pages))
		for _, p := range pages {
			e.element(func() { e.i64(1, p.Offset); e.i32(2, p.Size); e.i64(3, p.FirstRow) })
		}
	})
	return e.b
}

// AppendBloomHeader appends the header of a split-block bloom filter, hashed with XXH64, of size bytes.
func AppendBloomHeader(b []byte, size int) []byte {
	e := &encoder{b: b}
	e.element(func() {
		e.i32(1, int32(size))
		e.structure(2, func() { e.empty(1) })
		e.structure(3, func() { e.empty(1) })
		e.structure(4, func() { e.empty(1) })
	})
	return e.b
}
