package numberformat_test

import (
	"errors"
	"testing"

	"github.com/medallion-go/medallion/internal/numberformat"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct{ format, class string }{
		{"", "EMPTY"},
		{"$", "WRONG_NUM_DIGIT"},
		{"x", "WRONG_NUM_DIGIT"},
		{"9$9", "CUR_MUST_BEFORE_DIGIT"},
		{".$9", "CUR_MUST_BEFORE_DEC"},
		{",9", "CONT_THOUSANDS_SEPS"},
		{"9,,9", "CONT_THOUSANDS_SEPS"},
		{"9.9,9", "THOUSANDS_SEPS_MUST_BEFORE_DEC"},
		{"9.9.9", "WRONG_NUM_TOKEN"},
		{"S9S", "WRONG_NUM_TOKEN"},
		{"9x", "UNEXPECTED_TOKEN"},
		{"$S9", "UNEXPECTED_TOKEN"},
	}
	for _, tt := range tests {
		t.Run(tt.format, func(t *testing.T) {
			t.Parallel()
			_, err := numberformat.Parse(tt.format)
			var fault *numberformat.Fault
			if !errors.As(err, &fault) || fault.Class != tt.class {
				t.Errorf("Parse = %v, want %s", err, tt.class)
			}
		})
	}
}

func TestReadAndAppend(t *testing.T) {
	t.Parallel()
	tests := []struct {
		format, whole, fraction string
		negative                bool
		text, digits            string // written, and read from that
	}{
		{"S9,999.99", "1234", "5", true, "-1,234.50", "123450"},
		{"0000.0", "12", "", false, "0012.0", "00120"},
		{"$99.99", "7", "25", false, "$ 7.25", "725"},
		{"999PR", "12", "", true, " <12>", "12"},
		{"999MI", "12", "", true, " 12-", "12"},
		{"99", "123", "", false, "##", ""},
		{"9.9", "", "5", false, "0.5", "05"},
	}
	for _, tt := range tests {
		t.Run(tt.format, func(t *testing.T) {
			t.Parallel()
			f, err := numberformat.Parse(tt.format)
			if err != nil {
				t.Fatal(err)
			}
			text := string(f.Append(nil, tt.negative, tt.whole, tt.fraction))
			if text != tt.text {
				t.Errorf("Append = %q, want %q", text, tt.text)
			}
			if tt.format == "999PR" {
				text = text[1:] // a blank before < is not read
			}
			digits, negative, ok := f.Read(text)
			if ok != (tt.digits != "") || digits != tt.digits || negative != (ok && tt.negative) {
				t.Errorf("Read(%q) = %s, %t, %t; want %s, %t", text, digits, negative, ok, tt.digits, tt.negative)
			}
		})
	}
}

// FuzzParse never panics, and what a format writes has no more digits than the format.
func FuzzParse(f *testing.F) {
	f.Add("S$9,999.99", "1234")
	f.Add("MI0D0PR", "x")
	f.Fuzz(func(t *testing.T, format, text string) {
		parsed, err := numberformat.Parse(format)
		if err != nil {
			return
		}
		if digits, _, ok := parsed.Read(text); ok && len(digits) > parsed.Precision() {
			t.Errorf("%q read by %q has the digits %s", text, format, digits)
		}
	})
}
