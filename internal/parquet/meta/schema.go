package meta

// SchemaElement is a node of the schema; the nodes of a file follow each other depth first.
type SchemaElement struct {
	Type        Type // NoType: a group
	TypeLength  int32
	Repetition  Repetition
	Name        string
	NumChildren int32
	Converted   Converted
	Scale       int32
	Precision   int32
	FieldID     int32
	HasFieldID  bool
	Logical     LogicalType
}

// LogicalType annotates a type; which of the parameters count depends on Kind.
type LogicalType struct {
	Kind      Logical
	Scale     int32
	Precision int32
	UTC       bool
	Unit      TimeUnit
	Bits      int8
	Signed    bool
}

func (s *SchemaElement) decode(d *decoder) {
	*s = SchemaElement{Type: NoType, Repetition: NoRepetition, Converted: NoConverted}
	d.fields(func(id int16, t wire) {
		switch id {
		case 1:
			s.Type = Type(d.i32(t))
		case 2:
			s.TypeLength = d.i32(t)
		case 3:
			s.Repetition = Repetition(d.i32(t))
		case 4:
			s.Name = string(d.bytes(t))
		case 5:
			s.NumChildren = d.i32(t)
		case 6:
			s.Converted = Converted(d.i32(t))
		case 7:
			s.Scale = d.i32(t)
		case 8:
			s.Precision = d.i32(t)
		case 9:
			s.FieldID, s.HasFieldID = d.i32(t), true
		case 10:
			s.Logical.decode(d, t)
		default:
			d.skip(t)
		}
	})
}

func (l *LogicalType) decode(d *decoder, t wire) {
	if !d.want(t, wireStruct) {
		return
	}
	d.fields(func(id int16, t wire) {
		l.Kind = Logical(id)
		if !d.want(t, wireStruct) {
			return
		}
		switch l.Kind {
		case LogicalDecimal:
			l.decodeDecimal(d)
		case LogicalTime, LogicalTimestamp:
			l.decodeTime(d)
		case LogicalInt:
			l.decodeInt(d)
		default:
			d.skip(t)
		}
	})
}

func (l *LogicalType) decodeDecimal(d *decoder) {
	d.fields(func(id int16, t wire) {
		switch id {
		case 1:
			l.Scale = d.i32(t)
		case 2:
			l.Precision = d.i32(t)
		default:
			d.skip(t)
		}
	})
}

func (l *LogicalType) decodeTime(d *decoder) {
	d.fields(func(id int16, t wire) {
		switch id {
		case 1:
			l.UTC = d.bool(t)
		case 2:
			if d.want(t, wireStruct) {
				d.fields(func(id int16, t wire) {
					l.Unit = TimeUnit(id)
					d.skip(t)
				})
			}
		default:
			d.skip(t)
		}
	})
}

func (l *LogicalType) decodeInt(d *decoder) {
	d.fields(func(id int16, t wire) {
		switch id {
		case 1:
			l.Bits = d.i8(t)
		case 2:
			l.Signed = d.bool(t)
		default:
			d.skip(t)
		}
	})
}

func (s *SchemaElement) encode(e *encoder) {
	if s.Type != NoType {
		e.i32(1, int32(s.Type))
	}
	if s.Type == FixedLenByteArray {
		e.i32(2, s.TypeLength)
	}
	if s.Repetition != NoRepetition {
		e.i32(3, int32(s.Repetition))
	}
	e.string(4, s.Name)
	if s.Type == NoType {
		e.i32(5, s.NumChildren)
	}
	if s.Converted != NoConverted {
		e.i32(6, int32(s.Converted))
	}
	if s.Converted == ConvDecimal {
		e.i32(7, s.Scale)
		e.i32(8, s.Precision)
	}
	if s.HasFieldID {
		e.i32(9, s.FieldID)
	}
	if s.Logical.Kind != LogicalNone {
		e.structure(10, func() { s.Logical.encode(e) })
	}
}

func (l *LogicalType) encode(e *encoder) {
	e.structure(int16(l.Kind), func() {
		switch l.Kind {
		case LogicalDecimal:
			e.i32(1, l.Scale)
			e.i32(2, l.Precision)
		case LogicalTime, LogicalTimestamp:
			e.bool(1, l.UTC)
			e.structure(2, func() { e.empty(int16(l.Unit)) })
		case LogicalInt:
			e.i8(1, l.Bits)
			e.bool(2, l.Signed)
		case LogicalVariant:
			e.i8(1, 1) // the version of VariantEncoding.md
		}
	})
}
