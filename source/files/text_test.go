package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// chunksOf plans the file and reads every split's text.
func chunksOf(t *testing.T, store storage.Store, key string, splitBytes int64) []string {
	t.Helper()
	s := In(store, key, SplitBytes(splitBytes), WithDDL("_corrupt_record STRING"), Format(NDJSON))
	b, err := s.Plan(context.Background(), nil, s.Limits())
	if err != nil {
		t.Fatal(err)
	}
	var chunks []string
	for i, split := range b.Splits {
		f := &textFile{split: split.(*textSplit), ctx: context.Background()}
		if err := f.open(); err != nil {
			t.Fatal(err)
		}
		err := f.chunks(func(chunk []byte, first bool) error {
			if first != (i == 0 && len(chunks) == 0) {
				t.Errorf("chunk %d of split %d: first = %v", len(chunks), i, first)
			}
			chunks = append(chunks, string(chunk))
			return nil
		})
		if err := errors.Join(err, f.close()); err != nil {
			t.Fatal(err)
		}
	}
	return chunks
}

func put(t *testing.T, store storage.Store, key string, data []byte) {
	t.Helper()
	if _, err := storage.Put(context.Background(), store, key, data); err != nil {
		t.Fatal(err)
	}
}

func TestSplitsCutAtLines(t *testing.T) {
	t.Parallel()
	texts := []string{
		"", "\n", "a", "a\n", "a\nb", "\n\n\n", "aaaa\nbbbb\ncccc\n", "aaaa\r\nbb\r\n\r\nc", strings.Repeat("x", 100) + "\ny\n", "y\n" + strings.Repeat("x", 100),
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		var b strings.Builder
		for range random.IntN(20) {
			b.WriteString(strings.Repeat("z", random.IntN(12)))
			b.WriteByte('\n')
		}
		texts = append(texts, b.String()+strings.Repeat("e", random.IntN(3)))
	}
	for i, text := range texts {
		store := memory.New()
		put(t, store, "f", []byte(text))
		for size := int64(1); size < 30; size++ {
			chunks := chunksOf(t, store, "f", size)
			if got := strings.Join(chunks, ""); got != text {
				t.Fatalf("text %d in splits of %d bytes: %q, want %q", i, size, got, text)
			}
			for _, c := range chunks[:max(len(chunks)-1, 0)] {
				if !strings.HasSuffix(c, "\n") {
					t.Fatalf("text %d in splits of %d bytes: chunk %q is cut within a line", i, size, c)
				}
			}
		}
	}
}

func TestLongLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789abcdef", 1<<16)
	text := "first\n" + long + "\n" + long + "\nlast"
	store := memory.New()
	put(t, store, "f", []byte(text))
	chunks := chunksOf(t, store, "f", 100<<10)
	if got := strings.Join(chunks, ""); got != text || len(chunks) != 3 {
		t.Errorf("%d chunks of together %d bytes, want 3 of %d: each line in the split where it begins", len(chunks), len(got), len(text))
	}
}

func pack(t *testing.T, text string, c compression) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	switch c {
	case gzipped:
		w = gzip.NewWriter(&b)
	case zstandard:
		w, err = zstd.NewWriter(&b)
	case snappyFramed:
		w = s2.NewWriter(&b, s2.WriterSnappyCompat())
	default: // plain text is no packing
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPackedFiles(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("line\n", 5000) + strings.Repeat("l", 3000) + "\nno newline at the end"
	for name, c := range map[string]compression{"f.json.gz": gzipped, "f.json.zst": zstandard, "f.json.sz": snappyFramed, "f.json": gzipped, "g.json": zstandard} {
		store := memory.New()
		put(t, store, name, pack(t, text, c))
		chunks := chunksOf(t, store, name, 64)
		if got := strings.Join(chunks, ""); got != text {
			t.Errorf("%s: %d bytes, want %d", name, len(got), len(text))
		}
		for _, chunk := range chunks[:len(chunks)-1] {
			if !strings.HasSuffix(chunk, "\n") {
				t.Fatalf("%s: chunk is cut within a line: %q", name, chunk)
			}
		}
	}
}

// growing appends to its object whenever it is read.
type growing struct {
	storage.Store
	t     *testing.T
	reads int
}

func (g *growing) Open(ctx context.Context, key string) (storage.Object, error) {
	o, err := g.Store.Open(ctx, key)
	return &growingObject{o, g}, err
}

type growingObject struct {
	storage.Object
	store *growing
}

func (o *growingObject) ReadAt(p []byte, at int64) (int, error) {
	if o.store.reads++; o.store.reads%2 == 1 {
		return 0, fmt.Errorf("read: %w", storage.ErrChanged)
	}
	return o.Object.ReadAt(p, at)
}

func TestFileThatGrows(t *testing.T) {
	t.Parallel()
	inner := memory.New()
	put(t, inner, "f", []byte("1\n2\n3"))
	s := In(&growing{Store: inner, t: t}, "f", Format(NDJSON), WithDDL("_corrupt_record STRING"))
	b, err := s.Plan(context.Background(), nil, s.Limits())
	if err != nil {
		t.Fatal(err)
	}
	put(t, inner, "f", []byte("1\n2\n3\n4\n"))
	f := &textFile{split: b.Splits[0].(*textSplit), ctx: context.Background()}
	if err := f.open(); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := f.chunks(func(c []byte, _ bool) error { got = append(got, string(c)); return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1\n2\n3"}, got); diff != "" {
		t.Errorf("text (-want +got): only what was listed is read\n%s", diff)
	}
	put(t, inner, "f", []byte("9"))
	var changed *ChangedError
	if err := f.chunks(func([]byte, bool) error { return nil }); !errors.As(err, &changed) || changed.Found.Size != 1 {
		t.Errorf("error = %v, want a *ChangedError", err)
	}
}

func TestNullable(t *testing.T) {
	t.Parallel()
	l, err := newLayout(&config{rescued: "_r", corrupt: "_c"}, schematest.DDL(t, "a STRUCT<b: INT NOT NULL> NOT NULL, _c STRING NOT NULL"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := schema.DDL(l.schema), "a STRUCT<b: INT>, _c STRING"; got != want {
		t.Errorf("schema = %s, want %s", got, want)
	}
}

// TestUTF16 has files that would give names and values full of NULs.
func TestUTF16(t *testing.T) {
	t.Parallel()
	store := memory.New()
	put(t, store, "le.csv", []byte("\xff\xfea\x00\n\x001\x00\n\x00"))
	put(t, store, "be.tsv", []byte("\xfe\xff\x00a\x00\n"))
	put(t, store, "large.csv", append([]byte("\xff\xfe"), make([]byte, 200)...))
	for _, pattern := range []string{"le.csv", "be.tsv", "large.csv"} {
		var corrupt *CorruptError
		if _, err := In(store, pattern).Schema(t.Context()); !errors.As(err, &corrupt) || corrupt.File != pattern || !strings.Contains(err.Error(), "UTF-16") {
			t.Errorf("infer %s: %v, want a *CorruptError that says UTF-16", pattern, err)
		}
		s := In(store, pattern, WithDDL("a INT, _rescued_data STRING"), SplitBytes(100))
		b, err := s.Plan(t.Context(), nil, s.Limits())
		if err == nil {
			_, err = b.Splits[0].Read(t.Context(), nil, func(arrow.RecordBatch) error { return nil })
		}
		if !errors.As(err, &corrupt) || !strings.Contains(err.Error(), "UTF-16") {
			t.Errorf("read %s: %v, want a *CorruptError that says UTF-16", pattern, err)
		}
	}
}

func TestDamagedPackedFile(t *testing.T) {
	t.Parallel()
	store := memory.New()
	whole := pack(t, strings.Repeat("line\n", 5000), gzipped)
	put(t, store, "f.json.gz", whole[:len(whole)/2])
	s := In(store, "*.gz", WithDDL("a INT, _corrupt_record STRING"))
	b, err := s.Plan(context.Background(), nil, s.Limits())
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Splits[0].Read(context.Background(), nil, func(arrow.RecordBatch) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "f.json.gz") || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error = %v, want an unexpected end of f.json.gz", err)
	}
}
