package delta

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/internal/variant"
	"github.com/medallion-go/medallion/schema"
)

// groupedVariant makes VARIANT of the group of columns that a data file, or a row that is written, has in its place (Delta protocol: Variant Data Type).
type groupedVariant struct{ path string }

// isVariantGroup tells whether a struct can hold variants: it has their metadata.
func isVariantGroup(t arrow.DataType) bool {
	st, ok := t.(*arrow.StructType)
	if !ok {
		return false
	}
	f, ok := st.FieldByName("metadata")
	return ok && f.Type.ID() == arrow.BINARY
}

func (c groupedVariant) apply(env *kernel.Env, a arrow.Array, _ []int32) (arrow.Array, error) {
	whole, err := variant.Unshred(env.Alloc, a.(*array.Struct))
	if err != nil {
		return nil, fmt.Errorf("column %s: %w", schema.Quote(c.path), err)
	}
	defer whole.Release()
	return schema.NewVariantArray(whole.(*array.Struct)), nil
}
