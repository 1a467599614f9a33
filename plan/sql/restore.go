package sql

type (
	// Restore is RESTORE TABLE To, which names the version or the time that the table goes back to.
	Restore struct{ To Table }
	// Clone is CREATE [OR REPLACE] TABLE Table SHALLOW CLONE Source, perhaps of an older version.
	Clone struct {
		Table       Table
		Source      Table
		OrReplace   bool
		IfNotExists bool
		Properties  map[string]string
	}
	// DescribeDetail is DESCRIBE DETAIL Table.
	DescribeDetail struct{ Table Table }
)

func (Restore) statement()        {}
func (Clone) statement()          {}
func (DescribeDetail) statement() {}

// maintain reads a statement that looks after a table rather than its rows; nil: it is none.
func (p *parser) maintain() (Statement, error) {
	switch {
	case p.Accept("OPTIMIZE"):
		return p.optimize()
	case p.Accept("REORG", "TABLE"):
		return p.reorg()
	case p.Accept("VACUUM"):
		return p.vacuum()
	case p.Accept("RESTORE"):
		return p.restore()
	case p.Accept("DESCRIBE", "DETAIL"), p.Accept("DESC", "DETAIL"):
		t, err := p.target()
		return DescribeDetail{t}, err
	}
	return nil, nil
}

// restore reads what stands behind RESTORE.
func (p *parser) restore() (_ Statement, err error) {
	p.Accept("TABLE")
	var s Restore
	if s.To, err = p.target(); err != nil {
		return nil, err
	}
	p.Accept("TO")
	if err := p.travel(&s.To); err != nil {
		return nil, err
	}
	if !s.To.Travels {
		return nil, p.Error(p.Peek(), "write it as RESTORE TABLE t TO VERSION AS OF 3, or TO TIMESTAMP AS OF '2026-01-31'", "expected a version or a time")
	}
	return s, nil
}

// clone reads what stands behind SHALLOW CLONE.
func (p *parser) clone(c CreateTable) (_ Statement, err error) {
	s := Clone{Table: c.Table, OrReplace: c.OrReplace, IfNotExists: c.IfNotExists, Properties: c.Properties}
	if s.Source, err = p.target(); err != nil {
		return nil, err
	}
	if err := p.travel(&s.Source); err != nil {
		return nil, err
	}
	if p.Accept("TBLPROPERTIES") {
		err = p.properties(s.Properties)
	}
	if at := p.Peek(); err == nil && p.Accept("LOCATION") {
		err = p.Unsupported(at, "SHALLOW CLONE with LOCATION")
	}
	return s, err
}
