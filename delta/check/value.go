package check

import (
	"encoding/json"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// jsonValue is a row of a checkpoint's column as a commit would have it: numbers as json.Number, members that are NULL left out.
func jsonValue(a arrow.Array, row int) any {
	if a.IsNull(row) {
		return nil
	}
	switch a := a.(type) {
	case *array.Struct:
		m := make(map[string]any)
		for i, f := range a.DataType().(*arrow.StructType).Fields() {
			if v := jsonValue(a.Field(i), row); v != nil {
				m[f.Name] = v
			}
		}
		return m
	case *array.Map:
		m := make(map[string]any)
		from, to := a.ValueOffsets(row)
		for i := int(from); i < int(to); i++ {
			if k, ok := jsonValue(a.Keys(), i).(string); ok {
				m[k] = jsonValue(a.Items(), i)
			}
		}
		return m
	case *array.List:
		from, to := a.ValueOffsets(row)
		values := make([]any, 0, to-from)
		for i := int(from); i < int(to); i++ {
			values = append(values, jsonValue(a.ListValues(), i))
		}
		return values
	case *array.Dictionary:
		return jsonValue(a.Dictionary(), a.GetValueIndex(row))
	case *array.String:
		return a.Value(row)
	case *array.Boolean:
		return a.Value(row)
	case *array.Int64:
		return json.Number(strconv.FormatInt(a.Value(row), 10))
	case *array.Int32:
		return json.Number(strconv.FormatInt(int64(a.Value(row)), 10))
	default:
		return a.ValueStr(row)
	}
}
