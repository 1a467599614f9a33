package ndjson

import (
	"github.com/apache/arrow-go/v18/arrow"
)

// ParseStrict reads all lines of data with nothing forgiven: the first malformed line or value is a *MalformedError. Columns may be NOT NULL; a NULL or a
// missing field is an error then. Fields that the schema lacks are ignored. A batch is borrowed until yield returns.
func ParseStrict(s *arrow.Schema, data []byte, yield func(arrow.RecordBatch) error) error {
	p, err := newParser(Config{Schema: s}, true)
	if err != nil {
		return err
	}
	return p.Parse(data, 1, func(b arrow.RecordBatch, _ Counts) error { return yield(b) })
}
