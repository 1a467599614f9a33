package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/columns"
	"github.com/medallion-go/medallion/internal/datetime"
)

// jsonField is a column, or a part of one, as documents are read into it.
type jsonField struct {
	col   *columns.Column
	kids  []*jsonField // of a struct its fields, of a list its element, of a map its value
	names map[string]int
}

func newJSONField(col *columns.Column) *jsonField {
	f := &jsonField{col: col}
	kids := col.Kids()
	if col.Kind() == columns.Map {
		kids = kids[1:]
	}
	for _, kid := range kids {
		f.kids = append(f.kids, newJSONField(kid))
	}
	if t, ok := col.Type().(*arrow.StructType); ok {
		f.names = make(map[string]int, t.NumFields())
		for i, field := range t.Fields() {
			f.names[field.Name] = i
		}
	}
	return f
}

// value reads the next value into a field. ok is false where the text is not JSON; where the value does not fit, it is passed over and nothing appended.
func (r *jsonReader) value(f *jsonField) (fit, ok bool) {
	c := r.in.peek()
	if c == 'n' {
		start := r.in.i
		if _, ok := r.in.scalar(nil); !ok || string(r.in.b[start:r.in.i]) != "null" {
			return false, false
		}
		f.col.AppendNull()
		return true, true
	}
	switch kind := f.col.Kind(); {
	case kind == columns.String:
		return r.string(f, c)
	case kind == columns.Struct && c == '{':
		return r.object(f)
	case kind == columns.List && c == '[':
		return r.list(f)
	case kind == columns.Map && c == '{':
		return r.pairs(f)
	case c == '{' || c == '[':
		return false, r.in.skip()
	case c == '"' || c == '\'':
		text, ok := r.in.text(nil)
		return ok && r.quoted(f.col, text), ok
	}
	return r.bare(f.col)
}

// string takes the text of a string, and any other value as compact JSON.
func (r *jsonReader) string(f *jsonField, c byte) (fit, ok bool) {
	if c == '"' || c == '\'' {
		text, ok := r.in.text(nil)
		if ok {
			f.col.AppendBytes(text)
		}
		return ok, ok
	}
	if r.scratch, ok = r.in.copy(r.scratch[:0]); ok {
		f.col.AppendBytes(r.scratch)
	}
	return ok, ok
}

// object reads the members that the struct has fields for, and NULL for the fields that it lacks. Of a name that occurs twice the last counts.
func (r *jsonReader) object(f *jsonField) (fit, ok bool) {
	row := f.col.Len()
	for more, ok := r.in.first(); more; more, ok = r.in.following('}') {
		name, named := r.in.member(nil)
		if !ok || !named {
			break
		}
		i, known := f.names[string(name)]
		if !known {
			if !r.in.skip() {
				break
			}
			continue
		}
		kid := f.kids[i]
		kid.col.Truncate(row)
		fit, ok := r.value(kid)
		if !ok {
			break
		}
		if !fit {
			kid.col.Truncate(row)
			kid.col.AppendNull()
			r.partial = true
		}
	}
	if !r.in.closed {
		f.col.Truncate(row)
		return false, false
	}
	r.in.closed = false
	for _, kid := range f.kids {
		if kid.col.Len() == row {
			kid.col.AppendNull()
		}
	}
	f.col.AppendStruct()
	return true, true
}

// list reads an array; one with an element that does not fit does not fit itself.
func (r *jsonReader) list(f *jsonField) (fit, ok bool) {
	element, start := f.kids[0], f.kids[0].col.Len()
	fit = true
	for more, ok := r.in.first(); more && ok; more, ok = r.in.following(']') {
		good, ok := r.value(element)
		if !ok {
			break
		}
		fit = fit && good
	}
	return r.ended(f, fit, start)
}

// pairs reads an object into a map.
func (r *jsonReader) pairs(f *jsonField) (fit, ok bool) {
	keys, value := f.col.Kids()[0], f.kids[0]
	start := value.col.Len()
	fit = true
	for more, ok := r.in.first(); more && ok; more, ok = r.in.following('}') {
		name, named := r.in.member(nil)
		if !named {
			break
		}
		keys.AppendBytes(name)
		good, ok := r.value(value)
		if !ok {
			break
		}
		fit = fit && good
	}
	return r.ended(f, fit, start)
}

// ended appends an array or map, or drops its parts from start on where it does not fit.
func (r *jsonReader) ended(f *jsonField, fit bool, start int) (bool, bool) {
	ok := r.in.closed
	r.in.closed = false
	if fit && ok {
		f.col.AppendList()
		return true, true
	}
	for _, kid := range f.col.Kids() {
		kid.Truncate(start)
	}
	return false, ok
}

// quoted reads a string into a column of another type.
func (r *jsonReader) quoted(col *columns.Column, text []byte) bool {
	switch col.Kind() {
	case columns.Float32, columns.Float64:
		v, ok := columns.SpecialFloat(text)
		return ok && r.nonNumeric && col.AppendFloat(v)
	case columns.Decimal:
		return col.AppendDecimalText(text)
	case columns.Date, columns.Timestamp, columns.TimestampNTZ:
		return r.times.append(col, text)
	case columns.Binary:
		return col.AppendBase64(text)
	default:
		return false
	}
}

// bare reads true, false or a number.
func (r *jsonReader) bare(col *columns.Column) (fit, ok bool) {
	start := r.in.i
	for r.in.i < len(r.in.b) && !isJSONEnd(r.in.b[r.in.i]) {
		r.in.i++
	}
	text := r.in.b[start:r.in.i]
	if yes := string(text) == "true"; yes || string(text) == "false" {
		if col.Kind() == columns.Bool {
			col.AppendBool(yes)
			return true, true
		}
		return false, true
	}
	whole, isNumber := isJSONNumber(text)
	if !isNumber {
		v, special := columns.SpecialFloat(text)
		if !special || !r.nonNumeric {
			return false, false
		}
		floating := col.Kind() == columns.Float32 || col.Kind() == columns.Float64
		return floating && col.AppendFloat(v), true
	}
	return r.number(col, text, whole), true
}

func (r *jsonReader) number(col *columns.Column, text []byte, whole bool) bool {
	switch col.Kind() {
	case columns.Int8, columns.Int16, columns.Int32, columns.Int64:
		v, ok := columns.ParseInt(text)
		return whole && ok && col.AppendInt(v)
	case columns.Float32, columns.Float64:
		return col.AppendFloatText(text)
	case columns.Decimal:
		return col.AppendDecimalText(text)
	case columns.Timestamp:
		v, ok := columns.ParseInt(text)
		hi, micros := mul64(v, datetime.MicrosPerSecond)
		if !whole || !ok || hi != micros>>63 {
			return false
		}
		col.AppendInt64(micros)
		return true
	default:
		return false
	}
}
