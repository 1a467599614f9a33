package delta

import (
	"encoding/json"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

// typeChangesKey is the member of a column's metadata that lists the types it had (Delta protocol: Type Change Metadata).
const typeChangesKey = "delta.typeChanges"

// typeChange is an entry of that list.
type typeChange struct {
	FromType  json.RawMessage `json:"fromType"`
	ToType    json.RawMessage `json:"toType"`
	FieldPath string          `json:"fieldPath"` // of keys, values and elements: where below the column
}

// checkTypeChanges refuses a table one of whose columns had a type from which older files cannot be read as the present one.
func (s *Snapshot) checkTypeChanges() error {
	if !s.protocol.supports("typeWidening") && !s.protocol.supports("typeWidening-preview") {
		return nil
	}
	var err error
	visitFields(s.metadata.schema.Fields(), "", func(path string, f arrow.Field) {
		if text, ok := f.Metadata.GetValue(typeChangesKey); ok && err == nil {
			err = s.checkColumnChanges(path, text)
		}
	})
	return err
}

func (s *Snapshot) checkColumnChanges(path, text string) error {
	var changes []typeChange
	if err := json.Unmarshal([]byte(text), &changes); err != nil {
		return s.corrupt("column "+path+": "+typeChangesKey+" cannot be parsed", err)
	}
	for _, c := range changes {
		at := path
		if c.FieldPath != "" {
			at += "." + c.FieldPath
		}
		from, err := schema.UnmarshalDeltaType(string(c.FromType))
		if err != nil {
			return s.corrupt("column "+at+": "+typeChangesKey, err)
		}
		to, err := schema.UnmarshalDeltaType(string(c.ToType))
		if err != nil {
			return s.corrupt("column "+at+": "+typeChangesKey, err)
		}
		if !mayWiden(from, to) {
			return s.unsupported("typeWidening", fmt.Sprintf("column %s: from %s to %s", at, schema.Name(from), schema.Name(to)), true)
		}
	}
	return nil
}

// mayWiden tells whether the protocol allows a column's type to be changed so (Delta protocol: Type Widening). Integers become decimals that hold all of INT.
func mayWiden(from, to arrow.DataType) bool {
	if t, ok := to.(*arrow.Decimal128Type); ok && skipping.IsInteger(from) {
		return t.Precision-t.Scale >= max(integerDigits(from), integerDigits(schema.Int))
	}
	return widens(from, to)
}
