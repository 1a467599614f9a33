package plan

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

const (
	// DefaultLevels is how many rounds of a recursive view may have rows where the query does not say.
	DefaultLevels = 100
	// MaxRecursiveRows is how many rows a recursive view may come to where no LIMIT says how many are wanted.
	MaxRecursiveRows = 1_000_000
)

// Recursion makes a view recursive. The view's query is then a Union of two inputs: the first gives the rows of the first round; the second scans the
// Recursion, which stands for the rows of the round before, and gives those of each further round. The view ends with the first round without rows.
type Recursion struct {
	expr.Pos               // of the query in the text
	Ident    string        // the view's
	Rows     *arrow.Schema // of every round
	Levels   int64         // rounds that may have rows; one more fails with RECURSION_LEVEL_LIMIT_EXCEEDED
}

// Name says whose rows these are.
func (r *Recursion) Name() string { return "last round of " + r.Ident }

// Schema is the schema of every round's rows.
func (r *Recursion) Schema() *arrow.Schema { return r.Rows }

// ReadBy tells whether a query, or a view that it reads, scans the rounds.
func (r *Recursion) ReadBy(n Node) bool {
	found := false
	Walk(n, func(n Node) bool {
		if s, ok := n.(Scan); ok {
			v, isView := s.Relation.(*View)
			found = found || s.Relation == Relation(r) || isView && r.ReadBy(v.Query)
		}
		return !found
	})
	return found
}

// NewRecursiveView is the view of r: its first round, and step, which scans r, for the others. Both have r's columns.
func NewRecursiveView(r *Recursion, first, step Node) (*View, error) {
	both, err := NewUnion(first, step)
	if err != nil {
		return nil, err
	}
	for i, f := range r.Rows.Fields() {
		if has := both.schema.Field(i); !arrow.TypeEqual(has.Type, f.Type) || has.Nullable != f.Nullable {
			return nil, misuse("column %d of the recursive view %s is another one than its rounds have", i+1, r.Ident)
		}
	}
	return &View{Ident: r.Ident, Query: both, Recursion: r}, nil
}

// Rounds are the query of a recursive view's first round and that of the others.
func (v *View) Rounds() (first, step Node) {
	inputs := v.Query.(Union).Inputs
	return inputs[0], inputs[1]
}

// Own tells that the view serves the one query that it is a part of.
func (v *View) Own() bool { return v.Part || v.Recursion != nil }

// exceeded is the error of a recursion that does not end.
func (r *Recursion) exceeded(class, format string, args ...any) error {
	return fault(class, "42836", r.Pos, "%s: "+format, append([]any{expr.Quote(r.Ident)}, args...)...)
}

// LevelsExceeded is the error for one more round with rows than there may be.
func (r *Recursion) LevelsExceeded() error {
	return r.exceeded("RECURSION_LEVEL_LIMIT_EXCEEDED", "round %d still has rows: check what ends the recursion, or allow more with MAX RECURSION LEVEL n",
		r.Levels+1)
}

// RowsExceeded is the error for more rows than there may be.
func (r *Recursion) RowsExceeded() error {
	return r.exceeded("RECURSION_ROW_LIMIT_EXCEEDED", "more than %d rows: check what ends the recursion, or read it with a LIMIT, or with LIMIT ALL",
		MaxRecursiveRows)
}

// Enough is n where no more than so many rows of it are read, so that recursive views that n gives the rows of, through projections and unions, end when
// they have them.
func Enough(n Node, rows int64) Node {
	switch n := n.(type) {
	case Scan:
		return recursiveScan(n, rows)
	case Project, Union:
		children := n.Children()
		for i, in := range children {
			children[i] = Enough(in, rows)
		}
		return WithChildren(n, children...)
	default:
		return n
	}
}

// WithoutRowLimit is n where recursive views may have any number of rows.
func WithoutRowLimit(n Node) Node {
	return rewrite(n, func(n Node) (Node, bool) {
		s, ok := n.(Scan)
		if !ok {
			return n, false
		}
		return recursiveScan(s, unlimited), true
	})
}

// Limited tells that a LIMIT takes the rows of a recursive view: those of the first rounds, in their order.
func (v *View) Limited() bool { return v.Enough > 0 && v.Enough < unlimited }

// unlimited is more rows than there can be.
const unlimited = 1 << 62

// recursiveScan is s with a bound on the rows of its recursive view, if it reads one whole.
func recursiveScan(s Scan, rows int64) Scan {
	v, ok := s.Relation.(*View)
	if !ok || v.Recursion == nil || v.Enough > 0 || s.Filter != nil && rows < unlimited {
		return s
	}
	bounded := *v
	bounded.Enough = max(rows, 1)
	s.Relation = &bounded
	return s
}
