package kernel

import (
	"math"
	"math/big"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/datetime"
)

// steps is an arithmetic progression: of values, or in months of the calendar.
type steps struct {
	start, stop, by int64
	month           func(start, months int64) int64 // nil: by is added
}

// at is the n-th value, from 0.
func (s steps) at(n int64) int64 {
	if s.month != nil {
		return s.month(s.start, n*s.by)
	}
	return s.start + n*s.by
}

// holds tells whether a value lies before the end.
func (s steps) holds(v int64) bool {
	return s.by > 0 && v <= s.stop || s.by < 0 && v >= s.stop || v == s.stop
}

// count is how many values there are; ok is false where they never reach the end, and wide where there are more than an array can hold.
func (s steps) count() (n int64, ok, wide bool) {
	switch {
	case s.start == s.stop:
		return 1, true, false
	case s.by == 0 || s.by > 0 != (s.stop > s.start):
		return 0, false, false
	case s.month != nil:
		return s.countMonths()
	}
	distance := uint64(s.stop) - uint64(s.start)
	by := uint64(s.by)
	if s.by < 0 {
		distance, by = -distance, -by
	}
	if distance/by >= mostElements {
		return 0, true, true
	}
	return int64(distance/by) + 1, true, false
}

func (s steps) countMonths() (n int64, ok, wide bool) {
	for n = 1; n <= mostElements; n++ {
		if !s.holds(s.at(n)) {
			return n, true, false
		}
	}
	return 0, true, true
}

// show is the number of values, however great.
func (s steps) show() string {
	n := new(big.Int).Sub(big.NewInt(s.stop), big.NewInt(s.start))
	return n.Add(n.Quo(n, big.NewInt(s.by)), big.NewInt(1)).String()
}

// sequence lists the values from start to stop, both included.
func sequence(c *site) (kernel, error) {
	t, ok := c.typ.(*arrow.ListType)
	if !ok {
		return c.unsupported()
	}
	at, ok := c.progression()
	if !ok {
		return c.unsupported()
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		l, of, total := k.newList(), at(args), int64(0)
		for i := range k.rows() {
			l.row(i, int(total))
			s, err := of(i)
			if err != nil {
				return vec{}, err
			}
			n, reached, wide := s.count()
			if !reached {
				return vec{}, fault(c.pos, "ILLEGAL_SEQUENCE_BOUNDARIES", "22023", "", "no step of %d leads from %d to %d", s.by, s.start, s.stop)
			}
			if total += n; wide || total > mostElements {
				return vec{}, fault(c.pos, "COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER", "54000", "", "sequence cannot make %s elements", s.show())
			}
		}
		values, err := k.progressions(t.Elem(), int(total), of)
		if err != nil {
			return vec{}, err
		}
		return l.done(values)
	}}, nil
}

// progressions are the values of all rows end to end.
func (k *frame) progressions(t arrow.DataType, total int, of func(i int) (steps, error)) (arrow.Array, error) {
	out := make([]int64, 0, total)
	for i := range k.rows() {
		s, err := of(i)
		if err != nil {
			return nil, err
		}
		n, _, _ := s.count()
		for j := range n {
			out = append(out, s.at(j))
		}
	}
	return k.integers(t, out), nil
}

// integers is an array of a type that holds whole numbers, dates or instants.
func (s *scope) integers(t arrow.DataType, values []int64) arrow.Array {
	switch t.ID() {
	case arrow.INT8:
		return narrowed[int8](s, t, values)
	case arrow.INT16:
		return narrowed[int16](s, t, values)
	case arrow.INT32, arrow.DATE32:
		return narrowed[int32](s, t, values)
	default:
		return narrowed[int64](s, t, values)
	}
}

func narrowed[T signed](s *scope, t arrow.DataType, values []int64) arrow.Array {
	var zero T
	buf := s.buffer(len(values) * len(arrow.GetBytes([]T{zero})))
	out := arrow.GetData[T](buf.Bytes())
	for i, v := range values {
		out[i] = T(v)
	}
	return s.newArray(t, len(values), nil, []*memory.Buffer{buf})
}

// progression tells how a row's arguments are read.
func (c *site) progression() (at func(args []vec) func(i int) (steps, error), ok bool) {
	read := longsOf(c.args[0])
	isDate, isClock := c.args[0].ID() == arrow.DATE32, c.args[0].ID() == arrow.TIMESTAMP
	if isDate {
		read = func(v vec) func(int) int64 {
			a := valuesOf[int32](v)
			return func(i int) int64 { return int64(a.at(i)) }
		}
	}
	if isClock {
		read = func(v vec) func(int) int64 { return valuesOf[int64](v).at }
	}
	if read == nil {
		return nil, false
	}
	return func(args []vec) func(i int) (steps, error) {
		start, stop := read(args[0]), read(args[1])
		if len(args) == 2 {
			unit := int64(1)
			if isClock {
				unit = datetime.MicrosPerDay
			}
			return func(i int) (steps, error) { return unitSteps(start(i), stop(i), unit), nil }
		}
		by := c.stepOf(args[2])
		return func(i int) (steps, error) {
			n, month, err := by(i)
			return steps{start: start(i), stop: stop(i), by: n, month: month}, err
		}
	}, true
}

// unitSteps goes by the unit, up or down.
func unitSteps(start, stop, unit int64) steps {
	if start > stop {
		unit = -unit
	}
	return steps{start: start, stop: stop, by: unit}
}

// stepOf reads the step: a number, or an interval in the unit of dates (days) or timestamps (µs), or in months.
func (c *site) stepOf(v vec) func(i int) (by int64, month func(start, months int64) int64, err error) {
	isDate := c.args[0].ID() == arrow.DATE32
	switch c.args[2].ID() {
	case arrow.INTERVAL_MONTHS:
		months, move := valuesOf[int32](v), monthsFrom
		if isDate {
			move = func(day, months int64) int64 { return datetime.AddMonths(int32(day), months) }
		}
		return func(i int) (int64, func(start, months int64) int64, error) { return int64(months.at(i)), move, nil }
	case arrow.DURATION:
		micros := valuesOf[int64](v)
		return func(i int) (int64, func(start, months int64) int64, error) {
			n := micros.at(i)
			if isDate && n%datetime.MicrosPerDay != 0 {
				return 0, nil, fault(c.pos, "INTERNAL_ERROR", "XX000", "step by whole days, or from a timestamp", "a sequence of dates cannot go by parts of a day")
			}
			if isDate {
				n /= datetime.MicrosPerDay
			}
			return n, nil, nil
		}
	default:
		read := longsOf(c.args[2])(v)
		return func(i int) (int64, func(start, months int64) int64, error) { return read(i), nil, nil }
	}
}

// monthsFrom moves an instant by months of the calendar, the time of day staying.
func monthsFrom(micros, months int64) int64 {
	day := datetime.DayOf(micros)
	moved := datetime.AddMonths(day, months)
	if moved > math.MaxInt32 || moved < math.MinInt32 {
		return moved // beyond all timestamps, as the day is
	}
	return moved*datetime.MicrosPerDay + datetime.FloorMod(micros, datetime.MicrosPerDay)
}
