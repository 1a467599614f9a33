package delta

import (
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
)

const (
	maxStatsCharacters = 32 // strings are cut to this many code points
	maxTieBreakers     = 16 // code points beyond that, where the cut maximum cannot be raised at once
)

// statsWriter turns what the Parquet writer tells of a finished file into the protocol's statistics (Delta protocol: Per-file Statistics).
type statsWriter struct {
	root []statsNode
}

// newStatsWriter writes statistics of those columns of the data files that the table's properties choose, and always of those of these physical paths.
func newStatsWriter(m *Metadata, data []arrow.Field, always ...[]string) *statsWriter {
	return &statsWriter{root: statsColumns(m, data, always)}
}

// covers reports whether there are statistics of the column that a path through the table's fields leads to.
func (w *statsWriter) covers(m *Metadata, fields []arrow.Field, path []string) bool {
	nodes := w.root
	for _, name := range path {
		i := schema.Find(fields, name)
		if i < 0 {
			return false
		}
		at := slices.IndexFunc(nodes, func(n statsNode) bool { return n.name == m.physical(fields[i]) })
		if at < 0 {
			return false
		}
		nodes = nodes[at].children
		if st, ok := fields[i].Type.(*arrow.StructType); ok {
			fields = st.Fields()
		}
	}
	return nodes == nil
}

// json is the statistics of one file.
func (w *statsWriter) json(f *parquet.Footer) string {
	dst := strconv.AppendInt([]byte(`{"numRecords":`), f.Rows, 10)
	dst, _ = appendStats(append(dst, `,"minValues":`...), w.root, f, appendMin)
	dst, _ = appendStats(append(dst, `,"maxValues":`...), w.root, f, appendMax)
	dst, _ = appendStats(append(dst, `,"nullCount":`...), w.root, f, appendNullCount)
	return string(append(dst, '}'))
}

// appendStats appends an object with a member for each node that value has something to say of; any tells whether there is one.
func appendStats(dst []byte, nodes []statsNode, f *parquet.Footer, value func([]byte, statsNode, parquet.ColumnStats) []byte) (_ []byte, any bool) {
	dst = append(dst, '{')
	for _, n := range nodes {
		start := len(dst)
		if any {
			dst = append(dst, ',')
		}
		dst = append(schema.AppendQuoted(dst, n.name), ':')
		mark := len(dst)
		said := false
		if n.leaf < 0 {
			dst, said = appendStats(dst, n.children, f, value)
		} else {
			dst = value(dst, n, f.Columns[n.leaf])
			said = len(dst) > mark
		}
		if said {
			any = true
		} else {
			dst = dst[:start]
		}
	}
	return append(dst, '}'), any
}

func appendNullCount(dst []byte, _ statsNode, c parquet.ColumnStats) []byte {
	if c.NullCount < 0 {
		return dst
	}
	return strconv.AppendInt(dst, c.NullCount, 10)
}

func appendMin(dst []byte, n statsNode, c parquet.ColumnStats) []byte {
	if text, ok := c.Min.([]byte); ok && n.typ.ID() == arrow.STRING {
		return appendCut(dst, string(text), false)
	}
	return appendStatValue(dst, n.typ, c.Min, false)
}

// appendMax leaves the maximum out where NaN, the greatest value of all, is among the values: JSON has no number for it.
func appendMax(dst []byte, n statsNode, c parquet.ColumnStats) []byte {
	if c.HasNaN {
		return dst
	}
	if text, ok := c.Max.([]byte); ok && n.typ.ID() == arrow.STRING {
		return appendCut(dst, string(text), true)
	}
	return appendStatValue(dst, n.typ, c.Max, true)
}

func appendStatValue(dst []byte, t arrow.DataType, v any, upper bool) []byte {
	switch v := v.(type) {
	case int64:
		return appendIntStat(dst, t, v, upper)
	case float32:
		return appendFloatStat(dst, float64(v)) // as a double: exact for readers that take the number for one
	case float64:
		return appendFloatStat(dst, v)
	case decimal128.Num:
		if d, ok := t.(*arrow.Decimal128Type); ok {
			return append(dst, v.ToString(d.Scale)...)
		}
	}
	return dst
}

// appendIntStat writes integers, dates and timestamps. Timestamps are in whole milliseconds: a maximum is rounded up, so that it stays one.
func appendIntStat(dst []byte, t arrow.DataType, v int64, upper bool) []byte {
	switch t := t.(type) {
	case *arrow.Date32Type:
		return append(datetime.AppendDate(append(dst, '"'), int32(v)), '"')
	case *arrow.TimestampType:
		ms := datetime.FloorDiv(v, 1000)
		if upper && v%1000 != 0 {
			ms++
		}
		if ms > math.MaxInt64/1000 || ms < math.MinInt64/1000 {
			return dst // the millisecond reaches beyond the range of timestamps
		}
		dst = datetime.AppendISO(append(dst, '"'), ms*1000, 3)
		if t.TimeZone != "" {
			dst = append(dst, 'Z')
		}
		return append(dst, '"')
	default:
		return strconv.AppendInt(dst, v, 10)
	}
}

// appendFloatStat leaves out what JSON cannot hold.
func appendFloatStat(dst []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return dst
	}
	if v == 0 && math.Signbit(v) {
		return append(dst, "-0.0"...)
	}
	return strconv.AppendFloat(dst, v, 'g', -1, 64)
}

// appendCut cuts a string to 32 code points. A minimum that is cut stays one; a maximum is raised by a code point that is greater than the one cut off: DEL
// where that suffices, else the greatest there is. It is left out where the text is no UTF-8, or nothing greater is found in time.
func appendCut(dst []byte, text string, upper bool) []byte {
	if !utf8.ValidString(text) {
		return dst
	}
	end := prefixLength(text, maxStatsCharacters)
	if end == len(text) {
		return schema.AppendQuoted(dst, text)
	}
	if !upper {
		return schema.AppendQuoted(dst, text[:end])
	}
	for range maxTieBreakers {
		next, width := utf8.DecodeRuneInString(text[end:])
		switch {
		case width == 0:
			return schema.AppendQuoted(dst, text)
		case next < 0x7F:
			return schema.AppendQuoted(dst, text[:end]+"\x7f")
		case next < utf8.MaxRune:
			return schema.AppendQuoted(dst, text[:end]+string(utf8.MaxRune))
		}
		end += width
	}
	return dst
}

// prefixLength is the bytes of the first n code points.
func prefixLength(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}
