package datetime

import (
	"strings"
	"time"

	"github.com/medallion-go/medallion/internal/digits"
)

// ParseZone finds a zone by its name: an offset (+2, +02, +0230, +02:30, +2:30, +02:30:15), UTC, GMT or UT with or without one, Z, one of Java's short IDs, or
// a region such as Europe/Berlin. It is nil where Java has no such zone.
func ParseZone(name string) *time.Location {
	name = strings.TrimFunc(name, func(r rune) bool { return r <= ' ' })
	if name == "Z" || name == "GMT0" {
		return time.UTC
	}
	for _, prefix := range []string{"UTC", "GMT", "UT"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			if rest == "" {
				return time.UTC
			}
			return offsetZone(rest)
		}
	}
	if region := shortZone(name); region != "" {
		name = region
	}
	if name == "" || name[0] == '+' || name[0] == '-' {
		return offsetZone(name)
	}
	if !isRegion(name) {
		return nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return loc
}

// isRegion refuses what zone files know beside the regions that Java has.
func isRegion(name string) bool {
	switch name {
	case "Local", "Factory", "ROC", "localtime", "posixrules":
		return false
	}
	return !strings.HasPrefix(name, "posix/") && !strings.HasPrefix(name, "right/")
}

func offsetZone(s string) *time.Location {
	seconds, ok := ParseOffset(s)
	if !ok {
		return nil
	}
	return time.FixedZone(s, seconds)
}

// ParseOffset reads ±h[h], ±hhmm[ss], ±h[h]:m[m] or ±h[h]:mm:ss as seconds, of at most 18 hours.
func ParseOffset(s string) (seconds int, ok bool) {
	if len(s) < 2 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	var fields [3]int
	rest := []byte(s[1:])
	if n := digits.Count(rest); n == len(rest) && (n == 4 || n == 6) {
		for i := range n / 2 {
			fields[i] = two(rest[2*i:])
		}
		rest = nil
	} else if fields[0], rest, ok = digits.Field(rest, 1, 2); !ok {
		return 0, false
	}
	for i := 1; i < len(fields) && len(rest) > 0; i++ {
		colon, least := rest[0] == ':', 2
		if rest = rest[1:]; i == 1 && len(rest) == 1 {
			least = 1
		}
		if fields[i], rest, ok = digits.Field(rest, least, 2); !ok || !colon {
			return 0, false
		}
	}
	seconds = fields[0]*3600 + fields[1]*60 + fields[2]
	if len(rest) > 0 || fields[1] > 59 || fields[2] > 59 || seconds > 18*3600 {
		return 0, false
	}
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

// OffsetOf is the zone's offset in seconds at a local time in seconds: the earlier one where the local time occurs twice, or not at all, as in Java.
func OffsetOf(loc *time.Location, local int64) int64 {
	offset := func(at int64) int64 { _, o := time.Unix(at, 0).In(loc).Zone(); return int64(o) }
	before, later := offset(local-SecondsPerDay), offset(local+SecondsPerDay)
	if before != later && offset(local-before) != before && offset(local-later) == later {
		return later
	}
	return before
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
