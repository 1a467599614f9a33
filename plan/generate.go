package plan

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// NewGenerate gives in's columns and behind them, called names, those of the generator, in each of the rows that it gives for a row of in.
func NewGenerate(in Node, gen expr.BoundGenerator, names []string) (Generate, error) {
	if err := counted("columns of "+gen.Func, len(gen.Columns), len(names)); err != nil {
		return Generate{}, err
	}
	if err := generatorFits(gen, in.Schema()); err != nil {
		return Generate{}, err
	}
	fields := in.Schema().Fields()
	for i, f := range gen.Columns {
		fields = append(fields, column(names[i], f.Type, f.Nullable || gen.Outer))
	}
	return Generate{Input: in, Keep: allOf(in), Gen: gen, schema: arrow.NewSchema(fields, nil)}, nil
}

// generatorFits checks what engines rely on: of stack that its values fill its rows, and that each has its column's type.
func generatorFits(gen expr.BoundGenerator, in *arrow.Schema) error {
	if err := allFit(gen.Args, in); err != nil {
		return err
	}
	width := len(gen.Columns)
	if width == 0 {
		return misuse("the generator %s has no columns", gen.Func)
	}
	switch gen.Func {
	case "explode", "posexplode", "inline", "variant_explode":
		if len(gen.Args) != 1 {
			return misuse("%s takes 1 argument, not %d", gen.Func, len(gen.Args))
		}
	case "range":
		if len(gen.Args) != 3 {
			return misuse("range takes a start, an end and a step, not %d arguments", len(gen.Args))
		}
	case "stack":
		if len(gen.Args) == 0 || len(gen.Args)%width != 0 {
			return misuse("a stack of %d values in rows of %d", len(gen.Args), width)
		}
		for i, a := range gen.Args {
			if f := gen.Columns[i%width]; !arrow.TypeEqual(a.Type(), f.Type) || a.Nullable() && !f.Nullable {
				return misuse("%s does not fit the column %s of a stack", a, f.Name)
			}
		}
	default:
		return misuse("there is no generator %s", gen.Func)
	}
	return nil
}

// Schema has the kept columns of the input, then the generator's.
func (g Generate) Schema() *arrow.Schema { return g.schema }

// Children is the input.
func (g Generate) Children() []Node { return appendInputs(nil, g) }

// everyRow tells whether each row of the input gives one at least.
func (g Generate) everyRow() bool { return g.Gen.Outer || g.Gen.Func == "stack" }

// pushGenerate lets conditions on the input's own columns choose its rows. Those on what is generated stay.
func pushGenerate(n Generate, conds []expr.Bound) Node {
	kept := func(columns []int) bool {
		return !slices.ContainsFunc(columns, func(c int) bool { return c >= len(n.Keep) })
	}
	at := func(c int) int { return n.Keep[c] }
	s := sift(conds, passage{kept, toColumns(n.Input.Schema(), at), n.everyRow()})
	n.Input = push(n.Input, s.down)
	n.schema = proven(n.schema, expr.And(s.gone...))
	return keep(n, s.stay)
}

// pruneGenerate keeps what is needed beside the generator's columns: an array that is taken apart is not repeated with each of its elements.
func pruneGenerate(n Generate, need columnSet) pruned {
	width := len(n.Keep)
	wanted := need[:width].list()
	below := noColumns(n.Input).add(n.Gen.Args...)
	for _, c := range wanted {
		below.note(n.Keep[c], need[c].parts)
	}
	in := prune(n.Input, below)
	p := pruned{nil, slices.Clone(wanted)}
	keep := make([]int, len(wanted))
	for i, c := range wanted {
		keep[i] = in.at(n.Keep[c])
	}
	for i := range n.Gen.Columns {
		p.kept = append(p.kept, width+i)
	}
	n.Input, n.Keep, n.Gen.Args, n.schema = in.node, keep, in.bounds(n.Gen.Args), pick(n.schema, p.kept)
	p.node = n
	return p
}

func generateLine(g Generate) string {
	generated := make([]string, len(g.Gen.Columns))
	for i := range generated {
		generated[i] = identifier(g.schema.Field(len(g.Keep) + i).Name)
	}
	s := "Generate " + g.Gen.String() + " AS (" + strings.Join(generated, ", ") + ")"
	if slices.Equal(g.Keep, allOf(g.Input)) {
		return s
	}
	kept := make([]string, len(g.Keep))
	for i := range kept {
		kept[i] = identifier(g.schema.Field(i).Name)
	}
	return s + " BESIDE (" + strings.Join(kept, ", ") + ")"
}
