package warehouse

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// A table of the lake is an external table of the catalog: <catalog>.<schema>.<table> with the location <lake>/<schema>/<table>.

// name is a table's name on the warehouse. Its parts are always quoted: DESCRIBE DETAIL a.b.history is no statement.
func (s *session) name(ident string) string {
	parts := append([]string{s.config.Catalog}, strings.Split(ident, ".")...)
	for i, p := range parts {
		parts[i] = "`" + strings.ReplaceAll(p, "`", "``") + "`"
	}
	return strings.Join(parts, ".")
}

// location is where a table's files lie, as the warehouse names it.
func (s *session) location(ident string) string {
	return s.config.Lake + "/" + strings.ReplaceAll(ident, ".", "/")
}

// OtherTableError says that a name of the catalog is taken by a table that is not the lake's.
type OtherTableError struct {
	Name     string // on the warehouse
	Location string // where the lake's table lies
	ID, Want string // metaData.id of the table found, and of the lake's
}

// Error says what to do.
func (e *OtherTableError) Error() string {
	return fmt.Sprintf("warehouse: %s is another table (its id is %s) than the lake's at %s (%s): drop it from the catalog, or set Config.Catalog and Config.Lake to where the lake is",
		e.Name, e.ID, e.Location, e.Want)
}

// register makes a table that is in the lake known to the catalog, and makes sure that the catalog means the same table.
func (s *session) register(ctx context.Context, ident string, snapshot *delta.Snapshot) error {
	if s.known[ident] {
		return nil
	}
	if err := s.makeSchema(ctx, ident); err != nil {
		return err
	}
	if err := s.nameTable(ctx, ident); err != nil {
		return err
	}
	s.known[ident] = true
	if s.dry {
		return nil
	}
	return s.verify(ctx, ident, snapshot)
}

// nameTable gives a table of the lake its name in the catalog, unless the name is taken.
func (s *session) nameTable(ctx context.Context, ident string) error {
	return s.exec(ctx, "CREATE TABLE IF NOT EXISTS "+s.name(ident)+" USING DELTA LOCATION "+expr.QuoteString(s.location(ident)))
}

// create makes an empty table and gives its first snapshot. It is made in the lake, by this process, since a folder that holds a flow's progress already is not
// empty enough for CREATE TABLE; nobody else writes a table that has just come to be.
func (s *session) create(ctx context.Context, ident string, def delta.Definition) (*delta.Snapshot, error) {
	if s.dry {
		return nil, s.exec(ctx, fmt.Sprintf("-- %s is made in the lake: (%s)", s.name(ident), schema.DDL(def.Schema)))
	}
	def.Name = ident
	if _, err := s.Open(ident).Create(ctx, def); err != nil {
		return nil, err
	}
	snapshot, err := s.Latest(ctx, ident)
	if err != nil {
		return nil, err
	}
	return snapshot, s.register(ctx, ident, snapshot)
}

// makeSchema makes the schema of a table.
func (s *session) makeSchema(ctx context.Context, ident string) error {
	parent := ident[:strings.LastIndex(ident, ".")]
	if s.known[parent] {
		return nil
	}
	s.known[parent] = true
	return s.exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+s.name(parent))
}

// verify compares the table's id with the one in the lake.
func (s *session) verify(ctx context.Context, ident string, snapshot *delta.Snapshot) error {
	id, err := s.tableID(ctx, ident)
	if err != nil || id == snapshot.ID() {
		return err
	}
	return &OtherTableError{Name: s.name(ident), Location: s.location(ident), ID: id, Want: snapshot.ID()}
}

// tableID is the id of a Delta table that the catalog names.
func (s *session) tableID(ctx context.Context, ident string) (id string, err error) {
	columns, rows, err := s.server.Query(ctx, Statement{SQL: "DESCRIBE DETAIL " + s.name(ident)})
	if err != nil {
		return "", err
	}
	at := schema.Find(columns.Fields(), "id")
	for rec, err := range rows {
		if err != nil {
			return "", err
		}
		if at < 0 || rec.NumRows() == 0 {
			continue
		}
		if ids, ok := rec.Column(at).(*array.String); ok {
			id = strings.Clone(ids.Value(0))
		}
	}
	return id, nil
}

// exec runs a statement of which only the effect counts.
func (s *session) exec(ctx context.Context, sql string) error {
	if strings.Contains(sql, "${") {
		return &engine.UnsupportedError{Engine: s.Engine, Table: "a table", What: "a name with ${ in it, which the server takes for a variable: rename it"}
	}
	s.Logger.DebugContext(ctx, "statement", "sql", sql)
	return s.server.Exec(ctx, Statement{SQL: sql})
}

// addColumns adds columns to a table of the lake.
func (s *session) addColumns(ctx context.Context, ident string, columns []arrow.Field) error {
	if len(columns) == 0 {
		return nil
	}
	return s.exec(ctx, "ALTER TABLE "+s.name(ident)+" ADD COLUMNS ("+schema.DDL(arrow.NewSchema(columns, nil))+")")
}

// addFirst adds a column before all others: statistics are kept of the first columns alone.
func (s *session) addFirst(ctx context.Context, ident string, column arrow.Field) error {
	return s.exec(ctx, "ALTER TABLE "+s.name(ident)+" ADD COLUMNS ("+schema.DDL(arrow.NewSchema([]arrow.Field{column}, nil))+" FIRST)")
}
