package delta

import (
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
)

// withHighWaterMarks is a schema whose identity columns go on where another one's have got to, if that is further.
func withHighWaterMarks(s, other *arrow.Schema) *arrow.Schema {
	fields := s.Fields()
	for i, f := range fields {
		for _, o := range other.Fields() {
			if o.Name == f.Name {
				fields[i].Metadata = furtherMark(f.Metadata, o.Metadata)
			}
		}
	}
	return arrow.NewSchema(fields, nil)
}

// furtherMark is a column's metadata with the larger of two high-water marks, or the smaller where the numbers descend.
func furtherMark(m, other arrow.Metadata) arrow.Metadata {
	step, isIdentity := metadataInt(m, identityStepKey)
	theirs, marked := metadataInt(other, identityHighKey)
	if !isIdentity || !marked {
		return m
	}
	if ours, ok := metadataInt(m, identityHighKey); ok && (step > 0 && ours >= theirs || step < 0 && ours <= theirs) {
		return m
	}
	values := m.ToMap()
	values[identityHighKey] = strconv.FormatInt(theirs, 10)
	return arrow.MetadataFrom(values)
}

func metadataInt(m arrow.Metadata, key string) (int64, bool) {
	text, ok := m.GetValue(key)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}
