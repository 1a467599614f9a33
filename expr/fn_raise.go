package expr

import "github.com/apache/arrow-go/v18/arrow"

// raisingFunctions are those that fail on purpose.
func raisingFunctions() []Function {
	return []Function{
		scalar("raise_error", 1, 1, "raise_error(message): fails with USER_RAISED_EXCEPTION in each row that comes to it; its type is VOID",
			func(c *call) (Bound, error) {
				c.null = true
				return returns(arrow.Null, wantString)(c)
			}),
		rewritten("assert_true", 1, 2, "assert_true(condition[, message]): NULL, or raise_error where the condition is not TRUE", assertTrue),
	}
}

func assertTrue(c *call) (Bound, error) {
	if t := c.args[0].Type(); !isBoolean(t) && !isNull(t) {
		return nil, c.unexpected(0, "BOOLEAN")
	}
	c.fill(2, literal("'"+sketch(c.args[0])+"' is not true!", typeString))
	message := &call{Pos: c.Pos, name: "raise_error", nodes: c.nodes[min(1, len(c.nodes)-1):], args: c.args[1:], null: true}
	failure, err := returns(arrow.Null, wantString)(message)
	if err != nil {
		return nil, err
	}
	return caseOf([]BoundWhen{{Cond: Convert(c.args[0], typeBoolean), Result: literal(nil, arrow.Null)}}, failure), nil
}
