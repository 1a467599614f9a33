package expr

import "strings"

// parseJSONPath reads :name.name[0]['name'][*] behind text in JSON, as the path that get_json_object takes.
func (p *Parser) parseJSONPath() (Node, error) {
	at := p.Next().Pos
	path := "$"
	if p.Peek().Name() {
		path += pathStep(p.Next())
	}
	for {
		switch {
		case p.Is(".") && p.PeekAt(1).Name():
			p.Next()
			path += pathStep(p.Next())
		case p.Is("["):
			step, err := p.parsePathIndex()
			if err != nil {
				return nil, err
			}
			path += step
		default:
			return Literal{Pos: at, Value: path, Type: typeString}, nil
		}
	}
}

// pathStep is a name in a path, in brackets where it holds what has a meaning there.
func pathStep(name Token) string {
	if strings.ContainsAny(name.Text, ".['*") {
		return "['" + name.Text + "']"
	}
	return "." + name.Text
}

// parsePathIndex reads [0], [*] or ['name'].
func (p *Parser) parsePathIndex() (string, error) {
	p.Next()
	switch t := p.Next(); {
	case t.Kind == TokenString:
		return "['" + t.Text + "']", p.Expect("]")
	case t.Kind == TokenNumber, t.Is("*"):
		return "[" + t.Text + "]", p.Expect("]")
	default:
		return "", syntaxError(t.Pos, "expected a position, * or a name in quotes", "syntax error at or near %s", t.show())
	}
}
