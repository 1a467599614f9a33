package delta

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/schema"
)

// identityTag marks, in commitInfo's tags, a commit whose metadata moves identities on and changes nothing else.
const identityTag = "delta.identity.schemaUpdate"

// identity gives an identity column's values: start, start + step, … beyond all that were given before (Delta protocol: Identity Columns). It is safe for
// concurrent use: workers of one transaction get ranges that do not meet.
type identity struct {
	column   string
	id       string // physical name
	start    int64
	step     int64
	explicit bool // rows may bring values of their own

	mu   sync.Mutex
	high *int64 // the value given last; nil: none yet
	used bool
}

// identityOf is the identity of a column, one for all writers of the transaction.
func (tx *Transaction) identityOf(f arrow.Field) (*identity, error) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	for _, id := range tx.identities {
		if id.id == physicalName(f) {
			return id, nil
		}
	}
	id, err := newIdentity(f)
	if err != nil {
		return nil, err
	}
	tx.identities = append(tx.identities, id)
	return id, nil
}

func newIdentity(f arrow.Field) (*identity, error) {
	id := &identity{column: f.Name, id: physicalName(f), step: 1}
	for key, to := range map[string]*int64{identityStartKey: &id.start, identityStepKey: &id.step} {
		text, ok := f.Metadata.GetValue(key)
		n, err := strconv.ParseInt(text, 10, 64)
		if !ok || err != nil {
			return nil, fmt.Errorf("%s is %q, not an integer", key, text)
		}
		*to = n
	}
	if id.step == 0 {
		return nil, fmt.Errorf("%s is 0", identityStepKey)
	}
	if f.Type.ID() != arrow.INT64 {
		return nil, fmt.Errorf("its type is %s, not BIGINT", schema.Name(f.Type))
	}
	text, _ := f.Metadata.GetValue(identityAllowKey)
	id.explicit = text == "true"
	if text, ok := f.Metadata.GetValue(identityHighKey); ok {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s is %q, not an integer", identityHighKey, text)
		}
		id.high = &n
	}
	return id, nil
}

// reserve gives the first of n values, each a step after the other.
func (id *identity) reserve(n int64) (first int64, err error) {
	id.mu.Lock()
	defer id.mu.Unlock()
	from := big.NewInt(id.start)
	step := big.NewInt(id.step)
	if id.high != nil {
		if beyond := id.after(*id.high); beyond.Sign() > 0 {
			from.Add(from, new(big.Int).Mul(step, beyond))
		}
	}
	last := new(big.Int).Add(from, new(big.Int).Mul(step, big.NewInt(n-1)))
	if !from.IsInt64() || !last.IsInt64() {
		return 0, fmt.Errorf("identity column %s has no further value that is a BIGINT", id.column)
	}
	id.high, id.used = new(last.Int64()), true
	return from.Int64(), nil
}

// after is how many steps the first value is from the start that lies beyond a value; zero or less: the start itself does.
func (id *identity) after(value int64) *big.Int {
	offset := new(big.Int).Sub(big.NewInt(value), big.NewInt(id.start))
	steps := new(big.Int).Div(offset, big.NewInt(id.step)) // Euclidean: the remainder is not negative
	if id.step < 0 && new(big.Int).Mul(steps, big.NewInt(id.step)).Cmp(offset) != 0 {
		steps.Sub(steps, big.NewInt(1))
	}
	return steps.Add(steps, big.NewInt(1))
}

// fill gives the identity's values to the rows that have none: to those of sel (nil: all n) that are NULL, or to all of them where a is nil.
func (id *identity) fill(env *kernel.Env, a arrow.Array, n int, sel []int32) (arrow.Array, error) {
	given, _ := a.(*array.Int64)
	want := 0
	eachRow(n, sel, func(row int) {
		if given == nil || given.IsNull(row) {
			want++
		}
	})
	if want == 0 {
		a.Retain()
		return a, nil
	}
	next, err := id.reserve(int64(want))
	if err != nil {
		return nil, err
	}
	out := make([]int64, n)
	if given != nil {
		copy(out, given.Int64Values())
	}
	eachRow(n, sel, func(row int) {
		if given == nil || given.IsNull(row) {
			out[row] = next
			if want--; want > 0 {
				next += id.step
			}
		}
	})
	b := array.NewInt64Builder(env.Alloc)
	defer b.Release()
	b.AppendValues(out, nil)
	return b.NewArray(), nil
}

func eachRow(n int, sel []int32, visit func(row int)) {
	if sel == nil {
		for row := range n {
			visit(row)
		}
		return
	}
	for _, row := range sel {
		visit(int(row))
	}
}

// recordIdentities puts how far the identities have got into the transaction's metadata. The caller holds tx.mu.
func (tx *Transaction) recordIdentities() error {
	high := make(map[string]int64)
	for _, id := range tx.identities {
		if id.used {
			high[id.id] = *id.high
		}
	}
	if len(high) == 0 {
		return nil
	}
	now := tx.currentLocked()
	alone := tx.metadata == nil
	fields := make([]arrow.Field, now.schema.NumFields())
	for i, f := range now.schema.Fields() {
		if value, ok := high[physicalName(f)]; ok && isIdentity(f.Metadata) {
			f.Metadata = withKey(f.Metadata, identityHighKey, strconv.FormatInt(value, 10))
		}
		fields[i] = f
	}
	m := now.clone()
	var err error
	if m.SchemaString, err = schema.MarshalDelta(arrow.NewSchema(fields, nil)); err != nil {
		return err
	}
	if tx.metadata, err = parseMetadata(&m); err != nil {
		return err
	}
	if alone {
		tx.info["tags"] = json.RawMessage(`{"` + identityTag + `":"true"}`)
	}
	return nil
}
