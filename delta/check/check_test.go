package check_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// The parts of a sound table.
const (
	info         = `{"commitInfo":{"timestamp":1,"operation":"WRITE"}}`
	plain        = `{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}`
	schemaString = `{\"type\":\"struct\",\"fields\":[{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}},{\"name\":\"p\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}}]}`
)

// table is a metaData action with these partition columns and this configuration, as JSON.
func table(partition, configuration string) string {
	return tableOf(schemaString, partition, configuration)
}

func tableOf(schema, partition, configuration string) string {
	return `{"metaData":{"id":"t","format":{"provider":"parquet","options":{}},"schemaString":"` + schema + `","partitionColumns":` + partition +
		`,"configuration":` + configuration + `}}`
}

// added is an add action; more are further members.
func added(path, more string) string {
	return `{"add":{"path":"` + path + `","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true` + more + `}}`
}

func removed(path, more string) string {
	return `{"remove":{"path":"` + path + `","deletionTimestamp":1,"dataChange":true` + more + `}}`
}

// features is a protocol with features of writers and, among them, of readers.
func features(writers, readers string) string {
	list := func(names string) string {
		if names == "" {
			return "[]"
		}
		return `["` + strings.ReplaceAll(names, " ", `","`) + `"]`
	}
	if readers == "" {
		return `{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":` + list(writers) + `}}`
	}
	return `{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":` + list(readers) + `,"writerFeatures":` + list(writers) + `}}`
}

func lines(actions ...string) string { return strings.Join(actions, "\n") + "\n" }

// commits names texts as the first commits of a log.
func commits(texts ...string) map[string]string {
	out := make(map[string]string)
	for v, text := range texts {
		out[fmt.Sprintf("_delta_log/%020d.json", v)] = text
	}
	return out
}

// with adds a file to a table.
func with(files map[string]string, name, text string) map[string]string {
	files[name] = text
	return files
}

// without takes a file away.
func without(files map[string]string, name string) map[string]string {
	delete(files, name)
	return files
}

// violations checks a table of these files. Its data files are one byte each, and there unless their names begin with gone.
func violations(t *testing.T, files map[string]string) []check.Violation {
	t.Helper()
	store := memory.New()
	for _, name := range []string{"a", "b", "c"} {
		if _, there := files[name]; !there {
			files[name] = "x"
		}
	}
	for name, text := range files {
		if _, err := storage.Put(t.Context(), store, "t/"+name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := check.Table(t.Context(), store, "t", check.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// rules are the rules that are broken, each as often as it is.
func rules(violations []check.Violation) []string {
	ids := []string{}
	for _, v := range violations {
		ids = append(ids, v.Rule.ID)
	}
	return ids
}

func TestNotTable(t *testing.T) {
	t.Parallel()
	_, err := check.Table(t.Context(), memory.New(), "t", check.Options{})
	if !errors.Is(err, check.ErrNotTable) || !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("error = %v, want ErrNotTable, which is storage.ErrNotFound too", err)
	}
}

func TestWalkStops(t *testing.T) {
	t.Parallel()
	store, enough, seen := memory.New(), errors.New("enough"), 0
	if _, err := storage.Put(t.Context(), store, "t/_delta_log/00000000000000000000.json", []byte("1\n2\n3\n")); err != nil {
		t.Fatal(err)
	}
	err := check.Walk(t.Context(), store, "t", check.Options{}, func(check.Violation) error {
		seen++
		return enough
	})
	if !errors.Is(err, enough) || seen != 1 {
		t.Errorf("error = %v after %d violations, want the callback's after the first", err, seen)
	}
}

func TestViolationString(t *testing.T) {
	t.Parallel()
	got := violations(t, commits(lines(info, plain, table("[]", "{}"), added("gone", ""))))
	if len(got) != 1 {
		t.Fatalf("got %v, want one violation", got)
	}
	want := "version 0: add: gone: the file is not there [file-missing, Data Files]"
	if diff := cmp.Diff(want, got[0].String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}
