package plan

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// fault makes the *expr.Error that every constructor returns.
func fault(class, state string, pos expr.Pos, format string, args ...any) error {
	return &expr.Error{Class: class, SQLState: state, Message: fmt.Sprintf(format, args...), Line: pos.Line, Column: pos.Column}
}

// misuse is a fault of the program that builds the plan, not of the query that it builds it from.
func misuse(format string, args ...any) error {
	return fault("INTERNAL_ERROR", "XX000", expr.Pos{}, "plan: "+format, args...)
}

// positionOf is where b, or the first part of it that remembers its place, was written.
func positionOf(b expr.Bound) expr.Pos {
	var found expr.Pos
	expr.Walk(b, func(part expr.Bound) bool {
		if p, ok := part.(interface{ Position() expr.Pos }); ok && found == (expr.Pos{}) {
			found = p.Position()
		}
		return found == (expr.Pos{})
	})
	return found
}

// inputColumns are what expressions are bound over: a schema, or those of both sides of a join.
type inputColumns interface {
	NumFields() int
	Field(i int) arrow.Field
}

// fits checks that every column of b is a column of in: its position, its type, and that in proves it NOT NULL where b relies on that.
func fits(b expr.Bound, in inputColumns) error {
	if b == nil {
		return misuse("an expression is missing")
	}
	var err error
	expr.Walk(b, func(part expr.Bound) bool {
		if c, ok := part.(expr.BoundColumn); ok && err == nil {
			err = columnFits(c, in)
		}
		return err == nil
	})
	return err
}

func columnFits(c expr.BoundColumn, in inputColumns) error {
	if c.Index < 0 || c.Index >= in.NumFields() {
		return misuse("column %s is at position %d of an input with %d columns", c.Name, c.Index, in.NumFields())
	}
	f := in.Field(c.Index)
	if !arrow.TypeEqual(c.Typ, f.Type) {
		return misuse("column %s was bound as %s, the input's column %s is %s", c.Name, expr.TypeSQL(c.Typ), f.Name, expr.TypeSQL(f.Type))
	}
	if !c.Null && f.Nullable {
		return misuse("column %s was bound as NOT NULL, the input's column %s may be NULL", c.Name, f.Name)
	}
	return nil
}

func allFit(list []expr.Bound, in *arrow.Schema) error {
	for _, b := range list {
		if err := fits(b, in); err != nil {
			return err
		}
	}
	return nil
}

func sortsFit(keys []expr.BoundSort, in *arrow.Schema) error {
	for _, k := range keys {
		if err := fits(k.Arg, in); err != nil {
			return err
		}
		if !orderable(k.Arg.Type()) {
			return fault("DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "42K09", positionOf(k.Arg), "rows cannot be ordered by %s, which is %s",
				k.Arg, expr.TypeSQL(k.Arg.Type()))
		}
	}
	return nil
}

// groupsFit checks the keys that rows are grouped by.
func groupsFit(keys []expr.Bound, in *arrow.Schema) error {
	for _, k := range keys {
		if err := fits(k, in); err != nil {
			return err
		}
		if !orderable(k.Type()) {
			return fault("GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE", "42822", positionOf(k), "rows cannot be grouped by %s, which is %s",
				k, expr.TypeSQL(k.Type()))
		}
	}
	return nil
}

// predicateFits checks a BOOLEAN expression over in; class is what Databricks calls it not being BOOLEAN.
func predicateFits(b expr.Bound, in inputColumns, class string) error {
	if err := fits(b, in); err != nil {
		return err
	}
	if b.Type().ID() != arrow.BOOL {
		return fault(class, "42K09", positionOf(b), "the condition %s must be BOOLEAN, it is %s", b, expr.TypeSQL(b.Type()))
	}
	return nil
}

// orderable tells whether values of t have an order; maps have none, alone or nested.
func orderable(t arrow.DataType) bool {
	switch t := t.(type) {
	case *arrow.MapType:
		return false
	case *arrow.ListType:
		return orderable(t.Elem())
	case *arrow.StructType:
		for _, f := range t.Fields() {
			if !orderable(f.Type) {
				return false
			}
		}
	}
	return true
}

// column makes the field of an output column. Plan schemas hold names, types and nullability; column metadata belongs to tables.
func column(name string, t arrow.DataType, nullable bool) arrow.Field {
	return arrow.Field{Name: name, Type: t, Nullable: nullable}
}

func counted(what string, items, names int) error {
	if items != names {
		return misuse("%d %s have %d names", items, what, names)
	}
	return nil
}
