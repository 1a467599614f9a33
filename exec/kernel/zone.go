package kernel

import (
	"strings"
	"time"
)

// parseZone finds a zone by what may follow a timestamp: an offset (+2, +02, +0230, +02:30, +2:30, +02:30:15), UTC, GMT or UT with or without an
// offset, Z, one of Java's short IDs, or a region such as Europe/Berlin. It is nil where there is no such zone.
func parseZone(name string) *time.Location {
	name = strings.TrimSpace(name)
	if name == "Z" || name == "z" {
		return time.UTC
	}
	for _, prefix := range []string{"UTC", "GMT", "UT"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			if rest == "" || rest == "0" && prefix == "GMT" {
				return time.UTC
			}
			return parseOffset(rest)
		}
	}
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		return parseOffset(name)
	}
	if region := shortZone(name); region != "" {
		name = region
	}
	if name == "" || name == "Local" {
		return nil
	}
	if loc := parseOffset(name); loc != nil {
		return loc
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return loc
}

// parseOffset reads a signed offset of at most 18 hours.
func parseOffset(s string) *time.Location {
	if s == "" || s[0] != '+' && s[0] != '-' {
		return nil
	}
	sign := 1
	if s[0] == '-' {
		sign = -1
	}
	parts := strings.Split(s[1:], ":")
	if len(parts) == 1 && len(s) > 3 {
		parts = chunks(s[1:])
	}
	if len(parts) > 3 {
		return nil
	}
	total := 0
	for i, unit := range []int{3600, 60, 1} {
		if i == len(parts) {
			break
		}
		v, rest, ok := field([]byte(parts[i]), 1, 2)
		if !ok || len(rest) > 0 || i > 0 && v > 59 {
			return nil
		}
		total += v * unit
	}
	if total > 18*3600 {
		return nil
	}
	return time.FixedZone(s, sign*total)
}

// chunks splits hhmm or hhmmss; anything else is returned whole and will not parse.
func chunks(s string) []string {
	switch len(s) {
	case 4:
		return []string{s[:2], s[2:]}
	case 6:
		return []string{s[:2], s[2:4], s[4:]}
	}
	return []string{s}
}

// shortZone are Java's short zone IDs; "" for any other name.
func shortZone(id string) string {
	if len(id) != 3 {
		return ""
	}
	return map[string]string{
		"EST": "-05:00", "MST": "-07:00", "HST": "-10:00",
		"ACT": "Australia/Darwin", "AET": "Australia/Sydney", "AGT": "America/Argentina/Buenos_Aires", "ART": "Africa/Cairo", "AST": "America/Anchorage",
		"BET": "America/Sao_Paulo", "BST": "Asia/Dhaka", "CAT": "Africa/Harare", "CNT": "America/St_Johns", "CST": "America/Chicago", "CTT": "Asia/Shanghai",
		"EAT": "Africa/Addis_Ababa", "ECT": "Europe/Paris", "IET": "America/Indiana/Indianapolis", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo",
		"MIT": "Pacific/Apia", "NET": "Asia/Yerevan", "NST": "Pacific/Auckland", "PLT": "Asia/Karachi", "PNT": "America/Phoenix",
		"PRT": "America/Puerto_Rico", "PST": "America/Los_Angeles", "SST": "Pacific/Guadalcanal", "VST": "Asia/Ho_Chi_Minh",
	}[id]
}
