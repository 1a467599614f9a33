package schema

import (
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// ParseType reads one type as Spark SQL writes it, in DDL (STRUCT<a: BIGINT NOT NULL>) or as Name does (struct<a:bigint>), without regard to case.
// Elements, values and fields are nullable unless NOT NULL is written. Faults are *SyntaxError.
func ParseType(text string) (arrow.DataType, error) {
	p := parser{lexer: lexer{text: text}}
	if err := p.next(); err != nil {
		return nil, err
	}
	t, err := p.parseType()
	if err != nil {
		return nil, err
	}
	return t, p.end()
}

func (p *parser) parseType() (arrow.DataType, error) {
	if p.tok.kind != tokenName {
		return nil, p.unexpected("a type")
	}
	if p.depth++; p.depth > maxDepth {
		return nil, p.errorAt(p.tok.pos, "types nest deeper than %d", maxDepth)
	}
	defer func() { p.depth-- }()
	word := p.tok
	if err := p.next(); err != nil {
		return nil, err
	}
	switch name := strings.ToLower(word.text); name {
	case "array":
		return p.array()
	case "map":
		return p.mapType()
	case "struct":
		return p.structType()
	case "decimal", "dec", "numeric":
		return p.decimal()
	case "interval":
		return p.interval(word.pos)
	default:
		if t := atomicType(name); t != nil {
			return t, nil
		}
		return nil, p.unknownType(word)
	}
}

func (p *parser) unknownType(word token) error {
	switch strings.ToLower(word.text) {
	case "char", "character", "varchar":
		return p.errorAt(word.pos, "type %s is not supported, because its length would not be enforced: use STRING", word.text)
	}
	return p.errorAt(word.pos, "unknown type %s", word.text)
}

// atomicType is the type of a lower-case name without parameters, or nil.
func atomicType(name string) arrow.DataType {
	switch name {
	case "boolean":
		return Boolean
	case "tinyint", "byte":
		return TinyInt
	case "smallint", "short":
		return SmallInt
	case "int", "integer":
		return Int
	case "bigint", "long":
		return BigInt
	case "float", "real":
		return Float
	case "double":
		return Double
	case "string":
		return String
	case "binary":
		return Binary
	case "date":
		return DateType
	case "timestamp", "timestamp_ltz":
		return Timestamp
	case "timestamp_ntz":
		return TimestampNTZType
	case "void":
		return Void
	case "variant":
		return VariantType
	}
	return nil
}

func (p *parser) array() (arrow.DataType, error) {
	if err := p.expect("<"); err != nil {
		return nil, err
	}
	elem, err := p.parseType()
	if err != nil {
		return nil, err
	}
	return ArrayOf(elem, true), p.expect(">")
}

func (p *parser) mapType() (arrow.DataType, error) {
	if err := p.expect("<"); err != nil {
		return nil, err
	}
	key, err := p.parseType()
	if err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	value, err := p.parseType()
	if err != nil {
		return nil, err
	}
	return MapOf(key, value, true), p.expect(">")
}

func (p *parser) structType() (arrow.DataType, error) {
	if err := p.expect("<"); err != nil {
		return nil, err
	}
	if empty, err := p.accept(">"); err != nil || empty {
		return arrow.StructOf(), err
	}
	fields, err := p.columns()
	if err != nil {
		return nil, err
	}
	return arrow.StructOf(fields...), p.expect(">")
}

// decimal reads [(precision[, scale])]; Spark's defaults are 10 and 0.
func (p *parser) decimal() (arrow.DataType, error) {
	at := p.tok.pos
	precision, scale := int32(10), int32(0)
	open, err := p.accept("(")
	if err != nil {
		return nil, err
	}
	if open {
		if precision, scale, err = p.precisionAndScale(); err != nil {
			return nil, err
		}
	}
	t := DecimalOf(precision, scale)
	if Supported(t) != nil {
		return nil, p.errorAt(at, "decimal(%d,%d): precision must be 1 to 38 and scale 0 to precision", precision, scale)
	}
	return t, nil
}

func (p *parser) precisionAndScale() (precision, scale int32, err error) {
	if precision, err = p.number(); err != nil {
		return 0, 0, err
	}
	comma, err := p.accept(",")
	if err != nil {
		return 0, 0, err
	}
	if comma {
		if scale, err = p.number(); err != nil {
			return 0, 0, err
		}
	}
	return precision, scale, p.expect(")")
}

func (p *parser) number() (int32, error) {
	if p.tok.kind != tokenNumber {
		return 0, p.unexpected("a number")
	}
	n, err := strconv.ParseInt(p.tok.text, 10, 32)
	if err != nil {
		return 0, p.errorAt(p.tok.pos, "number %s is too large", p.tok.text)
	}
	return int32(n), p.next()
}

// interval reads the units of an interval type. All year-month intervals are one Arrow type, all day-time intervals another.
func (p *parser) interval(at int) (arrow.DataType, error) {
	from, err := p.intervalUnit()
	if err != nil {
		return nil, err
	}
	until := from
	to, err := p.accept("TO")
	if err != nil {
		return nil, err
	}
	if to {
		if until, err = p.intervalUnit(); err != nil {
			return nil, err
		}
		if until <= from || (from < intervalDay) != (until < intervalDay) {
			return nil, p.errorAt(at, "interval units must fall from YEAR to MONTH, or from DAY to SECOND")
		}
	}
	if from < intervalDay {
		return arrow.FixedWidthTypes.MonthInterval, nil
	}
	return arrow.FixedWidthTypes.Duration_us, nil
}

const intervalDay = 2

// intervalUnit reads a unit and returns its rank: YEAR 0, MONTH 1, DAY 2 … SECOND 5.
func (p *parser) intervalUnit() (int, error) {
	for i, unit := range [...]string{"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"} {
		if p.at(unit) {
			return i, p.next()
		}
	}
	return 0, p.unexpected("YEAR, MONTH, DAY, HOUR, MINUTE or SECOND")
}
