package plan

// Optimize rewrites n into a plan that yields the same rows for less work. The result has n's column names and types; a column that was not nullable
// stays so. It never evaluates an expression that may fail on a row on which n would not have evaluated it.
func Optimize(n Node) Node {
	for _, rewrite := range rewrites() {
		n = rewrite(n)
	}
	return n
}

// rewrites are the rules in the order in which they help each other: constants show which filters are void, pushed filters meet the windows that become
// Latest and then go on below them, and what nobody reads is dropped last, when it is clear what is read.
func rewrites() []func(Node) Node {
	return []func(Node) Node{
		foldConstants,
		pushFilters,
		latestRows,
		pushFilters,
		mergeProjects,
		mergeLimits,
		mergeProjects,
		shareExprs,
		pruneColumns,
		mergeProjects,
		dropProjects,
	}
}
