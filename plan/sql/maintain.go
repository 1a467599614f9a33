package sql

import (
	"strconv"
	"strings"
	"time"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

type (
	// Optimize is OPTIMIZE Table FULL WHERE … ZORDER BY (…), which packs or orders the files of the partitions for which Where is TRUE; without WHERE it is nil.
	Optimize struct {
		Table    Table
		Where    expr.Node
		Full     bool     // files that are clustered otherwise too
		ZOrderBy []string // columns: names, in back quotes where they need them, with dots between
	}
	// Reorg is REORG TABLE Table WHERE … APPLY (PURGE).
	Reorg struct {
		Table Table
		Where expr.Node
	}
	// Vacuum is VACUUM Table LITE RETAIN n HOURS DRY RUN; Retain is meant only where Retains says that it was written.
	Vacuum struct {
		Table   Table
		Retains bool
		Retain  time.Duration
		DryRun  bool
		Lite    bool // by the log alone
	}
)

func (Optimize) statement() {}
func (Reorg) statement()    {}
func (Vacuum) statement()   {}

// optimize reads what stands behind OPTIMIZE.
func (p *parser) optimize() (_ Statement, err error) {
	var s Optimize
	if s.Table, err = p.target(); err != nil {
		return nil, err
	}
	s.Full = p.Accept("FULL")
	if s.Where, err = p.where(); err != nil {
		return nil, err
	}
	if p.Accept("ZORDER", "BY") {
		s.ZOrderBy, err = p.columnPaths()
	}
	return s, err
}

// columnPaths reads columns, with parentheses around them or not.
func (p *parser) columnPaths() (paths []string, err error) {
	closed := p.Accept("(")
	for {
		parts, err := p.tableParts()
		if err != nil {
			return nil, err
		}
		for i, part := range parts {
			parts[i] = schema.Quote(part)
		}
		if paths = append(paths, strings.Join(parts, ".")); !p.Accept(",") {
			break
		}
	}
	if closed {
		err = p.Expect(")")
	}
	return paths, err
}

// reorg reads what stands behind REORG TABLE.
func (p *parser) reorg() (_ Statement, err error) {
	var s Reorg
	if s.Table, err = p.target(); err != nil {
		return nil, err
	}
	if s.Where, err = p.where(); err != nil {
		return nil, err
	}
	if err := p.Expect("APPLY"); err != nil {
		return nil, err
	}
	if err := p.Expect("("); err != nil {
		return nil, err
	}
	if at := p.Peek(); !p.Accept("PURGE") {
		return nil, p.Unsupported(at, "REORG TABLE with anything but PURGE")
	}
	return s, p.Expect(")")
}

// vacuum reads what stands behind VACUUM.
func (p *parser) vacuum() (_ Statement, err error) {
	var s Vacuum
	if s.Table, err = p.target(); err != nil {
		return nil, err
	}
	if s.Lite = p.Accept("LITE"); !s.Lite {
		p.Accept("FULL")
	}
	if at := p.Peek(); p.Accept("USING") {
		return nil, p.Unsupported(at, "VACUUM by an inventory")
	}
	if s.Retains = p.Accept("RETAIN"); s.Retains {
		if s.Retain, err = p.hours(); err != nil {
			return nil, err
		}
	}
	s.DryRun = p.Accept("DRY", "RUN")
	return s, nil
}

// mostHours is the most that a time.Duration holds, and some less.
const mostHours = 2_500_000

// hours reads n HOURS.
func (p *parser) hours() (time.Duration, error) {
	t := p.Next()
	n, err := strconv.ParseFloat(t.Text, 64)
	if t.Kind != expr.TokenNumber || err != nil || n > mostHours {
		return 0, p.Error(t, "write it as RETAIN 168 HOURS", "expected a number of hours")
	}
	return time.Duration(n * float64(time.Hour)), p.Expect("HOURS")
}
