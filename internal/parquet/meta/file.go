package meta

// FileMetaData is a file's footer.
type FileMetaData struct {
	Version   int32
	Schema    []SchemaElement
	NumRows   int64
	RowGroups []RowGroup
	KeyValue  []KeyValue
	CreatedBy string
	Orders    []ColumnOrder // one per leaf; nil: the file does not tell
	Encrypted bool          // an encryption algorithm is named
}

// ColumnOrder is the order in which bounds of a leaf are the least and the greatest.
type ColumnOrder uint8

// The orders.
const (
	UnknownOrder ColumnOrder = iota
	TypeOrder                // of the leaf's logical type
)

// KeyValue is an entry of the file's metadata.
type KeyValue struct{ Key, Value string }

// RowGroup describes a horizontal slice of the file.
type RowGroup struct {
	Columns         []ColumnChunk
	TotalByteSize   int64 // uncompressed
	NumRows         int64
	FileOffset      int64
	TotalCompressed int64
	Ordinal         int16
}

// DecodeFileMetaData reads a footer.
func DecodeFileMetaData(b []byte) (*FileMetaData, error) {
	d := &decoder{b: b}
	m := new(FileMetaData)
	d.fields(func(id int16, t wire) { m.decodeField(d, id, t) })
	if d.err != nil {
		return nil, d.err
	}
	return m, nil
}

func (m *FileMetaData) decodeField(d *decoder, id int16, t wire) {
	switch id {
	case 1:
		m.Version = d.i32(t)
	case 2:
		for n, e := d.list(t, 4); n > 0 && d.want(e, wireStruct); n-- {
			m.Schema = append(m.Schema, SchemaElement{})
			m.Schema[len(m.Schema)-1].decode(d)
		}
	case 3:
		m.NumRows = d.i64(t)
	case 4:
		for n, e := d.list(t, 4); n > 0 && d.want(e, wireStruct); n-- {
			m.RowGroups = append(m.RowGroups, RowGroup{})
			m.RowGroups[len(m.RowGroups)-1].decode(d)
		}
	case 5:
		for n, e := d.list(t, 3); n > 0 && d.want(e, wireStruct); n-- {
			m.KeyValue = append(m.KeyValue, decodeKeyValue(d))
		}
	case 6:
		m.CreatedBy = string(d.bytes(t))
	case 7:
		for n, e := d.list(t, 1); n > 0 && d.want(e, wireStruct); n-- {
			m.Orders = append(m.Orders, decodeOrder(d))
		}
	case 8:
		m.Encrypted = true
		d.skip(t)
	default:
		d.skip(t)
	}
}

// decodeOrder reads a union, whose member tells the order.
func decodeOrder(d *decoder) (o ColumnOrder) {
	d.fields(func(id int16, t wire) {
		if id == 1 {
			o = TypeOrder
		}
		d.skip(t)
	})
	return o
}

func decodeKeyValue(d *decoder) (kv KeyValue) {
	d.fields(func(id int16, t wire) {
		switch id {
		case 1:
			kv.Key = string(d.bytes(t))
		case 2:
			kv.Value = string(d.bytes(t))
		default:
			d.skip(t)
		}
	})
	return kv
}

func (g *RowGroup) decode(d *decoder) {
	d.fields(func(id int16, t wire) {
		switch id {
		case 1:
			n, e := d.list(t, 16)
			g.Columns = make([]ColumnChunk, 0, n)
			for ; n > 0 && d.want(e, wireStruct); n-- {
				g.Columns = append(g.Columns, ColumnChunk{})
				g.Columns[len(g.Columns)-1].decode(d)
			}
		case 2:
			g.TotalByteSize = d.i64(t)
		case 3:
			g.NumRows = d.i64(t)
		case 5:
			g.FileOffset = d.i64(t)
		case 6:
			g.TotalCompressed = d.i64(t)
		default:
			d.skip(t)
		}
	})
}

// Append appends the encoded footer to b.
func (m *FileMetaData) Append(b []byte) []byte {
	e := &encoder{b: b}
	e.element(func() {
		e.i32(1, m.Version)
		e.list(2, wireStruct, len(m.Schema))
		for i := range m.Schema {
			e.element(func() { m.Schema[i].encode(e) })
		}
		e.i64(3, m.NumRows)
		e.list(4, wireStruct, len(m.RowGroups))
		for i := range m.RowGroups {
			e.element(func() { m.RowGroups[i].encode(e) })
		}
		if len(m.KeyValue) > 0 {
			e.list(5, wireStruct, len(m.KeyValue))
			for _, kv := range m.KeyValue {
				e.element(func() { e.string(1, kv.Key); e.string(2, kv.Value) })
			}
		}
		e.string(6, m.CreatedBy)
		e.list(7, wireStruct, len(m.Orders))
		for _, o := range m.Orders {
			e.element(func() {
				if o == TypeOrder {
					e.empty(1)
				} else {
					e.empty(2)
				}
			})
		}
	})
	return e.b
}

func (g *RowGroup) encode(e *encoder) {
	e.list(1, wireStruct, len(g.Columns))
	for i := range g.Columns {
		e.element(func() { g.Columns[i].encode(e) })
	}
	e.i64(2, g.TotalByteSize)
	e.i64(3, g.NumRows)
	e.i64(5, g.FileOffset)
	e.i64(6, g.TotalCompressed)
	e.i16(7, g.Ordinal)
}
