package kernel

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/medallion-go/medallion/internal/digits"
)

// specifier is literal text, or how one argument is printed.
type specifier struct {
	literal          string
	argument         int
	flags            string
	width, precision int // precision -1: none
	conversion       byte
}

// readFormat cuts a format into parts; every specifier has its argument.
func readFormat(text string, arguments int) ([]specifier, error) {
	parts, next, last := []specifier{}, 0, -1
	for text != "" {
		i := strings.IndexByte(text, '%')
		if i < 0 {
			i = len(text)
		}
		if i > 0 {
			parts, text = append(parts, specifier{literal: text[:i]}), text[i:]
			continue
		}
		s := specifier{precision: -1}
		explicit, rest, err := s.read(text[1:])
		if err != nil {
			return nil, err
		}
		text = rest
		switch s.conversion {
		case 'n':
			s.literal = "\n"
		case '%':
			s.literal = padded("%", s.width, strings.Contains(s.flags, "-"))
		default:
			switch {
			case strings.Contains(s.flags, "<"):
				s.argument = last
			case explicit > 0:
				s.argument = explicit - 1
			default:
				s.argument = next
				next++
			}
			if s.argument < 0 || s.argument >= arguments {
				return nil, errors.New("there are too few arguments")
			}
			last = s.argument
		}
		parts = append(parts, s)
	}
	return parts, nil
}

// read takes [n$][flags][width][.precision]conversion.
func (s *specifier) read(text string) (explicit int, rest string, err error) {
	number := func() int {
		n := digits.Count([]byte(text))
		v, err := strconv.Atoi(text[:n])
		if n == 0 || err != nil || v > math.MaxInt16 {
			return -1
		}
		text = text[n:]
		return v
	}
	if n := digits.Count([]byte(text)); n > 0 && strings.HasPrefix(text[n:], "$") {
		explicit = number()
		text = text[1:]
	}
	size := len(text) - len(strings.TrimLeft(text, "-#+ 0,(<"))
	s.flags, text = text[:size], text[size:]
	s.width = max(0, number())
	if strings.HasPrefix(text, ".") {
		text = text[1:]
		if s.precision = number(); s.precision < 0 {
			return 0, "", errors.New("a point without a precision")
		}
	}
	if text == "" || strings.IndexByte("dxXofeEsSbBcn%", text[0]) < 0 {
		return 0, "", fmt.Errorf("the conversion %.1q is not supported", text)
	}
	s.conversion = text[0]
	return explicit, text[1:], s.checkFlags()
}

// checkFlags refuses flags that contradict each other or make no sense for the conversion.
func (s *specifier) checkFlags() error {
	has := func(flag string) bool { return strings.Contains(s.flags, flag) }
	allowed := map[byte]string{
		'd': "-+ 0,(<", 'x': "-#0<", 'X': "-#0<", 'o': "-#0<", 'f': "-+ 0,(<", 'e': "-+ 0(<", 'E': "-+ 0(<", 's': "-<", 'S': "-<", 'b': "-<", 'B': "-<", 'c': "-<", '%': "-",
	}[s.conversion]
	switch {
	case strings.Trim(s.flags, allowed) != "", has("-") && has("0"), has("+") && has(" "), (has("-") || has("0")) && s.width == 0:
		return fmt.Errorf("the flags '%s' cannot stand with %%%c", s.flags, s.conversion)
	case s.precision >= 0 && strings.IndexByte("dxXoc%n", s.conversion) >= 0:
		return fmt.Errorf("%%%c takes no precision", s.conversion)
	}
	return nil
}
