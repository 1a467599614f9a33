package dataset

import (
	"context"
	"fmt"
	"runtime"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// Relation is anything that rows can be read from: a table, a view, a source, another dataset. Users pass relations around; only packages that declare
// new kinds of relation implement it.
type Relation interface {
	// Resolve gives the relation as a checked plan. It is called once per Resolver.
	Resolve(r *Resolver) (plan.Node, error)
}

// Rows is a relation whose rows are R. The Go compiler checks by it that stages fit together.
type Rows[R any] interface {
	Relation
	// RowType is never called: it ties R to the relation.
	RowType() R
}

// Resolver turns declarations into plans for one validation or run. It resolves each relation once, so that the plans share their tables, and it is the
// only place where resolving may do I/O: where a schema has to be inferred.
type Resolver struct {
	ctx       context.Context
	functions *expr.UserFunctions
	memo      map[any]outcome
}

type outcome struct {
	value any
	err   error
}

// NewResolver starts with nothing resolved. SQL text may call the functions (nil: none) beside the catalogue's.
func NewResolver(ctx context.Context, functions *expr.UserFunctions) *Resolver {
	return &Resolver{ctx: ctx, functions: functions, memo: map[any]outcome{}}
}

// Functions are the user's functions that SQL text may call.
func (r *Resolver) Functions() *expr.UserFunctions { return r.functions }

// Context bounds the I/O of resolving.
func (r *Resolver) Context() context.Context { return r.ctx }

// Node resolves a relation, or gives what it resolved to before.
func (r *Resolver) Node(rel Relation) (plan.Node, error) {
	return Once(r, rel, func() (plan.Node, error) { return rel.Resolve(r) })
}

// Once builds the value that belongs to key the first time it is asked for, and gives the same value or error ever after. A key has values of one type.
func Once[T any](r *Resolver, key any, build func() (T, error)) (T, error) {
	if o, ok := r.memo[key]; ok {
		v, _ := o.value.(T)
		return v, o.err
	}
	v, err := build()
	r.memo[key] = outcome{v, err}
	return v, err
}

// DeclarationError is a fault in a declaration, with the place in the user's program.
type DeclarationError struct {
	Site plan.Site
	What string // the table or relation that is declared there
	Err  error
}

// Error prints file:line, what is declared and the fault.
func (e *DeclarationError) Error() string { return fmt.Sprintf("%s: %s: %v", e.Site, e.What, e.Err) }

// Unwrap gives the fault itself, such as *expr.Error.
func (e *DeclarationError) Unwrap() error { return e.Err }

// Caller is the place of the call skip levels above the caller of Caller.
func Caller(skip int) plan.Site {
	_, file, line, _ := runtime.Caller(skip + 2)
	return plan.Site{File: file, Line: line}
}
