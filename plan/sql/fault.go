package sql

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

func fault(class, state string, pos expr.Pos, format string, args ...any) *expr.Error {
	return &expr.Error{Class: class, SQLState: state, Message: fmt.Sprintf(format, args...), Line: pos.Line, Column: pos.Column}
}

// at gives an error that has no place yet the place pos.
func at(err error, pos expr.Pos) error {
	var e *expr.Error
	if !errors.As(err, &e) || e.Line > 0 {
		return err
	}
	placed := *e
	placed.Line, placed.Column = pos.Line, pos.Column
	return &placed
}

// isUnresolved tells whether err says that there is no such column.
func isUnresolved(err error) bool {
	var e *expr.Error
	return errors.As(err, &e) && strings.HasPrefix(e.Class, "UNRESOLVED_COLUMN")
}

func tableNotFound(t tableName, tables map[string]plan.Node, with *withScope) error {
	known := slices.Sorted(maps.Keys(tables))
	for w := with; w != nil; w = w.outer {
		known = append(known, w.name)
	}
	err := fault("TABLE_OR_VIEW_NOT_FOUND", "42P01", t.Pos, "there is no table %s", t.Table)
	switch near := nearest(t.Name, known); {
	case t.Travels && slices.ContainsFunc(known, func(name string) bool { return sameTable(name, t.Name) }):
		return fault("UNSUPPORTED_FEATURE.TIME_TRAVEL", "0A000", t.Pos, "%s has no versions here to go back to", t.Name)
	case t.Changes && slices.ContainsFunc(known, func(name string) bool { return sameTable(name, t.Name) }):
		return fault("UNSUPPORTED_FEATURE.TABLE_OPERATION", "0A000", t.Pos, "%s keeps no record of its changes here", t.Name)
	case near != "":
		err.Hint = "did you mean " + near + "?"
	case len(known) == 0:
		err.Hint = "the query has no inputs"
	default:
		err.Hint = "the inputs are " + strings.Join(known, ", ")
	}
	return err
}

// nearest is the known name that is most like name; "" if none is at all.
func nearest(name string, known []string) string {
	best, least := "", len(name)/2+1
	for _, k := range known {
		if d := expr.EditDistance(strings.ToLower(name), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	return best
}
