package csv

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/medallion-go/medallion/internal/columns"
	"github.com/medallion-go/medallion/internal/digits"
)

// slow is what the functions for plain fields give where a field is not plain: it is quoted, NULL, or does not look as values of its type mostly do.
// Nothing has been appended then.
const slow = -4

// plain appends the field at d[at:] if it is plain, and gives where the comma or newline behind it stands; otherwise slow.
func (r *Reader) plain(f *field, d []byte, at int) int {
	if f.col == nil || d[at] == r.syntax.quote || r.config.Null != "" {
		return slow
	}
	switch f.kind {
	case columns.String:
		return r.plainText(f.col, d, at)
	case columns.Int64, columns.Int32, columns.Int16, columns.Int8:
		return r.plainInteger(f.col, d, at)
	case columns.Decimal, columns.Float64:
		return r.plainNumber(f.col, d, at)
	case columns.Date, columns.Timestamp, columns.TimestampNTZ:
		return r.plainTime(f.col, d, at)
	default:
		return slow
	}
}

// plainText copies while it looks for the end.
func (r *Reader) plainText(c *columns.Column, d []byte, at int) int {
	dst, n := c.Text()
	start := at
	var high uint64
	for {
		if len(dst)-n < 8 {
			dst = c.MoreText()
		}
		w := load(d, at)
		binary.LittleEndian.PutUint64(dst[n:], w)
		m := zeros(w^r.syntax.commas) | zeros(w^ones*'\n')
		if m == 0 {
			high |= w
			at += 8
			n += 8
			continue
		}
		k := bits.TrailingZeros64(m) >> 3
		high |= w & (1<<(8*k) - 1)
		at += k
		n += k
		break
	}
	if at == start || d[at-1] == '\r' || high&tops != 0 && !utf8.Valid(d[start:at]) {
		return slow
	}
	c.EndText(n)
	return at
}

func (r *Reader) plainInteger(c *columns.Column, d []byte, at int) int {
	negative := d[at] == '-'
	if negative {
		at++
	}
	m, end := digits.Read(d, at, 0)
	if n := end - at; n == 0 || n > 19 || !r.ends(d, end) {
		return slow
	}
	if v, ok := columns.Signed(m, negative); !ok || !c.AppendInt(v) {
		return slow
	}
	return end
}

// plainNumber reads digits with a point among them or none.
func (r *Reader) plainNumber(c *columns.Column, d []byte, at int) int {
	negative := d[at] == '-'
	if negative {
		at++
	}
	m, end := digits.Read(d, at, 0)
	length, fraction := end-at, 0
	if d[end] == '.' {
		point := end
		m, end = digits.Read(d, end+1, m)
		fraction = end - point - 1
		length += fraction
	}
	if length == 0 || length > 18 || !r.ends(d, end) {
		return slow
	}
	if c.Kind() == columns.Decimal {
		v, ok := columns.SmallDecimal(m, length, fraction, negative, c.Precision(), c.Scale())
		if !ok {
			return slow
		}
		c.AppendDecimal(v)
		return end
	}
	v, ok := columns.Ratio(m, fraction)
	if !ok {
		return slow
	}
	if negative {
		v = -v
	}
	c.AppendFloat(v)
	return end
}

func (r *Reader) plainTime(c *columns.Column, d []byte, at int) int {
	end := r.syntax.fieldEnd(d, at)
	if end == at || !c.AppendTimeText(d[at:end]) {
		return slow
	}
	return end
}

// ends says whether a field ends here.
func (r *Reader) ends(d []byte, at int) bool { return d[at] == r.syntax.comma || d[at] == '\n' }
