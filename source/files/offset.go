package files

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/storage"
)

// seen is the set of files that earlier batches read: what an Offset of this source holds.
//
// A high-water mark will not do. Files arrive out of the order of their names (a late part, a second writer) and of their times too: a move keeps a
// file's old modification time, and S3 gives a multipart upload the time at which it began. Whatever a mark skips is lost for good, so the set is exact.
// It holds a 64-bit hash per key, not the key: sorted and written as differences that is about 7 bytes a file (a million files: 7 MB), whatever
// the names look like. That a new key has the hash of an old one and would be skipped has odds of one in 2^64/n: below 10^-12 for a million files.
// Keys stay in the set when their files are deleted, so that a file that is put back is not read twice.
type seen struct {
	keys     []uint64 // ascending
	versions []uint32 // beside keys, when overwritten files are read again; 0: not known, then the file is never read again
}

// offsetJSON is an Offset as it is stored. Files and Last are for people.
type offsetJSON struct {
	Files    int    `json:"files"`
	Last     string `json:"last"`               // the newest file of the last batch
	Seen     string `json:"seen"`               // base64 of the keys' hashes: differences as varints
	Versions string `json:"versions,omitempty"` // base64 of four bytes a key, little-endian
}

func decodeOffset(o source.Offset) (seen, error) {
	if len(o) == 0 {
		return seen{}, nil
	}
	var j offsetJSON
	if err := json.Unmarshal(o, &j); err != nil {
		return seen{}, fmt.Errorf("files: read offset: %w", err)
	}
	s := seen{keys: make([]uint64, 0, max(0, min(j.Files, len(j.Seen))))}
	data, err := base64.StdEncoding.DecodeString(j.Seen)
	if err != nil {
		return seen{}, fmt.Errorf("files: read offset: %w", err)
	}
	for key := uint64(0); len(data) > 0; {
		delta, n := binary.Uvarint(data)
		if n <= 0 || len(s.keys) > 0 && delta == 0 || key+delta < key {
			return seen{}, errors.New("files: read offset: the set of seen files is damaged")
		}
		key += delta
		s.keys, data = append(s.keys, key), data[n:]
	}
	if len(s.keys) != j.Files {
		return seen{}, fmt.Errorf("files: read offset: it says %d files and holds %d", j.Files, len(s.keys))
	}
	return s, s.decodeVersions(j.Versions)
}

func (s *seen) decodeVersions(text string) error {
	if text == "" {
		return nil
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return fmt.Errorf("files: read offset: %w", err)
	}
	if len(data) != 4*len(s.keys) {
		return fmt.Errorf("files: read offset: versions of %d files for %d", len(data)/4, len(s.keys))
	}
	s.versions = make([]uint32, len(s.keys))
	for i := range s.versions {
		s.versions[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	return nil
}

func (s seen) encode(last string) (source.Offset, error) {
	j := offsetJSON{Files: len(s.keys), Last: last}
	data := make([]byte, 0, 8*len(s.keys))
	before := uint64(0)
	for _, k := range s.keys {
		data = binary.AppendUvarint(data, k-before)
		before = k
	}
	j.Seen = base64.StdEncoding.EncodeToString(data)
	if s.versions != nil {
		data = data[:0]
		for _, v := range s.versions {
			data = binary.LittleEndian.AppendUint32(data, v)
		}
		j.Versions = base64.StdEncoding.EncodeToString(data)
	}
	o, err := json.Marshal(j)
	if err != nil {
		return nil, fmt.Errorf("files: write offset: %w", err)
	}
	return o, nil
}

// has says whether this file was read. With overwrites, a file whose version differs from the one that was read has not been.
func (s seen) has(f storage.Info, overwrites bool) bool {
	i, found := slices.BinarySearch(s.keys, xxhash.Sum64String(f.Key))
	if !found || !overwrites || s.versions == nil || s.versions[i] == 0 {
		return found
	}
	return s.versions[i] == version(f)
}

// with is the set and these files. Versions are kept once they have been; a file that they were not kept for has none.
func (s seen) with(files []storage.Info, overwrites bool) seen {
	type entry struct {
		key     uint64
		version uint32
	}
	added := make([]entry, len(files))
	for i, f := range files {
		added[i] = entry{xxhash.Sum64String(f.Key), version(f)}
	}
	slices.SortFunc(added, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	added = slices.CompactFunc(added, func(a, b entry) bool { return a.key == b.key })
	keep := overwrites || s.versions != nil
	var out seen
	put := func(key uint64, version uint32) {
		out.keys = append(out.keys, key)
		if keep {
			out.versions = append(out.versions, version)
		}
	}
	for i, k := range s.keys {
		for len(added) > 0 && added[0].key < k {
			put(added[0].key, added[0].version)
			added = added[1:]
		}
		v := s.version(i)
		if len(added) > 0 && added[0].key == k {
			v, added = added[0].version, added[1:]
		}
		put(k, v)
	}
	for _, a := range added {
		put(a.key, a.version)
	}
	return out
}

func (s seen) version(i int) uint32 {
	if s.versions == nil {
		return 0
	}
	return s.versions[i]
}

// version tells contents of one key apart; never 0.
func version(f storage.Info) uint32 {
	b := strconv.AppendInt(nil, f.Size, 16)
	b = f.ModTime.UTC().AppendFormat(append(b, ' '), time.RFC3339Nano)
	b = append(append(b, ' '), f.ETag...)
	return max(uint32(xxhash.Sum64(b)), 1)
}

// workJSON is what a batch read: its files, exactly.
type workJSON struct {
	Files []fileJSON `json:"files"`
}

type fileJSON struct {
	Key     string    `json:"key"`
	Size    int64     `json:"size"`
	ModTime time.Time `json:"modTime"`
	ETag    string    `json:"etag,omitempty"`
}

func encodeWork(files []storage.Info) (json.RawMessage, error) {
	w := workJSON{Files: make([]fileJSON, len(files))}
	for i, f := range files {
		w.Files[i] = fileJSON(f)
	}
	data, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("files: write batch: %w", err)
	}
	return data, nil
}

func decodeWork(data json.RawMessage) ([]storage.Info, error) {
	var w workJSON
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, fmt.Errorf("files: read batch: %w", err)
	}
	files := make([]storage.Info, len(w.Files))
	for i, f := range w.Files {
		files[i] = storage.Info(f)
	}
	return files, nil
}
