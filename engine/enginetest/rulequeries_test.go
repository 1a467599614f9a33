package enginetest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// ruleQueries writes random queries of the shapes that the optimizer's rules look for, from the templates of testdata/rules.txt. Those of a heading such as
// "# where: what they are" are called by its name; in them
//
//	[a|b|c]     is one of the three
//	$A          is an alias, another one each time the template is used
//	{x=a}       gives the name x to what a comes to, in this template, and is nothing itself
//	{x $A $B}   is what the name stands for, or else one of the templates that are called so, with $A in the place of @ and $B of @2
//	{rows}      is a query of the columns k, g, s, v, p and x in parentheses: a leaf, or a shape of which others may be part
type ruleQueries struct {
	*rand.Rand
	templates map[string][]string
	aliases   int
}

func newRuleQueries(seed, set uint64) (*ruleQueries, error) {
	text, err := testdata.ReadFile("testdata/rules.txt")
	if err != nil {
		return nil, err
	}
	g := &ruleQueries{Rand: rand.New(rand.NewPCG(seed, set)), templates: map[string][]string{}}
	for _, part := range strings.Split("\n"+string(text), "\n# ")[1:] {
		blocks := strings.Split(strings.TrimSpace(part), "\n\n")
		name, _, _ := strings.Cut(blocks[0], ":")
		g.templates[name] = append(g.templates[name], blocks[1:]...)
	}
	return g, nil
}

// query is a query with shapes nested as deep as that.
func (g *ruleQueries) query(depth int) string {
	return strings.TrimSpace(strings.ReplaceAll(g.from("{query}", depth), "\n", " "))
}

// from makes text of a template.
func (g *ruleQueries) from(template string, depth int) string {
	e := expansion{ruleQueries: g, depth: depth, names: map[string]string{}}
	return e.text(template)
}

// expansion is one use of a template.
type expansion struct {
	*ruleQueries
	depth int
	names map[string]string
}

func (e *expansion) text(s string) string {
	var b strings.Builder
	for {
		at := strings.IndexAny(s, "[{$")
		if at < 0 {
			return b.String() + s
		}
		b.WriteString(s[:at])
		s = s[at:]
		if s[0] == '$' {
			b.WriteString(e.alias(s[:2]))
			s = s[2:]
			continue
		}
		parts, rest := bracketed(s)
		if s[0] == '[' {
			b.WriteString(e.text(parts[e.IntN(len(parts))]))
		} else {
			b.WriteString(e.named(strings.Join(parts, "|")))
		}
		s = rest
	}
}

func (e *expansion) alias(name string) string {
	if e.names[name] == "" {
		e.aliases++
		e.names[name] = fmt.Sprintf("%s%d", strings.ToLower(name[1:]), e.aliases)
	}
	return e.names[name]
}

// named is what stands between braces.
func (e *expansion) named(s string) string {
	if name, value, ok := strings.Cut(s, "="); ok && !strings.ContainsAny(name, " {") {
		e.names[name] = e.text(value)
		return ""
	}
	words := strings.Fields(e.text(s))
	value, ok := e.names[words[0]]
	if !ok {
		value = e.template(words[0])
	}
	for i := len(words) - 1; i > 0; i-- {
		value = strings.ReplaceAll(value, "@"+strconv.Itoa(i), words[i])
	}
	if len(words) > 1 {
		value = strings.ReplaceAll(value, "@", words[1])
	}
	return value
}

// template is one of the templates of a name.
func (e *expansion) template(name string) string {
	switch {
	case name != "rows":
		return e.from(e.one(name), e.depth)
	case e.depth == 0:
		return "(" + e.from(e.one("leaf"), 0) + ")"
	}
	return "(" + e.from(e.one("shape"), e.depth-1) + ")"
}

func (e *expansion) one(name string) string {
	list := e.templates[name]
	if len(list) == 0 {
		return "" // a name that this template has not given to anything
	}
	return list[e.IntN(len(list))]
}

// bracketed are the alternatives within the brackets that s begins with, and what is behind them.
func bracketed(s string) (parts []string, rest string) {
	depth, from := 0, 1
	for i := range len(s) {
		switch s[i] {
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return append(parts, s[from:i]), s[i+1:]
			}
		case '|':
			if depth == 1 {
				parts, from = append(parts, s[from:i]), i+1
			}
		}
	}
	panic("a bracket that is not closed: " + s)
}
