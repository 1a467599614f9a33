package delta

import "github.com/apache/arrow-go/v18/arrow"

// partOf is the type of a file's column with only those fields that the scan reads of it as its output column i.
func (r *fileReader) partOf(column, i int, t arrow.DataType) arrow.DataType {
	whole := r.parquet.Schema().Field(column).Type
	if i >= len(r.scan.config.Paths) || r.scan.config.Paths[i] == nil {
		return whole
	}
	part := fieldsRead(whole, t, r.scan.config.Paths[i], r.scan.matching)
	if r.parts == nil {
		r.parts = map[int]arrow.DataType{}
	}
	r.parts[column] = part
	return part
}

// fieldsRead is the file's type from with the fields alone that the paths, in the table's type to, lead to. A struct of which the file has none of these keeps its
// first field, which tells where the struct is NULL.
func fieldsRead(from, to arrow.DataType, paths [][]int, by matching) arrow.DataType {
	f, inFile := from.(*arrow.StructType)
	t, inTable := to.(*arrow.StructType)
	if !inFile || !inTable || f.NumFields() == 0 {
		return from
	}
	below := map[int][][]int{}
	for _, p := range paths {
		if len(p) == 0 {
			return from
		}
		below[p[0]] = append(below[p[0]], p[1:])
	}
	var fields []arrow.Field
	for i, want := range t.Fields() {
		at := -1
		if below[i] != nil {
			at = by.find(f.Fields(), want)
		}
		if at >= 0 {
			field := f.Field(at)
			field.Type = fieldsRead(field.Type, want.Type, below[i], by)
			fields = append(fields, field)
		}
	}
	if fields == nil {
		fields = f.Fields()[:1]
	}
	return arrow.StructOf(fields...)
}
