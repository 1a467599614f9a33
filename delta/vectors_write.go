package delta

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"

	"github.com/google/uuid"

	"github.com/medallion-go/medallion/delta/internal/deletionvector"
	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/storage"
)

// writesVectors reports whether rows are deleted from the table by deletion vectors, rather than by writing their files anew.
func (s *Snapshot) writesVectors() bool {
	return s.Property("delta.enableDeletionVectors") == "true" && s.protocol.supports("deletionVectors")
}

// rowMarks is rows of a scan's files, by the file's position in Scan.Files. It is safe for concurrent use.
type rowMarks struct {
	files []markedFile
}

type markedFile struct {
	mu   sync.Mutex
	rows *deletionvector.Vector // nil: none
}

func newRowMarks(s *Scan) *rowMarks { return &rowMarks{files: make([]markedFile, len(s.Files))} }

// add marks the rows whose IDs, as ScanConfig.rowIDs has them, stand at the selected positions (nil: at all).
func (m *rowMarks) add(ids []int64, sel []int32) {
	n := len(ids)
	if sel != nil {
		n = len(sel)
	}
	rows := make([]uint32, 0, n)
	for i := 0; i < n; {
		file := ids[rowOf(sel, i)] >> 32
		rows = rows[:0]
		for ; i < n && ids[rowOf(sel, i)]>>32 == file; i++ {
			rows = append(rows, uint32(ids[rowOf(sel, i)]))
		}
		m.files[file].add(rows)
	}
}

func (f *markedFile) add(rows []uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rows == nil {
		f.rows = &deletionvector.Vector{}
	}
	f.rows.AddAll(rows)
}

// of is the marked rows of a file, nil for none.
func (m *rowMarks) of(file int) *deletionvector.Vector { return m.files[file].rows }

// deleteMarked takes the marked rows out of the scan's files without writing them anew: of each its deletion vector grows, and a file without further rows is
// removed. The vectors of a commit lie in one file.
func (tx *Transaction) deleteMarked(ctx context.Context, scan *Scan, marks *rowMarks) error {
	var vectors deletionvector.File
	var emptied, before, after []*File
	name := vectorName(tx.table.config.NewID())
	for i, f := range scan.Files {
		marked := marks.of(i)
		if marked == nil {
			continue
		}
		deleted, records, err := scan.deletedWith(ctx, i, marked)
		if err != nil {
			return err
		}
		if deleted.Count() >= records {
			emptied = append(emptied, f)
			continue
		}
		offset, size, err := vectors.Add(deleted)
		if err != nil {
			return fmt.Errorf("delta: %s on %s: file %s: %w", tx.op.Name, tx.table.Name(), f.Path, err)
		}
		before = append(before, f)
		after = append(after, f.withVector(&deletionVector{
			storageType: vectorRelative, pathOrInline: deletionvector.EncodeZ85(name[:]), offset: &offset, sizeInBytes: size, cardinality: deleted.Count(),
		}, records))
	}
	if len(after) > 0 {
		if err := tx.writeVectors(ctx, vectorFileName(name[:]), vectors.Bytes()); err != nil {
			return fmt.Errorf("delta: %s on %s: write deletion vectors: %w", tx.op.Name, tx.table.Name(), err)
		}
	}
	tx.Remove(emptied...)
	tx.Remove(before...)
	tx.Add(after...)
	tx.count(marking{emptied, before}.metrics(tx.op.Name))
	return nil
}

// deletedWith is what is deleted of file i of the scan once further rows are, and how many rows the file has.
func (s *Scan) deletedWith(ctx context.Context, i int, further *deletionvector.Vector) (*deletionvector.Vector, int64, error) {
	before, err := s.vectors[i].load(ctx, s.snapshot, s.Files[i])
	if err != nil {
		return nil, 0, err
	}
	all := further.Clone()
	if before != nil {
		all.Union(before)
	}
	records, err := s.physicalRows(ctx, s.Files[i])
	return all, records, err
}

// physicalRows is how many rows a file has, deleted ones too.
func (s *Scan) physicalRows(ctx context.Context, f *File) (rows int64, err error) {
	if rows, ok := statsNumRecords(f.Stats); ok {
		return rows, nil
	}
	err = s.withFile(ctx, f, func(p *parquet.File) error {
		for _, g := range p.RowGroups() {
			rows += g.Rows
		}
		return nil
	})
	return rows, err
}

// vectorName is the UUID that names a file of vectors: the ID where it is one, else one made of it.
func vectorName(id string) uuid.UUID {
	if u, err := uuid.Parse(id); err == nil {
		return u
	}
	return uuid.NewSHA1(uuid.Nil, []byte(id))
}

func (tx *Transaction) writeVectors(ctx context.Context, name string, data []byte) error {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	return tx.writeVectorsLocked(ctx, name, data)
}

func (tx *Transaction) writeVectorsLocked(ctx context.Context, name string, data []byte) error {
	key := tx.table.log.root + name
	tx.written = append(tx.written, key)
	_, err := storage.Put(ctx, tx.table.store, key, data)
	return err
}

// withVector is the file with another deletion vector; it has so many rows.
func (f *File) withVector(v *deletionVector, records int64) *File {
	out := *f
	out.DataChange = true
	out.Stats = looseStats(f.Stats, records)
	more := fileMore{}
	if f.more != nil {
		more = *f.more
	}
	more.vector = v
	out.more = &more
	return &out
}

// looseStats is a file's statistics once rows of it are deleted: they hold of all its rows, so that they only bound those that are left (Delta protocol:
// Per-file Statistics). A vector needs numRecords beside it.
func looseStats(stats string, records int64) string {
	members := make(map[string]json.RawMessage)
	if err := json.Unmarshal([]byte(stats), &members); err != nil || members == nil {
		members = make(map[string]json.RawMessage) // without statistics, or with such as nothing can be made of
	}
	members["numRecords"] = json.RawMessage(strconv.FormatInt(records, 10))
	members["tightBounds"] = json.RawMessage("false")
	text, err := json.Marshal(members)
	if err != nil {
		return fmt.Sprintf(`{"numRecords":%d,"tightBounds":false}`, records)
	}
	return string(text)
}
