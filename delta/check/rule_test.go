package check_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta/check"
)

// first is a sound first commit.
func first(configuration string, more ...string) string {
	return lines(append([]string{info, plain, table("[]", configuration)}, more...)...)
}

// of is a first commit with a protocol of features.
func of(protocol, configuration string, more ...string) string {
	return lines(append([]string{info, protocol, table("[]", configuration)}, more...)...)
}

const (
	vectorInline = `,"stats":"{\"numRecords\":3}","deletionVector":{"storageType":"i","pathOrInlineDv":"00000","sizeInBytes":4,"cardinality":1}`
	rowIDs       = `,"stats":"{\"numRecords\":2}","baseRowId":0,"defaultRowCommitVersion":0`
	tracking     = `{"domainMetadata":{"domain":"delta.rowTracking","configuration":"{\"rowIdHighWaterMark\":3}","removed":false}}`
	checksumText = `{"tableSizeBytes":1,"numFiles":1,"numMetadata":1,"numProtocol":1,"metadata":{"id":"t","format":{"provider":"parquet","options":{}},"schemaString":"` +
		schemaString + `","partitionColumns":[],"configuration":{}},"protocol":{"minReaderVersion":1,"minWriterVersion":2}}`
	mapped    = `{"delta.columnMapping.mode":"name","delta.columnMapping.maxColumnId":"2"}`
	timestamp = `{"commitInfo":{"inCommitTimestamp":5}}`
)

// mappedSchema is two columns with these IDs and physical names.
func mappedSchema(id1, id2, name1, name2 string) string {
	column := func(name, id, physical string) string {
		return `{\"name\":\"` + name + `\",\"type\":\"long\",\"nullable\":true,\"metadata\":{\"delta.columnMapping.id\":` + id + `,\"delta.columnMapping.physicalName\":\"` + physical + `\"}}`
	}
	return `{\"type\":\"struct\",\"fields\":[` + column("x", id1, name1) + "," + column("y", id2, name2) + `]}`
}

// named is a table of one column, of a name and a type as JSON.
func named(names ...string) string {
	var fields []string
	for _, n := range names {
		fields = append(fields, `{\"name\":\"`+n+`\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}}`)
	}
	return `{\"type\":\"struct\",\"fields\":[` + strings.Join(fields, ",") + `]}`
}

// checkpointed is a sound table with a checkpoint of the second kind that holds these lines besides the header.
func checkpointed(held ...string) map[string]string {
	files := commits(of(features("v2Checkpoint", "v2Checkpoint"), "{}", added("a", "")))
	return with(files, "_delta_log/00000000000000000000.checkpoint.0f0f0f0f-0000-0000-0000-000000000000.json",
		lines(append([]string{`{"checkpointMetadata":{"version":0}}`, features("v2Checkpoint", "v2Checkpoint"), table("[]", "{}")}, held...)...))
}

// cases are the rules with tables that break them, in no other way.
var cases = map[string]map[string]map[string]string{
	"commit-gap": {
		"between commits":    without(commits(first("{}"), lines(info), lines(info)), "_delta_log/00000000000000000001.json"),
		"before the commits": without(checkpointedBefore(), "nothing"),
	},
	"log-start":     {"neither commit nor checkpoint": with(map[string]string{}, "_delta_log/00000000000000000004.checkpoint.0000000001.0000000001.parquet", "x")},
	"commit-json":   {"no JSON": commits(first("{}"), lines(info, `{"add":`)), "two actions": commits(first("{}"), lines(info, `{"txn":{},"add":{}}`)), "no object": commits(first("{}"), lines(`3`))},
	"field-missing": {"size": commits(first("{}"), lines(info, strings.Replace(added("a", ""), `"size":1,`, "", 1))), "of a vector": commits(of(features("deletionVectors", "deletionVectors"), "{}", added("a", strings.Replace(vectorInline, `,"cardinality":1`, "", 1))))},
	"field-type":    {"size": commits(first("{}"), lines(info, strings.Replace(added("a", ""), `"size":1`, `"size":"1"`, 1)))},
	"action-twice": {
		"protocol":   commits(first("{}", plain)),
		"metaData":   commits(first("{}", table("[]", "{}"))),
		"commitInfo": commits(first("{}"), lines(info, info)),
		"txn":        commits(first("{}"), lines(info, `{"txn":{"appId":"x","version":1}}`, `{"txn":{"appId":"x","version":2}}`)),
	},
	"file-twice": {
		"added":             commits(first("{}"), lines(info, added("a", ""), added("a", ""))),
		"removed":           commits(first("{}", added("a", "")), lines(info, removed("a", ""), removed("%61", ""))),
		"added and removed": commits(first("{}", added("a", "")), lines(info, added("a", ""), removed("a", ""))),
	},
	"first-commit":    {"no protocol": commits(lines(info, table("[]", "{}")))},
	"path-live-twice": {"two vectors": commits(of(features("deletionVectors", "deletionVectors"), "{}", added("a", "")), lines(info, added("a", vectorInline)))},
	"remove-not-live": {
		"never there":    commits(first("{}"), lines(info, removed("a", ""))),
		"another vector": commits(of(features("deletionVectors", "deletionVectors"), "{}", added("a", "")), lines(info, removed("a", strings.TrimPrefix(vectorInline, `,"stats":"{\"numRecords\":3}"`)))),
	},
	"append-only": {"remove": commits(first(`{"delta.appendOnly":"true"}`, added("a", "")), lines(info, removed("a", "")))},
	"change-file": {
		"data change":  commits(of(features("changeDataFeed", ""), "{}"), lines(info, `{"cdc":{"path":"_change_data/c","partitionValues":{},"size":1,"dataChange":true}}`)),
		"another path": commits(of(features("changeDataFeed", ""), "{}"), lines(info, `{"cdc":{"path":"c","partitionValues":{},"size":1,"dataChange":false}}`)),
	},
	"protocol-version": {
		"no list":         commits(of(`{"protocol":{"minReaderVersion":1,"minWriterVersion":7}}`, "{}")),
		"list too soon":   commits(of(`{"protocol":{"minReaderVersion":1,"minWriterVersion":6,"writerFeatures":["appendOnly"]}}`, "{}")),
		"reader alone":    commits(of(`{"protocol":{"minReaderVersion":3,"minWriterVersion":6,"readerFeatures":[]}}`, "{}")),
		"from the future": commits(of(`{"protocol":{"minReaderVersion":4,"minWriterVersion":7,"readerFeatures":[],"writerFeatures":[]}}`, "{}")),
		"zero":            commits(of(`{"protocol":{"minReaderVersion":0,"minWriterVersion":2}}`, "{}")),
	},
	"protocol-feature": {
		"reader's list alone": commits(of(features("", "deletionVectors"), "{}")),
		"writer's list alone": commits(of(features("deletionVectors", ""), "{}")),
		"twice":               commits(of(features("appendOnly appendOnly", ""), "{}")),
		"of writers":          commits(of(features("appendOnly", "appendOnly"), "{}")),
	},
	"feature-needs": {"rowTracking": commits(of(features("rowTracking", ""), "{}"))},
	"feature-missing": {
		"property":       commits(first(`{"delta.enableDeletionVectors":"true"}`)),
		"constraint":     commits(first(`{"delta.constraints.c":"id > 0"}`)),
		"mapping":        commits(lines(info, plain, tableOf(mappedSchema("1", "2", "a", "b"), "[]", mapped))),
		"type":           commits(lines(info, plain, tableOf(strings.Replace(named("x"), "long", "timestamp_ntz", 1), "[]", "{}"))),
		"vector":         commits(first("{}", added("a", vectorInline))),
		"domain":         commits(first("{}"), lines(info, `{"domainMetadata":{"domain":"x","configuration":"","removed":false}}`)),
		"change file":    commits(first("{}"), lines(info, `{"cdc":{"path":"_change_data/c","partitionValues":{},"size":1,"dataChange":false}}`)),
		"column default": commits(lines(info, plain, tableOf(strings.Replace(named("x"), `{}`, `{\"CURRENT_DEFAULT\":\"1\"}`, 1), "[]", "{}"))),
		"generated":      commits(lines(info, features("", ""), tableOf(strings.Replace(named("x"), `{}`, `{\"delta.generationExpression\":\"1\"}`, 1), "[]", "{}"))),
		"clustering":     commits(of(features("domainMetadata", ""), "{}"), lines(info, `{"domainMetadata":{"domain":"delta.clustering","configuration":"{\"clusteringColumns\":[[\"id\"]]}","removed":false}}`)),
	},
	"format":           {"provider": commits(strings.Replace(first("{}"), `"provider":"parquet"`, `"provider":"orc"`, 1))},
	"schema-json":      {"no JSON": commits(lines(info, plain, tableOf("{", "[]", "{}"))), "no type": commits(lines(info, plain, tableOf(strings.Replace(named("x"), "long", "lang", 1), "[]", "{}")))},
	"schema-name":      {"case": commits(lines(info, plain, tableOf(named("x", "X"), "[]", "{}")))},
	"partition-column": {"not there": commits(lines(info, plain, table(`["q"]`, "{}"))), "twice": commits(lines(info, plain, table(`["p","p"]`, "{}")))},
	"mapping-mode":     {"foo": commits(of(features("columnMapping", "columnMapping"), `{"delta.columnMapping.mode":"foo"}`))},
	"mapping-field":    {"none": commits(lines(info, features("columnMapping", "columnMapping"), tableOf(named("x"), "[]", mapped)))},
	"mapping-twice": {
		"ID":   commits(lines(info, features("columnMapping", "columnMapping"), tableOf(mappedSchema("1", "1", "a", "b"), "[]", mapped))),
		"name": commits(lines(info, features("columnMapping", "columnMapping"), tableOf(mappedSchema("1", "2", "a", "a"), "[]", mapped))),
	},
	"mapping-max-id": {
		"too low": commits(lines(info, features("columnMapping", "columnMapping"), tableOf(mappedSchema("1", "3", "a", "b"), "[]", mapped))),
		"falls": commits(lines(info, features("columnMapping", "columnMapping"), tableOf(mappedSchema("1", "2", "a", "b"), "[]", strings.Replace(mapped, `"2"`, `"9"`, 1))),
			lines(info, tableOf(mappedSchema("1", "2", "a", "b"), "[]", mapped))),
	},
	"path-encoding":   {"percent": commits(first("{}", added("a%2", "")), lines(info, removed("a%2", "")))},
	"size-negative":   {"size": commits(first("{}", strings.Replace(added("a", ""), `"size":1`, `"size":-1`, 1)), lines(info, removed("a", "")))},
	"partition-keys":  {"missing": commits(lines(info, plain, table(`["p"]`, "{}"), added("a", ""))), "too many": commits(first("{}", strings.Replace(added("a", ""), `{}`, `{"q":"1"}`, 1)))},
	"partition-value": {"no integer": commits(lines(info, plain, table(`["p"]`, "{}"), strings.Replace(added("a", ""), `{}`, `{"p":"x"}`, 1)))},
	"stats-json":      {"no JSON": commits(first("{}", added("a", `,"stats":"{"`))), "no object": commits(first("{}", added("a", `,"stats":"{\"nullCount\":1}"`)))},
	"stats-value": {
		"type":        commits(first("{}", added("a", `,"stats":"{\"numRecords\":1,\"minValues\":{\"id\":\"x\"}}"`))),
		"order":       commits(first("{}", added("a", `,"stats":"{\"numRecords\":1,\"minValues\":{\"id\":2},\"maxValues\":{\"id\":1}}"`))),
		"NULLs":       commits(first("{}", added("a", `,"stats":"{\"numRecords\":1,\"nullCount\":{\"id\":2}}"`))),
		"numRecords":  commits(first("{}", added("a", `,"stats":"{\"numRecords\":-1}"`))),
		"tightBounds": commits(first("{}", added("a", `,"stats":"{\"numRecords\":1,\"tightBounds\":1}"`))),
	},
	"vector-records": {"no statistics": commits(of(features("deletionVectors", "deletionVectors"), "{}", added("a", strings.Replace(vectorInline, `,"stats":"{\"numRecords\":3}"`, "", 1))))},
	"vector": {
		"storage":     commits(of(features("deletionVectors", "deletionVectors"), "{}", added("a", strings.Replace(vectorInline, `"i"`, `"x"`, 1)))),
		"cardinality": commits(of(features("deletionVectors", "deletionVectors"), "{}", added("a", strings.Replace(vectorInline, `"cardinality":1`, `"cardinality":4`, 1)))),
		"UUID":        commits(of(features("deletionVectors", "deletionVectors"), "{}", added("a", strings.Replace(vectorInline, `"i"`, `"u"`, 1)))),
		"size":        commits(of(features("deletionVectors", "deletionVectors"), "{}", added("a", strings.Replace(vectorInline, `"sizeInBytes":4`, `"sizeInBytes":0`, 1)))),
	},
	"ict-first":      {"no timestamp": commits(of(features("inCommitTimestamp", ""), `{"delta.enableInCommitTimestamps":"true"}`))},
	"ict-order":      {"equal": commits(lines(timestamp, features("inCommitTimestamp", ""), table("[]", `{"delta.enableInCommitTimestamps":"true"}`)), lines(timestamp))},
	"ict-enablement": {"no properties": commits(first("{}"), lines(timestamp, features("inCommitTimestamp", ""), table("[]", `{"delta.enableInCommitTimestamps":"true"}`)))},
	"row-id-missing": {"no IDs": commits(of(features("rowTracking domainMetadata", ""), "{}", added("a", ""), tracking))},
	"row-id-high-water": {
		"above": commits(of(features("rowTracking domainMetadata", ""), "{}", added("a", strings.Replace(rowIDs, `"baseRowId":0`, `"baseRowId":3`, 1)), tracking)),
		"falls": commits(of(features("rowTracking domainMetadata", ""), "{}", tracking), lines(info, strings.Replace(tracking, "3", "2", 1))),
	},
	"row-id-twice":       {"overlap": commits(of(features("rowTracking domainMetadata", ""), "{}", added("a", rowIDs), added("b", strings.Replace(rowIDs, `"baseRowId":0`, `"baseRowId":1`, 1)), tracking))},
	"row-commit-version": {"later": commits(of(features("rowTracking domainMetadata", ""), "{}", added("a", strings.Replace(rowIDs, `Version":0`, `Version":1`, 1)), tracking))},
	"domain-json":        {"row IDs": commits(of(features("rowTracking domainMetadata", ""), "{}", strings.Replace(tracking, "rowIdHighWaterMark", "mark", 1))), "clustering": commits(of(features("clustering domainMetadata", ""), "{}", strings.ReplaceAll(tracking, "rowTracking", "clustering")))},
	"clustering": {
		"no column":   commits(of(features("clustering domainMetadata", ""), "{}", `{"domainMetadata":{"domain":"delta.clustering","configuration":"{\"clusteringColumns\":[[\"q\"]]}","removed":false}}`)),
		"partitioned": commits(lines(info, features("clustering domainMetadata", ""), table(`["p"]`, "{}"), `{"domainMetadata":{"domain":"delta.clustering","configuration":"{\"clusteringColumns\":[\"id\"]}","removed":false}}`)),
	},
	"checkpoint-read": {
		"no Parquet":      with(commits(first("{}")), "_delta_log/00000000000000000000.checkpoint.parquet", "x"),
		"part missing":    with(commits(first("{}")), "_delta_log/00000000000000000000.checkpoint.0000000001.0000000002.parquet", "x"),
		"sidecar missing": checkpointed(`{"sidecar":{"path":"s.parquet","sizeInBytes":1,"modificationTime":1}}`),
	},
	"checkpoint-shape": {
		"twice":      checkpointed(added("a", ""), removed("%61", "")),
		"commitInfo": checkpointed(added("a", ""), info),
		"headers":    checkpointed(added("a", ""), `{"checkpointMetadata":{"version":0}}`),
		"domain":     checkpointed(added("a", ""), `{"domainMetadata":{"domain":"x","configuration":"","removed":true}}`),
	},
	"checkpoint-state": {
		"missing":  checkpointed(),
		"too many": checkpointed(added("a", ""), added("b", "")),
		"size":     checkpointed(strings.Replace(added("a", ""), `"size":1`, `"size":2`, 1)),
		"values":   checkpointed(strings.Replace(added("a", ""), `{}`, `{"p":"1"}`, 1)),
		"stats":    with(checkpointed(added("a", `,"stats":"{\"numRecords\":1}"`)), "_delta_log/00000000000000000000.json", of(features("v2Checkpoint", "v2Checkpoint"), "{}", added("a", `,"stats":"{\"numRecords\":2}"`))),
		"txn":      checkpointed(added("a", ""), `{"txn":{"appId":"x","version":1}}`),
		"domain":   checkpointed(added("a", ""), `{"domainMetadata":{"domain":"x","configuration":"y","removed":false}}`),
		"protocol": with(checkpointed(added("a", "")), "_delta_log/00000000000000000000.json", of(features("v2Checkpoint appendOnly", "v2Checkpoint"), "{}", added("a", ""))),
		"metaData": with(checkpointed(added("a", "")), "_delta_log/00000000000000000000.json", of(features("v2Checkpoint", "v2Checkpoint"), `{"x":"y"}`, added("a", ""))),
	},
	"compaction": {
		"missing": with(commits(first("{}", added("a", "")), lines(info, added("b", ""))), "_delta_log/00000000000000000000.00000000000000000001.compacted.json", lines(plain, table("[]", "{}"), added("a", ""))),
		"twice":   with(commits(first("{}", added("a", "")), lines(info, removed("a", ""))), "_delta_log/00000000000000000000.00000000000000000001.compacted.json", lines(plain, table("[]", "{}"), added("a", ""), removed("a", ""))),
	},
	"checksum": {
		"files":    with(commits(first("{}", added("a", ""))), "_delta_log/00000000000000000000.crc", strings.Replace(checksumText, `"numFiles":1`, `"numFiles":2`, 1)),
		"protocol": with(commits(first("{}", added("a", ""))), "_delta_log/00000000000000000000.crc", strings.Replace(checksumText, `Version":2`, `Version":3`, 1)),
		"metadata": with(commits(first("{}", added("a", ""))), "_delta_log/00000000000000000000.crc", strings.Replace(checksumText, `"id":"t"`, `"id":"u"`, 1)),
		"domains":  with(commits(first("{}", added("a", ""))), "_delta_log/00000000000000000000.crc", strings.Replace(checksumText, `{"table`, `{"domainMetadata":[{"domain":"x","configuration":"","removed":false}],"table`, 1)),
		"txns":     with(commits(first("{}", added("a", ""))), "_delta_log/00000000000000000000.crc", strings.Replace(checksumText, `{"table`, `{"setTransactions":[{"appId":"x","version":1}],"table`, 1)),
		"sizes":    with(commits(first("{}", added("a", ""))), "_delta_log/00000000000000000000.crc", strings.Replace(checksumText, `{"table`, `{"fileSizeHistogram":{"sortedBinBoundaries":[0,2],"fileCounts":[0,1],"totalBytes":[0,1]},"table`, 1)),
		"ranges":   with(commits(first("{}", added("a", ""))), "_delta_log/00000000000000000000.crc", strings.Replace(checksumText, `{"table`, `{"histogramOpt":{"sortedBinBoundaries":[1],"fileCounts":[1],"totalBytes":[1]},"table`, 1)),
		"allFiles": with(commits(first("{}", added("a", ""))), "_delta_log/00000000000000000000.crc", strings.Replace(checksumText, `{"table`, `{"allFiles":[{"path":"b"}],"table`, 1)),
		"no JSON":  with(commits(first("{}", added("a", ""))), "_delta_log/00000000000000000000.crc", "x"),
	},
	"last-checkpoint": {
		"no checkpoint": with(commits(first("{}")), "_delta_log/_last_checkpoint", `{"version":0,"size":1}`),
		"checksum":      with(checkpointed(added("a", "")), "_delta_log/_last_checkpoint", `{"version":0,"size":1,"checksum":"x"}`),
		"no JSON":       with(checkpointed(added("a", "")), "_delta_log/_last_checkpoint", `x`),
	},
	"file-missing": {"data file": commits(first("{}", added("gone", ""))), "vector": commits(of(features("deletionVectors", "deletionVectors"), "{}", added("a", strings.Replace(vectorInline, `"i","pathOrInlineDv":"00000"`, `"u","pathOrInlineDv":"00000000000000000000"`, 1))))},
	"file-size":    {"size": with(commits(first("{}", added("a", ""))), "a", "xx")},
}

// checkpointedBefore has version 2, and no checkpoint of version 1.
func checkpointedBefore() map[string]string {
	files := checkpointed(added("a", ""))
	files["_delta_log/00000000000000000002.json"] = lines(info)
	delete(files, "_delta_log/00000000000000000000.json")
	return files
}

// deepRules need data files; TestDeep plants them.
var deepRules = []string{"data-file", "vector-file", "stats-wrong", "not-null", "constraint"}

// TestRules plants a breach of each rule, and finds it and no other.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, rule := range check.Rules() {
		planted := cases[rule.ID]
		if len(planted) == 0 && !slices.Contains(deepRules, rule.ID) {
			t.Errorf("no table breaks the rule %s: %s", rule.ID, rule.Demand)
		}
		for _, name := range slices.Sorted(maps.Keys(planted)) {
			t.Run(rule.ID+"/"+name, func(t *testing.T) {
				t.Parallel()
				got := violations(t, maps.Clone(planted[name]))
				if diff := cmp.Diff([]string{rule.ID}, slices.Compact(rules(got))); diff != "" {
					t.Errorf("rules broken (-want +got):\n%s\n%v", diff, got)
				}
			})
		}
	}
}

// TestSound finds nothing in tables that use what the rules are about as they should.
func TestSound(t *testing.T) {
	t.Parallel()
	sum := `{"version":0,"size":3,"k0":"'v 0'"}`
	for name, files := range map[string]map[string]string{
		"plain":        commits(first("{}", added("a", "")), lines(info, removed("a", ""), added("b", "")), lines(info, added("a", ""))),
		"checksum":     with(commits(first("{}", added("a", ""))), "_delta_log/00000000000000000000.crc", checksumText),
		"histogram":    with(commits(first("{}", added("a", ""))), "_delta_log/00000000000000000000.crc", strings.Replace(checksumText, `{"table`, `{"fileSizeHistogram":{"sortedBinBoundaries":[0,1,2],"fileCounts":[0,1,0],"totalBytes":[0,1,0]},"table`, 1)),
		"checkpoint":   with(checkpointed(added("a", "")), "_delta_log/_last_checkpoint", sum),
		"mapping":      commits(lines(info, features("columnMapping", "columnMapping"), tableOf(mappedSchema("1", "2", "a", "b"), "[]", mapped))),
		"timestamps":   commits(lines(timestamp, features("inCommitTimestamp", ""), table("[]", `{"delta.enableInCommitTimestamps":"true"}`)), lines(strings.Replace(timestamp, "5", "6", 1))),
		"row tracking": commits(of(features("rowTracking domainMetadata", ""), "{}", added("a", rowIDs), added("b", strings.Replace(rowIDs, `"baseRowId":0`, `"baseRowId":2`, 1)), tracking)),
		"partitions":   commits(lines(info, plain, table(`["p"]`, "{}"), strings.Replace(added("a", ""), `{}`, `{"p":"-7"}`, 1), strings.Replace(added("b", ""), `{}`, `{"p":null}`, 1))),
		"vector":       commits(of(features("deletionVectors", "deletionVectors"), "{}", added("a", "")), lines(info, removed("a", ""), added("a", vectorInline))),
		"compaction": with(commits(first("{}", added("a", "")), lines(info, removed("a", ""))), "_delta_log/00000000000000000000.00000000000000000001.compacted.json",
			lines(plain, table("[]", "{}"), removed("a", ""))),
		"unknown":      commits(first("{}", added("a", `,"more":[1]`), `{"news":{"x":1}}`), lines(`{"commitInfo":{"timestamp":1,"operation":"WRITE"},"news":["x"]}`)),
		"old checksum": with(commits(first("{}", added("a", ""))), "_delta_log/00000000000000000000.crc", `{"tableSizeBytes":1,"numFiles":1,"numMetadata":1,"numProtocol":1,"numTransactions":0}`),
		"plain columns": commits(lines(info, plain, tableOf(strings.Replace(strings.Replace(named("x", "y"), `{}`, `{\"delta.generationExpression\":\"1\"}`, 1),
			`{}`, `{\"delta.identity.start\":1}`, 1), "[]", "{}"))),
	} {
		if got := violations(t, files); len(got) > 0 {
			t.Errorf("%s: got %v, want none", name, got)
		}
	}
}
