package delta_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
)

func (m *lakeModel) optimize(ctx context.Context) error {
	_, err := m.table.Optimize(ctx, "", delta.OptimizeOptions{})
	return err
}

func (m *lakeModel) zorder(ctx context.Context) error {
	_, err := m.table.Optimize(ctx, "", delta.OptimizeOptions{ZOrderBy: []string{"id", m.columns[0]}})
	return err
}

func (m *lakeModel) purge(ctx context.Context) error {
	_, err := m.table.Reorg(ctx, "", delta.OptimizeOptions{})
	return err
}

// recluster clusters by other columns, and all that is there by them.
func (m *lakeModel) recluster(ctx context.Context) error {
	by := [][]string{{"id"}, {"p", "id"}, {"id", m.columns[0]}}[m.random.IntN(3)]
	if _, err := m.table.ClusterBy(ctx, by...); err != nil {
		return err
	}
	return m.optimize(ctx)
}

// compactLog writes a file that stands for several commits.
func (m *lakeModel) compactLog(ctx context.Context) error {
	to := m.newest()
	if to < 2 {
		return nil
	}
	return m.table.CompactLog(ctx, max(1, to-5), to)
}

// vacuum leaves the newest version alone.
func (m *lakeModel) vacuum(ctx context.Context) error {
	before, err := objects(ctx, m.store)
	if err != nil {
		return err
	}
	res, err := m.table.Vacuum(ctx, delta.VacuumOptions{Retention: -time.Nanosecond, Force: true})
	if err != nil {
		return err
	}
	if left, err := objects(ctx, m.store); err != nil || left > before {
		return fmt.Errorf("%d data files after a vacuum of %d: %w", left, before, err)
	}
	m.oldest = res.Version
	return nil
}

func (m *lakeModel) checkpoint(ctx context.Context) error {
	s, err := m.table.Snapshot(ctx)
	if err != nil {
		return err
	}
	return m.table.Checkpoint(ctx, s)
}

// reopen forgets what the handle has kept.
func (m *lakeModel) reopen(context.Context) error {
	m.table = delta.Open(m.store, "t", m.config)
	return nil
}

func (m *lakeModel) addColumn(ctx context.Context) error {
	m.added++
	name := fmt.Sprint("x", m.added)
	_, err := m.table.AddColumns(ctx, delta.NewColumn{Field: arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Int64, Nullable: true}})
	m.columns = append(slices.Clone(m.columns), name)
	return err
}

func (m *lakeModel) renameColumn(ctx context.Context) error {
	i := m.random.IntN(len(m.columns))
	from := m.columns[i]
	to := fmt.Sprintf("%c%s", 'a'+rune(m.random.IntN(26)), columnNumber(from))
	if to == "p" || slices.Contains(m.columns, to) {
		return nil
	}
	m.columns = slices.Clone(m.columns)
	m.columns[i] = to
	_, err := m.table.RenameColumn(ctx, []string{from}, to)
	return err
}

func (m *lakeModel) dropColumn(ctx context.Context) error {
	if len(m.columns) < 2 {
		return nil
	}
	i := m.random.IntN(len(m.columns))
	name := m.columns[i]
	if m.kind.clusterBy != nil && columnNumber(name) == "" {
		return nil // the table is clustered by it
	}
	m.columns = slices.Delete(slices.Clone(m.columns), i, i+1)
	_, err := m.table.DropColumns(ctx, []string{name})
	return err
}

// toggle turns deletion vectors on or off, on tables that have the feature.
func (m *lakeModel) toggle(ctx context.Context) error {
	if m.kind.properties["delta.enableDeletionVectors"] == "" {
		return nil
	}
	_, err := m.table.SetProperties(ctx, map[string]string{"delta.enableDeletionVectors": fmt.Sprint(m.random.IntN(2) == 0)})
	return err
}

// restore brings an older version back, one whose files are there.
func (m *lakeModel) restore(ctx context.Context) error {
	var versions []int64
	for _, v := range slices.Sorted(maps.Keys(m.versions)) {
		if v >= m.oldest && v < m.newest() {
			versions = append(versions, v)
		}
	}
	if len(versions) == 0 {
		return nil
	}
	version := versions[m.random.IntN(len(versions))]
	s, err := m.table.SnapshotAt(ctx, version)
	if err != nil {
		return err
	}
	m.rows, m.columns = m.versions[version], m.columnsAt[version]
	_, err = m.table.Restore(ctx, s, delta.RestoreOptions{})
	return err
}
