package delta_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/internal/deletionvector"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/local"
)

// TestDamagedVectors reads vectors that are not what the log says of them.
func TestDamagedVectors(t *testing.T) {
	t.Parallel()
	const whole = `"offset":1,"sizeInBytes":34,"cardinality":1}`
	inline := func(rows ...int64) string {
		data, err := deletionvector.Of(rows...).AppendPayload(nil)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf(`"deletionVector":{"storageType":"i","pathOrInlineDv":%q,"sizeInBytes":%d,"cardinality":%d}`, deletionvector.EncodeZ85(data), len(data), len(rows))
	}
	for name, c := range map[string]struct {
		old, new string              // a change to the log
		damage   func([]byte) []byte // or to the file
		corrupt  bool
	}{
		"as it is":            {whole, whole, nil, false},
		"cardinality":         {whole, `"offset":1,"sizeInBytes":34,"cardinality":2}`, nil, true},
		"size":                {whole, `"offset":1,"sizeInBytes":30,"cardinality":1}`, nil, true},
		"absurd size":         {whole, `"offset":1,"sizeInBytes":2147483647,"cardinality":1}`, nil, true},
		"negative size":       {whole, `"offset":1,"sizeInBytes":-9,"cardinality":1}`, nil, true},
		"offset":              {whole, `"offset":2,"sizeInBytes":34,"cardinality":1}`, nil, true},
		"offset beyond":       {whole, `"offset":9223372036854775807,"sizeInBytes":34,"cardinality":1}`, nil, true},
		"no offset":           {whole, `"sizeInBytes":34,"cardinality":1}`, nil, true},
		"greatest row":        {whole, `"offset":1,"sizeInBytes":34,"cardinality":1,"maxRowIndex":2}`, nil, true},
		"storage type":        {`"storageType":"u"`, `"storageType":"x"`, nil, true},
		"version of the file": {damage: func(b []byte) []byte { b[0] = 2; return b }, corrupt: true},
		"checksum":            {damage: func(b []byte) []byte { b[len(b)-1]++; return b }, corrupt: true},
		"payload":             {damage: func(b []byte) []byte { b[30]++; return b }, corrupt: true},
		"cut off":             {damage: func(b []byte) []byte { return b[:20] }, corrupt: true},
		"inline":              {"inline", inline(0, 9), nil, false},
		"a row too far":       {"inline", inline(0, 10), nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, store := vectorTable(t)
			text := commitText(t, store, 2)
			switch {
			case c.damage != nil:
				key := vectorFiles(t, store)[0]
				replaceObject(t, store, key, string(c.damage(object(t, store, key))))
			case c.old == "inline":
				from := strings.Index(text, `"deletionVector"`)
				text = text[:from] + c.new + text[from+strings.Index(text[from:], "}")+1:]
			default:
				text = strings.Replace(text, c.old, c.new, 1)
			}
			replaceObject(t, store, "t/_delta_log/00000000000000000002.json", text)
			err := readAll(t, delta.Open(store, "t", testConfig()))
			var corrupt *delta.CorruptError
			if got := errors.As(err, &corrupt); got != c.corrupt || err != nil && !c.corrupt {
				t.Errorf("reading: %v, want a CorruptError: %v", err, c.corrupt)
			}
		})
	}
}

// TestLostVectorFile tells what is gone.
func TestLostVectorFile(t *testing.T) {
	t.Parallel()
	table, store := vectorTable(t)
	if err := store.Delete(t.Context(), vectorFiles(t, store)...); err != nil {
		t.Fatal(err)
	}
	if err := readAll(t, table); !errors.Is(err, storage.ErrNotFound) || !strings.Contains(fmt.Sprint(err), "deletion_vector_") {
		t.Errorf("reading: %v, want the name of the file that is gone", err)
	}
}

// TestWhereVectorsLie reads vectors in a folder with a random name and at absolute paths, which are URIs.
func TestWhereVectorsLie(t *testing.T) {
	t.Parallel()
	for name, to := range map[string]func(folder, uuid string) (key, descriptor string){
		"a random folder": func(_, uuid string) (string, string) {
			return "t/ab/", `"storageType":"u","pathOrInlineDv":"ab` + uuid + `"`
		},
		"an absolute path": func(folder, _ string) (string, string) {
			return "elsewhere/", fmt.Sprintf(`"storageType":"p","pathOrInlineDv":"file://%s/elsewhere/`, folder)
		},
		"an absolute path with a space": func(folder, _ string) (string, string) {
			return "else where/", fmt.Sprintf(`"storageType":"p","pathOrInlineDv":"file://%s/else%%20where/`, folder)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			store, err := local.New(folder)
			if err != nil {
				t.Fatal(err)
			}
			fillVectorTable(t, store)
			old := vectorFiles(t, store)[0]
			file := old[strings.LastIndex(old, "/")+1:]
			text := commitText(t, store, 2)
			written := regexp.MustCompile(`"storageType":"u","pathOrInlineDv":"([^"]*)"`).FindStringSubmatch(text)
			key, descriptor := to(folder, written[1])
			if !strings.HasSuffix(descriptor, `"`) {
				descriptor += file + `"`
			}
			if err := store.PutIfAbsent(t.Context(), key+file, object(t, store, old)); err != nil {
				t.Fatal(err)
			}
			if err := store.Delete(t.Context(), old); err != nil {
				t.Fatal(err)
			}
			replaceObject(t, store, "t/_delta_log/00000000000000000002.json", strings.Replace(text, written[0], descriptor, 1))
			if got := len(lines(t, scan(t, delta.Open(store, "t", delta.Config{}), delta.ScanConfig{}))); got != 9 {
				t.Errorf("%d rows, want 9 of 10", got)
			}
		})
	}
}
