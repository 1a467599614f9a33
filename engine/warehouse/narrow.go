package warehouse

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/expr"
)

// narrow is SQL that is TRUE for all rows of the files, by their statistics, so that a server which skips files by statistics reads little beside them. It looks
// at columns of whole numbers, dates and timestamps; empty where the statistics say nothing.
func narrow(s *arrow.Schema, files []*delta.File) string {
	ranges := make([]span, s.NumFields())
	for i := range ranges {
		ranges[i] = span{low: math.MaxInt64, high: math.MinInt64}
	}
	for _, f := range files {
		var stats fileStats
		if json.Unmarshal([]byte(f.Stats), &stats) != nil {
			return ""
		}
		for i, c := range s.Fields() {
			ranges[i].add(stats, c)
		}
	}
	var conditions []string
	for i, c := range s.Fields() {
		if text := ranges[i].condition(c); text != "" {
			conditions = append(conditions, text)
		}
	}
	return strings.Join(conditions, " AND ")
}

// fileStats are the statistics of a data file (Delta protocol, Per-file Statistics).
type fileStats struct {
	NumRecords *int64                     `json:"numRecords"`
	MinValues  map[string]json.RawMessage `json:"minValues"`
	MaxValues  map[string]json.RawMessage `json:"maxValues"`
	NullCount  map[string]json.RawMessage `json:"nullCount"`
}

// span is the range of a column's values over files: of the numbers themselves, days or microseconds since 1970.
type span struct {
	low, high int64
	nulls     bool // there may be some
	unknown   bool // a file does not say
}

func (r *span) add(stats fileStats, c arrow.Field) {
	nulls, err := strconv.ParseInt(string(stats.NullCount[c.Name]), 10, 64)
	r.nulls = r.nulls || err != nil || nulls > 0
	if err == nil && stats.NumRecords != nil && nulls == *stats.NumRecords {
		return
	}
	low, lowKnown := statValue(stats.MinValues[c.Name], c.Type, false)
	high, highKnown := statValue(stats.MaxValues[c.Name], c.Type, true)
	r.unknown = r.unknown || !lowKnown || !highKnown
	r.low, r.high = min(r.low, low), max(r.high, high)
}

// condition is TRUE for every value in the range, and for NULL where there may be one.
func (r span) condition(c arrow.Field) string {
	if r.unknown || r.low > r.high {
		return ""
	}
	name := expr.Quote(c.Name)
	text := fmt.Sprintf("%s BETWEEN %s AND %s", name, statLiteral(r.low, c.Type), statLiteral(r.high, c.Type))
	if r.nulls {
		return "(" + text + " OR " + name + " IS NULL)"
	}
	return text
}

// statValue reads a bound. Writers cut timestamps to milliseconds, so an upper one is the end of its millisecond.
func statValue(raw json.RawMessage, t arrow.DataType, upper bool) (int64, bool) {
	switch t.ID() {
	case arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64:
		n, err := strconv.ParseInt(string(raw), 10, 64)
		return n, err == nil
	case arrow.DATE32:
		at, err := time.Parse(`"2006-01-02"`, string(raw))
		return at.Unix() / 86400, err == nil
	case arrow.TIMESTAMP:
		at, err := time.Parse(`"`+time.RFC3339Nano+`"`, string(raw))
		if upper {
			at = at.Truncate(time.Millisecond).Add(time.Millisecond)
		}
		return at.UnixMicro(), err == nil
	default:
		return 0, false
	}
}

func statLiteral(v int64, t arrow.DataType) string {
	switch t.ID() {
	case arrow.DATE32:
		return "DATE '" + time.Unix(v*86400, 0).UTC().Format(time.DateOnly) + "'"
	case arrow.TIMESTAMP:
		return timestamp(time.UnixMicro(v))
	default:
		return strconv.FormatInt(v, 10) + "L"
	}
}
