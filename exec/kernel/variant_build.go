package kernel

import (
	"encoding/json"
	"errors"
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/columns"
	"github.com/medallion-go/medallion/internal/variant"
	"github.com/medallion-go/medallion/schema"
)

// variantOut builds a VARIANT result. Rows come in ascending order.
type variantOut struct {
	variant.Builder
	metadata, value *textOut
}

func (k *frame) newVariants() *variantOut {
	return &variantOut{metadata: k.newText(8 * k.n), value: k.newText(16 * k.n)}
}

// row starts row i with nothing in the builder.
func (o *variantOut) row(i int) {
	o.Reset()
	o.metadata.row(i)
	o.value.row(i)
}

// end ends the row with what was built.
func (o *variantOut) end() {
	o.metadata.data = o.Builder.Metadata(o.metadata.data)
	o.value.data = append(o.value.data, o.Builder.Value()...)
}

func (o *variantOut) done() (vec, error) {
	k := o.metadata.k
	parts := make([]arrow.Array, 2)
	for i, t := range []*textOut{o.metadata, o.value} {
		var err error
		if parts[i], err = t.array(schema.Binary, nil); err != nil {
			return vec{}, err
		}
	}
	return vec{arr: k.newArray(schema.VariantType, k.n, k.valid.buf, nil, parts...)}, nil
}

// parseJSON is parse_json, and try_parse_json.
func parseJSON(try bool) builder {
	return func(c *site) (kernel, error) {
		return kernel{unsafe: !try, run: func(k *frame, args []vec) (vec, error) {
			a, out := textsOf(args[0]), k.newVariants()
			for i := range k.rows() {
				out.row(i)
				s := jsonScanner{b: a.at(i), doubleOnly: true, strict: true}
				err := out.json(&s) // as in Spark, what comes after the value is not looked at
				switch {
				case err == nil:
					out.end()
				case try:
					k.setNull(i)
				default:
					return vec{}, fault(c.pos, "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "22023", "use try_parse_json to get NULL instead",
						"malformed record (%v): %s", err, columns.Excerpt(a.at(i)))
				}
			}
			return out.done()
		}}, nil
	}
}

var (
	errNoJSON       = errors.New("it is no JSON")
	errRepeatedName = errors.New("a name stands twice in an object")
)

// json builds the next value of the text.
func (o *variantOut) json(s *jsonScanner) error {
	switch s.peek() {
	case '{':
		return o.object(s)
	case '[':
		return o.list(s)
	case '"':
		text, ok := s.text(nil)
		if !ok {
			return errNoJSON
		}
		o.String(text)
		return nil
	}
	end := s.i
	for end < len(s.b) && !strings.ContainsRune(",]} \t\r\n", rune(s.b[end])) {
		end++
	}
	word := string(s.b[s.i:end])
	s.i = end
	switch word {
	case "null":
		o.Null()
	case "true", "false":
		o.Bool(word == "true")
	default:
		return o.number(word)
	}
	return nil
}

func (o *variantOut) object(s *jsonScanner) (err error) {
	start := o.Pos()
	var members []variant.Member
	seen := map[string]bool{}
	ok := s.each(func() bool {
		name, ok := s.member(nil)
		if !ok {
			return false
		}
		m := variant.Member{Name: string(name), At: o.Pos() - start}
		m.ID = o.ID(m.Name)
		if seen[m.Name] {
			err = errRepeatedName
			return false
		}
		seen[m.Name] = true
		members = append(members, m)
		err = o.json(s)
		return err == nil
	})
	switch {
	case err != nil:
		return err
	case !ok:
		return errNoJSON
	}
	return o.Object(start, members)
}

func (o *variantOut) list(s *jsonScanner) (err error) {
	start := o.Pos()
	var offsets []int
	ok := s.each(func() bool {
		offsets = append(offsets, o.Pos()-start)
		err = o.json(s)
		return err == nil
	})
	switch {
	case err != nil:
		return err
	case !ok:
		return errNoJSON
	}
	o.Array(start, offsets)
	return nil
}

// number builds an Integer, else a Decimal where there is no exponent and 38 digits suffice, else a Double.
func (o *variantOut) number(word string) error {
	if c := word + "x"; c[0] != '-' && (c[0] < '0' || c[0] > '9') || !json.Valid([]byte(word)) {
		return errNoJSON
	}
	if n, err := strconv.ParseInt(word, 10, 64); err == nil {
		o.Int(n)
		return nil
	}
	if !strings.ContainsAny(word, "eE") {
		whole, fraction, _ := strings.Cut(word, ".")
		n, ok := new(big.Int).SetString(whole+fraction, 10)
		if ok && len(fraction) <= 38 && len(new(big.Int).Abs(n).String()) <= 38 {
			o.Decimal(decimal128.FromBigInt(n), int32(len(fraction)))
			return nil
		}
	}
	f, err := strconv.ParseFloat(word, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return errNoJSON
	}
	o.Double(f)
	return nil
}

// toVariant is CAST(… AS VARIANT) and to_variant_object.
func toVariant(k *frame, args []vec) (vec, error) {
	out, mask := k.newVariants(), args[0].mask()
	for i := range k.rows() {
		out.row(i)
		if err := out.add(args[0].arr, i&mask); err != nil {
			return vec{}, err
		}
		out.end()
	}
	return out.done()
}

// add builds a value of an array.
func (o *variantOut) add(a arrow.Array, i int) error {
	if (vec{arr: a}).isNull(i) {
		o.Null()
		return nil
	}
	switch a := a.(type) {
	case *array.Dictionary:
		return o.add(a.Dictionary(), a.GetValueIndex(i))
	case *schema.VariantArray:
		v, err := variantAt(a, i)
		if err != nil {
			return err
		}
		return o.Copy(v)
	default:
		if o.Scalar(a, i) {
			return nil
		}
		return o.addNested(a, i)
	}
}

func (o *variantOut) addNested(a arrow.Array, i int) error {
	start := o.Pos()
	var members []variant.Member
	member := func(name string) {
		members = append(members, variant.Member{Name: name, ID: o.ID(name), At: o.Pos() - start})
	}
	switch a := a.(type) {
	case *array.Struct:
		for f, field := range a.DataType().(*arrow.StructType).Fields() {
			member(field.Name)
			if err := o.add(a.Field(f), i); err != nil {
				return err
			}
		}
	case *array.Map:
		from, to := a.ValueOffsets(i)
		for e := int(from); e < int(to); e++ {
			member(a.Keys().(*array.String).Value(e))
			if err := o.add(a.Items(), e); err != nil {
				return err
			}
		}
	case *array.List:
		from, to := a.ValueOffsets(i)
		var offsets []int
		for e := from; e < to; e++ {
			offsets = append(offsets, o.Pos()-start)
			if err := o.add(a.ListValues(), int(e)); err != nil {
				return err
			}
		}
		o.Array(start, offsets)
		return nil
	}
	return o.Object(start, members)
}
