package enginetest

import (
	"strings"

	"github.com/medallion-go/medallion/expr"
)

// timeDomains are the domains of functions of dates, timestamps and intervals.
func timeDomains(function string, argument int) []expr.Node {
	at := func(position int) bool { return argument == position }
	switch {
	case function == "timestampadd" && at(0), function == "timestampdiff" && at(0):
		return parsed("'YEAR'", "'QUARTER'", "'MONTH'", "'WEEK'", "'DAY'", "'HOUR'", "'MINUTE'", "'SECOND'", "'MILLISECOND'", "'MICROSECOND'")
	case function == "timestampadd" && at(1):
		return parsed("0L", "1L", "-1L", "13L", "-400L")
	case function == "date_part" && at(0):
		return parsed("'YEAROFWEEK'", "'SECOND'", "'DAYOFWEEK_ISO'")
	case function == "next_day" && at(1):
		return parsed("'MO'", "'tue'", "'Sunday'")
	case function == "from_utc_timestamp" && at(1), function == "to_utc_timestamp" && at(1), function == "convert_timezone" && argument < 2:
		return parsed("'UTC'", "'Europe/Berlin'", "'America/Los_Angeles'", "'+05:30'")
	case function == "date_from_unix_date":
		return parsed("0", "-1", "19782", "-719162")
	case strings.Contains(function, "make_timestamp"):
		return [][]expr.Node{parsed("2024", "1970", "1"), parsed("2", "12"), parsed("29", "1"), parsed("0", "23"), parsed("0", "59"), parsed("0.00", "59.99")}[argument]
	case (function == "to_timestamp_ntz" || function == "to_timestamp_ltz") && at(1):
		return parsed("'yyyy-MM-dd'", "'yyyy-MM-dd HH:mm:ss'", "'dd/MM/yyyy'")
	}
	return documentDomains(function, argument)
}

// documentDomains are those of functions of JSON and CSV.
func documentDomains(function string, argument int) []expr.Node {
	switch {
	case function == "from_csv" && argument == 1:
		return parsed("'a INT, b STRING'", "'a STRING, b DATE, _corrupt_record STRING'")
	case argument > 0:
		return map[string][]expr.Node{"from_json": parsed("'a INT, b ARRAY<STRING>'", "'a ARRAY<STRUCT<b: STRING>>'", "'MAP<STRING, STRING>'")}[function]
	case function == "schema_of_json":
		return parsed("'{\"a\": [1, {\"b\": \"c\"}]}'", "'[1, 2.5]'")
	case function == "from_csv", function == "schema_of_csv":
		return parsed("'1,x'", "'x'", "',2024-02-29'", "'\"a,b\",c,d'")
	case function == "from_json", function == "json_array_length", function == "json_object_keys":
		return parsed("'{\"a\": [1, {\"b\": \"c\"}]}'", "'[1, 2]'", "'{}'", "''", "'{\"a\":'")
	}
	return nil
}
