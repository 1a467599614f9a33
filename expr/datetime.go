package expr

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
)

// parseDatetime reads DATE '…', TIMESTAMP '…' and TIMESTAMP_NTZ '…'.
func (p *Parser) parseDatetime() (Node, error) {
	kind, text := p.Next(), p.Next()
	n := Literal{Pos: kind.Pos}
	switch kind.word {
	case "DATE":
		n.Type = typeDate
	case "TIMESTAMP_NTZ":
		n.Type = typeNTZ
	default:
		n.Type = typeTimestamp
	}
	var ok bool
	if n.Value, ok = datetimeOf(text.Text, n.Type); !ok {
		return nil, &Error{
			Class: "INVALID_TYPED_LITERAL", SQLState: "42604", Message: fmt.Sprintf("the %s literal %s is not valid", kind.word, text.show()),
			Line: text.Line, Column: text.Column, Hint: "write it as '2025-01-31' or '2025-01-31 23:59:59.999999'",
		}
	}
	return n, nil
}

// datetimeOf reads a DATE, a TIMESTAMP or a TIMESTAMP_NTZ as a cast does. There is no day here for a time of day alone.
func datetimeOf(text string, t arrow.DataType) (v any, ok bool) {
	if t.ID() == arrow.DATE32 {
		days, ok := datetime.ParseDate([]byte(text))
		return arrow.Date32(days), ok
	}
	var p datetime.Parser
	if equalType(t, typeNTZ) {
		p.Zone = datetime.Dropped
	}
	micros, ok := p.Parse([]byte(text))
	return arrow.Timestamp(micros), ok
}
