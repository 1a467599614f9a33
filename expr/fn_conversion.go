package expr

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

func conversionFunctions() []Function {
	functions := []Function{
		rewritten("typeof", 1, 1, "typeof(a): name of its type", typeOf(schema.Name)),
		scalar("to_date", 1, 2, "to_date(a[, pattern]): without a pattern, a cast", parsed(typeDate, false)),
		scalar("try_to_date", 1, 2, "try_to_date(a[, pattern]): to_date, NULL where it fails", parsed(typeDate, true)),
		scalar("to_timestamp", 1, 2, "to_timestamp(a[, pattern]): without a pattern, a cast", parsed(typeTimestamp, false)),
		scalar("try_to_timestamp", 1, 2, "try_to_timestamp(a[, pattern]): to_timestamp, NULL where it fails", parsed(typeTimestamp, true)),
	}
	for _, t := range []arrow.DataType{
		typeBoolean, typeTinyInt, typeSmallInt, typeInt, typeBigInt, typeFloat, typeDouble, decimalOf(10, 0), typeString, typeBinary, typeDate, typeTimestamp,
	} {
		name := schema.Name(t)
		if isDecimal(t) {
			name = "decimal"
		}
		functions = append(functions, rewritten(name, 1, 1, name+"(a): CAST(a AS "+TypeSQL(t)+")", castTo(t)))
	}
	return functions
}

func castTo(t arrow.DataType) binding {
	return func(c *call) (Bound, error) { return explicitly(c.args[0], t, false, c.Pos) }
}

// parsed binds to_date and its kin. Only a string is read by a pattern; anything else, and a string without one, is cast.
func parsed(to arrow.DataType, try bool) binding {
	read := returns(to, wantString)
	if try {
		read = orNull(read)
	}
	read = patterned(1, read)
	return func(c *call) (Bound, error) {
		if len(c.args) == 1 || isDatetime(c.args[0].Type()) {
			return explicitly(c.args[0], to, try, c.Pos)
		}
		return read(c)
	}
}

// explicitly binds a CAST or TRY_CAST. Constants are converted now where that is certain to be what the engine would do.
func explicitly(b Bound, to arrow.DataType, try bool, at Pos) (Bound, error) {
	from := b.Type()
	if !CanCast(from, to) {
		c := &call{Pos: at, name: "cast", args: []Bound{b}}
		return nil, c.mismatch(castFault(from, to, try), TypeSQL(from)+" cannot be cast to "+TypeSQL(to))
	}
	if l, ok := b.(BoundLiteral); ok && try {
		if _, f := fold(l.Value, l.Typ, to); f == impossible {
			return literal(nil, to), nil
		}
	}
	cast, ok := Convert(b, to).(BoundCast)
	if !ok || equalType(from, to) {
		return Convert(b, to), nil
	}
	cast.Pos, cast.Try = at, try
	return cast, nil
}

// castFault is the sub-class of a cast that there is not: by whether a function, or the mode that is not ANSI's, has it.
func castFault(from, to arrow.DataType, try bool) string {
	switch {
	case isNumeric(from) && isDate(to), isDate(from) && isNumeric(to):
		return "CAST_WITH_FUNC_SUGGESTION"
	case !try && (isIntegral(from) && to.ID() == arrow.BINARY || isDatetime(from) && isBoolean(to) && !equalType(from, typeNTZ) ||
		isBoolean(from) && equalType(to, typeTimestamp)):
		return "CAST_WITH_CONF_SUGGESTION"
	}
	return "CAST_WITHOUT_SUGGESTION"
}
