package check

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
)

// checkAdd looks at a file that is added; the state is that after its commit.
func (c *checker) checkAdd(f *file) {
	m := c.state.metadata
	if m == nil {
		return
	}
	if _, err := decodePath(f.path); err != nil {
		c.report(PathEncoding, "%v", err)
	}
	if f.size < 0 {
		c.report(FileSize, "the size is %d", f.size)
	}
	c.checkPartition(f, m)
	stats := c.checkStats(f, m)
	c.checkVector(f, stats)
	c.checkRowTracking(f, stats)
}

// checkPartition compares a file's partition values with the table's partition columns.
func (c *checker) checkPartition(f *file, m *metadata) {
	types := m.partitionTypes()
	for _, name := range slices.Sorted(maps.Keys(f.partition)) {
		if types[name] == nil && !slices.ContainsFunc(slices.Collect(maps.Keys(types)), func(n string) bool { return strings.EqualFold(n, name) }) {
			c.report(PartitionKeys, "there is a value for %s, which is no partition column", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(types)) {
		value, there := f.partition[name]
		if !there {
			value, there = foldedValue(f.partition, name)
		}
		switch {
		case !there:
			c.report(PartitionKeys, "there is no value for the partition column %s", name)
		case value != nil && *value != "" && !parses(*value, types[name]):
			c.report(PartitionValue, "%s: %q is no %s", name, *value, types[name].name)
		}
	}
}

// foldedValue finds a value by a name in another case.
func foldedValue(values map[string]*string, name string) (*string, bool) {
	for k, v := range values {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return nil, false
}

// parses reports whether text is a value of a primitive type, as partition values are written.
func parses(text string, t *dataType) bool {
	bits := map[string]int{"byte": 8, "short": 16, "integer": 32, "long": 64}
	switch t.name {
	case "byte", "short", "integer", "long":
		_, err := strconv.ParseInt(text, 10, bits[t.name])
		return err == nil
	case "float", "double":
		_, err := strconv.ParseFloat(text, 64)
		return err == nil || slices.Contains([]string{"NaN", "Infinity", "-Infinity"}, text) || strings.Contains(err.Error(), "range")
	case "decimal":
		r, ok := new(big.Rat).SetString(text)
		return ok && fits(r, t)
	case "boolean":
		return strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
	case "date":
		return isDate(text)
	case "timestamp", "timestamp_ntz":
		return isTimestamp(text)
	}
	return true
}

// fits reports whether a number has no more digits than the decimal type.
func fits(r *big.Rat, t *dataType) bool {
	scaled := new(big.Rat).Mul(r, new(big.Rat).SetInt(power10(t.scale)))
	return scaled.IsInt() && new(big.Int).Abs(scaled.Num()).Cmp(power10(t.digits)) < 0
}

func power10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// isDate accepts years of more than four digits, and none of the era before.
func isDate(text string) bool {
	text = strings.TrimPrefix(strings.TrimPrefix(text, "+"), "-")
	year, rest, ok := strings.Cut(text, "-")
	if _, err := strconv.Atoi(year); !ok || err != nil || len(year) < 4 {
		return false
	}
	_, err := time.Parse("2006-01-02", "2000-"+rest)
	return err == nil
}

// timestampLayouts are those that writers are known to use; fractions of any length follow the seconds.
var timestampLayouts = []string{
	"01-02 15:04:05", "01-02T15:04:05", "01-02T15:04:05Z07:00", "01-02 15:04:05Z07:00", "01-02T15:04:05-0700", "01-02 15:04:05-0700", "01-02T15:04:05-07:00:00", "01-02",
}

func isTimestamp(text string) bool {
	sign := strings.TrimLeft(text, "+-")
	year, rest, ok := strings.Cut(sign, "-")
	if _, err := strconv.Atoi(year); !ok || err != nil || len(year) < 4 {
		return false
	}
	return slices.ContainsFunc(timestampLayouts, func(layout string) bool {
		_, err := time.Parse("2006-"+layout, "2000-"+rest)
		return err == nil
	})
}

// statistics are a file's, parsed.
type statistics struct {
	rows int64 // numRecords, -1 where it is not told
	all  members
}

// checkStats parses a file's statistics and holds them against the schema. They are nil where there are none, or none that can be read.
func (c *checker) checkStats(f *file, m *metadata) *statistics {
	if f.stats == "" {
		return nil
	}
	v, err := decodeJSON([]byte(f.stats))
	all, ok := v.(map[string]any)
	if err != nil || !ok {
		c.report(StatsJSON, "the statistics are no JSON object: %.60s", f.stats)
		return nil
	}
	s := &statistics{rows: -1, all: all}
	if n := s.all.optional("numRecords"); n != nil {
		s.rows = *n
	}
	if s.all["numRecords"] != nil && s.rows < 0 {
		c.report(StatsValue, "numRecords is %s", shown(s.all["numRecords"]))
	}
	if v := s.all["tightBounds"]; v != nil && !boolean.holds(v) {
		c.report(StatsValue, "tightBounds is %s", shown(v))
	}
	for _, name := range []string{"minValues", "maxValues", "nullCount"} {
		if v := s.all[name]; v != nil && !member.holds(v) {
			c.report(StatsJSON, "%s is %s, not an object", name, shown(v))
			return s
		}
	}
	c.checkBounds(s, m, m.schema, s.all.object("minValues"), s.all.object("maxValues"), s.all.object("nullCount"), "")
	return s
}

// checkBounds looks at the statistics of a struct's fields.
func (c *checker) checkBounds(s *statistics, m *metadata, t *dataType, low, high, nulls members, at string) {
	for _, f := range t.fields {
		name := m.physical(f)
		path := at + f.name
		if f.typ.name == "struct" {
			c.checkBounds(s, m, f.typ, low.object(name), high.object(name), nulls.object(name), path+".")
			continue
		}
		if v := nulls[name]; v != nil {
			n, ok := asInteger(v)
			if !ok || n < 0 || s.rows >= 0 && n > s.rows && at == "" {
				c.report(StatsValue, "nullCount of %s is %s, of %d rows", path, shown(v), s.rows)
			}
		}
		a, b := low[name], high[name]
		sound := true
		for _, v := range []any{a, b} {
			if v != nil && !isBound(v, f.typ) {
				c.report(StatsValue, "%s, a bound of %s, is no %s", shown(v), path, f.typ.name)
				sound = false
			}
		}
		if sound && a != nil && b != nil && above(a, b) {
			c.report(StatsValue, "the minimum of %s, %s, is above the maximum, %s", path, shown(a), shown(b))
		}
	}
}

// isBound reports whether a JSON value can be a bound of a column; types without bounds are passed over, as are those that widened from another.
func isBound(v any, t *dataType) bool {
	s, isText := v.(string)
	switch t.name {
	case "byte", "short", "integer", "long":
		_, ok := asInteger(v)
		return ok
	case "float", "double":
		_, ok := v.(json.Number)
		return ok || slices.Contains([]string{"NaN", "Infinity", "-Infinity"}, s)
	case "decimal":
		_, ok := v.(json.Number)
		return ok || isText && parses(s, &dataType{name: "double"})
	case "string":
		return isText
	case "date":
		return isText && isDate(s)
	case "timestamp", "timestamp_ntz":
		return isText && isTimestamp(s)
	}
	return true
}

// above compares numbers; bounds of other types are text, whose order is not that of values at their ends.
func above(a, b any) bool {
	x, ok1 := a.(json.Number)
	y, ok2 := b.(json.Number)
	if !ok1 || !ok2 {
		return false
	}
	p, ok1 := new(big.Rat).SetString(x.String())
	q, ok2 := new(big.Rat).SetString(y.String())
	return ok1 && ok2 && p.Cmp(q) > 0
}

// checkVector looks at the descriptor of a file's deletion vector.
func (c *checker) checkVector(f *file, s *statistics) {
	v := f.vector
	if v == nil {
		return
	}
	if !c.state.supports("deletionVectors") {
		c.report(FeatureMissing, "a deletion vector needs the feature deletionVectors")
	}
	if s == nil || s.rows < 0 {
		c.report(VectorRecords, "the file has a deletion vector and no numRecords")
	} else if v.cardinality > s.rows {
		c.report(Vector, "%d rows are deleted of %d", v.cardinality, s.rows)
	}
	if fault := v.fault(); fault != "" {
		c.report(Vector, "%s", fault)
	}
}

// fault is what is wrong with a descriptor by itself.
func (v *vector) fault() string {
	switch _, err := v.file(); {
	case err != nil:
		return err.Error()
	case v.storage == "i" && v.offset != nil:
		return "an inline deletion vector has an offset"
	case v.storage == "i" && len(v.path)%5 != 0:
		return fmt.Sprintf("the inline deletion vector has %d digits, not a multiple of five", len(v.path))
	case v.offset != nil && (*v.offset < 0 || *v.offset > math.MaxInt32):
		return fmt.Sprintf("the offset is %d", *v.offset)
	case v.size <= 0:
		return fmt.Sprintf("sizeInBytes is %d", v.size)
	case v.cardinality < 0:
		return fmt.Sprintf("the cardinality is %d", v.cardinality)
	}
	return ""
}
