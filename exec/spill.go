package exec

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
)

// SpillDir is where operators put what does not fit into memory.
type SpillDir interface {
	Create() (SpillFile, error)
}

// SpillFile is one operator's overflow, written and read at positions by several goroutines. Close also removes it.
type SpillFile interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
}

// Dir spills into files of a directory of the machine; "" is os.TempDir(). Where the system allows it, a file loses its name as soon as it is open, so
// that not even a killed process leaves one behind.
func Dir(path string) SpillDir { return dir(path) }

type dir string

func (d dir) Create() (SpillFile, error) {
	f, err := os.CreateTemp(string(d), "medallion-spill-*")
	if err != nil {
		return nil, err
	}
	return &diskFile{File: f, named: os.Remove(f.Name()) != nil}, nil
}

type diskFile struct {
	*os.File
	named bool // still has a name to be removed
}

func (f *diskFile) Close() error {
	err := f.File.Close()
	if f.named {
		if e := os.Remove(f.Name()); err == nil {
			err = e
		}
	}
	return err
}

// overflow is an operator's spill file, created with the first batch. It is safe for concurrent use.
type overflow struct {
	env  *Env
	mu   sync.Mutex
	file SpillFile
	end  int64
}

// extent is where one batch lies in an overflow.
type extent struct {
	at   int64
	size int
	rows int
	mem  int64 // bytes that the batch took in memory
}

// write appends a batch.
func (o *overflow) write(enc *vector.Encoder, cols []arrow.Array, n int) (extent, error) {
	frame, err := enc.Encode(cols, n)
	if err != nil {
		return extent{}, fmt.Errorf("exec: spill: %w", err)
	}
	file, at, err := o.reserve(len(frame))
	if err != nil {
		return extent{}, fmt.Errorf("exec: spill: create file: %w", err)
	}
	if _, err := file.WriteAt(frame, at); err != nil {
		return extent{}, fmt.Errorf("exec: spill: write %d bytes: %w", len(frame), err)
	}
	o.env.Budget.addSpilled(int64(len(frame)))
	return extent{at: at, size: len(frame), rows: n, mem: vector.SizeAll(cols)}, nil
}

func (o *overflow) reserve(size int) (SpillFile, int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.file == nil {
		f, err := o.env.Spill.Create()
		if err != nil {
			return nil, 0, err
		}
		o.file = f
	}
	at := o.end
	o.end += int64(size)
	return o.file, at, nil
}

// read brings a batch back. The caller owns its columns.
func (o *overflow) read(e extent, alloc memory.Allocator, types []arrow.DataType) ([]arrow.Array, error) {
	frame := make([]byte, e.size)
	if _, err := o.file.ReadAt(frame, e.at); err != nil {
		return nil, fmt.Errorf("exec: read spilled batch: %w", err)
	}
	cols, _, err := vector.DecodeBatch(frame, alloc, types)
	if err != nil {
		return nil, fmt.Errorf("exec: read spilled batch: %w", err)
	}
	return cols, nil
}

// close removes the file. It may be called again.
func (o *overflow) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.file == nil {
		return nil
	}
	err := o.file.Close()
	o.file = nil
	if err != nil {
		return fmt.Errorf("exec: remove spill file: %w", err)
	}
	return nil
}

// typesOf are the types of a schema's columns.
func typesOf(s *arrow.Schema) []arrow.DataType {
	out := make([]arrow.DataType, s.NumFields())
	for i := range out {
		out[i] = s.Field(i).Type
	}
	return out
}
