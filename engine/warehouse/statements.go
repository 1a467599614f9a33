package warehouse

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// definition is CREATE TABLE … AS a query's rows.
type definition struct {
	Name        string // quoted
	Location    string
	PartitionBy []string
	Comment     string
	Properties  map[string]string
	Replace     bool // in place of the table that is there
	As          string
}

// plainProperties keep tables at the lowest protocol, where the declaration does not ask for more: other engines write them too.
var plainProperties = map[string]string{"delta.enableDeletionVectors": "false"}

// String is the statement.
func (d definition) String() string {
	var b strings.Builder
	b.WriteString("CREATE ")
	if d.Replace {
		b.WriteString("OR REPLACE ")
	}
	b.WriteString("TABLE " + d.Name + " USING DELTA")
	if len(d.PartitionBy) > 0 {
		names := make([]string, len(d.PartitionBy))
		for i, p := range d.PartitionBy {
			names[i] = expr.Quote(p)
		}
		b.WriteString(" PARTITIONED BY (" + strings.Join(names, ", ") + ")")
	}
	b.WriteString(" LOCATION " + expr.QuoteString(d.Location))
	if d.Comment != "" {
		b.WriteString(" COMMENT " + expr.QuoteString(d.Comment))
	}
	properties := maps.Clone(plainProperties)
	maps.Copy(properties, d.Properties)
	b.WriteString(" TBLPROPERTIES (" + propertyList(properties) + ") AS\n" + d.As)
	return b.String()
}

func propertyList(properties map[string]string) string {
	pairs := make([]string, 0, len(properties))
	for _, k := range slices.Sorted(maps.Keys(properties)) {
		pairs = append(pairs, expr.QuoteString(k)+" = "+expr.QuoteString(properties[k]))
	}
	return strings.Join(pairs, ", ")
}

// setProperties sets a table's properties, in one commit.
func setProperties(table string, properties map[string]string) string {
	return "ALTER TABLE " + table + " SET TBLPROPERTIES (" + propertyList(properties) + ")"
}

// insert writes a query's rows in place of those for which where is TRUE; empty: beside all that are there.
func insert(table, where, query string) string {
	switch where {
	case "":
		return "INSERT INTO " + table + "\n" + query
	case "TRUE":
		return "INSERT OVERWRITE " + table + "\n" + query
	}
	return "INSERT INTO " + table + " REPLACE WHERE " + where + "\n" + query
}

// merge is the MERGE of a query's rows.
func merge(table, query string, m *flow.Merge) string {
	var b strings.Builder
	fmt.Fprintf(&b, "MERGE INTO %s AS target USING (\n%s\n) AS source\nON %s", table, query, m.On)
	for _, c := range m.Clauses {
		b.WriteString("\nWHEN ")
		if !c.Matched {
			b.WriteString("NOT ")
		}
		b.WriteString("MATCHED")
		if c.When != "" {
			b.WriteString(" AND " + c.When)
		}
		b.WriteString(" THEN " + action(c))
	}
	return b.String()
}

func action(c flow.Clause) string {
	columns, values, set := make([]string, len(c.Set)), make([]string, len(c.Set)), make([]string, len(c.Set))
	for i, a := range c.Set {
		columns[i], values[i] = expr.Quote(a.Column), a.Value
		set[i] = "target." + columns[i] + " = " + a.Value
	}
	switch {
	case c.Set == nil:
		return "DELETE"
	case c.Matched:
		return "UPDATE SET " + strings.Join(set, ", ")
	}
	return "INSERT (" + strings.Join(columns, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")"
}

// shallowClone is a table over another table's present files.
func shallowClone(clone, table, location string) string {
	return "CREATE TABLE " + clone + " SHALLOW CLONE " + table + " LOCATION " + expr.QuoteString(location)
}

// timestamp is a TIMESTAMP literal, in UTC.
func timestamp(at time.Time) string {
	return expr.Literal{Value: arrow.Timestamp(at.UnixMicro()), Type: schema.Timestamp}.String()
}

// inOrder gives the columns of the fields' names, in their order; NULL where the node has none of that name.
func inOrder(n plan.Node, fields []arrow.Field) (plan.Node, error) {
	have := n.Schema().Fields()
	exprs, names := make([]expr.Bound, len(fields)), make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
		at := schema.Find(have, f.Name)
		if at < 0 {
			exprs[i] = expr.BoundLiteral{Typ: f.Type}
			continue
		}
		exprs[i] = expr.BoundColumn{Index: at, Name: have[at].Name, Typ: have[at].Type, Null: have[at].Nullable}
	}
	return plan.NewProject(n, exprs, names)
}

// metrics are what a commit says of itself.
type metrics map[string]string

// number is a metric, 0 where the commit does not say.
func (m metrics) number(name string) int64 {
	n, err := strconv.ParseInt(m[name], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
