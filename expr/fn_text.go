package expr

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
)

// textFunctions are further functions of text.
func textFunctions() []Function {
	text := returns(typeString, wantString)
	return []Function{
		scalar("soundex", 1, 1, "soundex(a): how the text sounds in English, a letter and three digits; a itself unless it begins with a letter A to Z",
			returns(typeString, wantExactString)),
		scalar("levenshtein", 2, 3, "levenshtein(a, b[, most]): characters to insert, delete or change; -1 where they are more than most",
			returns(typeInt, wantString, wantString, wantInt)),
		scalar("substring_index", 3, 3, "substring_index(a, delimiter, n): what stands before the n-th delimiter, for negative n behind the n-th from the end",
			returns(typeString, wantString, wantString, wantInt)),
		scalar("overlay", 3, 4, "overlay(a, by, position[, length]): by in place of a's part; a negative length is that of by",
			filled(4, overlay, literal(int32(-1), typeInt))),
		scalar("find_in_set", 2, 2, "find_in_set(a, set): place from 1 among parts that commas divide, or 0", returns(typeInt, wantString)),
		scalar("elt", 2, many, "elt(n, a, b, …): n-th of the others, from 1; an error outside", orNull(elt)),
		scalar("bit_length", 1, 1, "bit_length(a): 8 for each byte", returns(typeInt, wantText)),
		scalar("space", 1, 1, "space(n): n blanks", returns(typeString, wantInt)),
		scalar("quote", 1, 1, "quote(a): a as a literal", text),
		scalar("mask", 1, 5, "mask(a[, upper[, lower[, digit[, other]]]]): kinds of character each replaced by one, by default X, x, n and NULL, which keeps them",
			filled(5, mask, literal("X", typeString), literal("x", typeString), literal("n", typeString), literal(nil, typeString))),
		scalar("luhn_check", 1, 1, "luhn_check(a): whether a is digits that end in their Luhn check digit", returns(typeBoolean, wantString)),
	}
}

// stringsOrBinaries is BINARY where both arguments are, and STRING where neither is; a mixture fails.
func (c *call) stringsOrBinaries(i, j int) (arrow.DataType, error) {
	a, b := c.args[i].Type(), c.args[j].Type()
	binary := func(t arrow.DataType) bool { return t.ID() == arrow.BINARY }
	switch {
	case binary(a) && (binary(b) || isNull(b)), isNull(a) && binary(b):
		return typeBinary, nil
	case binary(a) || binary(b):
		return nil, c.typesDiffer()
	}
	return typeString, nil
}

// overlay keeps BINARY where both sides are.
func overlay(c *call) (Bound, error) {
	t, err := c.stringsOrBinaries(0, 1)
	if err != nil {
		return nil, err
	}
	return returns(t, exactly(t), exactly(t), wantInt, wantInt)(c)
}

// elt gives BINARY if all choices are.
func elt(c *call) (Bound, error) {
	t := typeBinary
	for _, a := range c.args[1:] {
		if a.Type().ID() != arrow.BINARY {
			t = typeString
		}
	}
	return returns(t, wantInt, exactly(t))(c)
}

// mask takes constants of one character.
func mask(c *call) (Bound, error) {
	c.null = c.args[0].Nullable()
	if err := c.want(wantExactString); err != nil {
		return nil, err
	}
	for i := 1; i < len(c.args); i++ {
		if err := c.mustBeConstant(i, "a mask"); err != nil {
			return nil, err
		}
		if v, ok := c.constant(i); ok {
			if s, _ := v.(string); len([]rune(s)) != 1 {
				return nil, c.mismatch("INPUT_SIZE_NOT_ONE", fmt.Sprintf("a mask has one character, not %q", s))
			}
		}
	}
	return c.result(typeString), nil
}
