package expr

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

func stringFunctions() []Function {
	text := returns(typeString, wantString)
	one, empty := literal(int32(1), typeInt), literal("", typeString)
	return []Function{
		scalar("concat", 0, many, "concat(a, …) or a || b: strings, binaries or arrays one after the other", concat),
		scalar("concat_ws", 1, many, "concat_ws(separator, a, …): strings and arrays of strings joined, NULLs left out", concatWithSeparator),
		scalar("lower", 1, 1, "lower(a)", text, "lcase"),
		scalar("upper", 1, 1, "upper(a)", text, "ucase"),
		scalar("initcap", 1, 1, "initcap(a): first letter of each word upper, others lower case", text),
		scalar("trim", 1, 2, "trim([characters,] a): without blanks, or those characters, at both ends", text),
		scalar("ltrim", 1, 2, "ltrim([characters,] a): without blanks, or those characters, at the start", text),
		scalar("rtrim", 1, 2, "rtrim([characters,] a): without blanks, or those characters, at the end", text),
		scalar("btrim", 1, 2, "btrim(a[, characters]): as trim, the characters last", text),
		scalar("length", 1, 1, "length(a): characters of a string, bytes of a binary", returns(typeInt, wantText), "len", "char_length", "character_length"),
		scalar("octet_length", 1, 1, "octet_length(a): bytes", returns(typeInt, wantText)),
		scalar("substring", 2, 3, "substring(a, position[, length]): from 1, or from the end for negative positions", returnsFirst(wantText, wantInt), "substr"),
		scalar("left", 2, 2, "left(a, n): first n characters of a string, bytes of a binary", returnsFirst(wantText, wantInt)),
		scalar("right", 2, 2, "right(a, n): last n characters", returns(typeString, wantString, wantInt)),
		scalar("instr", 2, 2, "instr(a, part): position of the part from 1, or 0", returns(typeInt, wantString)),
		scalar("locate", 2, 3, "locate(part, a[, start]): position of the part from 1, or 0", filled(3, returns(typeInt, wantString, wantString, wantInt), one),
			"charindex"),
		scalar("replace", 2, 3, "replace(a, part[, by])", filled(3, text, empty)),
		scalar("translate", 3, 3, "translate(a, from, to): each character of from by the one of to at its place", text),
		scalar("split_part", 3, 3, "split_part(a, separator, n): n-th part from 1, from the end for negative n; an error for 0",
			returns(typeString, wantString, wantString, wantInt)),
		scalar("lpad", 2, 3, "lpad(a, length[, pad]): filled or cut to the length, on the left; a binary with zeros unless pad says else", padding),
		scalar("rpad", 2, 3, "rpad(a, length[, pad]): filled or cut to the length, on the right", padding),
		scalar("repeat", 2, 2, "repeat(a, n)", returns(typeString, wantString, wantInt)),
		scalar("reverse", 1, 1, "reverse(a): characters or elements in reverse", reverse),
		scalar("contains", 2, 2, "contains(a, part)", partOf),
		scalar("startswith", 2, 2, "startswith(a, part)", partOf),
		scalar("endswith", 2, 2, "endswith(a, part)", partOf),
		scalar("ascii", 1, 1, "ascii(a): code point of the first character, 0 for ''", returns(typeInt, wantString)),
		scalar("chr", 1, 1, "chr(n): character of code point n modulo 256", returns(typeString, wantBigInt), "char"),
	}
}

// concat gives a binary if all arguments are binaries, an array if all are arrays, else a string.
func concat(c *call) (Bound, error) {
	arrays, binaries, anyArray := len(c.args) > 0, len(c.args) > 0, false
	for _, a := range c.args {
		id := a.Type().ID()
		anyArray = anyArray || id == arrow.LIST
		arrays = arrays && id == arrow.LIST
		binaries = binaries && id == arrow.BINARY
	}
	if anyArray && !arrays {
		return nil, c.typesDiffer()
	}
	switch {
	case anyArray:
		if err := c.unify(CommonType); err != nil {
			return nil, err
		}
		return c.result(c.args[0].Type()), nil
	case binaries:
		return c.result(typeBinary), nil
	}
	return returns(typeString, wantString)(c)
}

// concatWithSeparator is NULL for a NULL separator only.
func concatWithSeparator(c *call) (Bound, error) {
	strings := wanted{label: "STRING or ARRAY<STRING>", accept: func(t arrow.DataType) (arrow.DataType, bool) {
		if list, ok := t.(*arrow.ListType); ok && (isString(list.Elem()) || isNull(list.Elem())) {
			return schema.ArrayOf(typeString, list.ElemField().Nullable), true
		}
		return wantString.accept(t)
	}}
	c.null = c.args[0].Nullable()
	return returns(typeString, wantString, strings)(c)
}

// partOf compares bytes where both sides are BINARY, else characters.
func partOf(c *call) (Bound, error) {
	if c.args[0].Type().ID() == arrow.BINARY && c.args[1].Type().ID() == arrow.BINARY {
		return c.result(typeBoolean), nil
	}
	return returns(typeBoolean, wantString)(c)
}

// padding keeps BINARY where it is filled with BINARY.
func padding(c *call) (Bound, error) {
	t, blank := typeString, literal(" ", typeString)
	if c.args[0].Type().ID() == arrow.BINARY && (len(c.args) == 2 || c.args[2].Type().ID() == arrow.BINARY) {
		t, blank = typeBinary, literal([]byte{0}, typeBinary)
	}
	c.fill(3, blank)
	return returns(t, exactly(t), wantInt, exactly(t))(c)
}

func reverse(c *call) (Bound, error) {
	if c.args[0].Type().ID() == arrow.LIST {
		return c.result(c.args[0].Type()), nil
	}
	return returns(typeString, wantString)(c)
}
