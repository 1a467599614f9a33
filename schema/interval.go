package schema

import (
	"github.com/apache/arrow-go/v18/arrow"
)

// IntervalField is a unit of Spark's interval types.
type IntervalField uint8

// The fields from the coarsest down. A year-month interval has the first two, a day-time interval the others.
const (
	Year IntervalField = iota
	Month
	Day
	Hour
	Minute
	Second
)

// String is the field as SQL writes it: YEAR.
func (f IntervalField) String() string {
	return [...]string{"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"}[f]
}

// The whole interval types, which are Arrow's own.
var (
	YearToMonth arrow.DataType = arrow.FixedWidthTypes.MonthInterval
	DayToSecond arrow.DataType = arrow.FixedWidthTypes.Duration_us
)

// monthInterval is INTERVAL YEAR or INTERVAL MONTH: months as Arrow's type has them, of which only some fields are shown.
type monthInterval struct {
	arrow.MonthIntervalType
	first, last IntervalField
}

// String is the name as Spark writes it.
func (t *monthInterval) String() string { return intervalName(t.first, t.last) }

// Fingerprint tells the type from Arrow's own.
func (t *monthInterval) Fingerprint() string { return t.MonthIntervalType.Fingerprint() + t.String() }

// dayInterval is a day-time interval without some of its fields.
type dayInterval struct {
	arrow.DurationType
	first, last IntervalField
}

// String is the name as Spark writes it.
func (t *dayInterval) String() string { return intervalName(t.first, t.last) }

// Fingerprint tells the type from Arrow's own.
func (t *dayInterval) Fingerprint() string { return t.DurationType.Fingerprint() + t.String() }

// IntervalOf is INTERVAL first TO last, or INTERVAL first where they are the same. Year and Month do not go with the other fields: first and last must
// be of one kind, first not the finer. INTERVAL YEAR TO MONTH and DAY TO SECOND are Arrow's types; the narrower ones, which exist while a query runs, have
// their layout and a type of their own.
func IntervalOf(first, last IntervalField) arrow.DataType {
	switch {
	case first == Year && last == Month:
		return YearToMonth
	case last <= Month:
		return &monthInterval{first: first, last: last}
	case first == Day && last == Second:
		return DayToSecond
	}
	return &dayInterval{DurationType: arrow.DurationType{Unit: arrow.Microsecond}, first: first, last: last}
}

// IntervalFields are the first and the last field of an interval type; ok is false for every other type.
func IntervalFields(t arrow.DataType) (first, last IntervalField, ok bool) {
	switch t := t.(type) {
	case *arrow.MonthIntervalType:
		return Year, Month, true
	case *arrow.DurationType:
		return Day, Second, t.Unit == arrow.Microsecond
	case *monthInterval:
		return t.first, t.last, true
	case *dayInterval:
		return t.first, t.last, true
	}
	return 0, 0, false
}

// intervalName is the type's name in Spark's typeof.
func intervalName(first, last IntervalField) string {
	names := [...]string{"year", "month", "day", "hour", "minute", "second"}
	if first == last {
		return "interval " + names[first]
	}
	return "interval " + names[first] + " to " + names[last]
}

// Plain is t with Arrow's own types for all intervals in it: what leaves a query.
func Plain(t arrow.DataType) arrow.DataType {
	switch t := t.(type) {
	case *monthInterval:
		return YearToMonth
	case *dayInterval:
		return DayToSecond
	case *arrow.ListType:
		f := t.ElemField()
		f.Type = Plain(f.Type)
		return arrow.ListOfField(f)
	case *arrow.MapType:
		key, item := t.KeyField(), t.ItemField()
		key.Type, item.Type = Plain(key.Type), Plain(item.Type)
		return arrow.MapOfFields(key, item)
	case *arrow.StructType:
		fields := t.Fields()
		plain := make([]arrow.Field, len(fields))
		for i, f := range fields {
			f.Type = Plain(f.Type)
			plain[i] = f
		}
		return arrow.StructOf(plain...)
	}
	return t
}

// PlainSchema is s with Plain columns; s itself where they are plain already.
func PlainSchema(s *arrow.Schema) *arrow.Schema {
	fields := make([]arrow.Field, s.NumFields())
	same := true
	for i, f := range s.Fields() {
		plain := Plain(f.Type)
		same = same && arrow.TypeEqual(plain, f.Type)
		f.Type = plain
		fields[i] = f
	}
	if same {
		return s
	}
	metadata := s.Metadata()
	return arrow.NewSchema(fields, &metadata)
}
