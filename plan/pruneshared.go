package plan

import "slices"

// pruneShared drops the columns of shared parts that no scan of them reads.
func pruneShared(n Node, _ Statistics) Node {
	read := map[*View]columnSet{}
	Walk(n, func(n Node) bool {
		if s, v, ok := scanOfPart(n); ok && !v.Optimized {
			if read[v] == nil {
				read[v] = noColumns(v.Query)
			}
			for i := range s.schema.NumFields() {
				read[v].note(s.Position(i), nil)
			}
		}
		return true
	})
	if len(read) == 0 {
		return n
	}
	pruned := map[*View]*View{}
	for v, columns := range read {
		pruned[v] = &View{Ident: v.Ident, Query: dropProjects(pruneColumns(chosen(v.Query, columns.list()))), Part: true}
	}
	return Transform(n, func(n Node) Node {
		s, v, ok := scanOfPart(n)
		if !ok || v.Optimized {
			return n
		}
		kept, columns := read[v].list(), make([]int, s.schema.NumFields())
		for i := range columns {
			columns[i] = slices.Index(kept, s.Position(i))
		}
		s.Relation, s.Columns = pruned[v], columns
		return s
	})
}
