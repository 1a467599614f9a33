package exec

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// sketches is approx_count_distinct: HyperLogLog++ (Heule, Nunkesser and Hall, 2013) over Spark's hash of the values.
type sketches struct {
	env  *Env
	hash *kernel.Expr
	p    int // address bits
	of   []sketch
	held int64
}

// sketch is the greatest rank of each register that has one: a short list of register<<8|rank, or all registers.
type sketch struct {
	few []uint32
	all []uint8
}

// fewRegisters is up to how many registers are kept as a list.
const fewRegisters = 32

func newSketches(env *Env, a expr.BoundAggregate) (accumulator, error) {
	rsd, err := constantFloat(env, a.Args[1])
	if err != nil {
		return nil, err
	}
	t := a.Args[0].Type()
	column := expr.BoundColumn{Name: "value", Typ: t, Null: true}
	hash, err := kernel.Compile(expr.BoundCall{Func: "xxhash64", Args: []expr.Bound{column}, Typ: arrow.PrimitiveTypes.Int64})
	if err != nil {
		return nil, err
	}
	return &sketches{env: env, hash: hash, p: max(4, int(math.Ceil(2*math.Log(1.106/rsd)/math.Log(2))))}, nil
}

func (s *sketches) grow(n int) { s.of = growTo(s.of, n) }

func (s *sketches) update(groups []uint32, rows []int32, args []arrow.Array) error {
	hashes, err := s.hash.Eval(s.env.Kernel, args[:1], args[0].Len(), nil)
	if err != nil {
		return err
	}
	defer hashes.Release()
	values, null := arrow.GetValues[int64](hashes.Data(), 1), vector.RowNulls(args[0])
	for i, g := range groups {
		if r := at(rows, i); null == nil || !null(r) {
			h := uint64(values[r])
			rank := bits.LeadingZeros64(h<<s.p|1<<(s.p-1)) + 1
			s.note(g, uint32(h>>(64-s.p)), uint8(rank))
		}
	}
	return nil
}

// note raises a register's rank.
func (s *sketches) note(g uint32, register uint32, rank uint8) {
	x := &s.of[g]
	if x.all != nil {
		x.all[register] = max(x.all[register], rank)
		return
	}
	for i, e := range x.few {
		if e>>8 == register {
			x.few[i] = max(e, register<<8|uint32(rank))
			return
		}
	}
	if len(x.few) < fewRegisters {
		before := cap(x.few)
		x.few = append(x.few, register<<8|uint32(rank))
		s.held += 4 * int64(cap(x.few)-before)
		return
	}
	x.all = make([]uint8, 1<<s.p)
	s.held += 1<<s.p - 4*int64(cap(x.few))
	for _, e := range x.few {
		x.all[e>>8] = uint8(e)
	}
	x.few = nil
	x.all[register] = max(x.all[register], rank)
}

// The state is a group's list in little endian, or its registers behind a byte.
func (s *sketches) stateTypes() []arrow.DataType { return []arrow.DataType{arrow.BinaryTypes.Binary} }

func (s *sketches) state(picked []uint32) ([]arrow.Array, error) {
	b := array.NewBinaryBuilder(s.env.Alloc, arrow.BinaryTypes.Binary)
	defer b.Release()
	var buf []byte
	for i := range pickedLen(picked, len(s.of)) {
		x := s.of[pick(picked, i)]
		buf = buf[:0]
		if x.all != nil {
			buf = append(append(buf, 1), x.all...)
		}
		for _, e := range x.few {
			buf = binary.LittleEndian.AppendUint32(buf, e)
		}
		b.Append(buf)
	}
	return []arrow.Array{b.NewArray()}, nil
}

func (s *sketches) absorb(groups []uint32, state []arrow.Array) error {
	offs, data := vector.Strings(state[0])
	for i, g := range groups {
		v := data[offs[i]:offs[i+1]]
		if len(v) == 1+1<<s.p {
			for register, rank := range v[1:] {
				if rank > 0 {
					s.note(g, uint32(register), rank)
				}
			}
			continue
		}
		for ; len(v) > 0; v = v[4:] {
			e := binary.LittleEndian.Uint32(v)
			s.note(g, e>>8, uint8(e))
		}
	}
	return nil
}

func (s *sketches) result(picked []uint32) (arrow.Array, error) {
	return int64s(s.env.Alloc, pickedLen(picked, len(s.of)), func(i int) int64 { return s.estimate(s.of[pick(picked, i)]) }), nil
}

// thresholds are up to which estimate linear counting is the better one, by address bits from 4 (Heule et al., appendix).
var thresholds = [...]float64{10, 20, 40, 80, 220, 400, 900, 1800, 3100, 6500, 15500, 20000, 50000, 120000, 350000}

// estimate is the number of distinct values: by the registers without a rank while there are enough of them, else by the ranks.
func (s *sketches) estimate(x sketch) int64 {
	m := float64(uint64(1) << s.p)
	empty, sum := m-float64(len(x.few)), m-float64(len(x.few))
	for _, e := range x.few {
		sum += math.Ldexp(1, -int(uint8(e)))
	}
	if x.all != nil {
		empty, sum = 0, 0
		for _, rank := range x.all {
			sum += math.Ldexp(1, -int(rank))
			if rank == 0 {
				empty++
			}
		}
	}
	raw := s.alpha() * m * m / sum
	tabled := s.p-4 < len(thresholds)
	if linear := m * math.Log(m/empty); empty > 0 && (tabled && linear <= thresholds[s.p-4] || raw <= 2.5*m) {
		return int64(math.Floor(linear + 0.5))
	}
	if tabled && raw < 5*m {
		raw = s.unbiased(raw)
	}
	return int64(math.Floor(raw + 0.5))
}

// alpha corrects the harmonic mean of the ranks.
func (s *sketches) alpha() float64 {
	switch s.p {
	case 4:
		return 0.673
	case 5:
		return 0.697
	case 6:
		return 0.709
	}
	return 0.7213 / (1 + 1.079/float64(uint64(1)<<s.p))
}

// unbiased is the number of values for which raw is to be expected. The paper looks the difference up in tables of what was measured for some numbers;
// here it is worked out.
func (s *sketches) unbiased(raw float64) float64 {
	n := raw
	for range 100 {
		next := raw - (s.expected(n) - n)
		if math.Abs(next-n) < 1e-6 {
			break
		}
		n = next
	}
	return n
}

// expected is the raw estimate to be expected for n values: with λ values to a register, its rank is at most k with the probability exp(-λ / 2^k).
func (s *sketches) expected(n float64) float64 {
	m := float64(uint64(1) << s.p)
	load := n / m
	below, mean, square := 0.0, 0.0, 0.0
	for k := 0; k <= 65-s.p; k++ {
		upTo := math.Exp(-load * math.Ldexp(1, -k))
		if k == 65-s.p {
			upTo = 1
		}
		mean += (upTo - below) * math.Ldexp(1, -k)
		square += (upTo - below) * math.Ldexp(1, -2*k)
		below = upTo
	}
	spread := (square - mean*mean) / (m * mean * mean)
	return s.alpha() * m / mean * (1 + spread)
}

func (s *sketches) size() int64 { return 48*int64(cap(s.of)) + s.held }
func (s *sketches) release()    {}
