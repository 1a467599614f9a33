package expr

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// BoundGenerator is a function that gives any number of rows for each row: the elements of an array, the entries of a map.
type BoundGenerator struct {
	Pos
	Func string // explode, posexplode, inline, stack, range or variant_explode
	// Args are the array, map or VARIANT; start, end and step of range; of stack the values alone, row by row, as many in a row as there are Columns.
	Args    []Bound
	Columns []arrow.Field // what it gives, under Spark's names
	Outer   bool          // a row for which there would be none gets one of NULLs
}

// IsGenerator reports whether a function of this name, whatever its case, gives rows: explode, stack and their kin.
func IsGenerator(name string) bool { return hasKind(name, GeneratorFunction) }

// IsTableFunction reports whether a generator of this name, whatever its case, may stand in FROM alone, in no select list and no LATERAL VIEW.
func IsTableFunction(name string) bool {
	f := catalogue[strings.ToLower(name)]
	return f != nil && f.table
}

// BindGenerator resolves a call of a generator; its arguments are scalar expressions over s. The _outer functions are bound to the plain ones with Outer set.
func BindGenerator(n Call, s Scope) (BoundGenerator, error) {
	f, err := lookup(n)
	if err != nil {
		return BoundGenerator{}, withoutInput(n, err)
	}
	if f.Kind != GeneratorFunction {
		return BoundGenerator{}, misplaced(n.Pos, "UNSUPPORTED_GENERATOR.NOT_GENERATOR", "42K0E", f.Name+" is no generator: it gives one value, not rows")
	}
	if n.Distinct || n.Filter != nil {
		return BoundGenerator{}, misplaced(n.Pos, "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", "42000", f.Name+" is no aggregate and takes no DISTINCT or FILTER")
	}
	b := binder{scope: s}
	c := &call{Pos: n.Pos, name: f.Name, nodes: slices.Clone(n.Args)}
	if c.args, err = b.bindAll(n.Args); err != nil {
		return BoundGenerator{}, err
	}
	for i, a := range c.args {
		if err := checkSize(a, c.place(i)); err != nil {
			return BoundGenerator{}, err
		}
	}
	g, err := f.generator(c)
	if err != nil {
		return BoundGenerator{}, err
	}
	g.Pos = n.Pos
	if g.Func == "" {
		g.Func, g.Outer = strings.CutSuffix(f.Name, "_outer")
	}
	if g.Outer {
		for i := range g.Columns {
			g.Columns[i].Nullable = true
		}
	}
	return g, nil
}

// withoutInput is the error for a generator's call that lacks what it takes apart.
func withoutInput(n Call, err error) error {
	if f := catalogue[strings.ToLower(n.Func)]; f == nil || f.Kind != GeneratorFunction || f.most > 1 || len(n.Args) > 0 {
		return err
	}
	return misplaced(n.Pos, "REQUIRED_PARAMETER_NOT_FOUND", "4274K", n.Func+" takes an argument")
}

// Rows is how many rows a stack gives for each row.
func (b BoundGenerator) Rows() int { return len(b.Args) / max(len(b.Columns), 1) }

// String prints the call.
func (b BoundGenerator) String() string {
	c := Call{Func: b.Func, Args: unbindAll(b.Args)}
	if b.Func == "stack" {
		c.Args = append([]Node{Literal{Value: int32(b.Rows()), Type: typeInt}}, c.Args...)
	}
	if b.Outer {
		c.Func += "_outer"
	}
	return c.String()
}

// rows is the typing of a generator.
type rows func(c *call) (BoundGenerator, error)

func generatorFunctions() []Function {
	return []Function{
		generator("explode", 1, 1, "explode(a): a row for each element of an array, or entry of a map", explode),
		generator("explode_outer", 1, 1, "explode_outer(a): as explode, and a row of NULLs where there is none", explode),
		generator("posexplode", 1, 1, "posexplode(a): as explode, with the position from 0 before it", posexplode),
		generator("posexplode_outer", 1, 1, "posexplode_outer(a): as posexplode, and a row of NULLs where there is none", posexplode),
		generator("inline", 1, 1, "inline(a): a row for each STRUCT of an array, its fields as columns", inline),
		generator("inline_outer", 1, 1, "inline_outer(a): as inline, and a row of NULLs where there is none", inline),
		generator("stack", 2, many, "stack(n, a, …): the values as n rows", stack),
		generator("json_tuple", 2, many, "json_tuple(json, name, …): the text of each field of that name of an object, NULL where there is none", jsonTuple),
		inFrom(generator("range", 1, 4, "range([start, ]end[, step]): whole numbers from start, or 0, up to but not including end", series)),
		inFrom(generator("variant_explode", 1, 1, "variant_explode(variant): pos, key and value of each field of an object or element of an array, in FROM", variantExplode)),
		inFrom(generator("variant_explode_outer", 1, 1, "variant_explode_outer(variant): as variant_explode, and a row of NULLs where there is none", variantExplode)),
	}
}

func generator(name string, least, most int, doc string, r rows) Function {
	return Function{Name: name, Kind: GeneratorFunction, Doc: doc, least: least, most: most, generator: r}
}

// inFrom makes a generator a table function.
func inFrom(f Function) Function {
	f.table = true
	return f
}

func explode(c *call) (BoundGenerator, error) {
	switch t := c.args[0].Type().(type) {
	case *arrow.ListType:
		return BoundGenerator{Args: c.args, Columns: []arrow.Field{{Name: "col", Type: t.Elem(), Nullable: t.ElemField().Nullable}}}, nil
	case *arrow.MapType:
		return BoundGenerator{Args: c.args, Columns: []arrow.Field{
			{Name: "key", Type: t.KeyType()}, {Name: "value", Type: t.ItemType(), Nullable: t.ItemField().Nullable},
		}}, nil
	}
	return BoundGenerator{}, c.unexpected(0, "ARRAY or MAP")
}

func posexplode(c *call) (BoundGenerator, error) {
	g, err := explode(c)
	g.Columns = append([]arrow.Field{{Name: "pos", Type: typeInt}}, g.Columns...)
	return g, err
}

func inline(c *call) (BoundGenerator, error) {
	list, ok := c.args[0].Type().(*arrow.ListType)
	if !ok {
		return BoundGenerator{}, c.unexpected(0, "an ARRAY of STRUCTs")
	}
	element, ok := list.Elem().(*arrow.StructType)
	if !ok {
		return BoundGenerator{}, c.unexpected(0, "an ARRAY of STRUCTs")
	}
	g := BoundGenerator{Args: c.args}
	for _, f := range element.Fields() {
		g.Columns = append(g.Columns, arrow.Field{Name: f.Name, Type: f.Type, Nullable: f.Nullable || list.ElemField().Nullable})
	}
	return g, nil
}

// variantExplode gives no key to an element, and an object's fields in the order of their names.
func variantExplode(c *call) (BoundGenerator, error) {
	if t := c.args[0].Type(); !isVariant(t) && !isNull(t) {
		return BoundGenerator{}, c.unexpected(0, "VARIANT")
	}
	err := c.convert(0, schema.VariantType)
	return BoundGenerator{Args: c.args, Columns: []arrow.Field{
		{Name: "pos", Type: typeInt}, {Name: "key", Type: typeString, Nullable: true}, {Name: "value", Type: schema.VariantType},
	}}, err
}

// stack fills the last row up with NULLs. The values of a column are of one type, but for NULL.
func stack(c *call) (BoundGenerator, error) {
	if err := c.mustBeConstant(0, "the number of rows"); err != nil {
		return BoundGenerator{}, err
	}
	if !isIntegral(c.args[0].Type()) {
		return BoundGenerator{}, c.unexpected(0, "INT")
	}
	if err := c.convert(0, typeInt); err != nil {
		return BoundGenerator{}, err
	}
	v, _ := c.constant(0)
	n, _ := v.(int32)
	if n < 1 {
		return BoundGenerator{}, c.mismatch("VALUE_OUT_OF_RANGE", "the number of rows must be above 0")
	}
	values := c.args[1:]
	width := (len(values) + int(n) - 1) / int(n)
	if int64(n)*int64(width) > maxNodes {
		return BoundGenerator{}, tooComplex(c.Pos)
	}
	g := BoundGenerator{Columns: make([]arrow.Field, width), Args: slices.Clone(values)}
	for len(g.Args) < int(n)*width {
		g.Args = append(g.Args, literal(nil, arrow.Null))
	}
	for k := range g.Columns {
		if err := c.stackColumn(&g, k); err != nil {
			return BoundGenerator{}, err
		}
	}
	return g, nil
}

// stackColumn finds the k-th column's type and gives it to its NULLs.
func (c *call) stackColumn(g *BoundGenerator, k int) error {
	f := arrow.Field{Name: fmt.Sprintf("col%d", k), Type: arrow.Null}
	width := len(g.Columns)
	for i := k; i < len(g.Args); i += width {
		t := g.Args[i].Type()
		if !isNull(f.Type) && !isNull(t) && !equalType(f.Type, t) {
			return c.mismatch("STACK_COLUMN_DIFF_TYPES", fmt.Sprintf("column %d is %s in one row and %s in another", k, TypeSQL(f.Type), TypeSQL(t)))
		}
		if isNull(f.Type) {
			f.Type = t
		}
		f.Nullable = f.Nullable || g.Args[i].Nullable()
	}
	for i := k; i < len(g.Args); i += width {
		g.Args[i] = Convert(g.Args[i], f.Type)
	}
	g.Columns[k] = f
	return nil
}

// jsonTuple is a stack of one row: what get_json_object gives for each field.
func jsonTuple(c *call) (BoundGenerator, error) {
	for i, a := range c.args {
		if !isString(a.Type()) {
			return BoundGenerator{}, c.mismatch("NON_STRING_TYPE", "the arguments of json_tuple must be STRING, and number "+strconv.Itoa(i+1)+" is "+TypeSQL(a.Type()))
		}
	}
	g := BoundGenerator{Func: "stack"}
	for i := range c.args[1:] {
		if err := c.mustBeConstant(i+1, "a name of json_tuple"); err != nil {
			return BoundGenerator{}, err
		}
		value := Bound(literal(nil, typeString))
		if name, _ := c.constant(i + 1); name != nil {
			path := "$['" + name.(string) + "']"
			value = BoundCall{Pos: c.Pos, Func: "get_json_object", Args: []Bound{Convert(c.args[0], typeString), literal(path, typeString)}, Typ: typeString, Null: true}
			if strings.ContainsAny(name.(string), "'?") {
				return BoundGenerator{}, c.mismatch("UNEXPECTED_INPUT_TYPE", "names with quotes or question marks are not supported")
			}
		}
		g.Args = append(g.Args, value)
		g.Columns = append(g.Columns, arrow.Field{Name: fmt.Sprintf("c%d", i), Type: typeString, Nullable: true})
	}
	return g, nil
}

// series is range: its fourth argument, in how many parts Spark computes it, changes nothing.
func series(c *call) (BoundGenerator, error) {
	c.args = c.args[:min(len(c.args), 3)]
	for i, a := range c.args {
		if isNull(a.Type()) {
			return BoundGenerator{}, misplaced(c.place(i), "UNEXPECTED_INPUT_TYPE", "42K09", "a bound of range must be BIGINT, not NULL")
		}
		if err := c.convert(i, typeBigInt); err != nil {
			return BoundGenerator{}, err
		}
		if err := c.mustBeConstant(i, "a bound of range"); err != nil {
			return BoundGenerator{}, err
		}
	}
	if len(c.args) == 1 {
		c.args = append([]Bound{literal(int64(0), typeBigInt)}, c.args...)
	}
	c.fill(3, literal(int64(1), typeBigInt))
	if v, _ := c.constant(2); v == int64(0) {
		return BoundGenerator{}, misplaced(c.place(2), "FAILED_FUNCTION_CALL", "38000", "the step of range must not be 0")
	}
	return BoundGenerator{Args: c.args, Columns: []arrow.Field{{Name: "id", Type: typeBigInt}}}, nil
}
