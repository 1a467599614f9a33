package sql

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

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
	// ConvertToDelta is CONVERT TO DELTA Table, a folder of Parquet files, with the columns of its partitions' folders.
	ConvertToDelta struct {
		Table        Table
		NoStatistics bool
		PartitionBy  *arrow.Schema // nil: none
	}
	// Generate is GENERATE symlink_format_manifest FOR TABLE Table.
	Generate struct{ Table Table }
	// Repair is FSCK REPAIR TABLE Table DRY RUN.
	Repair struct {
		Table  Table
		DryRun bool
	}
	// DescribeDetail is DESCRIBE DETAIL Table.
	DescribeDetail struct{ Table Table }
)

func (Restore) statement()        {}
func (Clone) statement()          {}
func (ConvertToDelta) statement() {}
func (Generate) statement()       {}
func (Repair) statement()         {}
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
	case p.Accept("CONVERT", "TO", "DELTA"):
		return p.convert()
	case p.Accept("GENERATE"):
		return p.generate()
	case p.Accept("FSCK", "REPAIR", "TABLE"):
		return p.repair()
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

// convert reads what stands behind CONVERT TO DELTA.
func (p *parser) convert() (_ Statement, err error) {
	var s ConvertToDelta
	if s.Table, err = p.target(); err != nil {
		return nil, err
	}
	s.NoStatistics = p.Accept("NO", "STATISTICS")
	if p.Accept("PARTITIONED", "BY") {
		err = p.Expect("(")
		if err == nil {
			var columns CreateTable
			err = p.columnDefinitions(&columns)
			s.PartitionBy = columns.Schema
		}
	}
	return s, err
}

// generate reads what stands behind GENERATE.
func (p *parser) generate() (_ Statement, err error) {
	if at := p.Next(); !strings.EqualFold(at.Text, "symlink_format_manifest") {
		return nil, p.Unsupported(at, "GENERATE of anything but symlink_format_manifest")
	}
	if err := p.Expect("FOR"); err != nil {
		return nil, err
	}
	if err := p.Expect("TABLE"); err != nil {
		return nil, err
	}
	var s Generate
	s.Table, err = p.target()
	return s, err
}

// repair reads what stands behind FSCK REPAIR TABLE.
func (p *parser) repair() (_ Statement, err error) {
	var s Repair
	if s.Table, err = p.target(); err == nil {
		s.DryRun = p.Accept("DRY", "RUN")
	}
	return s, err
}
