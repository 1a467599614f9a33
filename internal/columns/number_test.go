package columns_test

import (
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/medallion-go/medallion/internal/columns"
)

// randomNumber is mostly a number.
func randomNumber(r *rand.Rand) string {
	digits := func(most int) string {
		var b strings.Builder
		for range r.IntN(most + 1) {
			b.WriteByte('0' + byte(r.IntN(10)))
		}
		return b.String()
	}
	s := []string{"", "-", "+"}[r.IntN(3)] + digits(25)
	if r.IntN(2) == 0 {
		s += "." + digits(25)
	}
	if r.IntN(4) == 0 {
		s += "e" + []string{"", "-", "+"}[r.IntN(3)] + digits(2)
	}
	return s
}

func TestParseDecimalAgreesWithBig(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 20_000 {
		text := randomNumber(r)
		precision := int32(1 + r.IntN(38))
		scale := int32(r.IntN(int(precision) + 1))
		got, ok := columns.ParseDecimal([]byte(text), precision, scale)
		want := bigDecimal(text, precision, scale)
		if ok != (want != nil) || ok && got.BigInt().Cmp(want) != 0 {
			t.Fatalf("%q as DECIMAL(%d,%d) = %v, %v; want %v", text, precision, scale, got.BigInt(), ok, want)
		}
		if ok {
			accepted++
		}
	}
	if accepted < 2_000 {
		t.Errorf("only %d numbers fitted: the test says little", accepted)
	}
}

// bigDecimal is the unscaled value, rounded half up, nil if it does not fit.
func bigDecimal(text string, precision, scale int32) *big.Int {
	v, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	v.Mul(v, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	twice := new(big.Int).Mul(new(big.Int).Abs(v.Num()), big.NewInt(2))
	n := twice.Add(twice, v.Denom())
	n.Quo(n, new(big.Int).Mul(v.Denom(), big.NewInt(2)))
	if n.Cmp(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision)), nil)) >= 0 {
		return nil
	}
	if v.Sign() < 0 {
		n.Neg(n)
	}
	return n
}

func TestParseNumbersAgreeWithStrconv(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		text := randomNumber(r)
		if got, ok := columns.ParseFloat([]byte(text), 64); !agrees(text, 64, got, ok) {
			t.Fatalf("%q = %v, %v", text, got, ok)
		}
		if got, ok := columns.ParseFloat([]byte(text), 32); !agrees(text, 32, got, ok) {
			t.Fatalf("%q in 32 bits = %v, %v", text, got, ok)
		}
		want, err := strconv.ParseInt(text, 10, 64)
		if got, ok := columns.ParseInt([]byte(text)); ok != (err == nil) || ok && got != want {
			t.Fatalf("%q = %d, %v; want %d, %v", text, got, ok, want, err)
		}
	}
}

func agrees(text string, size int, got float64, ok bool) bool {
	want, err := strconv.ParseFloat(text, size)
	return ok == (err == nil) && (!ok || got == want)
}

func TestParseTimesAgreeWithTime(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 10_000; day = day.AddDate(0, 0, 1+r.IntN(200)) {
		if got, ok := columns.ParseDate([]byte(day.Format("2006-01-02"))); !ok || int64(got)*86_400 != day.Unix() {
			t.Fatalf("%s = %d, %v; want %d", day, got, ok, day.Unix()/86_400)
		}
		at := day.Add(time.Duration(r.Int64N(86_400e6)) * time.Microsecond)
		zone := time.FixedZone("", (r.IntN(36)-18)*1800)
		for _, layout := range []string{"2006-01-02T15:04:05.000000Z07:00", "2006-01-02 15:04:05.999999Z07:00", "2006-1-2 15:4:5.000000-0700"} {
			text := at.In(zone).Format(layout)
			if at.In(zone).Year() < 1 {
				continue
			}
			if got, ok := columns.ParseTimestamp([]byte(text), true); !ok || got != at.UnixMicro() {
				t.Fatalf("%s = %d, %v; want %d", text, got, ok, at.UnixMicro())
			}
		}
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want int32
		ok   bool
	}{
		{"1970", 0, true},
		{"1970-01", 0, true},
		{"1970-1-1", 0, true},
		{"+1970-01-01", 0, true},
		{"0000-01-01", -719_528, true},
		{"-0001-12-31", -719_529, true},
		{"1970-01-02 10:00", 1, true},
		{"2000-02-29", 11_016, true},
		{"", 0, false},
		{"197", 0, false},
		{"1970-", 0, false},
		{"1970-01-", 0, false},
		{"1970-01-01 ", 0, false},
		{"1970-01-01T25:00", 0, false},
		{"1900-02-29", 0, false},
		{"1970-001-01", 0, false},
		{"1970/01/01", 0, false},
		{"19700-1x-01", 0, false},
		{"1970-04-31", 0, false},
		{"-", 0, false},
		{"2000-1a-01", 0, false},
	}
	for _, tt := range tests {
		got, ok := columns.ParseDate([]byte(tt.in))
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%q = %d, %v; want %d, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func FuzzParseTimestamp(f *testing.F) {
	for _, seed := range []string{"2024-01-02T03:04:05.678Z", "2024-1-2 3:4 UTC+1", "-290307-01-01", "294246-12-31T23:59:59.999999-18:00", "1970"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, zoned := range []bool{true, false} {
			micros, ok := columns.ParseTimestamp(text, zoned)
			if !ok {
				continue
			}
			at := time.UnixMicro(micros).UTC()
			if at.Year() < 1 || at.Year() > 9999 {
				continue
			}
			again, ok := columns.ParseTimestamp([]byte(at.Format("2006-01-02T15:04:05.000000")), false)
			if !ok || again != micros {
				t.Errorf("%q = %d, which is %s, read again as %d, %v", text, micros, at, again, ok)
			}
		}
	})
}
