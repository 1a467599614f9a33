// Package plan holds what to compute, as data, with no engine in it: relational nodes over bound expressions, and the rewrites that make them cheaper.
//
// A tree of Nodes is always valid: constructors resolve and check their expressions against their inputs' schemas and return *expr.Error otherwise, so
// that an engine needs no checks of its own. plan/sql builds trees from Databricks SQL text, dataset from typed Go; both end here. Optimize and OptimizeFor
// rewrite a tree, and an engine runs what they give: engine/local as pipelines, engine/warehouse as SQL.
//
// # Where things are
//
// node.go is the closed set of nodes, and each node's constructor is in the file of its name (scan.go, project.go, join.go, window.go for Window and Latest, …).
// table.go has the relations that are declared: tables, their flows, views. Trees are walked and copied by tree.go and exprs.go, compared by sametree.go and
// printed by print.go. A Subquery (subquery.go) becomes joins: unnest….go takes its variables out, ground….go joins in the values that they have.
//
// A rule of the optimizer is a function, in the file of its name in lower case; the plans that it makes are printed in the file of that name in testdata.
// optimize.go applies the rules in this order, a few of them several times:
//
//   - foldConstants computes what depends on no row (foldexpr.go, foldvalues.go).
//   - factorConditions takes out of ORs what all branches ask for.
//   - pushFilters moves conditions to the scans (pushjoin.go, infer.go).
//   - stackRows leaves out the rows of a stack that a filter rules out.
//   - dropSorts leaves out orders that are lost on the way.
//   - latestRows makes Latest of row_number() = 1.
//   - dropEmpty leaves out what yields no rows.
//   - mergeAggregates computes aggregates of the same rows in one pass (unconditional.go).
//   - windowAggregates computes what is joined with its own rows, summed up, over these rows.
//   - orderJoins chooses the order of joins (joingraph.go, joinreduce.go, joinbuild.go).
//   - mergeProjects makes one of two projections.
//   - mergeLimits joins LIMIT with the ORDER BY below it.
//   - pushAggregates sums up before a join (partial.go).
//   - shareExprs computes an expression once.
//   - shareTrees computes a part of the query once.
//   - shareScans reads a relation once.
//   - pruneColumns drops the columns that nobody reads (prunenode.go).
//   - pruneShared drops those of shared parts.
//   - dropProjects leaves out projections that change nothing.
//   - topRows ends rankings of which the first rows are kept.
//   - answerAggregates answers COUNT, MIN and MAX from statistics.
//   - rollUp computes grouping sets from each other (rollupinput.go).
//   - tune orders conditions and chooses the sides of joins by cost (filterorder.go).
//
// What rules ask: may an expression fail (mayfail.go), can a column be NULL (notnull.go), how many rows are there for certain (single.go) or by estimate
// (estimate.go, selectivity.go, joinestimate.go, from the engine's Statistics).
package plan
