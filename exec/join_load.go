package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
)

// load enters the chunks' columns and keys.
func (t *joinTable) load(ctx context.Context, chunks []chunk) error {
	if len(chunks) == 0 {
		return t.empty()
	}
	for c := range chunks[0].cols {
		g, err := t.gather(chunks, c)
		if err != nil {
			return err
		}
		t.cols = append(t.cols, g)
	}
	for i, k := range chunks {
		t.size += k.size
		if len(chunks) > 1 {
			for r := range k.n {
				t.refs = append(t.refs, vector.Ref(i, r))
			}
		}
	}
	if t.j.codec == nil {
		t.chainAll()
		return nil
	}
	return t.index(ctx, chunks)
}

// A build side of so few rows and bytes hands its strings on as codes: of nations' names, say, which come again with every probe row.
const (
	fewRows  = 256
	fewBytes = 64 << 10
)

// gather prepares column c of the chunks.
func (t *joinTable) gather(chunks []chunk, c int) (*vector.Gather, error) {
	parts := make([]arrow.Array, len(chunks))
	for i, k := range chunks {
		parts[i] = k.cols[c]
	}
	if len(parts) == 1 && t.rows <= fewRows && isPlainText(parts[0]) && vector.Size(parts[0]) <= fewBytes {
		d, err := vector.Encode(t.j.env.Alloc, parts[0])
		if err != nil {
			return nil, err
		}
		defer d.Release()
		parts[0] = d
	}
	return vector.NewGather(t.j.env.Alloc, parts)
}

func isPlainText(a arrow.Array) bool {
	id := a.DataType().ID()
	return id == arrow.STRING || id == arrow.BINARY
}

// empty is a table without rows, whose columns are all NULL.
func (t *joinTable) empty() error {
	for _, f := range t.j.buildSchema().Fields() {
		none := nullColumn(t.j.env, f.Type, 0)
		g, err := vector.NewGather(t.j.env.Alloc, []arrow.Array{none})
		none.Release()
		if err != nil {
			return err
		}
		t.cols = append(t.cols, g)
	}
	if t.j.codec == nil {
		return nil
	}
	t.keys = newTable(t.j.codec)
	if t.j.config.CollectKeys {
		return t.collectKeys(nil)
	}
	return nil
}

// chainAll makes every row a partner of every key, for joins without keys.
func (t *joinTable) chainAll() {
	t.next = make([]int32, t.rows)
	for i := range t.next {
		t.next[i] = int32(i + 1)
	}
	if t.rows > 0 {
		t.next[t.rows-1] = -1
		t.first = []int32{0}
	}
}

// index enters the rows of all chunks by their keys.
func (t *joinTable) index(ctx context.Context, chunks []chunk) error {
	evaluated := make([][]arrow.Array, 0, len(chunks))
	defer func() {
		for _, cols := range evaluated {
			releaseAll(cols)
		}
	}()
	for _, c := range chunks {
		cols, err := t.j.buildKeys().eval(t.j.env, &Batch{Columns: c.cols, N: c.n})
		if err != nil {
			return err
		}
		evaluated = append(evaluated, cols)
	}
	if t.j.config.CollectKeys && !t.j.grace {
		if err := t.collectKeys(evaluated); err != nil {
			return err
		}
	}
	var err error
	if t.words, err = newKeyWords(t.j.codec, evaluated); err != nil {
		return err
	}
	if done, err := t.indexInts(evaluated); done || err != nil {
		return err
	}
	return t.indexHashed(ctx, chunks, evaluated)
}

// indexHashed enters the rows by the hashes of their keys.
func (t *joinTable) indexHashed(ctx context.Context, chunks []chunk, evaluated [][]arrow.Array) error {
	codec := t.j.codec
	if t.words != nil {
		codec = &keyCodec{mode: oneWord}
	}
	t.keys = newTable(codec)
	row := 0
	for i, cols := range evaluated {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := t.indexChunk(cols, chunks[i].n, row); err != nil {
			return err
		}
		row += chunks[i].n
	}
	return nil
}

// indexChunk enters one chunk's rows, from number row on, in strides that stay in the cache.
func (t *joinTable) indexChunk(cols []arrow.Array, n, row int) error {
	var k keys
	null := anyNull(cols)
	ids := make([]uint32, MaxRows)
	sel := make([]int32, 0, MaxRows)
	for from := 0; from < n; from += MaxRows {
		sel = sel[:0]
		for r := from; r < min(from+MaxRows, n); r++ {
			if null == nil || !null(r) {
				sel = append(sel, int32(r))
			}
		}
		if err := t.encode(cols, n, sel, &k); err != nil {
			return err
		}
		t.keys.insert(&k, ids[:len(sel)])
		for i, r := range sel {
			t.chain(int(ids[i]), int32(row)+r)
		}
	}
	return nil
}

// encode is the codec's, of words where keys are those.
func (t *joinTable) encode(cols []arrow.Array, n int, sel []int32, k *keys) error {
	if t.words == nil {
		return t.j.codec.encode(cols, n, sel, k)
	}
	err := t.words.fill(cols, n, sel, k)
	k.hashWords()
	return err
}

// chain puts a row in front of the rows of its key.
func (t *joinTable) chain(key int, row int32) {
	for len(t.first) <= key {
		t.first = append(t.first, -1)
	}
	if before := t.first[key]; before >= 0 {
		if t.next == nil {
			t.next = make([]int32, t.rows)
			for i := range t.next {
				t.next[i] = -1
			}
		}
		t.next[row] = before
	}
	t.first[key] = row
}
