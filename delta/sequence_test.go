package delta_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

var (
	sequences = flag.Int("sequences", 1, "random sequences of operations for each kind of table")
	length    = flag.Int("sequence-length", 30, "operations of each")
	firstSeed = flag.Uint64("sequence-seed", 1, "seed of the first")
)

// operation is one of a sequence. What it does follows from its kind, its seed and what the table holds, so that others may be left out before it.
type operation struct {
	kind string
	seed uint64
}

func (o operation) String() string { return fmt.Sprintf("{%q, %d}", o.kind, o.seed) }

// kindOfTable is a table that sequences are run on.
type kindOfTable struct {
	name        string
	partitionBy []string
	properties  map[string]string
	clusterBy   []string
}

var kindsOfTables = []kindOfTable{
	{name: "plain", partitionBy: nil, properties: nil},
	{name: "partitioned", partitionBy: []string{"p"}, properties: nil},
	{name: "vectors", partitionBy: nil, properties: map[string]string{"delta.enableDeletionVectors": "true"}},
	{name: "vectors, partitioned", partitionBy: []string{"p"}, properties: map[string]string{"delta.enableDeletionVectors": "true", "delta.checkpointPolicy": "v2"}},
	{name: "feed", partitionBy: []string{"p"}, properties: map[string]string{"delta.enableChangeDataFeed": "true"}},
	{name: "names", partitionBy: nil, properties: map[string]string{"delta.columnMapping.mode": "name", "delta.enableTypeWidening": "true"}},
	{name: "IDs", partitionBy: []string{"p"}, properties: map[string]string{"delta.columnMapping.mode": "id"}},
	{name: "times", partitionBy: nil, properties: map[string]string{"delta.enableInCommitTimestamps": "true", "delta.checkpointInterval": "3"}},
	{name: "tracked", partitionBy: nil, properties: map[string]string{"delta.enableRowTracking": "true", "delta.enableDeletionVectors": "true"}},
	{name: "clustered", clusterBy: []string{"id", "p"}, properties: map[string]string{"delta.enableDeletionVectors": "true"}},
	{name: "clustered, names", clusterBy: []string{"id", "n"}, properties: map[string]string{
		"delta.columnMapping.mode": "name", "delta.enableRowTracking": "true", "delta.enableInCommitTimestamps": "true",
	}},
	{name: "all", partitionBy: []string{"p"}, properties: map[string]string{
		"delta.enableDeletionVectors": "true", "delta.enableChangeDataFeed": "true", "delta.columnMapping.mode": "name", "delta.enableInCommitTimestamps": "true",
		"delta.enableRowTracking": "true", "delta.checkpointPolicy": "v2", "delta.checkpointInterval": "4", "delta.enableTypeWidening": "true",
	}},
}

// TestSequences holds random sequences of all operations against a model in memory. One that fails is made as short as it can be.
func TestSequences(t *testing.T) {
	t.Parallel()
	for i, kind := range kindsOfTables {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			for n := range *sequences {
				seed := *firstSeed + uint64(n)
				operations := randomOperations(rand.New(rand.NewPCG(seed, uint64(i))), *length, kind)
				err := runSequence(t.Context(), kind, operations)
				if err == nil {
					continue
				}
				short := shrink(operations, func(fewer []operation) bool { return runSequence(t.Context(), kind, fewer) != nil })
				t.Fatalf("seed %d: %v\nthe shortest that fails: %v\nwith: %v", seed, err, short, runSequence(t.Context(), kind, short))
			}
		})
	}
}

func randomOperations(random *rand.Rand, n int, kind kindOfTable) []operation {
	kinds := []string{
		"append", "append", "append", "overwrite", "replaceWhere", "dynamic", "update", "delete", "update", "delete", "merge", "merge", "optimize", "zorder", "vacuum",
		"checkpoint", "addColumn", "toggle", "reopen", "restore", "once", "purge", "compactLog",
	}
	if kind.properties["delta.columnMapping.mode"] != "" {
		kinds = append(kinds, "renameColumn", "dropColumn")
	}
	list := make([]operation, n)
	for i := range list {
		list[i] = operation{kinds[random.IntN(len(kinds))], random.Uint64N(1 << 32)}
	}
	if kind.clusterBy != nil {
		for i := range list {
			if list[i].kind == "zorder" {
				list[i].kind = "recluster"
			}
		}
	}
	list[0].kind = "append"
	return list
}

// shrink leaves out operations, in halves and then one by one, as long as the rest fails.
func shrink(list []operation, fails func([]operation) bool) []operation {
	for size := len(list) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(list); {
			if fewer := slices.Delete(slices.Clone(list), at, at+size); fails(fewer) {
				list = fewer
			} else {
				at += size
			}
		}
	}
	return list
}

// runSequence does the operations and compares the table with the model after each; at the end it reads all versions and looks for breaches of the protocol.
func runSequence(ctx context.Context, kind kindOfTable, operations []operation) error {
	warnings := &warningLog{}
	c := testConfig()
	c.Logger = slog.New(warnings)
	m := &lakeModel{kind: kind, config: c, store: memory.New(), versions: make(map[int64]map[int64]lakeRow), columns: []string{"n"}}
	m.table = delta.Open(m.store, "t", c)
	d := delta.Definition{Schema: m.schema(), PartitionBy: kind.partitionBy, ClusterBy: kind.clusterBy, Properties: kind.properties}
	if _, err := m.table.Create(ctx, d); err != nil {
		return err
	}
	m.rows = make(map[int64]lakeRow)
	m.columnsAt = map[int64][]string{0: m.columns}
	m.versions[0] = m.rows
	for i, o := range operations {
		m.random = rand.New(rand.NewPCG(o.seed, 7))
		if err := m.do(ctx, o); err != nil {
			return fmt.Errorf("operation %d, %v: %w", i, o, err)
		}
		if err := m.compare(ctx); err != nil {
			return fmt.Errorf("after operation %d, %v: %w", i, o, err)
		}
	}
	if len(warnings.told) > 0 {
		return fmt.Errorf("warnings: %s", strings.Join(warnings.told, "; "))
	}
	return m.compareAll(ctx)
}

// warningLog gathers warnings: sequences give no cause for any.
type warningLog struct{ told []string }

func (w *warningLog) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}
func (w *warningLog) WithAttrs([]slog.Attr) slog.Handler { return w }
func (w *warningLog) WithGroup(string) slog.Handler      { return w }

func (w *warningLog) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool {
		text += " " + a.String()
		return true
	})
	w.told = append(w.told, text)
	return nil
}

// compare reads the newest version, by a handle that has followed the table and by one that reads its log anew.
func (m *lakeModel) compare(ctx context.Context) error {
	for _, table := range []*delta.Table{m.table, delta.Open(m.store, "t", m.config)} {
		s, err := table.Snapshot(ctx)
		if err != nil {
			return err
		}
		m.versions[s.Version()], m.columnsAt[s.Version()] = m.rows, m.columns
		if err := compareVersion(ctx, s, m.rows, m.columns); err != nil {
			return err
		}
	}
	return nil
}

// compareAll reads every version whose files must be there, and checks the table.
func (m *lakeModel) compareAll(ctx context.Context) error {
	table := delta.Open(m.store, "t", m.config)
	for version, rows := range m.versions {
		if version < m.oldest {
			continue
		}
		s, err := table.SnapshotAt(ctx, version)
		if err != nil {
			return err
		}
		if err := compareVersion(ctx, s, rows, m.columnsAt[version]); err != nil {
			return err
		}
	}
	violations, err := check.Table(ctx, m.store, "t", check.Options{Deep: true})
	if err == nil && len(violations) > 0 {
		err = fmt.Errorf("%d violations: %v", len(violations), violations)
	}
	return err
}

func compareVersion(ctx context.Context, s *delta.Snapshot, rows map[int64]lakeRow, columns []string) error {
	got, err := rowsOfVersion(ctx, s)
	if err != nil {
		return fmt.Errorf("version %d: %w", s.Version(), err)
	}
	want := make([]string, 0, len(rows))
	for id, r := range rows {
		want = append(want, r.json(id, columns))
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("version %d: rows (-want +got):\n%s", s.Version(), diff)
	}
	return nil
}

// objects is how many objects a table has that hold rows.
func objects(ctx context.Context, store storage.Store) (n int, err error) {
	for info, err := range store.List(ctx, "t/", "") {
		if err != nil {
			return 0, err
		}
		if strings.HasSuffix(info.Key, ".parquet") && !strings.Contains(info.Key, "_delta_log") {
			n++
		}
	}
	return n, nil
}

// rowsOfVersion are the rows as JSON, sorted.
func rowsOfVersion(ctx context.Context, s *delta.Snapshot) ([]string, error) {
	scan, err := s.Scan(delta.ScanConfig{})
	if err != nil {
		return nil, err
	}
	list := []string{}
	for rec, err := range scan.Records(ctx) {
		if err != nil {
			return nil, err
		}
		for i := range int(rec.NumRows()) {
			list = append(list, string(schema.AppendRowJSON(nil, rec, i)))
		}
	}
	slices.Sort(list)
	return list, nil
}
