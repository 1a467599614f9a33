package delta_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	arrowmem "github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// widths are the types that a column of the model goes through.
var widths = []arrow.DataType{schema.TinyInt, schema.SmallInt, schema.Int, schema.BigInt}

// modelColumn is a column in memory; nil is NULL.
type modelColumn struct {
	name   string
	width  int
	values []*int64
}

// alteredModel is a table and what it must hold.
type alteredModel struct {
	t       *testing.T
	random  *rand.Rand
	alloc   arrowmem.Allocator
	store   storage.Store
	config  delta.Config
	table   *delta.Table
	columns []*modelColumn
	rows    int
	names   int
	done    []string
}

func TestAlteredTablesEqualTheirModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		for _, mode := range []string{"name", "id"} {
			t.Run(fmt.Sprint(mode, seed), func(t *testing.T) {
				t.Parallel()
				m := &alteredModel{t: t, random: rand.New(rand.NewPCG(seed, 7)), alloc: checked(t), store: memory.New(), config: testConfig()}
				m.config.Alloc = m.alloc
				m.create(mode)
				for range 25 {
					m.step()
				}
			})
		}
	}
}

func (m *alteredModel) create(mode string) {
	m.columns = []*modelColumn{{name: "p", width: 2}, {name: "a"}}
	m.table = delta.Open(m.store, "t", m.config)
	_, err := m.table.Create(m.t.Context(), delta.Definition{Schema: m.schema(), PartitionBy: []string{"p"}, Properties: map[string]string{
		"delta.columnMapping.mode": mode, "delta.enableTypeWidening": "true", "delta.checkpoint.writeStatsAsStruct": "true",
	}})
	m.must("create", err)
}

func (m *alteredModel) schema() *arrow.Schema {
	var fields []arrow.Field
	for _, c := range m.columns {
		fields = append(fields, arrow.Field{Name: c.name, Type: widths[c.width], Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

func (m *alteredModel) must(what string, err error) {
	m.t.Helper()
	if m.done = append(m.done, what); err != nil {
		m.t.Fatalf("%s: %v", strings.Join(m.done, "; "), err)
	}
}

// step does one random thing and compares.
func (m *alteredModel) step() {
	m.t.Helper()
	c := m.columns[m.random.IntN(len(m.columns))]
	switch m.random.IntN(9) {
	case 0:
		m.add()
	case 1:
		name := m.fresh()
		_, err := m.table.RenameColumn(m.t.Context(), []string{c.name}, name)
		m.must("rename "+c.name+" to "+name, err)
		c.name = name
	case 2:
		m.drop(m.random.IntN(len(m.columns)))
	case 3:
		if c.width++; c.width == len(widths) {
			c.width--
			return
		}
		_, err := m.table.ChangeColumn(m.t.Context(), delta.ColumnChange{Path: []string{c.name}, Type: widths[c.width]})
		m.must("widen "+c.name, err)
	case 4, 5:
		m.append()
	case 6:
		m.update(c)
	case 7:
		_, err := m.table.Optimize(m.t.Context(), "", delta.OptimizeOptions{})
		m.must("optimize", err)
	case 8:
		m.must("checkpoint", m.table.Checkpoint(m.t.Context(), snapshot(m.t, m.table)))
		m.table = delta.Open(m.store, "t", m.config)
	}
	m.compare()
}

func (m *alteredModel) fresh() string {
	m.names++
	return fmt.Sprintf("c %d", m.names)
}

func (m *alteredModel) add() {
	name, at := m.fresh(), m.random.IntN(len(m.columns))
	column := delta.NewColumn{Field: arrow.Field{Name: name, Type: widths[0], Nullable: true}, Position: delta.Position{After: m.columns[at].name}}
	_, err := m.table.AddColumns(m.t.Context(), column)
	m.must("add "+name, err)
	m.columns = slices.Insert(m.columns, at+1, &modelColumn{name: name, values: make([]*int64, m.rows)})
}

// drop drops a column that does not partition the table, if one is left then.
func (m *alteredModel) drop(i int) {
	if len(m.columns) < 3 || m.columns[i].name == snapshot(m.t, m.table).PartitionColumns()[0] {
		return
	}
	_, err := m.table.DropColumns(m.t.Context(), []string{m.columns[i].name})
	m.must("drop "+m.columns[i].name, err)
	m.columns = slices.Delete(m.columns, i, i+1)
}

// append adds a row in which some columns are left out.
func (m *alteredModel) append() {
	var fields []arrow.Field
	var values []string
	for _, c := range m.columns {
		var value *int64
		if m.random.IntN(3) > 0 {
			value = new(int64(m.random.IntN(4)))
			fields = append(fields, arrow.Field{Name: c.name, Type: widths[c.width], Nullable: true})
			values = append(values, fmt.Sprintf("%q: %d", c.name, *value))
		}
		c.values = append(c.values, value)
	}
	m.rows++
	if fields == nil {
		fields = append(fields, arrow.Field{Name: m.columns[0].name, Type: widths[m.columns[0].width], Nullable: true})
	}
	source := rows(m.t, m.alloc, schema.DDL(arrow.NewSchema(fields, nil)), "[{"+strings.Join(values, ", ")+"}]")
	_, err := m.table.Append(m.t.Context(), source, delta.WriteOptions{})
	m.must("append "+strings.Join(values, ", "), err)
}

func (m *alteredModel) update(c *modelColumn) {
	where := m.columns[m.random.IntN(len(m.columns))]
	value, is := int64(m.random.IntN(4)), int64(m.random.IntN(4))
	set := map[string]string{c.name: fmt.Sprintf("CAST(%d AS %s)", value, schema.Name(widths[c.width]))}
	_, err := m.table.Update(m.t.Context(), set, fmt.Sprintf("%s = %d", schema.Quote(where.name), is), delta.WriteOptions{})
	m.must(fmt.Sprintf("set %s = %d where %s = %d", c.name, value, where.name, is), err)
	for i, v := range slices.Clone(where.values) {
		if v != nil && *v == is {
			c.values[i] = &value
		}
	}
}

func (m *alteredModel) compare() {
	m.t.Helper()
	want := make([]string, m.rows)
	for i := range want {
		var row []string
		for _, c := range m.columns {
			if c.values[i] == nil {
				row = append(row, "null")
			} else {
				row = append(row, fmt.Sprint(*c.values[i]))
			}
		}
		want[i] = strings.Join(row, " ")
	}
	s := snapshot(m.t, m.table)
	if got := schema.DDL(s.Schema()); got != schema.DDL(m.schema()) {
		m.t.Fatalf("%s: columns = %s, want %s", strings.Join(m.done, "; "), got, schema.DDL(m.schema()))
	}
	if diff := cmp.Diff(sortedLines(want), valuesOf(m.t, s, fieldNamesOf(s.Schema())...)); diff != "" {
		m.t.Fatalf("%s: rows (-want +got):\n%s", strings.Join(m.done, "; "), diff)
	}
}
