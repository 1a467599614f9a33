package medallion

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/schema"
)

// Row is the row type of tables whose schema is known only at run time: inferred, or given as DDL.
type Row = schema.Row

// Table is a declared table whose rows are R. It is made by bronze, silver and gold, wired into other tables' queries as a Go value, and run by a Pipeline.
type Table[R any] struct{ decl *Declaration }

// AnyTable is a Table of any row type.
type AnyTable interface {
	dataset.Relation
	Name() string
	Declaration() *Declaration
}

// Declaration is what a table is declared as. Packages that define stages fill it in; users have no need of it.
type Declaration struct {
	Name    string // schema.table
	Site    plan.Site
	Flows   []Flow
	Options []TableOption
	rows    func() (*arrow.Schema, error) // nil schema: known at run time

	existing bool
}

// Flow is one query into a table and what is done with its rows.
type Flow struct {
	Name    string // among the table's flows; empty for a table's only flow
	Resolve func(r *dataset.Resolver) (plan.Node, plan.Effect, error)
}

// TableOption sets what a table has beside its rows.
type TableOption func(*plan.Table, *tableChecks)

type tableChecks struct{ checks []quality.TableCheck }

// PartitionBy lays the table's files out by the columns' values.
func PartitionBy(columns ...string) TableOption {
	return func(t *plan.Table, _ *tableChecks) { t.PartitionBy = append(t.PartitionBy, columns...) }
}

// Property sets a Delta table property, such as delta.checkpointInterval.
func Property(key, value string) TableOption {
	return func(t *plan.Table, _ *tableChecks) { t.Properties[key] = value }
}

// Comment describes the table; readers show it as the table's description.
func Comment(text string) TableOption {
	return func(t *plan.Table, _ *tableChecks) { t.Comment = text }
}

// Expect gates the table's commits with checks on the whole table.
func Expect(checks ...quality.TableCheck) TableOption {
	return func(_ *plan.Table, c *tableChecks) { c.checks = append(c.checks, checks...) }
}

// NewTable declares a table. Faults in the declaration are reported by Validate, Explain and Run.
func NewTable[R any](d Declaration) *Table[R] {
	d.rows = dataset.RowSchema[R]
	return &Table[R]{decl: &d}
}

// Existing is a table of the lake that something else writes: another pipeline, Spark, or a quarantine. It is read as it is, and never refreshed; as
// long as it is not there it has no rows.
func Existing[R any](name string) *Table[R] {
	return NewTable[R](Declaration{Name: name, Site: dataset.Caller(0), existing: true})
}

// Name is schema.table.
func (t *Table[R]) Name() string { return t.decl.Name }

// Declaration gives the table's declaration, erased of R.
func (t *Table[R]) Declaration() *Declaration { return t.decl }

// RowType ties R to the table.
func (t *Table[R]) RowType() (row R) { return row }

// Resolve gives a scan of the table.
func (t *Table[R]) Resolve(r *dataset.Resolver) (plan.Node, error) {
	table, err := t.decl.resolve(r)
	if err != nil {
		return nil, err
	}
	return plan.NewScan(table), nil
}

var tableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*$`)

// resolve checks the declaration and everything that it reads.
func (d *Declaration) resolve(r *dataset.Resolver) (*plan.Table, error) {
	return dataset.Once(r, d, func() (*plan.Table, error) {
		t, err := d.build(r)
		if err == nil {
			return t, nil
		}
		return nil, d.located(err)
	})
}

// located adds the table's place to faults that have none yet.
func (d *Declaration) located(err error) error {
	var inner *dataset.DeclarationError
	if errors.As(err, &inner) {
		return err
	}
	return &dataset.DeclarationError{Site: d.Site, What: "table " + d.Name, Err: err}
}

func (d *Declaration) build(r *dataset.Resolver) (*plan.Table, error) {
	if !tableName.MatchString(d.Name) {
		return nil, fmt.Errorf("the name %q is not of the form schema.table, of letters, digits and underscores", d.Name)
	}
	t := &plan.Table{Ident: d.Name, Properties: map[string]string{}, Declared: d.Site}
	var c tableChecks
	for _, option := range d.Options {
		option(t, &c)
	}
	if err := d.flows(r, t); err != nil {
		return nil, err
	}
	if err := partitionsExist(t); err != nil {
		return nil, err
	}
	for _, check := range c.checks {
		resolved, err := check.Resolve(r, t)
		if err != nil {
			return nil, err
		}
		t.Checks = append(t.Checks, resolved)
	}
	return t, nil
}

// flows resolves each flow and settles the table's schema: R's, or for run-time rows what the first flow gives.
func (d *Declaration) flows(r *dataset.Resolver, t *plan.Table) error {
	want, err := d.rows()
	if err != nil {
		return err
	}
	var faults []error
	names := map[string]bool{}
	for _, f := range d.Flows {
		id := d.Name
		if f.Name != "" {
			id += "/" + f.Name
		}
		if names[id] {
			faults = append(faults, fmt.Errorf("two flows are named %q: progress is kept by name, so give each its own", f.Name))
			continue
		}
		names[id] = true
		n, effect, err := f.Resolve(r)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		rows, err := plan.StoredSchema(n.Schema(), effect)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if want == nil {
			want = rows
		}
		if err := proveNotNull(rows, want); err != nil {
			faults = append(faults, err)
		}
		t.Flows = append(t.Flows, plan.Flow{ID: id, Query: n, Effect: effect})
	}
	t.Rows = want
	switch {
	case d.existing && want == nil:
		faults = append(faults, errors.New("an existing table needs a row type: its columns are not looked up"))
	case !d.existing && len(d.Flows) == 0:
		faults = append(faults, errors.New("the table has no flow: nothing would ever be in it"))
	}
	return errors.Join(faults...)
}

// proveNotNull refuses a query whose column may be NULL where the row type has no room for it.
func proveNotNull(have, want *arrow.Schema) error {
	var names []string
	for _, f := range want.Fields() {
		for _, g := range have.Fields() {
			if strings.EqualFold(f.Name, g.Name) && g.Nullable && !f.Nullable {
				names = append(names, f.Name)
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	list := strings.Join(names, ", ")
	return fmt.Errorf("%s may be NULL in the query, and the row type has no pointer there: add a Drop, Quarantine or Fail rule such as %q, use coalesce, or make the field a pointer",
		list, names[0]+" IS NOT NULL")
}

func partitionsExist(t *plan.Table) error {
	for _, p := range t.PartitionBy {
		found := false
		for _, f := range t.Rows.Fields() {
			found = found || strings.EqualFold(f.Name, p)
		}
		if !found {
			return fmt.Errorf("PartitionBy names %s, which is no column of the table", p)
		}
	}
	return nil
}
