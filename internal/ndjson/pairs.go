package ndjson

import "github.com/medallion-go/medallion/internal/columns"

// pairs reads the pairs of a map behind its brace. Where a key occurs twice, they are read once more without the pairs that a later one replaces.
func (p *Parser) pairs(n *node, d []byte, at int) int {
	mark := len(p.bad)
	row := n.col.Len()
	end := p.readPairs(n, d, at, nil)
	if end < 0 {
		return malformed
	}
	if replaced := replacedKeys(n); replaced != nil {
		n.col.Truncate(row)
		p.bad = p.bad[:mark]
		end = p.readPairs(n, d, at, replaced)
	}
	n.col.AppendList()
	p.whole(n, mark, d[at-1:end])
	return end
}

// readPairs appends the pairs but those whose position is in replaced.
func (p *Parser) readPairs(n *node, d []byte, at int, replaced map[int]bool) int {
	key, item := n.col.Kids()[0], n.kids[0]
	if at = space(d, at); d[at] == '}' {
		return at + 1
	}
	for i := 0; ; i++ {
		if at = space(d, at); d[at] != '"' {
			return malformed
		}
		if at = p.text(key, d, at+1); at < 0 {
			return malformed
		}
		if at = space(d, at); d[at] != ':' {
			return malformed
		}
		if at = p.value(item, d, at+1); at < 0 {
			return malformed
		}
		if replaced[i] {
			key.Truncate(key.Len() - 1)
			item.col.Truncate(item.col.Len() - 1)
		}
		at = space(d, at)
		if d[at] == ',' {
			at++
			continue
		}
		if d[at] != '}' {
			return malformed
		}
		return at + 1
	}
}

// replacedKeys are the positions of pairs of the map that is being read whose key occurs again, nil if all are distinct.
func replacedKeys(n *node) map[int]bool {
	keys := n.col.Kids()[0]
	first := n.col.End()
	count := keys.Len() - first
	if count < 2 || count <= fewKeys && distinct(keys, first) {
		return nil
	}
	var replaced map[int]bool
	last := make(map[string]int, count)
	for i := range count {
		k := string(keys.Value(first + i))
		if j, twice := last[k]; twice {
			if replaced == nil {
				replaced = map[int]bool{}
			}
			replaced[j] = true
		}
		last[k] = i
	}
	return replaced
}

// fewKeys is how many keys are compared each with each.
const fewKeys = 16

func distinct(keys *columns.Column, first int) bool {
	for i := first + 1; i < keys.Len(); i++ {
		for j := first; j < i; j++ {
			if string(keys.Value(i)) == string(keys.Value(j)) {
				return false
			}
		}
	}
	return true
}
