// Package files delivers rows as files in a store: Parquet, NDJSON or CSV.
//
// A delivery is one object, named after the delivery's ID. The store makes it visible whole or not at all, so a reader of the folder needs no manifest and
// never sees half a delivery; a delivery whose object is there has been made, so the same ID counts once. Large deliveries are one large object: Parquet is
// read by row groups and NDJSON by byte ranges all the same.
package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/sink"
	"github.com/medallion-go/medallion/storage"
)

// FileFormat is how rows are written.
type FileFormat uint8

// The formats. NDJSON and CSV are written as Spark writes them. CSV has a header and takes no nested or binary columns.
const (
	Parquet FileFormat = iota
	NDJSON
	CSV
)

// extension is what file names end in.
func (f FileFormat) extension() string {
	switch f {
	case NDJSON:
		return ".json"
	case CSV:
		return ".csv"
	default:
		return ".parquet"
	}
}

// Config says how files are written.
type Config struct {
	Format FileFormat // default: Parquet
}

// Sink writes one object per delivery under a prefix.
type Sink struct {
	store  storage.Store
	prefix string
	config Config
}

var _ sink.Sink = (*Sink)(nil)

// New is a sink that writes the objects <prefix>/<delivery ID>.<extension>. An empty prefix is the top of the store.
func New(store storage.Store, prefix string, c Config) (*Sink, error) {
	if store == nil {
		return nil, errors.New("files: the sink's store is nil")
	}
	if c.Format > CSV {
		return nil, fmt.Errorf("files: unknown format %d", c.Format)
	}
	prefix = strings.Trim(prefix, "/")
	if prefix != "" {
		if err := storage.CheckKey(prefix); err != nil {
			return nil, fmt.Errorf("files: prefix of the sink: %w", err)
		}
	}
	return &Sink{store: store, prefix: prefix, config: c}, nil
}

// Name is the prefix, as a URL where the store has them.
func (s *Sink) Name() string {
	if l, ok := s.store.(storage.Locator); ok {
		return l.URL(s.prefix)
	}
	return s.prefix
}

// Key is the object that holds the delivery.
func (s *Sink) Key(id string) string {
	return storage.Join(s.prefix, escape(id)+s.config.Format.extension())
}

// Deliver writes the object unless it is there. Two deliveries of one ID at the same time both write it, with the same rows.
func (s *Sink) Deliver(ctx context.Context, d sink.Delivery) error {
	if d.ID == "" {
		return errors.New("files: a delivery needs an ID")
	}
	key := s.Key(d.ID)
	exists, err := s.exists(ctx, key)
	if err == nil && !exists {
		err = s.write(ctx, key, d)
	}
	if err != nil {
		return fmt.Errorf("files: deliver %s: %w", d.ID, err)
	}
	return nil
}

func (s *Sink) exists(ctx context.Context, key string) (bool, error) {
	o, err := s.store.Open(ctx, key)
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, o.Close()
}

func (s *Sink) write(ctx context.Context, key string, d sink.Delivery) (err error) {
	w, err := s.store.Create(ctx, key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Abort()) }()
	if err := s.writeRows(ctx, w, d); err != nil {
		return err
	}
	_, err = w.Commit(ctx)
	if errors.Is(err, storage.ErrUndecided) {
		if exists, lookErr := s.exists(ctx, key); lookErr == nil && exists {
			return nil
		}
	}
	return err
}

// encoder writes batches of one schema in a format.
type encoder interface {
	write(batch arrow.RecordBatch) error
	close() error
}

func (s *Sink) writeRows(ctx context.Context, w io.Writer, d sink.Delivery) error {
	e, err := s.encoder(w, d.Schema)
	if err != nil {
		return err
	}
	for batch, err := range d.Rows {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = e.write(batch)
		}
		if err != nil {
			return err
		}
	}
	return e.close()
}

func (s *Sink) encoder(w io.Writer, rows *arrow.Schema) (encoder, error) {
	switch s.config.Format {
	case NDJSON:
		return &textEncoder{w: w, row: appendJSONRow}, nil
	case CSV:
		return newCSV(w, rows)
	default:
		return newParquet(w, rows)
	}
}

// maxName leaves room for extensions and temporary names in file systems that take 255 bytes.
const maxName = 200

// escape makes any ID the name of an object that no reader takes for hidden: bytes other than letters, digits, dash, underscore and dot are %XX, as are an
// underscore and a dot in front. A name that gets too long ends in a hash of the ID.
func escape(id string) string {
	var b strings.Builder
	for i := range len(id) {
		c := id[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', i > 0 && (c == '_' || c == '.'):
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	if b.Len() <= maxName {
		return b.String()
	}
	sum := sha256.Sum256([]byte(id))
	return b.String()[:maxName-2*16-1] + "-" + hex.EncodeToString(sum[:16])
}
