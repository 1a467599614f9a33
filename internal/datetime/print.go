package datetime

import "github.com/medallion-go/medallion/internal/digits"

// AppendDate prints a day as 2024-02-29, a year outside of 0 to 9999 with its sign.
func AppendDate(dst []byte, days int32) []byte {
	c := CivilOf(days)
	dst = append(AppendYear(dst, c.Year), '-')
	dst = append(digits.AppendPadded(dst, uint64(c.Month), 2), '-')
	return digits.AppendPadded(dst, uint64(c.Day), 2)
}

// AppendYear prints at least four digits, and a sign outside of 0 to 9999.
func AppendYear(dst []byte, year int) []byte {
	switch {
	case year < 0:
		dst, year = append(dst, '-'), -year
	case year > 9999:
		dst = append(dst, '+')
	}
	return digits.AppendPadded(dst, uint64(year), 4)
}

// AppendTimestamp prints a timestamp as casts do: 2024-02-29 12:34:56.5, the fraction without the zeros at its end.
func AppendTimestamp(dst []byte, micros int64) []byte {
	return AppendFraction(appendSeconds(dst, micros, ' '), uint64(FloorMod(micros, MicrosPerSecond)))
}

// AppendISO prints a timestamp as JSON has it: 2024-02-29T12:34:56.500, always with as many decimals as are asked for, 3 or 6.
func AppendISO(dst []byte, micros int64, decimals int) []byte {
	fraction := uint64(FloorMod(micros, MicrosPerSecond))
	if decimals == 3 {
		fraction /= 1000
	}
	return digits.AppendPadded(append(appendSeconds(dst, micros, 'T'), '.'), fraction, decimals)
}

func appendSeconds(dst []byte, micros int64, separator byte) []byte {
	of := uint64(FloorMod(micros, MicrosPerDay))
	dst = append(AppendDate(dst, DayOf(micros)), separator)
	dst = append(digits.AppendPadded(dst, of/MicrosPerHour, 2), ':')
	dst = append(digits.AppendPadded(dst, of/MicrosPerMinute%60, 2), ':')
	return digits.AppendPadded(dst, of/MicrosPerSecond%60, 2)
}

// AppendFraction prints millionths without trailing zeros, and nothing for none.
func AppendFraction(dst []byte, micros uint64) []byte {
	if micros == 0 {
		return dst
	}
	width := 6
	for ; micros%10 == 0; width-- {
		micros /= 10
	}
	return digits.AppendPadded(append(dst, '.'), micros, width)
}
