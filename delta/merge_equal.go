package delta

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
)

// equalPairs keeps the pairs of rows whose keys are equal. Only keys that are null-safe are NULL, which NULL equals. Results share the arguments' memory.
func equalPairs(targetKeys, sourceKeys []arrow.Array, nullSafe []bool, target, source []int32) (_, _ []int32, err error) {
	for i := range targetKeys {
		equal := equalColumn
		if nullSafe[i] && targetKeys[i].NullN()+sourceKeys[i].NullN() > 0 {
			equal = equalNulls
		}
		if target, source, err = equal(targetKeys[i], sourceKeys[i], target, source); err != nil {
			return nil, nil, err
		}
	}
	return target, source, nil
}

func equalColumn(t, s arrow.Array, target, source []int32) (_, _ []int32, err error) {
	switch a := t.(type) {
	case *array.Int64:
		if b, ok := s.(*array.Int64); ok {
			return equalValues(a.Int64Values(), b.Int64Values(), target, source)
		}
	case *array.Int32:
		if b, ok := s.(*array.Int32); ok {
			return equalValues(a.Int32Values(), b.Int32Values(), target, source)
		}
	case *array.Date32:
		if b, ok := s.(*array.Date32); ok {
			return equalValues(a.Date32Values(), b.Date32Values(), target, source)
		}
	case *array.Timestamp:
		if b, ok := s.(*array.Timestamp); ok {
			return equalValues(a.TimestampValues(), b.TimestampValues(), target, source)
		}
	case *array.String:
		if b, ok := s.(*array.String); ok {
			return equalStrings(a, b, target, source)
		}
	}
	return equalNulls(t, s, target, source)
}

func equalNulls(t, s arrow.Array, target, source []int32) (_, _ []int32, _ error) {
	compare, err := vector.NewCompare(t, s, false, true)
	if err != nil {
		return nil, nil, err
	}
	n := 0
	for i, row := range target {
		if compare(int(row), int(source[i])) == 0 {
			target[n], source[n] = row, source[i]
			n++
		}
	}
	return target[:n], source[:n], nil
}

func equalValues[T comparable](t, s []T, target, source []int32) (_, _ []int32, _ error) {
	n := 0
	for i, row := range target {
		if t[row] == s[source[i]] {
			target[n], source[n] = row, source[i]
			n++
		}
	}
	return target[:n], source[:n], nil
}

func equalStrings(t, s *array.String, target, source []int32) (_, _ []int32, _ error) {
	n := 0
	for i, row := range target {
		if t.Value(int(row)) == s.Value(int(source[i])) {
			target[n], source[n] = row, source[i]
			n++
		}
	}
	return target[:n], source[:n], nil
}
