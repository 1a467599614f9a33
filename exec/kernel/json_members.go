package kernel

import "github.com/medallion-go/medallion/internal/columns"

// jsonArrayLength counts the elements of an array.
func jsonArrayLength(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a := textsOf(args[0])
		return tried(k, true, func(i int) (int32, error) {
			s, n := jsonScanner{b: a.at(i)}, int32(0)
			if s.peek() != '[' || !s.each(func() bool { n++; return s.skip() }) {
				return 0, errNull
			}
			return n, nil
		})
	}}, nil
}

// jsonObjectKeys lists the names of an object.
func jsonObjectKeys(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) { return k.assembled(textsOf(args[0]), &keyReader{}) }}, nil
}

// keyReader appends the names of an object, or NULL.
type keyReader struct{ col, names *columns.Column }

func (r *keyReader) open(col *columns.Column) { r.col, r.names = col, col.Kids()[0] }

func (r *keyReader) read(text []byte) error {
	s, start := jsonScanner{b: text}, r.names.Len()
	ok := s.peek() == '{' && s.each(func() bool {
		name, ok := s.member(nil)
		if ok {
			r.names.AppendBytes(name)
		}
		return ok && s.skip()
	})
	if ok {
		r.col.AppendList()
		return nil
	}
	r.names.Truncate(start)
	r.col.AppendNull()
	return nil
}
