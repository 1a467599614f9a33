package delta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// SyncIdentity moves an identity column on to the numbers that rows have brought themselves, so that the next one that the table gives lies beyond all of them. It never
// moves one back. It returns the commit's version.
func (t *Table) SyncIdentity(ctx context.Context, path ...string) (int64, error) {
	op := Operation{Name: "CHANGE COLUMN", Parameters: map[string]string{"column": ""}}
	return t.alter(ctx, op, func(a *alteration) error {
		a.tx.ReadWholeTable()
		a.tx.info["tags"] = json.RawMessage(`{"` + identityTag + `":"true"}`)
		err := a.editField(path, func(fields []arrow.Field, i int) ([]arrow.Field, error) {
			if len(path) > 1 || !isIdentity(fields[i].Metadata) {
				return nil, &SchemaError{quotePath(path), "it is no identity column"}
			}
			high, err := a.tx.base.syncedIdentity(ctx, i)
			if err == nil && high != nil {
				fields[i].Metadata = withKey(fields[i].Metadata, identityHighKey, strconv.FormatInt(*high, 10))
			}
			return fields, err
		})
		if err != nil {
			return err
		}
		op.Parameters["column"] = string(appendFieldJSON(nil, path, *fieldAt(a.fields, path)))
		return nil
	})
}

// syncedIdentity is how far an identity column has got by its rows too, nil where there is no number yet.
func (s *Snapshot) syncedIdentity(ctx context.Context, column int) (*int64, error) {
	id, err := newIdentity(s.Schema().Field(column))
	if err != nil {
		return nil, err
	}
	furthest, err := s.furthest(ctx, column, id.step > 0)
	if err != nil || furthest == nil || id.before(*furthest, id.start) {
		return id.high, err
	}
	at := big.NewInt(*furthest)
	if offset := new(big.Int).Sub(at, big.NewInt(id.start)); new(big.Int).Rem(offset, big.NewInt(id.step)).Sign() != 0 {
		at.Add(big.NewInt(id.start), new(big.Int).Mul(big.NewInt(id.step), id.after(*furthest)))
	}
	if !at.IsInt64() {
		return nil, fmt.Errorf("identity column %s has no value beyond %d that is a BIGINT", id.column, *furthest)
	}
	if id.high != nil && !id.before(*id.high, at.Int64()) {
		return id.high, nil
	}
	return new(at.Int64()), nil
}

// before reports whether a value comes before another in the order in which they are given.
func (id *identity) before(value, other int64) bool {
	if id.step > 0 {
		return value < other
	}
	return value > other
}

// furthest is a column's greatest value, or its least, nil where all are NULL.
func (s *Snapshot) furthest(ctx context.Context, column int, greatest bool) (found *int64, err error) {
	scan, err := s.Scan(ScanConfig{Columns: []int{column}})
	if err != nil {
		return nil, err
	}
	for rec, err := range scan.Records(ctx) {
		if err != nil {
			return nil, err
		}
		values, ok := rec.Column(0).(*array.Int64)
		if !ok {
			return nil, errors.New("it is no BIGINT")
		}
		for row, v := range values.Int64Values() {
			if values.IsValid(row) && (found == nil || greatest && v > *found || !greatest && v < *found) {
				if found == nil {
					found = new(int64)
				}
				*found = v
			}
		}
	}
	return found, nil
}
