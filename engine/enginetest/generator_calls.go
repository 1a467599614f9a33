package enginetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// signature is a way to call a scalar function: the types of arguments that it was seen to take.
type signature struct {
	function  string
	args      []arrow.DataType
	constants []int          // arguments that must be constants
	cast      arrow.DataType // CAST and TRY_CAST, of which function is empty: the target
	lambda    bool
}

// signatures are what calls may be made of.
type signatures struct {
	functions []string               // each with a signature, and CAST as ""
	of        map[string][]signature // by function
	gives     map[string][]signature // by the name of the result's type
}

// learned is what learn finds, which is the same every time. It is never changed.
var learned = sync.OnceValue(learn)

// learn finds signatures by trial: calls with arguments of random types, of which those are kept that bind.
func learn() *signatures {
	l := &signatures{of: map[string][]signature{}, gives: map[string][]signature{}}
	rng, types := rand.New(rand.NewPCG(7, 7)), allTypes()
	for _, f := range expr.Functions() {
		if f.Kind != expr.ScalarFunction || uncertain(f.Name) || unplanned(f.Name) {
			continue
		}
		if f.Lambda {
			l.addLambda(f.Name)
			continue
		}
		seen := map[string]bool{}
		for _, s := range longSignatures(f.Name) {
			if result, ok := s.bound(); ok {
				l.add(s, result)
			}
		}
		for trial := 0; trial < 1500 && len(seen) < 30; trial++ {
			s := randomSignature(rng, f.Name, types)
			key := fmt.Sprint(s.args)
			if result, ok := s.bound(); ok && !seen[key] {
				seen[key] = true
				l.add(s, result)
			}
		}
	}
	for _, from := range types {
		for _, to := range types {
			if expr.CanCast(from, to) && !arrow.TypeEqual(from, to) {
				l.add(signature{args: []arrow.DataType{from}, cast: to}, to)
			}
		}
	}
	return l
}

// longSignatures are those of functions with so many arguments that trial finds none.
func longSignatures(function string) []signature {
	i, number := schema.Int, schema.DecimalOf(10, 2)
	switch function {
	case "make_interval", "try_make_interval":
		return []signature{{function: function, args: []arrow.DataType{i, i, i, i}}}
	case "make_timestamp", "make_timestamp_ntz", "try_make_timestamp", "try_make_timestamp_ntz":
		return []signature{{function: function, args: []arrow.DataType{i, i, i, i, i, number}}}
	}
	return nil
}

// uncertain functions give another result each time, or are at home in GROUP BY alone.
func uncertain(function string) bool {
	return strings.HasPrefix(function, "window") || function == "session_window" || function == "current_date" || function == "current_timestamp" || function == "aes_encrypt" || function == "localtimestamp"
}

// unplanned functions came when random plans had been run on Spark for long: cases hold them, and the plans of each seed stay what they were.
func unplanned(function string) bool {
	return strings.HasPrefix(function, "vector_") || function == "time_bucket" || function == "is_valid_variant"
}

func (l *signatures) add(s signature, result arrow.DataType) {
	if l.of[s.function] == nil {
		l.functions = append(l.functions, s.function)
	}
	l.of[s.function] = append(l.of[s.function], s)
	l.gives[schema.Name(result)] = append(l.gives[schema.Name(result)], s)
}

// addLambda adds a function over arrays or maps with a lambda over their parts.
func (l *signatures) addLambda(function string) {
	for _, t := range allTypes() {
		s := signature{function: function, args: []arrow.DataType{t}, lambda: true}
		result := arrow.DataType(nil)
		switch t := t.(type) {
		case *arrow.ListType:
			result = map[string]arrow.DataType{
				"aggregate": t.Elem(), "transform": arrow.Null, "filter": t, "exists": typeBoolean, "forall": typeBoolean, "zip_with": arrow.Null, "array_sort": t,
			}[function]
		case *arrow.MapType:
			result = map[string]arrow.DataType{"map_filter": t, "transform_keys": arrow.Null, "transform_values": arrow.Null, "map_zip_with": arrow.Null}[function]
		}
		if result != nil {
			l.add(s, result)
		}
	}
}

// any is a signature of any function, each function as likely as another.
func (l *signatures) any(g *generator) signature { return pick(g, l.of[pick(g, l.functions)]) }

// giving is a signature of which the result has a type.
func (l *signatures) giving(g *generator, t arrow.DataType) (s signature, ok bool) {
	list := l.gives[schema.Name(t)]
	if len(list) == 0 {
		return s, false
	}
	return pick(g, list), true
}

func randomSignature(rng *rand.Rand, function string, types []arrow.DataType) signature {
	s := signature{function: function, args: make([]arrow.DataType, rng.IntN(5))}
	for i := range s.args {
		list, _ := s.args[max(0, i-1)].(*arrow.ListType)
		entries, _ := s.args[max(0, i-1)].(*arrow.MapType)
		switch {
		case entries != nil && rng.IntN(3) == 0:
			s.args[i] = entries.KeyType()
		case list != nil && rng.IntN(3) == 0:
			s.args[i] = list.Elem()
		case i > 0 && rng.IntN(2) == 0:
			s.args[i] = s.args[rng.IntN(i)]
		case rng.IntN(3) == 0:
			s.args[i] = types[rng.IntN(basic)]
		default:
			s.args[i] = types[rng.IntN(len(types))]
		}
	}
	return s
}

// bound tries the signature with columns, and for what must be a constant with constants.
func (s *signature) bound() (result arrow.DataType, ok bool) {
	if !s.meant() {
		return nil, false
	}
	fields := make([]arrow.Field, len(s.args))
	args := make([]expr.Node, len(s.args))
	for i, t := range s.args {
		fields[i] = arrow.Field{Name: fmt.Sprintf("a%d", i), Type: t, Nullable: true}
		args[i] = column(fields[i].Name)
		if domain := domains(s.function, i); domain != nil {
			args[i] = domain[0]
		}
	}
	scope := expr.NewScope(arrow.NewSchema(fields, nil))
	b, err := expr.Bind(exact(expr.Call{Func: s.function, Args: args}), scope)
	if err != nil && strings.Contains(err.Error(), "onstant") {
		for i := len(s.args) - 1; i > 0 && err != nil; i-- {
			args[i] = constants(s.args[i])[0]
			s.constants = append(s.constants, i)
			b, err = expr.Bind(exact(expr.Call{Func: s.function, Args: args}), scope)
		}
	}
	if err != nil {
		return nil, false
	}
	return b.Type(), true
}

// meant leaves out calls of which docs/semantics.md says that engines differ.
func (s *signature) meant() bool {
	switch s.function {
	case "unix_timestamp":
		return len(s.args) > 0
	case "div":
		return len(s.args) == 2 && s.args[0].ID() != arrow.DECIMAL128 && s.args[1].ID() != arrow.DECIMAL128
	case "negative", "abs":
		return len(s.args) == 1 && !wide(s.args[0])
	}
	return true
}

func wide(t arrow.DataType) bool {
	d, ok := t.(*arrow.Decimal128Type)
	return ok && d.Precision > 34
}
