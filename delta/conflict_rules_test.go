package delta_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/memory"
)

// commitLines are a commit as another writer makes it.
func commitLines(actions ...string) string {
	return strings.Join(append([]string{`{"commitInfo":{"operation":"WRITE","isBlindAppend":false}}`}, actions...), "\n") + "\n"
}

const blindInfo = `{"commitInfo":{"operation":"WRITE","isBlindAppend":true}}`

// addLine is an add action of ids from lo to hi.
func addLine(path, lo, hi string, dataChange bool, more string) string {
	return fmt.Sprintf(`{"add":{"path":"%s","partitionValues":{},"size":100,"modificationTime":1,"dataChange":%t,`+
		`"stats":"{\"numRecords\":9,\"minValues\":{\"id\":%s},\"maxValues\":{\"id\":%s},\"nullCount\":{\"id\":0}}"%s}}`, path, dataChange, lo, hi, more)
}

func removeLine(path string, dataChange bool) string {
	return fmt.Sprintf(`{"remove":{"path":"%s","deletionTimestamp":1,"dataChange":%t}}`, path, dataChange)
}

const (
	idType       = `{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":{%s}}`
	nameType     = `{\"name\":\"name\",\"type\":\"string\",\"nullable\":true,\"metadata\":{}}`
	protocolLine = `{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":[%s],"writerFeatures":[%s]}}`
	someVector   = `,"deletionVector":{"storageType":"i","pathOrInlineDv":"00000","sizeInBytes":4,"cardinality":%d}`
)

// metadataLine is the table's metaData with other properties, and other metadata of its column id.
func metadataLine(s *delta.Snapshot, column string, properties ...string) string {
	return fmt.Sprintf(`{"metaData":{"id":"%s","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[%s,%s]}",`+
		`"partitionColumns":[],"configuration":{%s}}}`, s.ID(), fmt.Sprintf(idType, column), nameType, strings.Join(properties, ","))
}

// losers are the transactions under way, by what they do.
var losers = map[string]func(t *testing.T, table *delta.Table, s *delta.Snapshot) *delta.Transaction{
	"append": func(_ *testing.T, table *delta.Table, s *delta.Snapshot) *delta.Transaction {
		tx := table.Begin(s, delta.Operation{Name: "WRITE"})
		tx.Add(numbered("l", "1", "1"))
		return tx
	},
	"DML": func(t *testing.T, table *delta.Table, s *delta.Snapshot) *delta.Transaction { // of id = 5, which is in file a
		tx := table.Begin(s, delta.Operation{Name: "DELETE"})
		p, err := s.Predicate("id = 5")
		if err != nil {
			t.Fatal(err)
		}
		tx.Read(p)
		tx.Remove(fileNamed(t, s, "a"))
		tx.Add(numbered("l", "1", "9"))
		return tx
	},
	"overwrite": func(t *testing.T, table *delta.Table, s *delta.Snapshot) *delta.Transaction {
		tx := table.Begin(s, delta.Operation{Name: "WRITE"})
		tx.ReadWholeTable()
		tx.Remove(fileNamed(t, s, "a"), fileNamed(t, s, "b"))
		tx.Add(numbered("l", "1", "9"))
		return tx
	},
	"insert of a query": func(_ *testing.T, table *delta.Table, s *delta.Snapshot) *delta.Transaction { // of the whole table
		tx := table.Begin(s, delta.Operation{Name: "WRITE"})
		tx.ReadWholeTable()
		tx.Add(numbered("l", "1", "9"))
		return tx
	},
	"compaction": func(t *testing.T, table *delta.Table, s *delta.Snapshot) *delta.Transaction { // of file a
		tx := table.Begin(s, delta.Operation{Name: "OPTIMIZE", Rearranges: true})
		tx.ReadWholeTable()
		tx.Remove(fileNamed(t, s, "a"))
		moved := numbered("l", "1", "9")
		moved.DataChange = false
		tx.Add(moved)
		return tx
	},
	"metadata": func(t *testing.T, table *delta.Table, s *delta.Snapshot) *delta.Transaction {
		tx := table.Begin(s, delta.Operation{Name: "ADD COLUMNS"})
		if err := tx.UpdateSchema(ddl(t, "id BIGINT, name STRING, more INT")); err != nil {
			t.Fatal(err)
		}
		return tx
	},
	"protocol": func(t *testing.T, table *delta.Table, s *delta.Snapshot) *delta.Transaction {
		tx := table.Begin(s, delta.Operation{Name: "ADD COLUMNS"})
		if err := tx.UpdateSchema(ddl(t, "id BIGINT, name STRING, more TIMESTAMP_NTZ")); err != nil {
			t.Fatal(err)
		}
		return tx
	},
	"application": func(_ *testing.T, table *delta.Table, s *delta.Snapshot) *delta.Transaction {
		tx := table.Begin(s, delta.Operation{Name: "WRITE"})
		tx.SetTxn("app", 7)
		tx.Add(numbered("l", "1", "1"))
		return tx
	},
	"domain": func(t *testing.T, table *delta.Table, s *delta.Snapshot) *delta.Transaction {
		tx := table.Begin(s, delta.Operation{Name: "SET"})
		if err := tx.SetDomainMetadata("mine", "1"); err != nil {
			t.Fatal(err)
		}
		return tx
	},
}

func fileNamed(t *testing.T, s *delta.Snapshot, path string) *delta.File {
	t.Helper()
	for f := range s.Files() {
		if f.Path == path {
			return f
		}
	}
	t.Fatalf("no file %s", path)
	return nil
}

// TestConflictMatrix commits another writer's actions while one of ours is under way: each cell of the matrix, by the rules of Spark's conflict checker.
func TestConflictMatrix(t *testing.T) {
	t.Parallel()
	append1 := []string{addLine("w", "1", "9", true, "")}                                                  // rows that DML of id = 5 might read
	appendFar := []string{addLine("w", "100", "109", true, "")}                                            // rows that it does not
	deleteA := []string{removeLine("a", true), addLine("w", "1", "9", true, "")}                           // a DML of file a
	deleteB := []string{removeLine("b", true), addLine("w", "20", "29", true, "")}                         // and of file b
	compactA := []string{removeLine("a", false), addLine("w", "1", "9", false, "")}                        // a compaction of file a
	compactB := []string{removeLine("b", false), addLine("w", "20", "29", false, "")}                      // and of file b
	vectorB := []string{removeLine("b", true), addLine("b", "20", "29", true, fmt.Sprintf(someVector, 1))} // rows of file b deleted by a vector
	const serializable, writeSerializable = "Serializable", "WriteSerializable"
	tests := []struct {
		rule, loser, winner, level string
		commit                     func(s *delta.Snapshot) []string
		blind                      bool
		want                       delta.ConflictKind // 0: none
		says                       string             // that the error says besides
	}{
		{rule: "1 protocol", loser: "protocol", winner: "adds a feature", want: delta.ProtocolChanged, commit: with(fmt.Sprintf(protocolLine, "", `"appendOnly","invariants","domainMetadata"`))},
		{rule: "1 protocol", loser: "append", winner: "drops a feature", want: delta.ProtocolChanged, says: "dropped", commit: with(fmt.Sprintf(protocolLine, "", `"appendOnly"`))},
		{rule: "1 protocol", loser: "append", winner: "adds a feature", commit: with(fmt.Sprintf(protocolLine, `"v2Checkpoint"`, `"appendOnly","invariants","domainMetadata","v2Checkpoint"`))},
		{rule: "1 protocol", loser: "DML", winner: "adds a feature", commit: with(fmt.Sprintf(protocolLine, `"deletionVectors"`, `"appendOnly","invariants","domainMetadata","deletionVectors"`))},
		{rule: "1 protocol", loser: "metadata", winner: "adds a feature", commit: with(fmt.Sprintf(protocolLine, "", `"appendOnly","invariants","domainMetadata","checkpointProtection"`))},

		{rule: "2 metadata", loser: "append", winner: "column", want: delta.MetadataChanged, says: "the schema", commit: func(s *delta.Snapshot) []string { return []string{metadataLine(s, `\"comment\":\"x\"`)} }},
		{rule: "2 metadata", loser: "DML", winner: "property", want: delta.MetadataChanged, says: "delta.appendOnly", commit: func(s *delta.Snapshot) []string { return []string{metadataLine(s, "", `"delta.appendOnly":"true"`)} }},
		{rule: "2 metadata", loser: "compaction", winner: "constraint", want: delta.MetadataChanged, says: "delta.constraints.c", commit: func(s *delta.Snapshot) []string {
			return []string{metadataLine(s, "", `"delta.constraints.c":"id > 0"`)}
		}},
		{rule: "2 metadata", loser: "metadata", winner: "retention", want: delta.MetadataChanged, commit: func(s *delta.Snapshot) []string {
			return []string{metadataLine(s, "", `"delta.logRetentionDuration":"interval 1 day"`)}
		}},
		{rule: "2 metadata", loser: "append", winner: "another table", want: delta.MetadataChanged, says: "ID", commit: func(s *delta.Snapshot) []string {
			return []string{strings.Replace(metadataLine(s, ""), s.ID(), "another", 1)}
		}},
		{rule: "2 metadata", loser: "append", winner: "retention", commit: func(s *delta.Snapshot) []string {
			return []string{metadataLine(s, "", `"delta.logRetentionDuration":"interval 1 day"`)}
		}},
		{rule: "2 metadata", loser: "DML", winner: "deletion vectors on", commit: func(s *delta.Snapshot) []string {
			return []string{fmt.Sprintf(protocolLine, `"deletionVectors"`, `"appendOnly","invariants","domainMetadata","deletionVectors"`), metadataLine(s, "", `"delta.enableDeletionVectors":"true"`)}
		}},
		{rule: "2 metadata", loser: "append", winner: "deletion vectors off", want: delta.MetadataChanged, commit: func(s *delta.Snapshot) []string {
			return []string{metadataLine(s, "", `"delta.enableDeletionVectors":"false"`)}
		}},

		{rule: "3 domain", loser: "domain", winner: "same", want: delta.ConcurrentDomain, says: "domain mine", commit: with(`{"domainMetadata":{"domain":"mine","configuration":"2","removed":false}}`)},
		{rule: "3 domain", loser: "domain", winner: "another", commit: with(`{"domainMetadata":{"domain":"yours","configuration":"2","removed":false}}`)},

		{rule: "4 txn", loser: "application", winner: "same", want: delta.ConcurrentTransaction, says: "application app", commit: with(`{"txn":{"appId":"app","version":6}}`)},
		{rule: "4 txn", loser: "application", winner: "another", commit: with(`{"txn":{"appId":"ppa","version":6}}`)},

		{rule: "6 adds", loser: "append", winner: "append", commit: with(append1...)},
		{rule: "6 adds", loser: "DML", winner: "blind append, overlap", level: serializable, blind: true, want: delta.ConcurrentAppend, says: "id", commit: with(append1...)},
		{rule: "6 adds", loser: "DML", winner: "blind append, none by statistics", level: serializable, blind: true, commit: with(appendFar...)},
		{rule: "6 adds", loser: "DML", winner: "append that read, overlap", level: serializable, want: delta.ConcurrentAppend, commit: with(append1...)},
		{rule: "6 adds", loser: "DML", winner: "blind append, overlap", level: writeSerializable, blind: true, commit: with(append1...)},
		{rule: "6 adds", loser: "DML", winner: "append that read, overlap", level: writeSerializable, want: delta.ConcurrentAppend, commit: with(append1...)},
		{rule: "6 adds", loser: "overwrite", winner: "blind append", level: serializable, blind: true, want: delta.ConcurrentAppend, commit: with(append1...)},
		{rule: "6 adds", loser: "insert of a query", winner: "compaction", commit: with(compactA...)},
		{rule: "6 adds", loser: "compaction", winner: "append", commit: with(append1...)},
		{rule: "6 adds", loser: "DML", winner: "deletion vector elsewhere", commit: func(*delta.Snapshot) []string {
			return append([]string{fmt.Sprintf(protocolLine, `"deletionVectors"`, `"appendOnly","invariants","domainMetadata","deletionVectors"`)}, vectorB...)
		}},

		{rule: "7 delete, read", loser: "DML", winner: "DML elsewhere", commit: with(deleteB...)},
		{rule: "7 delete, read", loser: "insert of a query", winner: "DML", want: delta.ConcurrentAppend, commit: with(deleteB...)},
		{rule: "7 delete, read", loser: "insert of a query", winner: "delete", want: delta.ConcurrentDeleteRead, says: "file b", commit: with(removeLine("b", true))},
		{rule: "7 delete, read", loser: "DML", winner: "compaction elsewhere", commit: with(compactB...)},
		{rule: "7 delete, read", loser: "compaction", winner: "DML elsewhere", commit: with(deleteB...)},
		{rule: "7 delete, read", loser: "append", winner: "DML", commit: with(deleteA...)},

		{rule: "8 delete, delete", loser: "DML", winner: "delete of the file", want: delta.ConcurrentDeleteDelete, says: "file a", commit: with(removeLine("a", true))},
		{rule: "8 delete, delete", loser: "DML", winner: "compaction of the file", want: delta.ConcurrentDeleteDelete, says: "file a", commit: with(compactA...)},
		{rule: "8 delete, delete", loser: "compaction", winner: "delete of the file", want: delta.ConcurrentDeleteDelete, says: "file a", commit: with(removeLine("a", true))},
		{rule: "8 delete, delete", loser: "compaction", winner: "compaction of the file", want: delta.ConcurrentDeleteDelete, says: "file a", commit: with(compactA...)},
		{rule: "8 delete, delete", loser: "compaction", winner: "compaction elsewhere", commit: with(compactB...)},
	}
	for _, tt := range tests {
		t.Run(strings.Join([]string{tt.rule, tt.loser, tt.winner, tt.level}, "/"), func(t *testing.T) {
			t.Parallel()
			store, properties := memory.New(), map[string]string{}
			if tt.level != "" {
				properties["delta.isolationLevel"] = tt.level
			}
			table := createWithDomains(t, store, properties)
			if _, err := commitFiles(t.Context(), table, []*delta.File{numbered("a", "1", "9"), numbered("b", "20", "29")}); err != nil {
				t.Fatal(err)
			}
			s := snapshot(t, table)
			loser := losers[tt.loser](t, table, s)
			text := commitLines(tt.commit(s)...)
			if tt.blind {
				_, rest, _ := strings.Cut(text, "\n")
				text = blindInfo + "\n" + rest
			}
			putCommit(t, store, 2, text)
			version, err := loser.Commit(t.Context())
			if tt.want == 0 {
				if err != nil || version != 3 {
					t.Errorf("Commit = %d, %v, want version 3", version, err)
				}
				return
			}
			var conflict *delta.ConflictError
			if !errors.As(err, &conflict) || conflict.Kind != tt.want || conflict.Version != 2 || !strings.Contains(conflict.Error(), tt.says) {
				t.Errorf("Commit = %v, want %v with version 2 that says %q", err, tt.want, tt.says)
			}
		})
	}
}

// with is a winner whose actions do not depend on the table.
func with(actions ...string) func(*delta.Snapshot) []string {
	return func(*delta.Snapshot) []string { return actions }
}

// createWithDomains makes an empty table whose protocol lists its features, domainMetadata among them.
func createWithDomains(t *testing.T, store *memory.Store, properties map[string]string) *delta.Table {
	t.Helper()
	properties["delta.feature.domainMetadata"] = "supported"
	return create(t, store, testConfig(), properties)
}

// TestConflictIdentity: an append is put after a commit that moved an identity column's high-water mark on, and after nothing else that changes the column.
func TestConflictIdentity(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := createWithDomains(t, store, map[string]string{})
	s := snapshot(t, table)
	tx := losers["append"](t, table, s)
	putCommit(t, store, 1, commitLines(metadataLine(s, `\"delta.identity.highWaterMark\":5`)))
	if version, err := tx.Commit(t.Context()); err != nil || version != 2 {
		t.Errorf("Commit = %d, %v, want version 2", version, err)
	}
	s = snapshot(t, table)
	tx = losers["append"](t, table, s)
	putCommit(t, store, 3, commitLines(metadataLine(s, `\"delta.identity.highWaterMark\":5,\"x\":\"y\"`)))
	if _, err := tx.Commit(t.Context()); !errors.Is(err, &delta.ConflictError{Kind: delta.MetadataChanged}) {
		t.Errorf("Commit = %v, want MetadataChanged", err)
	}
}

// TestConflictTimestamp: a transaction is put after the commit that enables in-commit timestamps, and has one.
func TestConflictTimestamp(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := createWithDomains(t, store, map[string]string{})
	s := snapshot(t, table)
	tx := losers["append"](t, table, s)
	const at = 4_000_000_000_000 // later than the clock
	putCommit(t, store, 1, strings.Join([]string{
		fmt.Sprintf(`{"commitInfo":{"inCommitTimestamp":%d,"operation":"SET TBLPROPERTIES"}}`, at),
		fmt.Sprintf(protocolLine, "", `"appendOnly","invariants","domainMetadata","inCommitTimestamp"`),
		metadataLine(s, "", `"delta.enableInCommitTimestamps":"true"`, `"delta.inCommitTimestampEnablementVersion":"1"`, fmt.Sprintf(`"delta.inCommitTimestampEnablementTimestamp":"%d"`, at)),
	}, "\n")+"\n")
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	commits, err := table.History(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := commits[0].Timestamp.UnixMilli(); got != at+1 {
		t.Errorf("the commit tells %d, want %d, a millisecond after the one before", got, at+1)
	}
}
