package delta

import (
	"iter"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/schema"
)

// structView reads the members of a struct column of a checkpoint. A member that is not there, or of another type, is NULL everywhere.
type structView struct {
	arr *array.Struct
	typ *arrow.StructType
}

func newStructView(a *array.Struct) structView {
	return structView{a, a.DataType().(*arrow.StructType)}
}

func (v structView) field(name string) arrow.Array {
	if i, ok := v.typ.FieldIdx(name); ok {
		return v.arr.Field(i)
	}
	return nil
}

// hasOther reports whether a member that is not among the known ones is there in any row.
func (v structView) hasOther(known []string) bool {
	for i, f := range v.typ.Fields() {
		if a := v.arr.Field(i); !slices.Contains(known, f.Name) && a.NullN() < a.Len() {
			return true
		}
	}
	return false
}

func (v structView) texts(name string) textView {
	a, _ := v.field(name).(*array.String)
	return textView{arr: a}
}

func (v structView) bools(name string) boolView {
	a, _ := v.field(name).(*array.Boolean)
	return boolView{a}
}

func (v structView) ints(name string) intView {
	switch a := v.field(name).(type) {
	case *array.Int64:
		return intView{valid: a.IsValid, get: a.Value}
	case *array.Int32:
		return intView{valid: a.IsValid, get: func(i int) int64 { return int64(a.Value(i)) }}
	default:
		return intView{valid: func(int) bool { return false }}
	}
}

func (v structView) child(name string) *array.Struct {
	a, _ := v.field(name).(*array.Struct)
	return a
}

func (v structView) mapOf(name string) mapView {
	a, ok := v.field(name).(*array.Map)
	if !ok {
		return mapView{}
	}
	keys, _ := a.Keys().(*array.String)
	values, _ := a.Items().(*array.String)
	return mapView{a, textView{arr: keys}, textView{arr: values}}
}

func (v structView) list(name string, i int) []string {
	a, ok := v.field(name).(*array.List)
	if !ok || a.IsNull(i) {
		return nil
	}
	values, ok := a.ListValues().(*array.String)
	if !ok {
		return nil
	}
	from, to := a.ValueOffsets(i)
	list := make([]string, 0, to-from)
	for j := from; j < to; j++ {
		list = append(list, strings.Clone(values.Value(int(j))))
	}
	return list
}

// presence is a member that says whether its row is an action.
type presence interface{ present(i int) bool }

// rows yields the rows where both the struct and its required member are there.
func (v structView) rows(required presence) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range v.arr.Len() {
			if v.arr.IsValid(i) && required.present(i) && !yield(i) {
				return
			}
		}
	}
}

func (v structView) count(required presence) int {
	n := 0
	for range v.rows(required) {
		n++
	}
	return n
}

// textView is a column of strings. Its values share the batch's memory unless it is cloned.
type textView struct {
	arr  *array.String
	text string // the column's bytes, copied once for all rows; empty when not cloned
	base int
}

// cloned copies all of the column's bytes at once, so that its values outlive the batch at no further cost.
func (v textView) cloned() textView {
	if v.arr == nil || v.arr.Len() == 0 {
		return v
	}
	v.base = v.arr.ValueOffset(0)
	v.text = string(v.arr.ValueBytes())
	return v
}

func (v textView) valid(i int) bool { return v.arr != nil && v.arr.IsValid(i) }

func (v textView) present(i int) bool { return v.valid(i) }

// at is empty for NULL.
func (v textView) at(i int) string {
	if !v.valid(i) {
		return ""
	}
	if v.text == "" {
		return v.arr.Value(i)
	}
	from := v.arr.ValueOffset(i) - v.base
	return v.text[from : from+v.arr.ValueLen(i)]
}

type boolView struct{ arr *array.Boolean }

func (v boolView) at(i int) bool { return v.arr != nil && v.arr.IsValid(i) && v.arr.Value(i) }

type intView struct {
	valid func(int) bool
	get   func(int) int64
}

func (v intView) present(i int) bool { return v.valid(i) }

// at is 0 for NULL.
func (v intView) at(i int) int64 {
	if !v.valid(i) {
		return 0
	}
	return v.get(i)
}

func (v intView) pointer(i int) *int64 {
	if !v.valid(i) {
		return nil
	}
	return new(v.get(i))
}

// mapView is a column of maps from string to string.
type mapView struct {
	arr          *array.Map
	keys, values textView
}

func (v mapView) valid(i int) bool { return v.arr != nil && v.arr.IsValid(i) }

func (v mapView) span(i int) (from, to int) {
	f, t := v.arr.ValueOffsets(i)
	return int(f), int(t)
}

func (v mapView) strings(i int) map[string]string {
	if !v.valid(i) {
		return nil
	}
	m := make(map[string]string)
	from, to := v.span(i)
	for j := from; j < to; j++ {
		m[strings.Clone(v.keys.at(j))] = strings.Clone(v.values.at(j))
	}
	return m
}

// moreView reads what few files have.
type moreView struct {
	tags       mapView
	vectors    *array.Struct
	vector     structView
	baseRow    intView
	rowVersion intView
	provider   textView
	err        error
}

func (r *checkpointReader) moreOf(v structView) moreView {
	m := moreView{
		tags: v.mapOf("tags"), vectors: v.child("deletionVector"), baseRow: v.ints("baseRowId"), rowVersion: v.ints("defaultRowCommitVersion"),
		provider: v.texts("clusteringProvider"),
	}
	if m.vectors != nil {
		m.vector = newStructView(m.vectors)
	}
	return m
}

func (m moreView) at(i int) *fileMore {
	more := fileMore{baseRowID: m.baseRow.pointer(i), defaultRowCommitVersion: m.rowVersion.pointer(i), clusteringProvider: strings.Clone(m.provider.at(i))}
	if tags := m.tags.strings(i); len(tags) > 0 {
		more.tags = string(appendStringMap(nil, tags))
	}
	if m.vectors != nil && m.vectors.IsValid(i) && m.vector.texts("storageType").valid(i) {
		more.vector = &deletionVector{
			storageType: strings.Clone(m.vector.texts("storageType").at(i)), pathOrInline: strings.Clone(m.vector.texts("pathOrInlineDv").at(i)),
			offset: m.vector.ints("offset").pointer(i), sizeInBytes: m.vector.ints("sizeInBytes").at(i),
			cardinality: m.vector.ints("cardinality").at(i), maxRowIndex: m.vector.ints("maxRowIndex").pointer(i),
		}
	}
	return more.orNil()
}

// statsFromStruct is the JSON of statistics that a checkpoint holds as a struct only; empty where they are NULL.
func statsFromStruct(a *array.Struct, i int) string {
	if a.IsNull(i) {
		return ""
	}
	return string(schema.AppendJSON(nil, a, i))
}
