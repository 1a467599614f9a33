package expr

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/schema"
)

// unit is a field of an interval: its size in months or in microseconds.
type unit struct {
	months int64
	micros int64
	rank   int // its schema.IntervalField: fields of one literal go down
}

func intervalUnit(word string) (unit, bool) {
	switch strings.TrimSuffix(word, "S") {
	case "YEAR":
		return unit{months: 12, rank: 0}, true
	case "MONTH":
		return unit{months: 1, rank: 1}, true
	case "WEEK":
		return unit{micros: 7 * datetime.MicrosPerDay, rank: 2}, true
	case "DAY":
		return unit{micros: datetime.MicrosPerDay, rank: 2}, true
	case "HOUR":
		return unit{micros: datetime.MicrosPerHour, rank: 3}, true
	case "MINUTE":
		return unit{micros: datetime.MicrosPerMinute, rank: 4}, true
	case "SECOND":
		return unit{micros: datetime.MicrosPerSecond, rank: 5}, true
	case "MILLISECOND":
		return unit{micros: 1000, rank: 5}, true
	case "MICROSECOND":
		return unit{micros: 1, rank: 5}, true
	}
	return unit{}, false
}

// interval sums up the fields of one literal. Months and microseconds do not mix.
type interval struct {
	months, micros big.Int
	hasMonths      bool
	hasMicros      bool
	first, last    schema.IntervalField // the coarsest and the finest field
	fault          string               // why the literal is none: a sub-class of INVALID_INTERVAL_FORMAT
}

func (iv *interval) add(number string, u unit, negative bool) bool {
	r, ok := new(big.Rat).SetString(number)
	if !ok || strings.ContainsAny(number, "/_xXpP") || len(number) > 64 {
		return false
	}
	if negative {
		r.Neg(r)
	}
	size := u.months + u.micros // one of them is 0
	r.Mul(r, new(big.Rat).SetInt64(size))
	if u.rank < 5 && strings.Contains(number, ".") || !r.IsInt() {
		iv.fault = ".INVALID_FRACTION"
		return false // only seconds have a fraction, down to microseconds
	}
	field := schema.IntervalField(u.rank)
	if !iv.hasMonths && !iv.hasMicros {
		iv.first = field
	}
	iv.first, iv.last = min(iv.first, field), max(iv.last, field)
	if u.months > 0 {
		iv.hasMonths = true
		iv.months.Add(&iv.months, r.Num())
	} else {
		iv.hasMicros = true
		iv.micros.Add(&iv.micros, r.Num())
	}
	return true
}

func (iv *interval) literal(at Pos) (Literal, bool) {
	n := Literal{Pos: at}
	switch {
	case iv.hasMonths == iv.hasMicros:
		return n, false
	case iv.hasMonths:
		months := iv.months.Int64()
		n.Value, n.Type = arrow.MonthInterval(months), schema.IntervalOf(iv.first, iv.last)
		iv.fault = ".ARITHMETIC_EXCEPTION"
		return n, iv.months.IsInt64() && months == int64(int32(months))
	}
	n.Value, n.Type = arrow.Duration(iv.micros.Int64()), schema.IntervalOf(iv.first, iv.last)
	return n, iv.micros.IsInt64()
}

// parseInterval reads INTERVAL 1 DAY 2 HOURS, INTERVAL '1' DAY, INTERVAL '1 02:03:04' DAY TO SECOND and INTERVAL '1 day 2 hours'.
func (p *Parser) parseInterval() (Node, error) {
	t := p.Next()
	var iv interval
	ok := false
	if v := p.Peek(); v.Kind == TokenString && !p.unitAt(1) {
		p.Next()
		ok = iv.addWords(v.Text)
	} else if negative := p.Is("-"); (negative || p.Is("+")) && p.PeekAt(3).Is("TO") {
		p.Next()
		ok = p.parseIntervalRange(&iv, negative)
	} else if v.Kind == TokenString && p.PeekAt(2).Is("TO") {
		ok = p.parseIntervalRange(&iv, false)
	} else {
		ok = p.parseIntervalFields(&iv)
	}
	if ok {
		if n, ok := iv.literal(t.Pos); ok {
			return n, nil
		}
	}
	if ok && iv.hasMicros && !iv.hasMonths {
		return nil, &Error{
			Class: "INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION", SQLState: "22015", Message: "the interval literal is out of range", Line: t.Line, Column: t.Column,
		}
	}
	return nil, &Error{
		Class: "INVALID_INTERVAL_FORMAT" + iv.fault, SQLState: "22006", Message: "the interval literal is not valid", Line: t.Line, Column: t.Column,
		Hint: "write INTERVAL '3' DAY, INTERVAL '1-6' YEAR TO MONTH or INTERVAL '1 12:30:00.5' DAY TO SECOND; months and days do not mix",
	}
}

// unitAt reports whether the n-th token from here names an interval's field.
func (p *Parser) unitAt(n int) bool {
	_, ok := intervalUnit(p.PeekAt(n).word)
	return ok
}

// parseIntervalFields reads number unit, once or more.
func (p *Parser) parseIntervalFields(iv *interval) bool {
	for fields := 0; ; fields++ {
		negative := p.Is("-")
		if (negative || p.Is("+")) && p.PeekAt(1).literal() && p.unitAt(2) {
			p.Next()
		}
		v := p.Peek()
		if (v.Kind != TokenString && v.Kind != TokenNumber) || !p.unitAt(1) {
			return fields > 0
		}
		u, _ := intervalUnit(p.PeekAt(1).word)
		p.at += 2
		if !iv.add(strings.TrimSpace(v.Text), u, negative) {
			return false
		}
	}
}

// addWords reads what stands inside INTERVAL '1 day -2 hours'.
func (iv *interval) addWords(text string) bool {
	words := strings.Fields(strings.ToUpper(text))
	if len(words) > 0 && words[0] == "INTERVAL" {
		words = words[1:]
	}
	if len(words)%2 != 0 || len(words) > 32 {
		return false
	}
	for i := 0; i < len(words); i += 2 {
		u, ok := intervalUnit(words[i+1])
		if !ok || !iv.add(words[i], u, false) {
			return false
		}
	}
	return true
}

// parseIntervalRange reads 'value' unit TO unit.
func (p *Parser) parseIntervalRange(iv *interval, negative bool) bool {
	iv.fault = ".UNMATCHED_FORMAT_STRING_WITH_NOTICE"
	text := strings.TrimSpace(p.Next().Text)
	from, okFrom := intervalUnit(p.Next().word)
	p.Next()
	to, okTo := intervalUnit(p.Next().word)
	if !okFrom || !okTo || from.rank >= to.rank || (from.months > 0) != (to.months > 0) {
		return false
	}
	negative = negative != strings.HasPrefix(text, "-")
	text = strings.TrimLeft(text, "+-")
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ':' || from.months > 0 && r == '-' })
	if len(parts) != to.rank-from.rank+1 {
		return false
	}
	for i, part := range parts {
		u := unitOfRank(from.rank + i)
		n, err := strconv.ParseFloat(part, 64)
		if err != nil || part[0] == '-' || part[0] == '+' {
			return false
		}
		if i > 0 && n >= fieldLimit(u.rank) {
			iv.fault = ".INTERVAL_PARSING"
			return false
		}
		if !iv.add(part, u, negative) {
			return false
		}
	}
	return true
}

func unitOfRank(rank int) unit {
	u, _ := intervalUnit([...]string{"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"}[rank])
	return u
}

// fieldLimit is the least value too great for a field that is not the first.
func fieldLimit(rank int) float64 {
	return [...]float64{0, 12, 0, 24, 60, 60}[rank]
}
