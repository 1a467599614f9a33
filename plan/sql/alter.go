package sql

import (
	"github.com/apache/arrow-go/v18/arrow"
)

// Alter is ALTER TABLE.
type Alter struct {
	Table  Table
	Change AlterChange
}

func (Alter) statement() {}

// AlterChange is what an ALTER TABLE does. The set is closed.
//
//sumtype:decl
type AlterChange interface{ alters() }

type (
	// AddColumns is ADD COLUMNS.
	AddColumns struct{ Columns []ColumnDef }
	// RenameColumn is RENAME COLUMN Path TO Name.
	RenameColumn struct {
		Path []string
		Name string
	}
	// DropColumns is DROP COLUMNS; IfExists lets those be named that are not there.
	DropColumns struct {
		IfExists bool
		Paths    [][]string
	}
	// AlterColumn is ALTER COLUMN Path and one change of it; what is not set stays.
	AlterColumn struct {
		Path     []string
		Type     arrow.DataType
		Comment  *string
		Nullable *bool   // SET NOT NULL, DROP NOT NULL
		Default  *string // SQL, as it was written; empty: DROP DEFAULT
		First    bool
		After    string
	}
	// SyncIdentity is ALTER COLUMN Path SYNC IDENTITY.
	SyncIdentity struct{ Path []string }
	// SetProperties is SET TBLPROPERTIES.
	SetProperties struct{ Properties map[string]string }
	// UnsetProperties is UNSET TBLPROPERTIES.
	UnsetProperties struct {
		IfExists bool
		Names    []string
	}
	// AddConstraint is ADD CONSTRAINT.
	AddConstraint struct{ Check Check }
	// DropConstraint is DROP CONSTRAINT.
	DropConstraint struct {
		IfExists bool
		Name     string
	}
	// ClusterBy is CLUSTER BY; no column is CLUSTER BY NONE.
	ClusterBy struct{ Columns []string } // names, in back quotes where they need them, with dots between
	// DropFeature is DROP FEATURE.
	DropFeature struct{ Name string }
)

func (AddColumns) alters()      {}
func (RenameColumn) alters()    {}
func (DropColumns) alters()     {}
func (AlterColumn) alters()     {}
func (SyncIdentity) alters()    {}
func (SetProperties) alters()   {}
func (UnsetProperties) alters() {}
func (AddConstraint) alters()   {}
func (DropConstraint) alters()  {}
func (ClusterBy) alters()       {}
func (DropFeature) alters()     {}

// alter reads what stands behind ALTER TABLE.
func (p *parser) alter() (_ Statement, err error) {
	var s Alter
	if s.Table, err = p.target(); err != nil {
		return nil, err
	}
	at := p.Peek()
	switch {
	case p.Accept("ADD", "CONSTRAINT"):
		c := AddConstraint{}
		c.Check, err = p.check()
		s.Change = c
	case p.Accept("ADD", "COLUMNS"), p.Accept("ADD", "COLUMN"):
		s.Change, err = p.addColumns()
	case p.Accept("RENAME", "COLUMN"):
		s.Change, err = p.renameColumn()
	case p.Accept("DROP"):
		s.Change, err = p.drop()
	case p.Accept("ALTER", "COLUMN"), p.Accept("CHANGE", "COLUMN"), p.Accept("ALTER"), p.Accept("CHANGE"):
		s.Change, err = p.alterColumn()
	case p.Accept("SET", "TBLPROPERTIES"):
		c := SetProperties{Properties: map[string]string{}}
		err = p.properties(c.Properties)
		s.Change = c
	case p.Accept("CLUSTER", "BY", "NONE"):
		s.Change = ClusterBy{}
	case p.Is("CLUSTER", "BY", "("):
		p.Accept("CLUSTER", "BY")
		c := ClusterBy{}
		c.Columns, err = p.columnPaths()
		s.Change = c
	case p.Accept("UNSET", "TBLPROPERTIES"):
		s.Change, err = p.unset()
	default:
		return nil, p.Unsupported(at, "ALTER TABLE with "+at.Text)
	}
	return s, err
}

// addColumns reads columns, with parentheses around them or not.
func (p *parser) addColumns() (AlterChange, error) {
	var s AddColumns
	closed := p.Accept("(")
	for {
		c, err := p.columnDefinition()
		if err != nil {
			return nil, err
		}
		if s.Columns = append(s.Columns, c); !p.Accept(",") {
			break
		}
	}
	if closed {
		return s, p.Expect(")")
	}
	return s, nil
}

func (p *parser) renameColumn() (_ AlterChange, err error) {
	var s RenameColumn
	if s.Path, err = p.tableParts(); err != nil {
		return nil, err
	}
	if err := p.Expect("TO"); err != nil {
		return nil, err
	}
	s.Name, err = p.Name("a column's name")
	return s, err
}

// drop reads what stands behind DROP.
func (p *parser) drop() (AlterChange, error) {
	at := p.Peek()
	switch {
	case p.Accept("CONSTRAINT"):
		ifExists := p.Accept("IF", "EXISTS")
		name, err := p.Name("a constraint's name")
		return DropConstraint{ifExists, name}, err
	case p.Accept("FEATURE"):
		name, err := p.Name("a feature's name")
		if at := p.Peek(); err == nil && p.Accept("TRUNCATE") {
			return nil, p.Unsupported(at, "DROP FEATURE with TRUNCATE HISTORY")
		}
		return DropFeature{name}, err
	case p.Accept("COLUMNS"), p.Accept("COLUMN"):
		return p.dropColumns()
	}
	return nil, p.Unsupported(at, "ALTER TABLE DROP with "+at.Text)
}

func (p *parser) dropColumns() (AlterChange, error) {
	s := DropColumns{IfExists: p.Accept("IF", "EXISTS")}
	closed := p.Accept("(")
	for {
		path, err := p.tableParts()
		if err != nil {
			return nil, err
		}
		if s.Paths = append(s.Paths, path); !p.Accept(",") {
			break
		}
	}
	if closed {
		return s, p.Expect(")")
	}
	return s, nil
}

// alterColumn reads what stands behind ALTER COLUMN.
func (p *parser) alterColumn() (_ AlterChange, err error) {
	var s AlterColumn
	if s.Path, err = p.tableParts(); err != nil {
		return nil, err
	}
	at := p.Peek()
	switch {
	case p.Accept("SYNC", "IDENTITY"):
		return SyncIdentity{s.Path}, nil
	case p.Accept("TYPE"):
		s.Type, err = p.ParseType()
	case p.Accept("COMMENT"):
		s.Comment = new(string)
		*s.Comment, err = p.stringLiteral()
	case p.Accept("FIRST"):
		s.First = true
	case p.Accept("AFTER"):
		s.After, err = p.Name("a column's name")
	case p.Accept("SET", "NOT", "NULL"):
		s.Nullable = new(false)
	case p.Accept("DROP", "NOT", "NULL"):
		s.Nullable = new(true)
	case p.Accept("SET", "DEFAULT"):
		s.Default = new(string)
		*s.Default, err = p.expressionText()
	case p.Accept("DROP", "DEFAULT"):
		s.Default = new("")
	default:
		return nil, p.Unsupported(at, "ALTER COLUMN with "+at.Text)
	}
	return s, err
}

// unset reads what stands behind UNSET TBLPROPERTIES.
func (p *parser) unset() (AlterChange, error) {
	s := UnsetProperties{IfExists: p.Accept("IF", "EXISTS")}
	if err := p.Expect("("); err != nil {
		return nil, err
	}
	for {
		name, err := p.propertyKey()
		if err != nil {
			return nil, err
		}
		if s.Names = append(s.Names, name); !p.Accept(",") {
			return s, p.Expect(")")
		}
	}
}
