package delta

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
)

// WriterConfig says how data files are written.
type WriterConfig struct {
	Schema          *arrow.Schema // of the batches that are written; default: the table's, for rows that are its own: they keep the values of identity columns
	MergeSchema     bool          // columns that the table does not have are added to it; else they are an error
	TargetFileBytes int64         // a file that has grown to this size is closed; default: the table's delta.targetFileSize, else 128 MiB
	Compression     Codec
	MaxOpenBytes    int64 // per worker, held in files of a partitioned table that are still open; beyond it the largest are closed; default: 128 MiB
	MaxOpenFiles    int   // per worker; default: 1,024

	mustHold string // a condition that all rows must meet; empty: none
	tells    bool   // with a change feed: what is written by writeAs, and told by tell, goes into change files too
	tracked  bool   // where the table tracks rows: they come from its files, and keep their IDs and versions
	moves    bool   // the rows are the table's own: no rule is checked again
}

const (
	defaultFileBytes = 128 << 20
	defaultOpenBytes = 128 << 20
	defaultOpenFiles = 1024
)

// Writer writes rows into new data files and adds them to a transaction. Each goroutine writes through a FileWriter of its own.
type Writer struct {
	tx        *Transaction
	config    WriterConfig
	codec     parquet.Codec
	table     *tableMetadata
	columns   []arrow.Field // the table's columns that are in the files: all but the partition columns
	data      *arrow.Schema // these as the files have them
	dataIndex []int         // their positions in the table
	partition []int         // the partition columns' positions
	rules     []*rule
	values    []columnValue // what the table gives, one per column
	stats     *statsWriter
	env       *kernel.Env
	id        string
	files     atomic.Int64
	changes   *Writer // of change files; nil: there are none
	tells     bool    // it is one of change files
}

// NewWriter prepares to write rows into the transaction's table. Columns are matched by name without regard to case. A column's type must be the table's or
// one that widens to it without loss. Columns that are missing get what the table gives (a generated value, the identity's next one, a default), else NULL.
// Extra columns are added to the table with MergeSchema.
func (tx *Transaction) NewWriter(c WriterConfig) (*Writer, error) {
	if tx.current() == nil {
		return nil, fmt.Errorf("delta: write to %s: %w: SetMetadata first", tx.table.Name(), ErrNotTable)
	}
	own := c.Schema == nil
	if own {
		c.Schema = tx.Schema()
	}
	if c.MergeSchema {
		if err := tx.mergeSchema(c.Schema); err != nil {
			return nil, err
		}
	}
	m := tx.current()
	w := &Writer{tx: tx, table: m, env: &kernel.Env{Alloc: tx.table.config.Alloc, Now: tx.table.config.Clock()}, id: tx.table.config.NewID()}
	w.config = c.withDefaults(m.Metadata)
	codec, err := parquetCodec(c.Compression, m.Configuration["delta.parquet.compression.codec"])
	if err != nil {
		return nil, fmt.Errorf("delta: write to %s: %w", tx.table.Name(), err)
	}
	w.codec = codec
	w.splitColumns()
	if w.config.tracked = c.tracked && m.tracksRows(); w.config.tracked {
		w.data = arrow.NewSchema(append(w.data.Fields(), m.trackedFields()...), nil)
		tx.keepRowIDs()
	}
	w.stats = newStatsWriter(m.Metadata, w.columns, tx.clustering()...)
	if !c.moves {
		if w.rules, err = tx.compileRules(m); err != nil {
			return nil, err
		}
	}
	if c.mustHold != "" {
		r, err := compileRule(constraint{name: "replaceWhere", sql: c.mustHold}, m.schema)
		if err != nil {
			return nil, fmt.Errorf("delta: write to %s: %w", tx.table.Name(), err)
		}
		w.rules = append(w.rules, r)
	}
	w.values = make([]columnValue, m.schema.NumFields())
	if !c.moves {
		if w.values, err = tx.columnValues(m); err != nil {
			return nil, err
		}
	}
	if _, err := w.conversions(); err != nil {
		return nil, err
	}
	if c.tells {
		w.changes = w.changeWriter()
	}
	return w, w.checkIdentities(own)
}

func (c WriterConfig) withDefaults(m *Metadata) WriterConfig {
	if c.TargetFileBytes == 0 {
		c.TargetFileBytes = defaultFileBytes
		if n, ok := parseByteSize(m.Configuration["delta.targetFileSize"]); ok {
			c.TargetFileBytes = n
		}
	}
	if c.MaxOpenBytes == 0 {
		c.MaxOpenBytes = defaultOpenBytes
	}
	if c.MaxOpenFiles == 0 {
		c.MaxOpenFiles = defaultOpenFiles
	}
	return c
}

// splitColumns tells the files' columns from the partition columns, which are in no file.
func (w *Writer) splitColumns() {
	var fields []arrow.Field
	for i, f := range w.table.schema.Fields() {
		if !slices.Contains(w.table.PartitionColumns, f.Name) {
			fields = append(fields, f)
			w.dataIndex = append(w.dataIndex, i)
		}
	}
	w.columns = fields
	w.data = arrow.NewSchema(w.table.fileFields(fields), nil)
	for _, c := range w.table.PartitionColumns {
		w.partition = append(w.partition, schema.Find(w.table.schema.Fields(), c))
	}
}

// conversions compiles how the batches' columns become the table's.
func (w *Writer) conversions() (*rowConversion, error) {
	c, err := newRowConversion(w.config.Schema, w.table.schema, w.values)
	if err != nil {
		return nil, fmt.Errorf("delta: write to %s: %w", w.tx.table.Name(), err)
	}
	return c, nil
}

// checkIdentities refuses rows that bring values for a column that is GENERATED ALWAYS AS IDENTITY, unless they are the table's own.
func (w *Writer) checkIdentities(own bool) error {
	for i, f := range w.table.schema.Fields() {
		if id := w.values[i].identity; id != nil && !id.explicit && !own && schema.Find(w.config.Schema.Fields(), f.Name) >= 0 {
			return fmt.Errorf("delta: write to %s: %w", w.tx.table.Name(), errGeneratedAlways(f.Name))
		}
	}
	return nil
}

// Worker is one goroutine's way to write.
func (w *Writer) Worker() (*FileWriter, error) {
	c, err := w.conversions()
	if err != nil {
		return nil, err
	}
	f := newFileWriter(w, c)
	if w.changes != nil {
		f.changes = newFileWriter(w.changes, nil)
	}
	return f, nil
}

// Sink ends a pipeline in the table. Finish only waits: the transaction's Commit makes the rows visible.
func (w *Writer) Sink() exec.Sink { return writerSink{w} }

type writerSink struct{ w *Writer }

func (s writerSink) Worker() (exec.SinkWorker, error) {
	f, err := s.w.Worker()
	if err != nil {
		return nil, err
	}
	return sinkWorker{f}, nil
}

func (s writerSink) Finish(context.Context) error { return nil }

func (s writerSink) Close() error { return nil }

type sinkWorker struct{ f *FileWriter }

func (s sinkWorker) Push(ctx context.Context, b *exec.Batch) error {
	return s.f.writeAs(ctx, rowInserted, b.Columns, b.N, b.Selection)
}

func (s sinkWorker) Close(ctx context.Context) error { return s.f.Close(ctx) }

// A partitioned table has many files open at once, so each takes smaller pages and dictionaries.
const (
	partitionPageRows        = 8 << 10
	partitionDictionaryBytes = 256 << 10
)

func (w *Writer) parquetConfig(scratch *parquet.Scratch) parquet.WriterConfig {
	c := parquet.WriterConfig{Compression: w.codec, Scratch: scratch, Version1: w.table.parquetVersion1()}
	if len(w.partition) > 0 {
		c.PageRows, c.DictionaryBytes = partitionPageRows, partitionDictionaryBytes
	}
	return c
}

// fileName is the key of a new data file, relative to the table.
func (w *Writer) fileName(values []PartitionValue) string {
	if w.tells {
		return w.changeFileName(values)
	}
	return fmt.Sprintf("%spart-%05d-%s.c000%s.parquet", partitionDirectory(values), w.files.Add(1)-1, w.id, w.codecExtension())
}

func (w *Writer) codecExtension() string {
	return map[parquet.Codec]string{parquet.Snappy: ".snappy", parquet.Zstd: ".zstd", parquet.Uncompressed: ""}[w.codec]
}

// parquetVersion1 says whether data files and checkpoints keep to the encodings of version 1 of Parquet, for readers that know no others.
func (m *Metadata) parquetVersion1() bool {
	return strings.HasPrefix(m.Configuration[parquetVersionKey], "1.")
}

// parseByteSize reads a number of bytes with a unit perhaps: 134217728, 128mb, 1g.
func parseByteSize(text string) (int64, bool) {
	t := strings.TrimSuffix(strings.ToLower(strings.TrimSpace(text)), "b")
	shift := 0
	if t != "" {
		switch t[len(t)-1] {
		case 'k':
			shift = 10
		case 'm':
			shift = 20
		case 'g':
			shift = 30
		}
	}
	if shift > 0 {
		t = t[:len(t)-1]
	}
	n, err := strconv.ParseInt(strings.TrimSpace(t), 10, 64)
	return n << shift, err == nil && n > 0
}
