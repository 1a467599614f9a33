package files

import (
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source"
)

// Option says how a source reads its files.
type Option func(*config)

type config struct {
	format     FileFormat
	schema     *arrow.Schema // nil: inferred
	evolution  EvolutionMode
	evolving   bool // evolution was given
	inferTypes bool
	csv        CSVConfig
	overwrites bool
	after      time.Time
	before     time.Time
	limits     source.Limits
	rescued    string
	corrupt    string
	splitBytes int64
	sample     source.Limits
	alloc      memory.Allocator // nil: the reader's
	faults     []error
}

// Defaults.
const (
	defaultSplitBytes  = 8 << 20
	defaultSampleFiles = 1000
	defaultSampleBytes = 64 << 20
	batchRows          = 64 << 10
	fetchBytes         = 8 << 20 // of a Parquet file, held by one worker
)

func newConfig(options []Option) config {
	c := config{
		rescued: "_rescued_data", corrupt: "_corrupt_record", splitBytes: defaultSplitBytes,
		sample: source.Limits{Files: defaultSampleFiles, Bytes: defaultSampleBytes},
	}
	for _, o := range options {
		o(&c)
	}
	return c
}

// EvolutionMode is what happens to columns of files that the schema lacks, in Auto Loader's words.
type EvolutionMode uint8

// The modes. AddNewColumns is the default for an inferred schema: the read fails with a *NewColumnsError, and the schema that the next run infers has the
// columns if they are in the part of the files that it is inferred from (Sample); the error says whether they are. None is
// the default for a given schema: they are left out, or rescued if the schema has _rescued_data. Rescue demands that column. FailOnNewColumns fails until
// the schema or the file is changed.
const (
	None EvolutionMode = iota
	Rescue
	AddNewColumns
	FailOnNewColumns
)

// Format fixes the format of all files. Default: each file's extension tells.
func Format(f FileFormat) Option { return func(c *config) { c.format = f } }

// WithSchema gives the columns: those of the data and, where wanted, _metadata, _rescued_data and _corrupt_record. Default: inferred.
func WithSchema(s *arrow.Schema) Option { return func(c *config) { c.schema = s } }

// WithDDL is WithSchema in Spark's words: "id BIGINT, at TIMESTAMP, _rescued_data STRING".
func WithDDL(text string) Option {
	return func(c *config) {
		s, err := schema.ParseDDL(text)
		if err != nil {
			c.faults = append(c.faults, err)
		}
		c.schema = s
	}
}

// Evolution says what happens to columns that the schema lacks.
func Evolution(m EvolutionMode) Option {
	return func(c *config) { c.evolution, c.evolving = m, true }
}

// InferColumnTypes infers the types of NDJSON and CSV columns too. Default: they are STRING; Parquet's are the files' own.
func InferColumnTypes() Option { return func(c *config) { c.inferTypes = true } }

// Sample bounds what a schema is inferred from: the newest files, of a text file its first 8 MiB at most. Default: 1,000 files and 64 MiB.
func Sample(files int, bytes int64) Option {
	return func(c *config) { c.sample = source.Limits{Files: files, Bytes: bytes} }
}

// AllowOverwrites reads a file again when it has changed since it was read. Default: a key is read once, whatever becomes of its file. Versions are
// kept from the first batch with this option on: what was read before stays read.
func AllowOverwrites() Option { return func(c *config) { c.overwrites = true } }

// ModifiedAfter leaves out files that were not modified after t.
func ModifiedAfter(t time.Time) Option { return func(c *config) { c.after = t } }

// ModifiedBefore leaves out files that were not modified before t.
func ModifiedBefore(t time.Time) Option { return func(c *config) { c.before = t } }

// MaxFilesPerTrigger bounds the files of one batch. Default: no bound.
func MaxFilesPerTrigger(n int) Option { return func(c *config) { c.limits.Files = n } }

// MaxBytesPerTrigger bounds the bytes of one batch, but takes at least one file. Default: no bound.
func MaxBytesPerTrigger(n int64) Option { return func(c *config) { c.limits.Bytes = n } }

// RescuedDataColumn names the column of rescued data. Default: _rescued_data.
func RescuedDataColumn(name string) Option { return func(c *config) { c.rescued = name } }

// CorruptRecordColumn names the column of lines that could not be read. Default: _corrupt_record.
func CorruptRecordColumn(name string) Option { return func(c *config) { c.corrupt = name } }

// SplitBytes is the size of the pieces of plain text files that are read in parallel; Parquet's are four times as large. Default: 8 MiB.
func SplitBytes(n int64) Option { return func(c *config) { c.splitBytes = n } }

// Allocator is where the batches' memory comes from. Default: memory.DefaultAllocator; for Parquet the pool of the engine that reads them, if it has one.
func Allocator(a memory.Allocator) Option { return func(c *config) { c.alloc = a } }

// CSVConfig says how CSV files are written. A zero field stands for the default.
type CSVConfig struct {
	NoHeader  bool   // the first line is data; columns are then taken in the schema's order. Default: it names the columns
	Comma     byte   // default: ',', and a tab for .tsv
	Quote     byte   // default: '"'
	Escape    byte   // default: the quote itself, doubled
	MultiLine bool   // quoted values may hold line breaks; a file is then one split
	Null      string // unquoted text that means NULL, besides the empty one
}

// CSVOptions says how CSV files are written.
func CSVOptions(o CSVConfig) Option { return func(c *config) { c.csv = o } }
