package expr

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// encodingFunctions are those of charsets, base64, UTF-8 and URLs.
func encodingFunctions() []Function {
	text, exact := returns(typeString, wantString), returns(typeString, wantExactString)
	hex := literal("hex", typeString)
	return []Function{
		scalar("base64", 1, 1, "base64(a): in lines of 76 characters", returns(typeString, wantBinary)),
		scalar("unbase64", 1, 1, "unbase64(a): other characters are passed over; an error where the last group is cut off", returns(typeBinary, wantString)),
		scalar("encode", 2, 2, "encode(a, charset): bytes of a text; an error for characters that the charset does not have", returns(typeBinary, wantString)),
		scalar("decode", 2, many, "decode(a, charset): text of bytes, an error where they are malformed; "+
			"decode(a, b, result, …[, other]): the result beside the value that a equals, where NULL equals NULL", orNull(decode)),
		scalar("to_binary", 1, 2, "to_binary(a[, format]): bytes written as 'hex', 'base64' or 'utf-8'; an error where they are not", filled(2, toBinary, hex)),
		scalar("try_to_binary", 1, 2, "try_to_binary(a[, format]): to_binary, NULL where it fails", filled(2, orNull(toBinary), hex)),
		scalar("is_valid_utf8", 1, 1, "is_valid_utf8(a): whether the text is valid UTF-8", returns(typeBoolean, wantString)),
		scalar("make_valid_utf8", 1, 1, "make_valid_utf8(a): U+FFFD for what is no UTF-8", text),
		scalar("validate_utf8", 1, 1, "validate_utf8(a): a itself, an error where it is no UTF-8", text),
		scalar("try_validate_utf8", 1, 1, "try_validate_utf8(a): a itself, NULL where it is no UTF-8", orNull(text)),
		scalar("url_encode", 1, 1, "url_encode(a): application/x-www-form-urlencoded", text),
		scalar("url_decode", 1, 1, "url_decode(a): an error for escapes that are none", text),
		scalar("try_url_decode", 1, 1, "try_url_decode(a): url_decode, NULL where it fails", orNull(text)),
		scalar("parse_url", 2, 3, "parse_url(url, part[, key]): HOST, PATH, QUERY, REF, PROTOCOL, FILE, AUTHORITY or USERINFO, or a parameter of QUERY; "+
			"NULL where there is none, an error for what is no URL", orNull(exact)),
		scalar("try_parse_url", 2, 3, "try_parse_url(url, part[, key]): parse_url, NULL for what is no URL", orNull(exact)),
	}
}

// decode is two functions: of two arguments it reads a charset, of more it is a CASE.
func decode(c *call) (Bound, error) {
	if len(c.args) == 2 {
		return returns(typeString, only(typeBinary).orText(), wantString)(c)
	}
	return decodeCase(c)
}

// orText takes strings too, as their bytes.
func (w wanted) orText() wanted {
	return wanted{label: w.label, accept: func(t arrow.DataType) (arrow.DataType, bool) {
		if isString(t) {
			return typeBinary, true
		}
		return w.accept(t)
	}}
}

// decodeCase compares the first argument with every second of the others, NULL-safely.
func decodeCase(c *call) (Bound, error) {
	results := call{Pos: c.Pos, name: c.name, lazy: true}
	for i := 2; i < len(c.args); i += 2 {
		results.args = append(results.args, c.args[i])
	}
	other := literal(nil, typeString) // Spark's, which makes whole numbers BIGINT and decimals DOUBLE
	if len(c.args)%2 == 0 {
		other = c.args[len(c.args)-1]
	}
	results.args = append(results.args, other)
	if err := results.unify(CommonType); err != nil {
		return nil, err
	}
	last := len(results.args) - 1
	whens := make([]BoundWhen, last)
	for i := range whens {
		equal := &call{Pos: c.Pos, name: "<=>", nodes: []Node{c.nodes[0], c.nodes[2*i+1]}, args: []Bound{c.args[0], c.args[2*i+1]}}
		cond, err := compare(equal)
		if err != nil {
			return nil, err
		}
		whens[i] = BoundWhen{Cond: cond, Result: results.args[i]}
	}
	return caseOf(whens, results.args[last]), nil
}

// toBinary takes a constant format; a NULL one gives NULL.
func toBinary(c *call) (Bound, error) {
	if err := c.want(wantString); err != nil {
		return nil, err
	}
	if err := c.mustBeConstant(1, "the format"); err != nil {
		return nil, err
	}
	v, ok := c.constant(1)
	if !ok {
		return literal(nil, typeBinary), nil
	}
	switch format, _ := v.(string); strings.ToLower(format) {
	case "hex", "base64", "utf-8", "utf8":
		return c.result(typeBinary), nil
	}
	if c.name == "try_to_binary" {
		return literal(nil, typeBinary), nil
	}
	return nil, c.mismatch("INVALID_ARG_VALUE", "the format must be 'hex', 'base64' or 'utf-8'")
}
