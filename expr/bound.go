package expr

import "github.com/apache/arrow-go/v18/arrow"

// Bound is a resolved, typed expression. The set is closed. Engines switch over it; every implicit conversion is a BoundCast.
//
//sumtype:decl
type Bound interface {
	Type() arrow.DataType
	Nullable() bool // false is a proof that no row gives NULL
	String() string // SQL, with the columns' names
	bound()
}

type (
	// BoundColumn is a top-level column of the input, by position.
	BoundColumn struct {
		Index int
		Name  string
		Typ   arrow.DataType
		Null  bool
	}
	// BoundLiteral is a constant; Value as in Literal, always in the Go type of Typ.
	BoundLiteral struct {
		Value any
		Typ   arrow.DataType
	}
	// BoundCall is a scalar function of the catalogue by its canonical name. Args have exactly the types that its signature asks for, and optional
	// arguments with a constant default are filled in (round has two, locate three). Operands of decimal arithmetic keep their own precisions. + and -
	// also move timestamps by intervals and subtract dates and timestamps; a DATE is moved by date_add, date_sub and add_months alone.
	BoundCall struct {
		Pos
		Func string
		Args []Bound
		Typ  arrow.DataType
		Null bool
		User *UserFunction // nil: a function of the catalogue
	}
	// BoundCast converts; Try gives NULL where the cast fails.
	BoundCast struct {
		Pos
		Arg Bound
		Typ arrow.DataType
		Try bool
	}
	// BoundCase evaluates each branch only for the rows that reach it. Results all have Typ. if, coalesce, nvl, nullif, ifnull and nvl2 are bound to it.
	BoundCase struct {
		Whens []BoundWhen
		Else  Bound // never nil: a NULL literal where none was written
		Typ   arrow.DataType
		Null  bool
	}
	// BoundField takes a field out of a struct; a null struct gives NULL.
	BoundField struct {
		Arg   Bound
		Index int
		Name  string
		Typ   arrow.DataType
		Null  bool
	}
	// BoundLambda is the function argument of transform, filter, exists, forall and aggregate. Inside Body, its parameters are BoundVars.
	BoundLambda struct {
		Params []BoundVar
		Body   Bound
	}
	// BoundVar is a lambda's parameter, identified by ID within the whole expression.
	BoundVar struct {
		ID   int
		Name string
		Typ  arrow.DataType
		Null bool
	}
)

// BoundWhen is one branch of a BoundCase; Cond is BOOLEAN.
type BoundWhen struct{ Cond, Result Bound }

// BoundSort is one ordering key.
type BoundSort struct {
	Arg        Bound
	Descending bool
	NullsFirst bool
}

// BoundAggregate is one aggregate function over a group. Its arguments hold no aggregates. first, last and any_value have a second argument, TRUE, where
// they pass over NULLs. The keys of WITHIN GROUP are among the arguments: WithinKeys tells which.
type BoundAggregate struct {
	Pos
	Func     string // canonical: count, sum, min, max, avg, percentile, …; count(*) is count with no Args
	Args     []Bound
	Distinct bool
	Filter   Bound // nil: all rows
	Typ      arrow.DataType
	Null     bool
	User     *UserFunction // nil: a function of the catalogue
}

// BoundWindow is one window function. Func is an aggregate, or row_number, rank, dense_rank, lead, lag, first_value, last_value, ntile, … lag and lead
// always have three arguments: value, INT offset, default; and TRUE where they pass over NULLs. first_value, last_value and nth_value end with TRUE where they
// pass over NULLs.
type BoundWindow struct {
	Pos
	Func        string
	Args        []Bound
	PartitionBy []Bound
	OrderBy     []BoundSort
	Frame       BoundFrame // resolved: never FrameDefault
	Typ         arrow.DataType
	Null        bool
	User        *UserFunction // nil: a function of the catalogue
}

// BoundFrame is a frame with constant offsets: int64 rows for ROWS; for RANGE a literal that can be added to the one ORDER BY key.
type BoundFrame struct {
	Unit       FrameUnit
	Start, End BoundFrameEnd
}

// BoundFrameEnd is one end of a BoundFrame.
type BoundFrameEnd struct {
	Kind   BoundKind
	Offset *BoundLiteral
}

// Type is the column's type.
func (b BoundColumn) Type() arrow.DataType { return b.Typ }

// Type is the constant's type.
func (b BoundLiteral) Type() arrow.DataType { return b.Typ }

// Type is the result's type.
func (b BoundCall) Type() arrow.DataType { return b.Typ }

// Type is the target type.
func (b BoundCast) Type() arrow.DataType { return b.Typ }

// Type is the results' common type.
func (b BoundCase) Type() arrow.DataType { return b.Typ }

// Type is the field's type.
func (b BoundField) Type() arrow.DataType { return b.Typ }

// Type is the body's type.
func (b BoundLambda) Type() arrow.DataType { return b.Body.Type() }

// Type is the parameter's type.
func (b BoundVar) Type() arrow.DataType { return b.Typ }

// Nullable tells whether the column may hold NULL.
func (b BoundColumn) Nullable() bool { return b.Null }

// Nullable tells whether the constant is NULL.
func (b BoundLiteral) Nullable() bool { return b.Value == nil }

// Integer is the value of a literal whose type is an integer, widened; ok is false for other types and NULL.
func (b BoundLiteral) Integer() (n int64, ok bool) { return integerOf(b.Value) }

// Nullable tells whether the function may give NULL.
func (b BoundCall) Nullable() bool { return b.Null }

// Nullable tells whether the argument may be NULL, or the cast may fail into it, as that of NaN to DECIMAL and of the null of JSON does.
func (b BoundCast) Nullable() bool {
	return b.Try || b.Arg.Nullable() || isFloating(b.Arg.Type()) && isDecimal(b.Typ) || isVariant(b.Arg.Type()) || isCalendar(b.Typ)
}

// Nullable tells whether a branch may give NULL.
func (b BoundCase) Nullable() bool { return b.Null }

// Nullable tells whether the struct or its field may be NULL.
func (b BoundField) Nullable() bool { return b.Null }

// Nullable tells whether the body may give NULL.
func (b BoundLambda) Nullable() bool { return b.Body.Nullable() }

// Nullable tells whether the parameter may be NULL.
func (b BoundVar) Nullable() bool { return b.Null }

func (BoundColumn) bound()  {}
func (BoundLiteral) bound() {}
func (BoundCall) bound()    {}
func (BoundCast) bound()    {}
func (BoundCase) bound()    {}
func (BoundField) bound()   {}
func (BoundLambda) bound()  {}
func (BoundVar) bound()     {}
