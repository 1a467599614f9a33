package variant

import (
	"cmp"
	"slices"
)

// Member is a field of an object that is being built: its name, the name's number, and where its value begins, counted from the object's first value.
type Member struct {
	Name string
	ID   int
	At   int
}

// Object makes the values from start on an object. It sorts the members; two of one name are an error.
func (b *Builder) Object(start int, members []Member) error {
	slices.SortFunc(members, func(x, y Member) int { return cmp.Compare(x.Name, y.Name) })
	last := 0
	for i, m := range members {
		if i > 0 && members[i-1].Name == m.Name {
			return ErrMalformed
		}
		last = max(last, m.ID)
	}
	size := len(b.data) - start
	idWidth, width := bytesFor(last), bytesFor(size)
	large, countWidth := largeCount(len(members))
	head := b.shift(start, 1+countWidth+len(members)*idWidth+(len(members)+1)*width)
	head = append(head, byte(large<<4|(idWidth-1)<<2|(width-1))<<2|basicObject)
	head = appendUnsigned(head, len(members), countWidth)
	for _, m := range members {
		head = appendUnsigned(head, m.ID, idWidth)
	}
	for _, m := range members {
		head = appendUnsigned(head, m.At, width)
	}
	appendUnsigned(head, size, width)
	return nil
}

// Array makes the values from start on an array; offsets are where they begin, counted from start.
func (b *Builder) Array(start int, offsets []int) {
	size := len(b.data) - start
	width := bytesFor(size)
	large, countWidth := largeCount(len(offsets))
	head := b.shift(start, 1+countWidth+(len(offsets)+1)*width)
	head = append(head, byte(large<<2|(width-1))<<2|basicArray)
	head = appendUnsigned(head, len(offsets), countWidth)
	for _, at := range offsets {
		head = appendUnsigned(head, at, width)
	}
	appendUnsigned(head, size, width)
}

func largeCount(n int) (large, width int) {
	if n > 255 {
		return 1, 4
	}
	return 0, 1
}

// shift makes room for n bytes at start, and gives it, empty.
func (b *Builder) shift(start, n int) []byte {
	old := len(b.data)
	b.data = slices.Grow(b.data, n)[:old+n]
	copy(b.data[start+n:], b.data[start:old])
	return b.data[start : start : start+n]
}

// Copy appends a value that is encoded with other names.
func (b *Builder) Copy(v Value) error {
	kind, err := v.Kind()
	if err != nil {
		return err
	}
	n := 1 + intWidth(v.data[0]>>2)
	switch kind {
	case Object, Array:
		return b.copyNested(v, kind)
	case String, Binary, UUID:
		from, length, err := v.content()
		if err != nil {
			return err
		}
		n = from + length
	case Float:
		n = 5
	case Double:
		n = 9
	case Decimal:
		n = 2 + 4<<(v.data[0]>>2-primDecimal4)
	case Null, Boolean, Integer, Date, Timestamp, TimestampNTZ:
	}
	if len(v.data) < n || len(b.data)+n > MaxBytes {
		return ErrMalformed // also of parts that lie over each other, which may be many times their bytes
	}
	b.data = append(b.data, v.data[:n]...)
	return nil
}

func (b *Builder) copyNested(v Value, kind Kind) error {
	start := b.Pos()
	var members []Member
	var offsets []int
	err := v.Each(func(name string, element Value) error {
		if kind == Object {
			members = append(members, Member{name, b.ID(name), b.Pos() - start})
		} else {
			offsets = append(offsets, b.Pos()-start)
		}
		return b.Copy(element)
	})
	if err != nil {
		return err
	}
	if kind == Object {
		return b.Object(start, members)
	}
	b.Array(start, offsets)
	return nil
}
