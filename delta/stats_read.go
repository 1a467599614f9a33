package delta

import (
	"math"
	"math/big"
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/internal/skipping"
)

// statsNumRecords finds numRecords in a file's statistics.
func statsNumRecords(stats string) (int64, bool) {
	if stats == "" {
		return 0, false
	}
	s := &scanner{text: stats}
	for k := range s.members {
		if k == "numRecords" && !s.null() {
			n := s.int64()
			return n, s.err == nil && n >= 0
		}
		s.skip(0)
	}
	return 0, false
}

// leafStats is what one file's statistics say of one leaf, as JSON text; empty where they say nothing.
type leafStats struct {
	min, max  string
	nullCount int64 // -1: unknown
}

// fileBounds fills in what the file's partition values and statistics tell of the pruner's leaves. Statistics that cannot be parsed are as good as none.
func (p *pruner) fileBounds(f *File, out []skipping.Bounds) {
	found := make([]leafStats, len(p.leaves))
	rows := p.readStats(f.Stats, found)
	for i, l := range p.leaves {
		if l.partition {
			out[i] = partitionBounds(f, l)
		} else {
			out[i] = found[i].bounds(l.Type, rows)
		}
	}
}

func partitionBounds(f *File, l leaf) skipping.Bounds {
	text, null := f.Partition(l.path[0])
	if null {
		return skipping.OnlyNull()
	}
	if v, ok := parseScalar(text, l.Type); ok {
		return skipping.Exactly(v)
	}
	return skipping.Unknown()
}

// readStats picks the leaves' values out of the statistics and gives the number of records, -1 where it is not known.
func (p *pruner) readStats(stats string, found []leafStats) int64 {
	for i := range found {
		found[i].nullCount = -1
	}
	rows := int64(-1)
	if stats == "" {
		return rows
	}
	s := &scanner{text: stats}
	for k := range s.members {
		switch {
		case s.null():
		case k == "numRecords":
			rows = s.int64()
		case k == "minValues":
			p.walkStats(s, 0, nil, func(leaf int, raw string) { found[leaf].min = raw })
		case k == "maxValues":
			p.walkStats(s, 0, nil, func(leaf int, raw string) { found[leaf].max = raw })
		case k == "nullCount":
			p.walkStats(s, 0, nil, func(leaf int, raw string) {
				if n, err := strconv.ParseInt(raw, 10, 64); err == nil {
					found[leaf].nullCount = n
				}
			})
		default:
			s.skip(0)
		}
	}
	if s.err != nil {
		for i := range found {
			found[i] = leafStats{nullCount: -1}
		}
		return -1
	}
	return rows
}

// walkStats calls set for each leaf that the object holds a value of.
func (p *pruner) walkStats(s *scanner, depth int, path []string, set func(leaf int, raw string)) {
	if s.peek() != '{' || depth > maxJSONDepth {
		s.skip(depth)
		return
	}
	for k := range s.members {
		here := append(path, k)
		leaf, within := p.locate(here)
		switch {
		case s.null():
		case leaf >= 0:
			raw := s.raw()
			for i := leaf; i < len(p.leaves); i++ {
				if slices.Equal(p.leaves[i].path, here) {
					set(i, raw)
				}
			}
		case within:
			p.walkStats(s, depth+1, here, set)
		default:
			s.skip(depth)
		}
	}
}

// locate finds the first leaf of that path; within tells that leaves lie below it.
func (p *pruner) locate(path []string) (leaf int, within bool) {
	for i, l := range p.leaves {
		if len(l.path) >= len(path) && slices.Equal(l.path[:len(path)], path) {
			if len(l.path) == len(path) {
				return i, false
			}
			within = true
		}
	}
	return -1, within
}

// bounds turns statistics into bounds. A null count means something only where it is 0 or the number of rows: with a deletion vector the rest is a bound.
func (l leafStats) bounds(t arrow.DataType, rows int64) skipping.Bounds {
	b := skipping.Unknown()
	b.MayNaN = skipping.KindOf(t) == skipping.KindFloat
	if l.nullCount == 0 {
		b.MayNull = false
	}
	if rows >= 0 && l.nullCount == rows {
		return skipping.Bounds{MayNull: rows > 0}
	}
	b.Min, b.Max = statBound(l.min, t, false), statBound(l.max, t, true)
	return b
}

// statBound reads a minimum or maximum so that it is one for certain, whoever wrote it.
func statBound(raw string, t arrow.DataType, upper bool) skipping.Scalar {
	if raw == "" || raw == "null" {
		return skipping.Scalar{}
	}
	text := textOf(raw)
	switch t := t.(type) {
	case *arrow.Float32Type, *arrow.Float64Type:
		v, ok := parseScalar(text, t)
		if !ok || math.IsNaN(v.Float) {
			return skipping.Scalar{}
		}
		return skipping.Float(floatBound(v.Float, upper))
	case *arrow.TimestampType:
		return timestampBound(text, upper)
	case *arrow.Decimal128Type:
		return decimalBound(text, t, upper)
	case *arrow.BinaryType:
		return skipping.Scalar{}
	}
	v, ok := parseScalar(text, t)
	if !ok {
		return skipping.Scalar{}
	}
	return v
}

// floatBound allows for the shortest text of a FLOAT that was written before the column was widened to DOUBLE: 0.1 stands for a value a little above it.
func floatBound(v float64, upper bool) float64 {
	if upper {
		return max(v, float64(float32(v)))
	}
	return min(v, float64(float32(v)))
}

// timestampBound allows for statistics in whole milliseconds, cut off or, by delta-rs 0.11, rounded; and for Spark 3.2's zone offsets cut to minutes.
func timestampBound(text string, upper bool) skipping.Scalar {
	micros, zoned, ok := parseTimestamp(text)
	if !ok {
		return skipping.Scalar{}
	}
	slack := int64(999)
	if zoned {
		slack += datetime.MicrosPerMinute
	}
	if !upper {
		slack = -slack
	}
	return skipping.Int(micros + slack)
}

// decimalBound allows for writers that pass decimals through a double: beyond 15 digits of precision, a text that is not longer than a double's may be
// off by a double's rounding.
func decimalBound(text string, t *arrow.Decimal128Type, upper bool) skipping.Scalar {
	n, exact, digits, ok := parseDecimal(text, t.Scale)
	if !ok {
		return skipping.Scalar{}
	}
	v := n.BigInt()
	slack := new(big.Int)
	if !exact {
		slack.SetInt64(1)
	}
	if t.Precision > 15 && digits <= 17 {
		slack.Add(slack, new(big.Int).Rsh(new(big.Int).Abs(v), 52))
		slack.Add(slack, big.NewInt(1))
	}
	if upper {
		v.Add(v, slack)
	} else {
		v.Sub(v, slack)
	}
	if v.BitLen() > 126 {
		return skipping.Scalar{}
	}
	return skipping.Decimal(decimal128.FromBigInt(v))
}
