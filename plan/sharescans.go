package plan

import (
	"fmt"
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// Scans are shared whose common condition costs at least so much (see cost), and that keep at most so many rows.
const (
	costlyCondition = 5
	sharedScanRows  = 1 << 20
)

// shareScans reads a relation once for scans that choose its rows by the same costly condition, of texts for example: it makes a view of the rows for which that
// holds, and leaves to each scan what else it asks for.
func shareScans(n Node, statistics Statistics) Node {
	if !scansTwice(n) {
		return n
	}
	s := scanSharing{estimator: estimator{statistics}, scans: map[Relation][]Scan{}}
	Walk(n, func(n Node) bool {
		if scan, ok := n.(Scan); ok && scan.Filter != nil {
			s.scans[scan.Relation] = append(s.scans[scan.Relation], scan)
		}
		return true
	})
	return rewrite(n, func(n Node) (Node, bool) {
		if scan, ok := n.(Scan); ok && scan.Filter != nil {
			return s.replaced(scan)
		}
		return n, false
	})
}

type scanSharing struct {
	estimator estimator
	scans     map[Relation][]Scan // with filters
	shared    []sharedScan
}

// sharedScan is a view of the rows for which conds hold.
type sharedScan struct {
	view  *View
	conds []expr.Bound
	of    Scan
}

// replaced is a scan of a view, if one of the conditions is worth it.
func (s *scanSharing) replaced(scan Scan) (Node, bool) {
	conds := expr.Conjuncts(scan.Filter)
	for _, known := range s.shared {
		if sameColumns(known.of, scan) && len(without(known.conds, conds)) == 0 {
			return known.scan(conds), true
		}
	}
	for _, c := range conds {
		if cost(c) < costlyCondition || MayFail(c) {
			continue
		}
		common, times := conds, 0
		for _, other := range s.scans[scan.Relation] {
			if theirs := expr.Conjuncts(other.Filter); sameColumns(scan, other) && hasEqual(theirs, c) {
				common, times = slices.DeleteFunc(slices.Clone(common), func(c expr.Bound) bool { return MayFail(c) || !hasEqual(theirs, c) }), times+1
			}
		}
		rows := scan
		rows.Filter = expr.And(common...)
		rows.schema = proven(scan.unfiltered(), rows.Filter)
		if times < 2 || s.estimator.node(rows).rows > sharedScanRows {
			continue
		}
		shared := sharedScan{&View{Ident: fmt.Sprintf("scan %d", len(s.shared)+1), Query: rows, Part: true}, common, scan}
		s.shared = append(s.shared, shared)
		return shared.scan(conds), true
	}
	return scan, false
}

func sameColumns(a, b Scan) bool {
	return a.Relation == b.Relation && slices.Equal(a.Columns, b.Columns)
}

// scan reads the view's rows for which all conds hold.
func (s sharedScan) scan(conds []expr.Bound) Scan {
	scan := NewScan(s.view)
	if rest := without(conds, s.conds); len(rest) > 0 {
		scan = scan.where(expr.And(rest...))
	}
	return scan
}
