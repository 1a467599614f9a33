package kernel_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema/schematest"
)

// row is the values of one row by the names of their columns.
type row map[string]any

// reference is an expression and what it is for a row.
type reference struct {
	sql string
	of  func(r row) any
}

// strict is NULL where a column is that f gets, of those named.
func strict(names string, f func(v ...any) any) func(row) any {
	return func(r row) any {
		var v []any
		for _, n := range strings.Fields(names) {
			if r[n] == nil {
				return nil
			}
			v = append(v, r[n])
		}
		return f(v...)
	}
}

// nestedTable is a batch of nested columns beside the values of its rows.
type nestedTable struct {
	randomValues
	mem    memory.Allocator
	schema *arrow.Schema
	rows   []row
	plain  []arrow.Array
	coded  []arrow.Array // the same, texts by dictionary
}

// newNestedTable makes a table of one of the types of elements that have an order.
func newNestedTable(t *testing.T, seed uint64, rows uint8, text, ddl string) *nestedTable {
	t.Helper()
	types := elementTypes()
	return newNestedTableOf(t, types[seed%uint64(len(types))], seed, rows, text, ddl)
}

// newNestedTableOf makes the columns that the references read, of which $T is the type of the elements.
func newNestedTableOf(t *testing.T, element string, seed uint64, rows uint8, text, ddl string) *nestedTable {
	t.Helper()
	s := schematest.DDL(t, strings.ReplaceAll(ddl, "$T", element))
	mem := memory.NewCheckedAllocator(pool.NewChecked())
	t.Cleanup(func() { mem.AssertSize(t, 0) })
	n := &nestedTable{randomValues: randomValues{rand.New(rand.NewPCG(seed, 1)), strings.ToValidUTF8(text, "?")}, mem: mem, schema: s, rows: make([]row, rows)}
	for i := range n.rows {
		n.rows[i] = row{}
	}
	for _, field := range s.Fields() {
		n.add(t, field)
	}
	return n
}

// add makes a column: cut out of a longer one, with values under its NULLs, whose elements may begin elsewhere in their array.
func (n *nestedTable) add(t *testing.T, field arrow.Field) {
	t.Helper()
	b := array.NewBuilder(n.mem, field.Type)
	defer b.Release()
	bits := make([]byte, (len(n.rows)+2+7)/8)
	for i := range len(n.rows) + 2 {
		v := n.present(field.Type)
		appendValue(b, v)
		if i > 0 && i <= len(n.rows) && n.IntN(8) > 0 {
			n.rows[i-1][field.Name] = v
			bits[i/8] |= 1 << (i % 8)
		}
	}
	all := b.NewArray()
	defer all.Release()
	d := all.Data()
	buffers, children := append([]*memory.Buffer{memory.NewBufferBytes(bits)}, d.Buffers()[1:]...), d.Children()
	if _, nested := all.(array.ListLike); nested && n.IntN(2) == 0 {
		var first int32
		buffers[1], first = withoutFirst(d)
		child := cutData(children[0], int64(first))
		defer child.Release()
		children = []arrow.ArrayData{child}
	}
	data := array.NewData(d.DataType(), d.Len(), buffers, children, array.UnknownNullCount, 0)
	defer data.Release()
	masked := array.MakeFromData(data)
	defer masked.Release()
	coded := masked
	if texts, ok := masked.(*array.String); ok {
		coded = encode(t, n.mem, texts)
		defer coded.Release()
	}
	plain, cut := array.NewSlice(masked, 1, int64(len(n.rows)+1)), array.NewSlice(coded, 1, int64(len(n.rows)+1))
	t.Cleanup(plain.Release)
	t.Cleanup(cut.Release)
	n.plain, n.coded = append(n.plain, plain), append(n.coded, cut)
}

// withoutFirst are the offsets of rows whose first has lost its elements, and how many these were.
func withoutFirst(d arrow.ArrayData) (offsets *memory.Buffer, lost int32) {
	out := slices.Clone(arrow.Int32Traits.CastFromBytes(d.Buffers()[1].Bytes())[:d.Len()+1])
	lost = out[1]
	for i := range out {
		out[i] = max(out[i]-lost, 0)
	}
	return memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(out)), lost
}

// cutData leaves the first rows out; of a STRUCT without NULLs its fields do, because Arrow's MAP reads its entries from the
// first on.
func cutData(d arrow.ArrayData, first int64) arrow.ArrayData {
	if d.DataType().ID() != arrow.STRUCT || d.NullN() > 0 {
		return array.NewSliceData(d, first, int64(d.Len()))
	}
	var parts []arrow.ArrayData
	for _, c := range d.Children() {
		part := array.NewSliceData(c, first, int64(c.Len()))
		defer part.Release()
		parts = append(parts, part)
	}
	return array.NewData(d.DataType(), d.Len()-int(first), []*memory.Buffer{nil}, parts, 0, 0)
}

// check holds an expression against its reference: over all rows and over some, over dictionaries, and with some columns the same in all rows.
func (n *nestedTable) check(t *testing.T, ref reference) {
	t.Helper()
	node, err := expr.Parse(ref.sql)
	if err != nil {
		t.Fatalf("%s: %v", ref.sql, err)
	}
	b, err := expr.Bind(node, expr.NewScope(n.schema))
	if err != nil {
		t.Fatalf("%s over %s: %v", ref.sql, n.schema, err)
	}
	n.hold(t, ref, b, n.rows, nil, false)
	some := []int32{}
	for i := range int32(len(n.rows)) {
		if n.IntN(3) > 0 {
			some = append(some, i)
		}
	}
	n.hold(t, ref, b, n.rows, some, true)
	same, rows := n.constants(b)
	n.hold(t, ref, same, rows, some, false)
}

// constants makes some columns the values that they have in one row.
func (n *nestedTable) constants(b expr.Bound) (expr.Bound, []row) {
	rows := make([]row, len(n.rows))
	for i, r := range n.rows {
		rows[i] = maps.Clone(r)
	}
	if len(rows) == 0 {
		return b, rows
	}
	model, constant := pick(n.randomValues, n.rows...), n.Uint64()
	for f, field := range n.schema.Fields() {
		if constant>>f&1 != 0 {
			for _, r := range rows {
				r[field.Name] = model[field.Name]
			}
		}
	}
	return expr.Rewrite(b, func(b expr.Bound) expr.Bound {
		c, ok := b.(expr.BoundColumn)
		if !ok || constant>>c.Index&1 == 0 {
			return b
		}
		return literalOf(model[n.schema.Field(c.Index).Name], c.Typ)
	}), rows
}

// hold evaluates b over the rows of sel. Where rows fail, it must fail like one of them, and not without them.
func (n *nestedTable) hold(t *testing.T, ref reference, b expr.Bound, rows []row, sel []int32, dictionary bool) {
	t.Helper()
	failing, good := map[string]row{}, []int32{}
	for _, i := range rowsOf(len(rows), sel) {
		if f, ok := ref.of(rows[i]).(failure); ok {
			failing[string(f)] = rows[i]
			continue
		}
		good = append(good, i)
	}
	if len(failing) > 0 {
		_, err := n.evaluate(t, b, sel, dictionary)
		if _, ok := failing[class(err)]; !ok {
			t.Errorf("%s: error %v, want one of those of %v", b, err, failing)
		}
		if sel = good; len(sel) == 0 {
			return
		}
	}
	got, err := n.evaluate(t, b, sel, dictionary)
	if err != nil {
		t.Errorf("%s over rows %v: %v", b, sel, err)
		return
	}
	for _, i := range good {
		if want := show(ref.of(rows[i])); got[i] != want {
			t.Errorf("%s: of the row %v, in rows %v, dictionaries %t:\n got %s\nwant %s", b, rows[i], sel, dictionary, got[i], want)
		}
	}
}

// evaluate prints the value of b for the rows of sel.
func (n *nestedTable) evaluate(t *testing.T, b expr.Bound, sel []int32, dictionary bool) (map[int32]string, error) {
	t.Helper()
	cols := n.plain
	if dictionary {
		cols = n.coded
	}
	e, err := kernel.Compile(b)
	if err != nil {
		return nil, err
	}
	env := &kernel.Env{Alloc: n.mem, Now: now}
	out, err := e.Eval(env, cols, len(n.rows), sel)
	if err != nil {
		return nil, err
	}
	defer out.Release()
	checkSelect(t, e, env, cols, len(n.rows), sel, out)
	flat, err := vector.Flat(n.mem, out)
	if err != nil {
		t.Fatal(err)
	}
	defer flat.Release()
	got := map[int32]string{}
	for _, i := range rowsOf(len(n.rows), sel) {
		got[i] = show(valueAt(flat, int(i)))
	}
	return got, nil
}
