package files

import (
	"io"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/parquet"
)

type parquetEncoder struct{ w *parquet.Writer }

func newParquet(w io.Writer, rows *arrow.Schema) (encoder, error) {
	p, err := parquet.NewWriter(w, rows, parquet.WriterConfig{})
	return parquetEncoder{p}, err
}

func (e parquetEncoder) write(batch arrow.RecordBatch) error {
	return e.w.Write(batch.Columns(), int(batch.NumRows()), nil)
}

func (e parquetEncoder) close() error {
	_, err := e.w.Close()
	return err
}
