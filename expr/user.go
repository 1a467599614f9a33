package expr

import (
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// UserFunction is a function written in Go. Package udf makes them of typed Go functions; its own fields work on Arrow arrays. It must not be changed once it
// is used. A function with Eval is scalar, one with NewAccumulator an aggregate.
type UserFunction struct {
	Name     string // as SQL text calls it, whatever the case; none of the catalogue's
	Params   []UserParam
	Result   arrow.DataType
	Nullable bool // the result may be NULL where no argument is
	// Volatile functions may give another result for the same arguments: they are called for every row, and never ahead of time.
	Volatile bool
	// Eval gives the results for so many rows, in an array of type Result that the caller releases. Arguments are plain arrays of the parameters' types, of
	// that length, borrowed until it returns. It may be called from several goroutines.
	Eval func(alloc memory.Allocator, args []arrow.Array, rows int) (arrow.Array, error)
	// NewAccumulator begins the states of an aggregate, of no groups yet; State are the types of their columns.
	NewAccumulator func(alloc memory.Allocator) (Accumulator, error)
	State          []arrow.DataType
	// Fault is what is wrong with the declaration, which NewUserFunctions reports.
	Fault error
}

// UserParam is a parameter: arguments are converted to its type as ANSI store assignment does. Where it takes no NULLs, a row with one is not shown to the
// function: a scalar function gives NULL for it, an aggregate passes over it.
type UserParam struct {
	Type       arrow.DataType
	TakesNulls bool
}

// Accumulator is the states of one aggregate for numbered groups. It serves one goroutine. Groups are picked by number; nil picks all.
type Accumulator interface {
	// Grow makes room for groups up to n-1; new ones have seen no rows.
	Grow(n int)
	// Update adds rows: row i of the arguments, plain arrays, belongs to groups[i].
	Update(groups []uint32, args []arrow.Array) error
	// State gives the states of the picked groups, to be merged elsewhere or to be spilled. The caller releases them.
	State(picked []uint32) ([]arrow.Array, error)
	// Absorb merges states: row i belongs to groups[i].
	Absorb(groups []uint32, state []arrow.Array) error
	// Result gives the function's values for the picked groups. The caller releases them.
	Result(picked []uint32) (arrow.Array, error)
	// Size is the bytes of memory held.
	Size() int64
	// Release frees what is not plain memory.
	Release()
}

// Definition is the function itself.
func (u *UserFunction) Definition() *UserFunction { return u }

// UserFunctions are functions that SQL text may call beside the catalogue's. A nil *UserFunctions has none.
type UserFunctions struct{ byName map[string]*UserFunction }

// NewUserFunctions makes a set. It refuses names that are taken, and functions that are not whole; all faults are joined.
func NewUserFunctions(list ...*UserFunction) (*UserFunctions, error) {
	set := &UserFunctions{byName: make(map[string]*UserFunction, len(list))}
	var faults []error
	for _, u := range list {
		key := strings.ToLower(u.Name)
		err := u.check()
		if _, twice := set.byName[key]; twice && err == nil {
			err = errors.New("two functions have this name")
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("expr: user function %q: %w", u.Name, err))
		}
		set.byName[key] = u
	}
	return set, errors.Join(faults...)
}

func (u *UserFunction) check() error {
	tokens, err := Tokens(u.Name)
	switch {
	case u.Fault != nil:
		return u.Fault
	case err != nil || len(tokens) != 2 || tokens[0].Kind != TokenIdent || Reserved(tokens[0].word):
		return errors.New("the name must be one word, and not reserved")
	case catalogue[strings.ToLower(u.Name)] != nil:
		return errors.New("a built-in function has this name")
	case (u.Eval == nil) == (u.NewAccumulator == nil):
		return errors.New("it needs either Eval or NewAccumulator")
	case u.Result == nil:
		return errors.New("it has no result type")
	case u.Eval != nil && len(u.Params) == 0:
		return errors.New("a scalar function needs a parameter: without any it would be a constant")
	}
	return nil
}

// find is the function of that name, or nil.
func (s *UserFunctions) find(name string) *UserFunction {
	if s == nil {
		return nil
	}
	return s.byName[strings.ToLower(name)]
}

// Parse is the package's Parse for text that may call the set's functions.
func (s *UserFunctions) Parse(text string) (Node, error) {
	p, err := NewParser(text)
	if err != nil {
		return nil, err
	}
	p.Functions = s
	n, err := p.ParseExpr()
	if err != nil {
		return nil, err
	}
	return n, p.ExpectEnd()
}

// ParseList is the package's ParseList for text that may call the set's functions.
func (s *UserFunctions) ParseList(text string) ([]Node, error) {
	p, err := NewParser(text)
	if err != nil {
		return nil, err
	}
	p.Functions = s
	var items []Node
	for {
		item, err := p.ParseItem()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		if !p.Accept(",") {
			return items, p.ExpectEnd()
		}
	}
}

// entry is the function as one of the catalogue.
func (u *UserFunction) entry() *Function {
	f := &Function{Name: strings.ToLower(u.Name), least: len(u.Params), most: len(u.Params)}
	if u.NewAccumulator != nil {
		f.Kind = AggregateFunction
		f.aggregate = func(c *call) (arrow.DataType, error) {
			c.null = u.Nullable
			return u.Result, c.wantOf(u)
		}
		return f
	}
	f.bind = func(c *call) (Bound, error) {
		if err := c.wantOf(u); err != nil {
			return nil, err
		}
		b := c.result(u.Result)
		b.User, b.Null = u, u.Nullable
		for i, a := range c.args {
			b.Null = b.Null || a.Nullable() && !u.Params[i].TakesNulls
		}
		return b, nil
	}
	return f
}

// wantOf converts the arguments to the parameters' types.
func (c *call) wantOf(u *UserFunction) error {
	params := make([]wanted, len(u.Params))
	for i, p := range u.Params {
		params[i] = exactly(p.Type)
	}
	return c.want(params...)
}

// Failed is an error of the function as one of the call at a place, of class FAILED_EXECUTE_UDF unless it has a class of its own.
func (u *UserFunction) Failed(at Pos, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return &Error{
			Class: "FAILED_EXECUTE_UDF", SQLState: "39000", Message: fmt.Sprintf("the function %s failed: %v", u.Name, err), Line: at.Line, Column: at.Column, Err: err,
		}
	}
	if e.Line > 0 {
		return err
	}
	placed := *e
	placed.Line, placed.Column = at.Line, at.Column
	return &placed
}

// CheckResult is what is wrong with an array that the function gave for so many rows; nil: nothing.
func (u *UserFunction) CheckResult(got arrow.Array, rows int) error {
	switch {
	case got == nil:
		return errors.New("it gave no array")
	case got.Len() != rows:
		return fmt.Errorf("it gave %d values for %d rows", got.Len(), rows)
	case !equalType(got.DataType(), u.Result):
		return fmt.Errorf("it gave %s, and is declared to give %s", TypeSQL(got.DataType()), TypeSQL(u.Result))
	case !u.Nullable && got.NullN() > 0:
		return errors.New("it gave NULL, and is declared not to")
	}
	return nil
}
