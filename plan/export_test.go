package plan

import "github.com/medallion-go/medallion/expr"

// Known are the statistics of the tests: how many rows the relations have, and that their first columns are dense keys which columns of certain names
// refer to.
var Known Statistics = relationSizes{"orders": 1e6, "customers": 1e4, "lines": 4e6, "products": 1e3}

type relationSizes map[string]float64

func (k relationSizes) Rows(r Relation) (rows float64, known bool) {
	rows, known = k[r.Name()]
	return rows, known
}

// Count is exact for the relation called lines alone.
func (k relationSizes) Count(n Scan) (rows int64, ok bool) {
	return int64(k["lines"]), n.Relation.Name() == "lines" && n.Filter == nil
}

// Extremes are known of the products of lines, one in ten of which is NULL.
func (k relationSizes) Extremes(n Scan, i int) (least, greatest expr.BoundLiteral, nulls int64, ok bool) {
	f := n.Schema().Field(i)
	if f.Name != "product" {
		return least, greatest, -1, false
	}
	return expr.BoundLiteral{Value: int32(1), Typ: f.Type}, expr.BoundLiteral{Value: int32(1000), Typ: f.Type}, int64(k["lines"]) / 10, true
}

func (k relationSizes) Column(r Relation, i int) ColumnStatistics {
	highest := k[r.Name()]
	switch r.Schema().Field(i).Name {
	case "customer":
		highest = k["customers"]
	case "product":
		highest = k["products"]
	case "quantity":
		highest = 50
	case "id", "product_id":
		if r.Name() == "lines" {
			highest = k["orders"]
		}
	default:
		return ColumnStatistics{}
	}
	return ColumnStatistics{Bounded: true, Min: 1, Max: highest}
}

// Rewrites are the rules of Optimize, each behind those that prepare its plans, and all of them together, by the names of their golden files.
var Rewrites = map[string]func(Node) Node{
	"foldconstants":    foldConstants,
	"factorconditions": factorConditions,
	"pushfilters":      func(n Node) Node { return pushFilters(foldConstants(n)) },
	"stackrows":        func(n Node) Node { return stackRows(pushFilters(n)) },
	"dropsorts":        dropSorts,
	"latestrows":       func(n Node) Node { return latestRows(pushFilters(n)) },
	"dropempty":        func(n Node) Node { return dropEmpty(pushFilters(foldConstants(n))) },
	"mergeaggregates":  func(n Node) Node { return pruneShared(pruneColumns(mergeAggregates(pushFilters(n), Known)), Known) },
	"windowaggregates": func(n Node) Node {
		return dropProjects(mergeProjects(pruneColumns(windowAggregates(pushFilters(n), Known))))
	},
	"orderjoins": func(n Node) Node {
		return dropProjects(pruneColumns(orderJoins(pushFilters(factorConditions(n)), Known)))
	},
	"mergeprojects":    mergeProjects,
	"mergelimits":      mergeLimits,
	"pushaggregates":   func(n Node) Node { return pruneColumns(pushAggregates(mergeProjects(pushFilters(n)), Known)) },
	"shareexprs":       shareExprs,
	"sharetrees":       func(n Node) Node { return pruneShared(pruneColumns(shareTrees(pushFilters(n), Known)), Known) },
	"sharescans":       func(n Node) Node { return pruneShared(pruneColumns(shareScans(pushFilters(n), Known)), Known) },
	"prunecolumns":     pruneColumns,
	"pruneshared":      func(n Node) Node { return pruneShared(pruneColumns(shareTrees(n, Known)), Known) },
	"dropprojects":     dropProjects,
	"toprows":          func(n Node) Node { return topRows(pushFilters(n)) },
	"answeraggregates": func(n Node) Node { return answerAggregates(dropProjects(pruneColumns(n)), Known) },
	"rollup":           func(n Node) Node { return rollUp(dropProjects(pruneColumns(shareExprs(n))), Known) },
	"tune":             func(n Node) Node { return tune(pushFilters(n), Known) },
	"informed":         func(n Node) Node { return OptimizeFor(n, Known) },
	"optimize":         Optimize,
	"bench":            Optimize, // the queries of the peer benchmark
}
