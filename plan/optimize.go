package plan

// Optimize rewrites n into a plan that yields the same rows for less work. The result has n's column names and types; a column that was not nullable
// stays so. It never evaluates an expression that may fail on a row on which n would not have evaluated it.
func Optimize(n Node) Node { return OptimizeFor(n, nil) }

// OptimizeFor is Optimize for an engine that runs plans as they are, and knows something about the relations (nil: nothing). It also chooses the order of
// joins, which SQL warehouses choose for themselves.
func OptimizeFor(n Node, s Statistics) Node {
	for _, rewrite := range rewrites(s) {
		n = rewrite(n)
	}
	return n
}

// rewrites are the rules in the order in which they help each other: constants show which filters are void, pushed filters meet the windows that become
// Latest and then go on below them, joins are put in order when their inputs are as small as they get, and what nobody reads is dropped last, when it is clear
// what is read.
func rewrites(s Statistics) []func(Node) Node {
	return []func(Node) Node{
		foldConstants,
		factorConditions,
		pushFilters,
		stackRows,
		dropSorts,
		latestRows,
		pushFilters,
		dropEmpty,
		informed(s, mergeAggregates),
		informed(s, windowAggregates),
		informed(s, orderJoins),
		mergeProjects,
		mergeLimits,
		mergeProjects,
		informed(s, pushAggregates),
		shareExprs,
		informed(s, shareTrees),
		informed(s, shareScans),
		pruneColumns,
		informed(s, pruneShared),
		mergeProjects,
		dropProjects,
		topRows,
		informed(s, answerAggregates),
		informed(s, rollUp),
		informed(s, tune),
	}
}

// informed makes a rule of one that needs statistics, and leaves plans alone without.
func informed(s Statistics, rule func(Node, Statistics) Node) func(Node) Node {
	return func(n Node) Node {
		if s == nil {
			return n
		}
		return rule(n, s)
	}
}
