package kernel_test

import "testing"

func TestTimeWindow(t *testing.T) {
	t.Parallel()
	runSQL(t, []sqlCase{
		{"window(timestamp '2024-01-01 10:20:00', '1 hour').start", "2024-01-01 10:00:00"},
		{"window(timestamp '1969-12-31 23:59:00', '1 hour').end", "1970-01-01 00:00:00"},
		{"window(timestamp_ntz '2024-01-01 10:20:00', '1 hour', '1 hour', '30 minutes').start", "2024-01-01 09:30:00"},
		{"window_time(window(timestamp '2024-01-01 10:20:00', '1 hour'))", "2024-01-01 10:59:59.999999"},
		{"window(timestamp '2024-01-01 10:20:00', '2 hours', '1 hour')", "!UNSUPPORTED_FEATURE"},
		{"window(timestamp '2024-01-01 10:20:00', '1 month')", "!CANNOT_PARSE_INTERVAL"},
		{"window(timestamp '2024-01-01 10:20:00', 'soon')", "!CANNOT_PARSE_INTERVAL"},
		{"window(timestamp '2024-01-01 10:20:00', 5)", "!DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
		{"window_time(named_struct('start', 1, 'end', 2))", "!DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
	})
}
