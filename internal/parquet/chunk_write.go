package parquet

import (
	"github.com/parquet-go/parquet-go/bloom"
	"github.com/parquet-go/parquet-go/bloom/xxhash"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// maxBloomValues bounds a bloom filter: beyond it, it is less sharp instead of larger (1 MiB).
const maxBloomValues = 800_000

// chunk is the finished pages of one leaf in the row group at hand.
type chunk struct {
	pages        [][]byte // headers and compressed bodies
	locations    []meta.PageLocation
	index        meta.ColumnIndex
	noIndex      bool // some page has values but no bounds, or NaN, which bounds do not tell of
	bounds       bounds
	size         int64 // of pages
	uncompressed int64
	rows         int64
	entries      int64
	values       int64 // entries that are not null
	dictPages    int32
	otherPages   int32
	other        meta.Encoding // of otherPages
}

// chunkTotals sums up the chunks of a leaf.
type chunkTotals struct {
	bounds          bounds
	entries, values int64
}

// add keeps a finished page, which is the open page of c.
func (k *chunk) add(c *column, page []byte, h *meta.PageHeader) {
	k.locations = append(k.locations, meta.PageLocation{Offset: k.size, Size: int32(len(page)), FirstRow: k.rows})
	k.pages = append(k.pages, page)
	k.size += int64(len(page))
	k.uncompressed += int64(len(page)) - int64(h.Compressed) + int64(h.Uncompressed)
	k.rows += int64(c.rows)
	k.entries += int64(c.entries())
	k.values += int64(c.present)
	if h.Encoding == meta.RLEDictionary {
		k.dictPages++
	} else {
		k.otherPages++
		k.other = h.Encoding
	}
	lo, hi := []byte{}, []byte{}
	if c.page.some {
		lo, _ = c.page.encodeMin(c.leaf, maxIndexBound)
		hi, _ = c.page.encodeMax(c.leaf, maxIndexBound)
	}
	k.noIndex = k.noIndex || c.page.nan || c.present > 0 && (!c.page.some || hi == nil)
	k.index.NullPages = append(k.index.NullPages, c.present == 0)
	k.index.MinValues = append(k.index.MinValues, lo)
	k.index.MaxValues = append(k.index.MaxValues, hi)
	k.index.NullCounts = append(k.index.NullCounts, int64(c.entries()-c.present))
	k.bounds.merge(c.leaf.kind, &c.page)
}

// finishedChunk is a chunk in the file, with the indexes that follow later.
type finishedChunk struct {
	index     *meta.ColumnIndex // nil: none
	locations []meta.PageLocation
	bloom     bloom.SplitBlockFilter // nil: none
}

// finish writes the column's chunk and describes it. put writes to the file, whose length so far is at.
func (c *column) finish(at int64, put func([]byte)) (meta.ColumnChunk, finishedChunk, error) {
	k := &c.chunk
	m := meta.ColumnChunk{
		Type: c.leaf.phys, Path: c.leaf.path, NumValues: k.entries, DataPageOffset: at,
		TotalCompressed: k.size, TotalUncompressed: k.uncompressed,
	}
	m.Codec, _ = c.cfg.Compression.codec()
	if k.dictPages > 0 {
		h := meta.PageHeader{Type: meta.DictionaryPage, NumValues: int32(c.dict.n), Encoding: meta.Plain}
		c.scratch.page = c.dict.appendPage(c.scratch.page[:0], c.leaf.phys)
		page, err := c.scratch.seal(c.cfg.Compression, &h, c.scratch.page)
		if err != nil {
			return m, finishedChunk{}, err
		}
		put(page)
		n := int64(len(page))
		m.DictionaryPageOffset, m.DataPageOffset = at, at+n
		m.TotalCompressed += n
		m.TotalUncompressed += n - int64(h.Compressed) + int64(h.Uncompressed)
	}
	for _, p := range k.pages {
		put(p)
	}
	for i := range k.locations {
		k.locations[i].Offset += m.DataPageOffset
	}
	k.describe(&m)
	if !k.bounds.nan { // readers that take NaN for the greatest value would skip it by bounds that leave it out
		k.bounds.statistics(c.leaf, &m.Statistics)
	}
	m.Statistics.NullCount = k.entries - k.values
	f := finishedChunk{locations: k.locations, bloom: c.bloomFilter()}
	if !k.noIndex && len(k.pages) > 0 {
		index := k.index // k is used again for the next chunk, before the index is written
		index.Order = boundaryOrder(c.leaf, &index)
		f.index = &index
	}
	c.total.bounds.merge(c.leaf.kind, &k.bounds)
	c.total.entries += k.entries
	c.total.values += k.values
	c.startChunk()
	return m, f, nil
}

// describe lists the encodings in use.
func (k *chunk) describe(m *meta.ColumnChunk) {
	m.Encodings = append(m.Encodings, meta.RLE)
	if k.dictPages > 0 {
		m.Encodings = append(m.Encodings, meta.Plain, meta.RLEDictionary)
		m.EncodingStats = append(m.EncodingStats,
			meta.EncodingStats{Page: meta.DictionaryPage, Encoding: meta.Plain, Count: 1},
			meta.EncodingStats{Page: meta.DataPage, Encoding: meta.RLEDictionary, Count: k.dictPages})
	}
	if k.otherPages > 0 {
		if k.other != meta.Plain || k.dictPages == 0 {
			m.Encodings = append(m.Encodings, k.other)
		}
		m.EncodingStats = append(m.EncodingStats, meta.EncodingStats{Page: meta.DataPage, Encoding: k.other, Count: k.otherPages})
	}
}

// bloomFilter makes the chunk's filter, 10 bits a value.
func (c *column) bloomFilter() bloom.SplitBlockFilter {
	if !c.bloom {
		return nil
	}
	for i := range c.dict.n {
		switch w := c.width(); w {
		case 0:
			c.hashes = append(c.hashes, xxhash.Sum64(c.dict.str(int32(i))))
		default:
			c.hashes = append(c.hashes, xxhash.Sum64(bytesOf(c.dict.fixed[i : i+1])[:w]))
		}
	}
	f := make(bloom.SplitBlockFilter, max(1, bloom.NumSplitBlocksOf(int64(min(len(c.hashes), maxBloomValues)), 10)))
	f.InsertBulk(c.hashes)
	return f
}
