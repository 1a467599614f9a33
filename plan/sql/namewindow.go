package sql

import (
	"strings"

	"github.com/medallion-go/medallion/expr"
)

func (n namer) window(o expr.Over) string {
	var parts []string
	if len(o.Window.PartitionBy) > 0 {
		parts = append(parts, "PARTITION BY "+n.list(o.Window.PartitionBy))
	}
	if len(o.Window.OrderBy) > 0 {
		parts = append(parts, "ORDER BY "+n.sorts(o.Window.OrderBy))
	}
	return strings.Join(append(parts, n.frame(o)), " ")
}

func (n namer) sorts(keys []expr.Sort) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = n.text(k.Arg) + map[bool]string{false: " ASC", true: " DESC"}[k.Descending] +
			map[bool]string{false: " NULLS LAST", true: " NULLS FIRST"}[k.NullsFirst]
	}
	return strings.Join(parts, ", ")
}

func (n namer) frame(o expr.Over) string {
	f := o.Window.Frame
	switch o.Call.Func {
	case "row_number", "rank", "dense_rank", "percent_rank", "ntile":
		return "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
	case "lag", "lead":
		at := n.text(shifting(o.Call).Args[1])
		if o.Call.Func == "lag" {
			at = strings.TrimPrefix("-"+at, "--")
		}
		return "ROWS BETWEEN " + at + " FOLLOWING AND " + at + " FOLLOWING"
	}
	if f.Unit == expr.FrameDefault {
		if len(o.Window.OrderBy) > 0 {
			return "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
		}
		return "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
	}
	unit := map[bool]string{false: "ROWS", true: "RANGE"}[f.Unit == expr.FrameRange]
	return unit + " BETWEEN " + n.frameBound(f.Start) + " AND " + n.frameBound(f.End)
}

func (n namer) frameBound(b expr.FrameBound) string {
	switch b.Kind {
	case expr.UnboundedPreceding:
		return "UNBOUNDED PRECEDING"
	case expr.Preceding:
		return n.text(b.Offset) + " PRECEDING"
	case expr.CurrentRow:
		return "CURRENT ROW"
	case expr.Following:
		return n.text(b.Offset) + " FOLLOWING"
	case expr.UnboundedFollowing:
		return "UNBOUNDED FOLLOWING"
	}
	return ""
}
