package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// prune returns n with the needed columns and perhaps more, which cost nothing to keep. It may write to need.
func prune(n Node, need columnSet) pruned {
	switch n := n.(type) {
	case Scan:
		return pruneScan(n, need)
	case Project:
		return pruneProject(n, need)
	case Filter:
		in := prune(n.Input, need.add(n.Cond))
		return pruned{Filter{Input: in.node, Cond: in.bound(n.Cond), schema: pick(n.schema, in.kept)}, in.kept}
	case Aggregate:
		return pruneAggregate(n, need)
	case Join:
		return pruneJoin(n, need)
	case Generate:
		return pruneGenerate(n, need)
	case Window:
		return pruneWindow(n, need)
	case Latest:
		in := narrowInput(n.Input, need.add(n.Keys...).add(sortArgs(n.By)...))
		return pruned{Latest{Input: in.node, Keys: in.bounds(n.Keys), By: in.sorts(n.By)}, in.kept}
	case Order:
		return pruneOrder(n, need)
	case Union:
		return pruneUnion(n, need)
	case Check:
		return pruneCheck(n, need)
	case Values:
		return pruned{n, allOf(n)}
	case Map:
		n.Input = pruneColumns(n.Input)
		return pruned{n, allOf(n)}
	}
	return pruned{n, allOf(n)}
}

func pruneScan(n Scan, need columnSet) pruned {
	kept := need.add(n.Filter).list()
	n.Paths = readPaths(n.Relation, need, kept)
	if len(kept) == n.schema.NumFields() {
		return pruned{n, kept}
	}
	columns := make([]int, len(kept))
	for i, c := range kept {
		columns[i] = n.Position(c)
	}
	p := pruned{nil, kept}
	n.Columns, n.Filter, n.schema = columns, p.bound(n.Filter), pick(n.schema, kept)
	p.node = n
	return p
}

// readPaths are a scan's Paths, if the relation can be read so.
func readPaths(r Relation, need columnSet, kept []int) [][][]int {
	if _, ok := r.(FieldReader); !ok {
		return nil
	}
	paths, some := make([][][]int, len(kept)), false
	for i, c := range kept {
		paths[i] = need[c].parts.paths()
		some = some || paths[i] != nil
	}
	if !some {
		return nil
	}
	return paths
}

func pruneProject(n Project, need columnSet) pruned {
	kept := need.list()
	exprs, below := make([]expr.Bound, len(kept)), noColumns(n.Input)
	for i, c := range kept {
		exprs[i] = n.Exprs[c]
		below.addPart(exprs[i], need[c].parts)
	}
	in := prune(n.Input, below)
	return pruned{Project{Input: in.node, Exprs: in.bounds(exprs), schema: pick(n.schema, kept)}, kept}
}

// pruneAggregate keeps the groups, which decide how many rows there are, and one column at least.
func pruneAggregate(n Aggregate, need columnSet) pruned {
	for g := range n.Groups {
		need.note(g, nil)
	}
	kept := need.list()
	if len(kept) == 0 && len(n.Aggs) > 0 {
		kept = []int{0}
	}
	below := noColumns(n.Input).add(n.Groups...)
	for _, c := range kept[len(n.Groups):] {
		below.add(aggregateParts(n.Aggs[c-len(n.Groups)])...)
	}
	in := prune(n.Input, below)
	aggs := make([]expr.BoundAggregate, 0, len(kept))
	for _, c := range kept[len(n.Groups):] {
		a := n.Aggs[c-len(n.Groups)]
		a.Args, a.Filter = in.bounds(a.Args), in.bound(a.Filter)
		aggs = append(aggs, a)
	}
	return pruned{Aggregate{Input: in.node, Groups: in.bounds(n.Groups), Aggs: aggs, schema: pick(n.schema, kept)}, kept}
}

func pruneJoin(n Join, need columnSet) pruned {
	width := n.Left.Schema().NumFields()
	if n.leftOnly() {
		need = slices.Concat(need, noColumns(n.Right))
	}
	need.add(n.Residual)
	left := narrowInput(n.Left, need[:width].add(n.LeftKeys...))
	right := narrowInput(n.Right, need[width:].add(n.RightKeys...))
	pairs := pruned{nil, slices.Clone(left.kept)}
	for _, c := range right.kept {
		pairs.kept = append(pairs.kept, width+c)
	}
	n.Left, n.Right = left.node, right.node
	n.LeftKeys, n.RightKeys, n.Residual = left.bounds(n.LeftKeys), right.bounds(n.RightKeys), pairs.bound(n.Residual)
	kept := pairs.kept
	if n.leftOnly() {
		kept = left.kept
	}
	n.schema = pick(n.schema, kept)
	return pruned{n, kept}
}

// pruneWindow drops the functions that nobody reads, and the node with the last of them.
func pruneWindow(n Window, need columnSet) pruned {
	width := n.Input.Schema().NumFields()
	calls, below := need[width:].list(), need[:width]
	if len(calls) == 0 {
		return prune(n.Input, below)
	}
	for _, i := range calls {
		below.add(windowParts(n.Funcs[i])...)
	}
	in := narrowInput(n.Input, below)
	funcs, kept := make([]expr.BoundWindow, len(calls)), slices.Clone(in.kept)
	for k, i := range calls {
		f := n.Funcs[i]
		f.Args, f.PartitionBy, f.OrderBy = in.bounds(f.Args), in.bounds(f.PartitionBy), in.sorts(f.OrderBy)
		funcs[k], kept = f, append(kept, width+i)
	}
	return pruned{Window{Input: in.node, Funcs: funcs, schema: pick(n.schema, kept)}, kept}
}

func pruneOrder(n Order, need columnSet) pruned {
	if len(n.Keys) == 0 {
		in := prune(n.Input, need)
		n.Input = in.node
		return pruned{n, in.kept}
	}
	in := narrowInput(n.Input, need.add(sortArgs(n.Keys)...))
	n.Input, n.Keys = in.node, in.sorts(n.Keys)
	return pruned{n, in.kept}
}

func pruneUnion(n Union, need columnSet) pruned {
	kept := need.list()
	inputs := make([]Node, len(n.Inputs))
	for i, in := range n.Inputs {
		inputs[i] = narrow(prune(in, slices.Clone(need)), kept)
	}
	return pruned{Union{Inputs: inputs, schema: pick(n.schema, kept)}, kept}
}

// pruneCheck keeps what the rules read and what is written to the quarantine.
func pruneCheck(n Check, need columnSet) pruned {
	for _, r := range n.Rules {
		need.add(r.Predicate)
	}
	need.add(n.Quarantine...)
	if n.Quarantine == nil && n.Quarantines() {
		need.with(allOf(n.Input))
	}
	in := prune(n.Input, need)
	rules := slices.Clone(n.Rules)
	for i := range rules {
		rules[i].Predicate = in.bound(rules[i].Predicate)
	}
	n.Input, n.Rules, n.Quarantine, n.schema = in.node, rules, in.bounds(n.Quarantine), pick(n.schema, in.kept)
	return pruned{n, in.kept}
}
