package delta

import (
	"cmp"
	"context"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
)

// byPartition puts the files of each partition into one bin, in their order.
func byPartition(partition []string, files []*File) []bin {
	at := make(map[string]int)
	var bins []bin
	for _, f := range files {
		values := ordered(f, partition)
		name := partitionDirectory(values)
		i, ok := at[name]
		if !ok {
			i, at[name] = len(bins), len(bins)
			bins = append(bins, bin{values: values})
		}
		bins[i].files = append(bins[i].files, f)
	}
	return bins
}

// pack puts the files that are too small, or have too many deleted rows, into bins, each of two files or more of one partition. As the files of a partition
// come by size, no two of its bins fit into one: packing again finds nothing, but for what compression gains.
func (o OptimizeOptions) pack(partition []string, files []*File) []bin {
	var chosen []*File
	for _, f := range files {
		if f.Size < o.MinFileBytes || o.wasteful(f) {
			chosen = append(chosen, f)
		}
	}
	return slices.DeleteFunc(o.fill(partition, chosen), func(b bin) bool { return len(b.files) < 2 && !o.wasteful(b.files[0]) })
}

// wasteful reports whether many of a file's rows are deleted, or nobody knows how many are not.
func (o OptimizeOptions) wasteful(f *File) bool {
	v := f.vector()
	if v == nil {
		return false
	}
	live, known := f.NumRows()
	return !known || float64(v.cardinality) > o.MaxDeletedRows*float64(live+v.cardinality)
}

// fill puts files into bins that are not larger than the target, each of one partition.
func (o OptimizeOptions) fill(partition []string, files []*File) (bins []bin) {
	position := make(map[*File]int, len(files))
	for i, f := range files {
		position[f] = i
	}
	for _, whole := range byPartition(partition, files) {
		for _, part := range o.split(whole.files) {
			slices.SortFunc(part, func(a, b *File) int { return position[a] - position[b] }) // rows keep their order
			bins = append(bins, bin{whole.values, part})
		}
	}
	return bins
}

func (o OptimizeOptions) split(files []*File) (parts [][]*File) {
	slices.SortStableFunc(files, func(a, b *File) int { return cmp.Compare(a.Size, b.Size) })
	from, size := 0, int64(0)
	for i, f := range files {
		if size+f.Size > o.TargetFileBytes && i > from {
			parts, from, size = append(parts, files[from:i]), i, 0
		}
		size += f.Size
	}
	return append(parts, files[from:])
}

// considered are the metrics that the choice of files gives.
func considered(files int, bins []bin) map[string]int64 {
	partitions := make(map[string]bool)
	var packed []*File
	for _, b := range bins {
		partitions[partitionDirectory(b.values)] = true
		packed = append(packed, b.files...)
	}
	m := map[string]int64{
		"numBins": int64(len(bins)), "partitionsOptimized": int64(len(partitions)),
		"totalConsideredFiles": int64(files), "totalFilesSkipped": int64(files - len(packed)),
	}
	if len(packed) > 0 {
		bySize := func(a, b *File) int { return cmp.Compare(a.Size, b.Size) }
		m["filesRemoved.min"], m["filesRemoved.max"] = slices.MinFunc(packed, bySize).Size, slices.MaxFunc(packed, bySize).Size
	}
	return m
}

// impure are the files that hold deleted rows or columns that the table does not have.
func (s *Snapshot) impure(ctx context.Context, files []*File) ([]*File, error) {
	scan, err := s.Scan(ScanConfig{Files: []*File{}})
	if err != nil {
		return nil, err
	}
	want := s.metadata.fileFields(s.metadata.dataFields())
	if s.metadata.tracksRows() {
		want = append(want, s.metadata.trackedFields()...)
	}
	var list []*File
	for _, f := range files {
		dirty := f.vector() != nil
		if !dirty && s.metadata.mapping() != mappingNone { // else no column can be dropped
			err = scan.withFile(ctx, f, func(p *parquet.File) error {
				dirty = !within(p.Schema().Fields(), want)
				return nil
			})
		}
		if err != nil {
			return nil, err
		}
		if dirty {
			list = append(list, f)
		}
	}
	return list, nil
}

// within reports whether all of a file's columns, and the fields of its structs at any depth, are among those wanted.
func within(have, want []arrow.Field) bool {
	for _, f := range have {
		if i := schema.Find(want, f.Name); i < 0 || !typeWithin(f.Type, want[i].Type) {
			return false
		}
	}
	return true
}

func typeWithin(have, want arrow.DataType) bool {
	switch h := have.(type) {
	case *arrow.StructType:
		if w, ok := want.(*arrow.StructType); ok {
			return within(h.Fields(), w.Fields())
		}
	case *arrow.ListType:
		if w, ok := want.(*arrow.ListType); ok {
			return typeWithin(h.Elem(), w.Elem())
		}
	case *arrow.MapType:
		if w, ok := want.(*arrow.MapType); ok {
			return typeWithin(h.KeyType(), w.KeyType()) && typeWithin(h.ItemType(), w.ItemType())
		}
	}
	return true
}
