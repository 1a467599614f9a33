package columns_test

import (
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

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
