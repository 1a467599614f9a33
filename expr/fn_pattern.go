package expr

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

func patternFunctions() []Function {
	one := literal(int32(1), typeInt)
	all := literal(int32(-1), typeInt)
	return []Function{
		scalar("like", 2, 3, "a LIKE pattern [ESCAPE c]: % is any text, _ any character", returns(typeBoolean, wantString)),
		scalar("ilike", 2, 3, "a ILIKE pattern [ESCAPE c]: LIKE without case", returns(typeBoolean, wantString)),
		scalar("rlike", 2, 2, "a RLIKE pattern: whether the regular expression matches anywhere", returns(typeBoolean, wantString), "regexp", "regexp_like"),
		scalar("regexp_extract", 2, 3, "regexp_extract(a, pattern[, group]): what the group, by default 1, matched first, or ''",
			filled(3, returns(typeString, wantString, wantString, wantInt), one)),
		scalar("regexp_replace", 3, 4, "regexp_replace(a, pattern, by[, position]): all matches replaced",
			filled(4, replacePattern, one)),
		scalar("regexp_count", 2, 2, "regexp_count(a, pattern): matches that do not overlap", returns(typeInt, wantString)),
		scalar("regexp_extract_all", 2, 3, "regexp_extract_all(a, pattern[, group]): what the group, by default 1, matched each time",
			filled(3, returns(schema.ArrayOf(typeString, true), wantString, wantString, wantInt), one)),
		scalar("regexp_instr", 2, 3, "regexp_instr(a, pattern[, group]): position of the first match from 1, or 0; the group counts for nothing",
			filled(3, returns(typeInt, wantString, wantString, wantInt), literal(int32(0), typeInt))),
		scalar("regexp_substr", 2, 2, "regexp_substr(a, pattern): first match, NULL where there is none or it is empty", orNull(returns(typeString, wantString))),
		scalar("split", 2, 3, "split(a, pattern[, limit]): parts between matches of the regular expression",
			filled(3, returns(schema.ArrayOf(typeString, false), wantString, wantString, wantInt), all)),
	}
}

// replacePattern counts positions from 1.
func replacePattern(c *call) (Bound, error) {
	if err := c.want(wantString, wantString, wantString, wantInt); err != nil {
		return nil, err
	}
	if err := c.mustBeConstant(3, "the position"); err != nil {
		return nil, err
	}
	if v, ok := c.constant(3); ok {
		if n, _ := integerOf(v); n < 1 {
			return nil, c.mismatch("VALUE_OUT_OF_RANGE", "the position must be above 0")
		}
	}
	return c.result(typeString), nil
}

func hashFunctions() []Function {
	return []Function{
		scalar("hex", 1, 1, "hex(a): upper-case hexadecimal digits of a number, a string or a binary", hexadecimal),
		scalar("unhex", 1, 1, "unhex(a): bytes of hexadecimal digits, NULL for anything else", orNull(returns(typeBinary, wantString))),
		scalar("md5", 1, 1, "md5(a): 32 hexadecimal digits", returns(typeString, wantBinary)),
		scalar("sha1", 1, 1, "sha1(a): 40 hexadecimal digits", returns(typeString, wantBinary), "sha"),
		scalar("hash", 1, many, "hash(a, …): 32-bit Murmur3 hash with seed 42, NULLs left out; no maps", neverNull(hash(typeInt))),
		scalar("sha2", 2, 2, "sha2(a, bits): hexadecimal digits of SHA-224, 256 (also for 0), 384 or 512; NULL for other bits",
			orNull(returns(typeString, wantBinary, wantInt))),
		scalar("xxhash64", 1, many, "xxhash64(a, …): 64-bit XXH64 hash with seed 42, NULLs left out; no maps", neverNull(hash(typeBigInt))),
		scalar("crc32", 1, 1, "crc32(a): cyclic redundancy check", returns(typeBigInt, wantBinary)),
	}
}

func hexadecimal(c *call) (Bound, error) {
	if isNumeric(c.args[0].Type()) {
		return returns(typeString, wantBigInt)(c)
	}
	return returns(typeString, wantText)(c)
}

// hash takes everything but maps and variants, of which equal ones may be ordered differently.
func hash(t arrow.DataType) binding {
	return func(c *call) (Bound, error) {
		for _, a := range c.args {
			switch {
			case holdsVariant(a.Type()):
				return nil, c.mismatch("HASH_VARIANT_TYPE", "variants have no hash")
			case !isOrderable(a.Type()):
				return nil, c.mismatch("HASH_MAP_TYPE", "maps have no hash")
			}
		}
		return c.result(t), nil
	}
}
