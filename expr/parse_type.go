package expr

import (
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

func (p *Parser) parseType() (arrow.DataType, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	t := p.Next()
	switch t.word {
	case "ARRAY":
		return p.parseArrayType()
	case "MAP":
		return p.parseMapType()
	case "STRUCT":
		return p.parseStructType()
	case "DECIMAL", "DEC", "NUMERIC":
		return p.parseDecimalType()
	case "INTERVAL":
		return p.parseIntervalType(t)
	case "VARCHAR", "CHAR", "CHARACTER":
		return p.parseSizedType(t)
	}
	if typ := simpleType(t.word); typ != nil {
		return typ, nil
	}
	if t.Kind == TokenIdent {
		return nil, unsupportedType(t)
	}
	return nil, syntaxError(t.Pos, "expected a data type", "syntax error at or near %s", t.show())
}

// parseCastType reads the type of a CAST, in which CHAR(n) and VARCHAR(n) stand for STRING, as in Spark.
func (p *Parser) parseCastType() (arrow.DataType, error) {
	p.casts++
	t, err := p.parseType()
	p.casts--
	return t, err
}

// parseSizedType reads the length of a text, which counts for nothing in a CAST, and is refused elsewhere.
func (p *Parser) parseSizedType(t Token) (arrow.DataType, error) {
	if p.casts == 0 {
		return nil, unsupportedType(t)
	}
	if !p.Accept("(") {
		return nil, &Error{
			Class: "DATATYPE_MISSING_SIZE", SQLState: "42K01", Message: t.show() + " needs a length", Line: t.Line, Column: t.Column,
			Hint: "write " + t.word + "(10), or STRING",
		}
	}
	if _, err := p.parseDigits(); err != nil {
		return nil, err
	}
	return typeString, p.Expect(")")
}

func unsupportedType(t Token) error {
	return &Error{Class: "UNSUPPORTED_DATATYPE", SQLState: "0A000", Message: t.show() + " is not supported", Line: t.Line, Column: t.Column}
}

// parseIntervalType reads the fields of an interval type: DAY, or DAY TO SECOND. Without any it is the INTERVAL of make_interval.
func (p *Parser) parseIntervalType(t Token) (arrow.DataType, error) {
	first, ok := intervalField(p.Peek().word)
	if !ok {
		return typeCalendar, nil
	}
	p.Next()
	last := first
	if p.Accept("TO") {
		if last, ok = intervalField(p.Next().word); !ok || last <= first || first <= schema.Month && last > schema.Month {
			return nil, &Error{
				Class: "PARSE_SYNTAX_ERROR", SQLState: "42601", Message: "there is no such type of interval", Line: t.Line, Column: t.Column,
				Hint: "write INTERVAL YEAR TO MONTH, INTERVAL DAY TO SECOND, or fields between these",
			}
		}
	}
	return schema.IntervalOf(first, last), nil
}

// intervalField is a field by the name that types give it.
func intervalField(word string) (schema.IntervalField, bool) {
	for f := schema.Year; f <= schema.Second; f++ {
		if f.String() == word {
			return f, true
		}
	}
	return 0, false
}

func simpleType(word string) arrow.DataType {
	switch word {
	case "BOOLEAN":
		return typeBoolean
	case "TINYINT", "BYTE":
		return typeTinyInt
	case "SMALLINT", "SHORT":
		return typeSmallInt
	case "INT", "INTEGER":
		return typeInt
	case "BIGINT", "LONG":
		return typeBigInt
	case "FLOAT", "REAL":
		return typeFloat
	case "DOUBLE":
		return typeDouble
	case "STRING":
		return typeString
	case "BINARY":
		return typeBinary
	case "DATE":
		return typeDate
	case "TIMESTAMP", "TIMESTAMP_LTZ":
		return typeTimestamp
	case "TIMESTAMP_NTZ":
		return typeNTZ
	case "VARIANT":
		return schema.VariantType
	case "VOID":
		return arrow.Null
	}
	return nil
}

func (p *Parser) parseDecimalType() (arrow.DataType, error) {
	if !p.Accept("(") {
		return decimalOf(10, 0), nil
	}
	at := p.Peek()
	precision, err := p.parseDigits()
	if err != nil {
		return nil, err
	}
	scale := int32(0)
	if p.Accept(",") {
		if scale, err = p.parseDigits(); err != nil {
			return nil, err
		}
	}
	if precision > maxPrecision {
		return nil, &Error{
			Class: "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", SQLState: "22003", Message: "a DECIMAL has at most 38 digits", Line: at.Line, Column: at.Column,
		}
	}
	if precision < 1 || scale > precision {
		return nil, &Error{
			Class: "INVALID_DECIMAL_TYPE", SQLState: "42K0G", Message: "a DECIMAL has 1 to 38 digits, of which at most all are decimals",
			Line: at.Line, Column: at.Column,
		}
	}
	return decimalOf(precision, scale), p.Expect(")")
}

func (p *Parser) parseDigits() (int32, error) {
	t := p.Peek()
	n, err := strconv.ParseUint(t.Text, 10, 16)
	if t.Kind != TokenNumber || err != nil {
		return 0, p.unexpected("expected a number of digits")
	}
	p.Next()
	return int32(n), nil
}

func (p *Parser) parseArrayType() (arrow.DataType, error) {
	if err := p.Expect("<"); err != nil {
		return nil, err
	}
	element, err := p.parseType()
	if err != nil {
		return nil, err
	}
	return schema.ArrayOf(element, true), p.Expect(">")
}

func (p *Parser) parseMapType() (arrow.DataType, error) {
	if err := p.Expect("<"); err != nil {
		return nil, err
	}
	key, err := p.parseType()
	if err != nil {
		return nil, err
	}
	if err := p.Expect(","); err != nil {
		return nil, err
	}
	value, err := p.parseType()
	if err != nil {
		return nil, err
	}
	return schema.MapOf(key, value, true), p.Expect(">")
}

func (p *Parser) parseStructType() (arrow.DataType, error) {
	if p.Accept("<>") {
		return arrow.StructOf(), nil
	}
	if err := p.Expect("<"); err != nil {
		return nil, err
	}
	var fields []arrow.Field
	for !p.Is(">") {
		f, err := p.parseField()
		if err != nil {
			return nil, err
		}
		fields = append(fields, f)
		if !p.Accept(",") {
			break
		}
	}
	return arrow.StructOf(fields...), p.Expect(">")
}

// parseField reads name[:] type [NOT NULL] [COMMENT 'text'].
func (p *Parser) parseField() (f arrow.Field, err error) {
	if t := p.Peek(); !t.Name() {
		return f, p.unexpected("expected a field name")
	}
	f.Name = p.Next().Text
	p.Accept(":")
	if f.Type, err = p.parseType(); err != nil {
		return f, err
	}
	f.Nullable = !p.Accept("NOT", "NULL")
	if p.Accept("COMMENT") {
		t := p.Next()
		if t.Kind != TokenString {
			return f, syntaxError(t.Pos, "expected the comment as a string", "syntax error at or near %s", t.show())
		}
		f.Metadata = arrow.NewMetadata([]string{"comment"}, []string{t.Text})
	}
	return f, nil
}
