package columns_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/columns"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// leaves are the types of leaves, with how to append a value made of i, and how that value looks in an Arrow array.
var leaves = []struct {
	typ    arrow.DataType
	append func(c *columns.Column, i int)
	want   func(i int) string
}{
	{schema.Boolean, func(c *columns.Column, i int) { c.AppendBool(i%2 == 0) }, func(i int) string { return fmt.Sprint(i%2 == 0) }},
	{schema.TinyInt, func(c *columns.Column, i int) { c.AppendInt(int64(i % 100)) }, func(i int) string { return fmt.Sprint(i % 100) }},
	{schema.SmallInt, func(c *columns.Column, i int) { c.AppendInt(int64(i)) }, func(i int) string { return fmt.Sprint(i) }},
	{schema.Int, func(c *columns.Column, i int) { c.AppendInt(int64(i)) }, func(i int) string { return fmt.Sprint(i) }},
	{schema.BigInt, func(c *columns.Column, i int) { c.AppendInt(int64(i)) }, func(i int) string { return fmt.Sprint(i) }},
	{schema.Float, func(c *columns.Column, i int) { c.AppendFloat(float64(i)) }, func(i int) string { return fmt.Sprint(i) }},
	{schema.Double, func(c *columns.Column, i int) { c.AppendFloat(float64(i)) }, func(i int) string { return fmt.Sprint(i) }},
	{schema.DecimalOf(20, 0), func(c *columns.Column, i int) { c.AppendDecimal(decimal128.FromI64(int64(i))) }, func(i int) string { return fmt.Sprint(i) }},
	{schema.String, func(c *columns.Column, i int) { c.AppendBytes(fmt.Append(nil, i)) }, func(i int) string { return fmt.Sprint(i) }},
	{schema.DateType, func(c *columns.Column, i int) { c.AppendDate(int32(i)) }, func(i int) string { return arrow.Date32(i).FormattedString() }},
	{schema.Timestamp, func(c *columns.Column, i int) { c.AppendInt64(int64(i)) }, func(i int) string {
		return arrow.Timestamp(i).ToTime(arrow.Microsecond).Format("2006-01-02T15:04:05.999999Z")
	}},
	{schema.Void, func(c *columns.Column, _ int) { c.AppendNull() }, func(int) string { return array.NullValueStr }},
}

// TestColumnsKeepWhatIsAppended appends, takes back and finishes at random, and compares with a plain list.
func TestColumnsKeepWhatIsAppended(t *testing.T) {
	t.Parallel()
	for n, leaf := range leaves {
		alloc := memory.NewCheckedAllocator(pool.NewChecked())
		c, err := columns.New(alloc, leaf.typ)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(uint64(n), 1))
		for range 5 {
			c.Start(r.IntN(20))
			var want []string
			for i := range 300 {
				switch k := r.IntN(10); {
				case k == 0:
					keep := r.IntN(len(want) + 1)
					c.Truncate(keep)
					want = want[:keep]
				case k < 3:
					c.AppendNull()
					want = append(want, array.NullValueStr)
				default:
					leaf.append(c, i)
					want = append(want, leaf.want(i))
				}
			}
			if diff := cmp.Diff(want, finish(c)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", leaf.typ, diff)
			}
		}
		alloc.AssertSize(t, 0)
	}
}

func finish(c *columns.Column) []string {
	data := c.Finish()
	defer data.Release()
	a := array.MakeFromData(data)
	defer a.Release()
	got := make([]string, a.Len())
	nulls := 0
	for i := range got {
		if got[i] = strings.Clone(a.ValueStr(i)); a.IsNull(i) {
			nulls++
		}
	}
	if nulls != a.NullN() && a.DataType().ID() != arrow.NULL { // Arrow calls no value of a Null array NULL
		got = append(got, fmt.Sprintf("counted %d of %d NULLs", a.NullN(), nulls))
	}
	return got
}

func TestNestedColumnsAreTruncated(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	c, err := columns.New(alloc, schema.ArrayOf(arrow.StructOf(
		arrow.Field{Name: "m", Type: schema.MapOf(schema.String, schema.Int, true), Nullable: true}, arrow.Field{Name: "s", Type: schema.String, Nullable: true}), true))
	if err != nil {
		t.Fatal(err)
	}
	element := c.Kids()[0]
	m, s := element.Kids()[0], element.Kids()[1]
	add := func(text string) {
		m.Kids()[0].AppendBytes([]byte(text))
		m.Kids()[1].AppendNull()
		m.AppendList()
		s.AppendBytes([]byte(text))
		element.AppendStruct()
	}
	c.Start(0)
	add("a")
	add("b")
	c.AppendList()
	add("lost")
	m.Kids()[0].AppendBytes([]byte("half"))
	c.Truncate(1)
	c.AppendNull()
	element.AppendNull()
	add("c")
	c.AppendList()
	want := []string{`[{"m":[{"key":"a","value":null}],"s":"a"},{"m":[{"key":"b","value":null}],"s":"b"}]`, array.NullValueStr, `[null,{"m":[{"key":"c","value":null}],"s":"c"}]`}
	if diff := cmp.Diff(want, finish(c)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRelease(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	c, err := columns.New(alloc, arrow.StructOf(arrow.Field{Name: "s", Type: schema.String, Nullable: true}))
	if err != nil {
		t.Fatal(err)
	}
	c.Start(10)
	c.AppendNull()
	c.Start(10)
	if c.Len() != 0 || c.Nulls() != 0 || c.Kids()[0].Len() != 0 {
		t.Errorf("after Start %d values are left", c.Len())
	}
	c.Release()
}

func TestAppendUTF8(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"", ""},
		{"aé€😀", "aé€😀"},
		{"\xff", "\ufffd"},
		{"a\xc3", "a\ufffd"},
		{"\xe2\x82x", "\ufffdx"},
		{"\xf0\x9f\x98", "\ufffd"},
		// The examples of the Unicode standard, tables 3-8 to 3-11.
		{"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdA"},
		{"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdA"},
		{"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", "\ufffd\ufffd\ufffd\ufffd\ufffdA\ufffd\ufffdB"},
		{"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", "\ufffd\ufffd\ufffd\ufffdA"},
	}
	for _, tt := range tests {
		if got := string(columns.AppendUTF8([]byte("-"), []byte(tt.in))); got != "-"+tt.want {
			t.Errorf("%q = %q, want %q", tt.in, got, "-"+tt.want)
		}
	}
}

func TestAppendJSONString(t *testing.T) {
	t.Parallel()
	got := string(columns.AppendJSONString(nil, []byte("a\"\\\n\r\t\x01\x1f\xff é")))
	if want := `"a\"\\\n\r\t\u0001\u001f` + "\ufffd" + ` é"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
