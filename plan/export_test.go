package plan

// Rewrites are the rules of Optimize by the name of their golden file.
var Rewrites = map[string]func(Node) Node{
	"fold":     foldConstants,
	"push":     pushFilters,
	"latest":   func(n Node) Node { return latestRows(pushFilters(n)) },
	"limit":    mergeLimits,
	"merge":    mergeProjects,
	"prune":    pruneColumns,
	"identity": dropProjects,
	"share":    shareExprs,
	"optimize": Optimize,
	"bench":    Optimize, // the queries of the peer benchmark
}
