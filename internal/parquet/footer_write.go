package parquet

import (
	"encoding/binary"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// putFooter writes bloom filters, column indexes, offset indexes and the footer, in the order that readers fetch them best.
func (w *Writer) putFooter() {
	w.eachChunk(func(m *meta.ColumnChunk, f *finishedChunk) {
		if f.bloom == nil {
			return
		}
		m.BloomOffset = w.at
		w.put(meta.AppendBloomHeader(nil, len(f.bloom.Bytes())))
		w.put(f.bloom.Bytes())
		m.BloomLength = int32(w.at - m.BloomOffset)
	})
	w.eachChunk(func(m *meta.ColumnChunk, f *finishedChunk) {
		if f.index == nil {
			return
		}
		m.ColumnIndexOffset = w.at
		w.put(f.index.Append(nil))
		m.ColumnIndexLength = int32(w.at - m.ColumnIndexOffset)
	})
	w.eachChunk(func(m *meta.ColumnChunk, f *finishedChunk) {
		m.OffsetIndexOffset = w.at
		w.put(meta.AppendOffsetIndex(nil, f.locations))
		m.OffsetIndexLength = int32(w.at - m.OffsetIndexOffset)
	})
	b := w.file.Append(nil)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(b)))
	w.put(append(b, magic...))
}

func (w *Writer) eachChunk(do func(*meta.ColumnChunk, *finishedChunk)) {
	for g := range w.chunks {
		for i := range w.chunks[g] {
			do(&w.file.RowGroups[g].Columns[i], &w.chunks[g][i])
		}
	}
}
