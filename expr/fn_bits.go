package expr

import "github.com/apache/arrow-go/v18/arrow"

// bitFunctions are the operators and functions that see whole numbers as bits.
func bitFunctions() []Function {
	whole := returnsFirst(wantBits)
	return []Function{
		scalar("&", 2, 2, "a & b: bits that are set in both", bitwise),
		scalar("|", 2, 2, "a | b: bits that are set in either", bitwise),
		scalar("^", 2, 2, "a ^ b: bits that are set in one of them", bitwise),
		scalar("~", 1, 1, "~a: all bits turned", whole),
		scalar("shiftleft", 2, 2, "a << n or shiftleft(a, n): bits moved up; of n only the last 5 bits count, for BIGINT the last 6", shifted, "<<"),
		scalar("shiftright", 2, 2, "a >> n or shiftright(a, n): bits moved down, the sign kept", shifted, ">>"),
		scalar("shiftrightunsigned", 2, 2, "a >>> n or shiftrightunsigned(a, n): bits moved down, zeros above", shifted, ">>>"),
		scalar("bit_count", 1, 1, "bit_count(a): bits that are set, of 64 for negative numbers of any type; BOOLEAN counts as 0 or 1", returns(typeInt, wantCountable)),
		scalar("bit_get", 2, 2, "bit_get(a, i): bit i from 0; an error outside of the type's bits", returns(typeTinyInt, wantBits, wantInt), "getbit"),
		scalar("bitmap_bit_position", 1, 1, "bitmap_bit_position(n): place of n in its bitmap of 32768 bits, from 0", returns(typeBigInt, wantBigInt)),
		scalar("bitmap_bucket_number", 1, 1, "bitmap_bucket_number(n): number of the bitmap that n is in", returns(typeBigInt, wantBigInt)),
		scalar("bitmap_count", 1, 1, "bitmap_count(bitmap): bits that are set", returns(typeBigInt, wantExactBinary)),
	}
}

// What bit functions take.
var (
	wantBits = wanted{label: "INTEGRAL", accept: func(t arrow.DataType) (arrow.DataType, bool) {
		if isNull(t) {
			return typeInt, true
		}
		return t, isIntegral(t)
	}}
	wantCountable = wanted{label: "INTEGRAL or BOOLEAN", accept: func(t arrow.DataType) (arrow.DataType, bool) {
		if isBoolean(t) {
			return t, true
		}
		return wantBits.accept(t)
	}}
	wantShifted = wanted{label: "INT or BIGINT", accept: func(t arrow.DataType) (arrow.DataType, bool) {
		if t.ID() == arrow.INT64 {
			return t, true
		}
		return wantInt.accept(t)
	}}
)

// bitwise converts both sides to the wider integral type.
func bitwise(c *call) (Bound, error) {
	a, b := c.args[0].Type(), c.args[1].Type()
	digits := func(t arrow.DataType) bool { return isIntegral(t) || isNull(t) || isString(t) }
	switch {
	case isNull(a) && isNull(b):
		return returns(typeInt, wantBits)(c)
	case equalType(a, b) && !isIntegral(a):
		return nil, c.mismatch("BINARY_OP_WRONG_TYPE", "the operands must be whole numbers, not "+TypeSQL(a))
	case !digits(a) || !digits(b):
		return nil, c.operandsDiffer()
	}
	if err := c.unify(CommonType); err != nil {
		return nil, err
	}
	return returnsFirst(wantBits)(c)
}

func shifted(c *call) (Bound, error) { return returnsFirst(wantShifted, wantInt)(c) }
