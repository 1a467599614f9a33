package kernel

import (
	"math"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
)

// zoneClock converts between UTC and one zone's local time. It remembers the offset that was last in force, and from when until when.
type zoneClock struct {
	loc         *time.Location
	start, end  int64 // seconds since 1970
	offset      int64
	initialized bool
}

// offsetAt is the seconds that the zone is ahead of UTC at an instant in seconds.
func (z *zoneClock) offsetAt(instant int64) int64 {
	if !z.initialized || instant < z.start || instant >= z.end {
		z.initialized = true
		z.start, z.end, z.offset = offsetInForce(z.loc, instant)
	}
	return z.offset
}

// offsetInForce is a zone's offset at an instant, and between which instants it holds.
func offsetInForce(loc *time.Location, instant int64) (start, end, offset int64) {
	t := time.Unix(instant, 0).In(loc)
	_, seconds := t.Zone()
	from, until := t.ZoneBounds()
	start, end = math.MinInt64, math.MaxInt64
	if !from.IsZero() {
		start = from.Unix()
	}
	if !until.IsZero() {
		end = until.Unix()
	}
	return start, end, int64(seconds)
}

// toLocal is what the zone's clocks show at an instant in µs.
func (z *zoneClock) toLocal(micros int64) int64 {
	return micros + z.offsetAt(datetime.FloorDiv(micros, datetime.MicrosPerSecond))*datetime.MicrosPerSecond
}

// toInstant is when the zone's clocks show a local time in µs; of a time that occurs twice the earlier, of one that is left out as by the offset before.
func (z *zoneClock) toInstant(local int64) int64 {
	seconds := datetime.FloorDiv(local, datetime.MicrosPerSecond)
	at := seconds - z.offset
	if z.initialized && at-datetime.SecondsPerDay >= z.start && at < z.end-datetime.SecondsPerDay {
		return local - z.offset*datetime.MicrosPerSecond
	}
	offset := datetime.OffsetOf(z.loc, seconds)
	z.offsetAt(seconds - offset)
	return local - offset*datetime.MicrosPerSecond
}

// zoneNames finds zones by name, a constant one at once and others as they come.
type zoneNames struct {
	c     *site
	known map[string]*zoneClock
}

// of is the zone, or an error where there is none of that name.
func (z *zoneNames) of(name string) (*zoneClock, error) {
	clock, ok := z.known[name]
	if !ok {
		loc := datetime.ParseZone(name)
		if loc == nil {
			return nil, fault(z.c.pos, "INVALID_TIMEZONE", "22009", "write a region such as Europe/Berlin, or an offset such as +02:00",
				"there is no time zone '%s'", name)
		}
		clock = &zoneClock{loc: loc}
		z.known[name] = clock
	}
	return clock, nil
}

// over gives the zone of each row of an argument.
func (z *zoneNames) over(v vec) func(i int) (*zoneClock, error) {
	if z.known == nil {
		z.known = map[string]*zoneClock{}
	}
	if v.one && !v.allNull() {
		clock, err := z.of(string(textsOf(v).at(0)))
		return func(int) (*zoneClock, error) { return clock, err }
	}
	a := textsOf(v)
	return func(i int) (*zoneClock, error) { return z.of(string(a.at(i))) }
}

// fromUTC is what a zone's clocks show.
func fromUTC(c *site) (kernel, error) {
	return zoned(c, func(z *zoneClock, t int64) int64 { return z.toLocal(t) })
}

// toUTC is the instant at which a zone's clocks show a time.
func toUTC(c *site) (kernel, error) {
	return zoned(c, func(z *zoneClock, t int64) int64 { return z.toInstant(t) })
}

func zoned(c *site, f func(z *zoneClock, t int64) int64) (kernel, error) {
	if c.args[0].ID() != arrow.TIMESTAMP {
		return c.unsupported()
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		names := zoneNames{c: c}
		a, zone := valuesOf[int64](args[0]), names.over(args[1])
		return tried(k, false, func(i int) (int64, error) {
			z, err := zone(i)
			if err != nil {
				return 0, err
			}
			return f(z, a.at(i)), nil
		})
	}}, nil
}

// convertTimezone takes the time on one zone's clocks to another's.
func convertTimezone(c *site) (kernel, error) {
	if c.args[2].ID() != arrow.TIMESTAMP {
		return c.unsupported()
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		sources, targets := zoneNames{c: c}, zoneNames{c: c}
		source, target, a := sources.over(args[0]), targets.over(args[1]), valuesOf[int64](args[2])
		return tried(k, false, func(i int) (int64, error) {
			from, err := source(i)
			if err != nil {
				return 0, err
			}
			to, err := target(i)
			if err != nil {
				return 0, err
			}
			return to.toLocal(from.toInstant(a.at(i))), nil
		})
	}}, nil
}
