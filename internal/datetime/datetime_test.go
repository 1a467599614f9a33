package datetime_test

import (
	_ "embed"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/medallion-go/medallion/internal/datetime"
)

// inSpark has texts, and what Spark 4.2 takes them for: as a DATE its days, as a TIMESTAMP its microseconds, as a TIMESTAMP_NTZ as printed, and that again
// as the readers of CSV and JSON have it; - is none, ? was not tried.
//
//go:embed testdata/spark.tsv
var inSpark string

func TestTextAsInSpark(t *testing.T) {
	t.Parallel()
	var instant datetime.Parser
	dropped, refused := datetime.Parser{Zone: datetime.Dropped}, datetime.Parser{Zone: datetime.Refused}
	local := func(p *datetime.Parser, text []byte) string {
		micros, ok := p.Parse(text)
		if !ok {
			return "-"
		}
		return string(datetime.AppendTimestamp(nil, micros))
	}
	number := func(n int64, ok bool) string {
		if !ok {
			return "-"
		}
		return strconv.FormatInt(n, 10)
	}
	for line := range strings.Lines(inSpark) {
		want := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		unquoted, err := strconv.Unquote(want[0])
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		text := []byte(unquoted)
		days, ok := datetime.ParseDate(text)
		got := []string{want[0], number(int64(days), ok), number(instant.Parse(text)), local(&dropped, text), local(&refused, text)}
		for i, what := range []string{"", "DATE", "TIMESTAMP", "TIMESTAMP_NTZ", "TIMESTAMP_NTZ of a file"} {
			if got[i] != want[i] && want[i] != "?" {
				t.Errorf("%s as %s = %s, want %s", want[0], what, got[i], want[i])
			}
		}
	}
}

func TestTimeOfDayAlone(t *testing.T) {
	t.Parallel()
	p := datetime.Parser{Now: time.Date(1960, 2, 29, 23, 0, 0, 0, time.UTC)}
	for text, want := range map[string]string{"01:02:03": "1960-02-29 01:02:03", "1:2": "1960-02-29 01:02:00", "T1": "1960-02-29 01:00:00", "01:02:03+02:00": "1960-02-28 23:02:03"} {
		micros, ok := p.Parse([]byte(text))
		if got := string(datetime.AppendTimestamp(nil, micros)); !ok || got != want {
			t.Errorf("%s = %s, %v; want %s", text, got, ok, want)
		}
		for _, none := range []datetime.Parser{{}, {Zone: datetime.Dropped, Now: p.Now}} {
			if micros, ok := none.Parse([]byte(text)); ok {
				t.Errorf("%s = %d where there is no day for it", text, micros)
			}
		}
	}
}

func TestTimesAgreeWithTime(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	var p datetime.Parser
	for day := time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC); day.Year() < 10_000; day = day.AddDate(0, 0, 1+r.IntN(200)) {
		text := day.Format(time.DateOnly)
		got, ok := datetime.ParseDate([]byte(text))
		fixed, okFixed := datetime.FixedDate([]byte(text))
		if !ok || !okFixed || got != fixed || int64(got)*datetime.SecondsPerDay != day.Unix() {
			t.Fatalf("%s = %d, %v and %d, %v; want %d", text, got, ok, fixed, okFixed, day.Unix()/datetime.SecondsPerDay)
		}
		at := day.Add(time.Duration(r.Int64N(datetime.MicrosPerDay)) * time.Microsecond)
		zone := time.FixedZone("", (r.IntN(36)-18)*1800)
		for _, layout := range []string{"2006-01-02T15:04:05.000000Z07:00", "2006-01-02 15:04:05.999999Z07:00", "2006-1-2 15:4:5.000000-0700"} {
			text := at.In(zone).Format(layout)
			if got, ok := p.Parse([]byte(text)); !ok || got != at.UnixMicro() {
				t.Fatalf("%s = %d, %v; want %d", text, got, ok, at.UnixMicro())
			}
		}
		if got, want := string(datetime.AppendISO(nil, at.UnixMicro(), 3)), at.Format("2006-01-02T15:04:05.000"); got != want {
			t.Fatalf("AppendISO = %s, want %s", got, want)
		}
	}
}

func TestFixedDateRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "2024-02-30", "2024-00-01", "2024-1-01x", "2024-02-29 ", "+024-02-29", "2023-02-29", "2024-02-2a", "202a-02-29", "2024/02-29"} {
		if days, ok := datetime.FixedDate([]byte(text)); ok {
			t.Errorf("%q = %d", text, days)
		}
	}
}

func TestExtremes(t *testing.T) {
	t.Parallel()
	for _, days := range []int32{math.MinInt32, math.MaxInt32} {
		text := datetime.AppendDate(nil, days)
		if got, ok := datetime.ParseDate(text); !ok || got != days {
			t.Errorf("%s = %d, %v; want %d", text, got, ok, days)
		}
	}
	var p datetime.Parser
	for _, micros := range []int64{math.MinInt64, math.MaxInt64} {
		text := datetime.AppendTimestamp(nil, micros)
		if got, ok := p.Parse(text); !ok || got != micros {
			t.Errorf("%s = %d, %v; want %d", text, got, ok, micros)
		}
	}
}

func TestParsingDoesNotAllocate(t *testing.T) {
	var p datetime.Parser
	texts := [][]byte{[]byte("2024-02-29T01:02:03.678Z"), []byte(" 2024-2-29 1:2 "), []byte("2024-02-29 01:02:03 Europe/Berlin"), []byte("2024-02-29 01:02:03+01:30")}
	for _, text := range texts {
		p.Parse(text)
	}
	dst := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(10, func() {
		for _, text := range texts {
			micros, _ := p.Parse(text)
			dst = datetime.AppendTimestamp(dst[:0], micros)
			datetime.ParseDate(text)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"2024-01-02T03:04:05.678Z", "2024-1-2 3:4:0 UTC+1", "-290307-01-01", "294246-12-31T23:59:59.999999-18:00", "1970", "T1:2", "+"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, zone := range []datetime.Zoning{datetime.Heeded, datetime.Dropped, datetime.Refused} {
			p := datetime.Parser{Zone: zone, Now: time.Unix(0, 0)}
			micros, ok := p.Parse(text)
			if !ok {
				continue
			}
			printed := datetime.AppendTimestamp(nil, micros)
			if again, ok := p.Parse(printed); !ok || again != micros {
				t.Errorf("%q = %d, printed as %s, read again as %d, %v", text, micros, printed, again, ok)
			}
		}
		if days, ok := datetime.ParseDate(text); ok {
			if again, ok := datetime.ParseDate(datetime.AppendDate(nil, days)); !ok || again != days {
				t.Errorf("%q = day %d, read again as %d, %v", text, days, again, ok)
			}
		}
	})
}

func ExampleParser() {
	p := datetime.Parser{}
	micros, ok := p.Parse([]byte("2024-10-27 02:30:00 Europe/Berlin"))
	fmt.Println(string(datetime.AppendTimestamp(nil, micros)), ok)
	// Output: 2024-10-27 00:30:00 true
}
