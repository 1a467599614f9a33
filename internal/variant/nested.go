package variant

import "strings"

// nested is where the parts of an object or array lie in its bytes.
type nested struct {
	count   int
	ids     []byte // objects only
	idWidth int
	offsets []byte
	width   int // bytes of an offset
	data    []byte
}

func (v Value) nested() (nested, error) {
	header := v.data[0] >> 2
	n := nested{width: int(header&3) + 1}
	large := header >> 2 & 1
	if v.data[0]&3 == basicObject {
		n.idWidth, large = int(header>>2&3)+1, header>>4&1
	}
	b := v.data[1:]
	w := 1
	if large == 1 {
		w = 4
	}
	if len(b) < w {
		return n, ErrMalformed
	}
	n.count = unsigned(b, w)
	b = b[w:]
	ids, offsets := n.count*n.idWidth, (n.count+1)*n.width
	if n.count > len(b) || ids+offsets > len(b) {
		return n, ErrMalformed
	}
	n.ids, n.offsets, n.data = b[:ids], b[ids:ids+offsets], b[ids+offsets:]
	return n, nil
}

// offset is where the i-th value begins in data; that of count is where the last one ends.
func (n *nested) offset(i int) int { return unsigned(n.offsets[i*n.width:], n.width) }

// Len is the number of fields of an Object or elements of an Array.
func (v Value) Len() (int, error) {
	n, err := v.nested()
	return n.count, err
}

// Each calls use with each field or element in order; names of elements are empty. It ends with the first error.
func (v Value) Each(use func(name string, element Value) error) error {
	n, err := v.nested()
	if err != nil {
		return err
	}
	for i := range n.count {
		name := ""
		if n.idWidth > 0 {
			if name, err = v.names.at(unsigned(n.ids[i*n.idWidth:], n.idWidth)); err != nil {
				return err
			}
		}
		element, err := v.inside(n.data, n.offset(i))
		if err != nil {
			return err
		}
		if err := use(name, element); err != nil {
			return err
		}
	}
	return nil
}

// inside is the value that begins there in v's data.
func (v Value) inside(data []byte, at int) (Value, error) {
	if *v.left--; at >= len(data) || v.depth >= maxDepth || *v.left < 0 {
		return Value{}, ErrMalformed
	}
	return Value{names: v.names, data: data[at:], left: v.left, depth: v.depth + 1}, nil
}

// Field finds a field of an Object by its exact name; ok is false where there is none.
func (v Value) Field(name string) (field Value, ok bool, err error) {
	n, err := v.nested()
	if err != nil {
		return Value{}, false, err
	}
	low, high := 0, n.count
	for low < high { // fields are in the order of their names
		i := (low + high) / 2
		have, err := v.names.at(unsigned(n.ids[i*n.idWidth:], n.idWidth))
		if err != nil {
			return Value{}, false, err
		}
		switch c := strings.Compare(have, name); {
		case c == 0:
			field, err = v.inside(n.data, n.offset(i))
			return field, err == nil, err
		case c < 0:
			low = i + 1
		default:
			high = i
		}
	}
	return Value{}, false, nil
}

// Element is the i-th element of an Array; ok is false where there is none.
func (v Value) Element(i int) (element Value, ok bool, err error) {
	n, err := v.nested()
	if err != nil || i < 0 || i >= n.count {
		return Value{}, false, err
	}
	element, err = v.inside(n.data, n.offset(i))
	return element, err == nil, err
}
