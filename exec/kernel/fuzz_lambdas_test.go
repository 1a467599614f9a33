package kernel_test

import (
	"slices"
	"testing"
)

// FuzzLambdas holds the functions that take functions against references.
func FuzzLambdas(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, seed uint64, rows uint8, text string) {
		n := newNestedTable(t, seed, rows, text, "a ARRAY<$T>, b ARRAY<$T>, m MAP<$T, $T>, w MAP<$T, $T>, x $T, n INT, k INT")
		for _, ref := range slices.Concat(elementLambdas(), folds(), sortings(), entryLambdas()) {
			n.check(t, ref)
		}
	})
}

// elementLambdas are transform, filter, exists, forall and zip_with.
func elementLambdas() []reference {
	return []reference{
		{"transform(a, v -> v)", each("a", func(_ row, v any, _ int32) any { return v })},
		{"transform(a, (v, i) -> struct(v, x, i, n))", each("a", func(r row, v any, i int32) any { return fields{v, r["x"], i, r["n"]} })},
		{"transform(a, (v, i) -> i % k)", each("a", func(r row, _ any, i int32) any {
			if r["k"] == nil {
				return nil
			}
			return remainder(i, r["k"].(int32))
		})},
		{"transform(a, v -> filter(b, u -> u = v))", each("a", func(r row, v any, _ int32) any {
			return filtered(r["b"], func(u any, _ int32) any { return equals(u, v) })
		})},
		{"transform(a, (v, i) -> transform(b, u -> array(u, v, x)[i % 3]))", each("a", func(r row, v any, i int32) any {
			return each("b", func(_ row, u any, _ int32) any { return list{u, v, r["x"]}[i%3] })(r)
		})},
		{"filter(a, v -> v = x)", func(r row) any { return filtered(r["a"], func(v any, _ int32) any { return equals(v, r["x"]) }) }},
		{"filter(a, (v, i) -> i < n)", func(r row) any {
			return filtered(r["a"], func(_ any, i int32) any {
				if r["n"] == nil {
					return nil
				}
				return i < r["n"].(int32)
			})
		}},
		{"filter(a, v -> exists(b, u -> u = v))", func(r row) any {
			return filtered(r["a"], func(v any, _ int32) any { return quantified(r["b"], true, func(u any) any { return equals(u, v) }) })
		}},
		{"exists(a, v -> v = x)", func(r row) any { return quantified(r["a"], true, func(v any) any { return equals(v, r["x"]) }) }},
		{"exists(a, v -> v is null)", func(r row) any { return quantified(r["a"], true, func(v any) any { return v == nil }) }},
		{"forall(a, v -> v = x)", func(r row) any { return quantified(r["a"], false, func(v any) any { return equals(v, r["x"]) }) }},
		{"forall(a, v -> array_contains(b, v))", func(r row) any {
			return quantified(r["a"], false, func(v any) any {
				b, _ := r["b"].(list)
				switch {
				case r["b"] == nil || v == nil || index(b, v) < 0 && slices.Contains(b, nil):
					return nil
				default:
					return index(b, v) >= 0
				}
			})
		}},
		{"zip_with(a, b, (v, u) -> struct(u, v, x))", zipWith(func(r row, v, u any) any { return fields{u, v, r["x"]} })},
		{"zip_with(a, b, (v, u) -> coalesce(v, u, x))", zipWith(func(r row, v, u any) any { return firstPresent(v, u, r["x"]) })},
		{"zip_with(a, b, (v, u) -> zip_with(array(v), b, (p, q) -> array(p, q, u)))", func(r row) any {
			return zipWith(func(r row, v, u any) any {
				return zipWith(func(_ row, p, q any) any { return list{p, q, u} })(row{"a": list{v}, "b": r["b"]})
			})(r)
		}},
	}
}

// each is transform; the first failure is the result.
func each(name string, body func(r row, v any, i int32) any) func(row) any {
	return func(r row) any {
		return strict(name, func(v ...any) any {
			out := list{}
			for i, x := range v[0].(list) {
				y := body(r, x, int32(i))
				if failed, ok := y.(failure); ok {
					return failed
				}
				out = append(out, y)
			}
			return out
		})(r)
	}
}

func remainder(i, by int32) any {
	if by == 0 {
		return failure("REMAINDER_BY_ZERO")
	}
	return i % by
}

func filtered(a any, keep func(v any, i int32) any) any {
	if a == nil {
		return nil
	}
	out := list{}
	for i, x := range a.(list) {
		if keep(x, int32(i)) == true {
			out = append(out, x)
		}
	}
	return out
}

// quantified is exists, which a TRUE decides, or forall, which a FALSE decides; where none does, a NULL leaves it open.
func quantified(a any, decisive bool, body func(v any) any) any {
	if a == nil {
		return nil
	}
	var out any = !decisive
	for _, x := range a.(list) {
		switch body(x) {
		case decisive:
			return decisive
		case nil:
			out = nil
		}
	}
	return out
}

func zipWith(body func(r row, v, u any) any) func(row) any {
	return func(r row) any {
		return strict("a b", func(v ...any) any {
			a, b := v[0].(list), v[1].(list)
			out := make(list, max(len(a), len(b)))
			for i := range out {
				out[i] = body(r, elementOr(a, int64(i), nil), elementOr(b, int64(i), nil))
			}
			return out
		})(r)
	}
}

func firstPresent(values ...any) any {
	for _, v := range values {
		if v != nil {
			return v
		}
	}
	return nil
}

// folds are aggregate and reduce.
func folds() []reference {
	last := fold(func(r row) any { return r["x"] }, func(_ row, _, v any) any { return v })
	return []reference{
		{"aggregate(a, x, (acc, v) -> v)", last},
		{"reduce(a, x, (acc, v) -> coalesce(v, acc), acc -> array(acc, x))", func(r row) any {
			acc := fold(func(r row) any { return r["x"] }, func(_ row, acc, v any) any { return firstPresent(v, acc) })(r)
			if r["a"] == nil {
				return nil
			}
			return list{acc, r["x"]}
		}},
		{"aggregate(a, 0, (acc, v) -> if(v = x, acc + 1, acc))", fold(func(row) any { return int32(0) }, func(r row, acc, v any) any {
			return acc.(int32) + int32(truth(equals(v, r["x"]) == true))
		})},
		{"aggregate(a, n, (acc, v) -> acc % k)", fold(func(r row) any { return r["n"] }, func(r row, acc, _ any) any {
			if acc == nil || r["k"] == nil {
				return nil
			}
			return remainder(acc.(int32), r["k"].(int32))
		})},
		{"aggregate(a, slice(a, 1, 0), (acc, v) -> array_prepend(acc, v), acc -> concat(acc, b))", strict("a b", func(v ...any) any {
			return append(mirrored(v[0].(list)), v[1].(list)...)
		})},
		{"aggregate(a, 0, (acc, v) -> aggregate(b, acc, (sum, u) -> if(u = v, sum + 1, sum)))", fold(func(row) any { return int32(0) }, func(r row, acc, v any) any {
			if r["b"] == nil || acc == nil {
				return nil
			}
			return acc.(int32) + int32(len(filtered(r["b"], func(u any, _ int32) any { return equals(u, v) }).(list)))
		})},
	}
}

// fold ends at the first failure.
func fold(start func(row) any, merge func(r row, acc, v any) any) func(row) any {
	return func(r row) any {
		return strict("a", func(v ...any) any {
			acc := start(r)
			for _, x := range v[0].(list) {
				acc = merge(r, acc, x)
				if _, ok := acc.(failure); ok {
					return acc
				}
			}
			return acc
		})(r)
	}
}

// sortings are array_sort by a comparison, which keeps equal elements in their order.
func sortings() []reference {
	return []reference{
		{
			"array_sort(a, (v, u) -> case when v <=> u then 0 when v is null then 1 when u is null then -1 when v < u then 7 else -7 end)",
			strict("a", func(v ...any) any { return inserting(v[0].(list), func(x, y any) int { return order(y, x) }) }),
		},
		{
			"array_sort(a, (v, u) -> case when v <=> x and not u <=> x then -1 when u <=> x and not v <=> x then 1 else 0 end)",
			func(r row) any {
				return strict("a", func(v ...any) any {
					return inserting(v[0].(list), func(p, q any) int { return truth(equal(q, r["x"])) - truth(equal(p, r["x"])) })
				})(r)
			},
		},
		{"array_sort(a, (v, u) -> n)", func(r row) any {
			return strict("a", func(v ...any) any {
				a := v[0].(list)
				switch n, _ := r["n"].(int32); {
				case r["n"] == nil && len(a) > 1:
					return failure("COMPARATOR_RETURNS_NULL")
				case n > 0:
					return mirrored(a)
				default:
					return a
				}
			})(r)
		}},
	}
}

// entryLambdas are the functions over the entries of maps.
func entryLambdas() []reference {
	return []reference{
		{"map_filter(m, (key, v) -> key = x or v = x)", func(r row) any {
			return strict("m", func(v ...any) any {
				return slices.DeleteFunc(slices.Clone(v[0].(entries)), func(e [2]any) bool {
					return equals(e[0], r["x"]) != true && equals(e[1], r["x"]) != true
				})
			})(r)
		}},
		{"map_filter(m, (key, v) -> null)", strict("m", func(...any) any { return entries{} })},
		{"transform_keys(m, (key, v) -> v)", strict("m", func(v ...any) any { return mapOver(v[0].(entries).side(1), v[0].(entries).side(1)) })},
		{"transform_keys(m, (key, v) -> struct(key, n))", func(r row) any {
			return strict("m", func(v ...any) any {
				keys := v[0].(entries).side(0)
				for i, key := range keys {
					keys[i] = fields{key, r["n"]}
				}
				return mapOver(keys, v[0].(entries).side(1))
			})(r)
		}},
		{"transform_values(m, (key, v) -> array(v, x, key))", func(r row) any {
			return strict("m", func(v ...any) any {
				out := slices.Clone(v[0].(entries))
				for i, e := range out {
					out[i][1] = list{e[1], r["x"], e[0]}
				}
				return out
			})(r)
		}},
		{"transform_values(m, (key, v) -> map_contains_key(w, key))", func(r row) any {
			return strict("m", func(v ...any) any {
				out := slices.Clone(v[0].(entries))
				for i, e := range out {
					out[i][1] = strict("w", func(w ...any) any { return w[0].(entries).find(e[0]) >= 0 })(r)
				}
				return out
			})(r)
		}},
		{"map_zip_with(m, w, (key, v, u) -> struct(u, v, key, n))", func(r row) any {
			return strict("m w", func(v ...any) any {
				m, w, out := v[0].(entries), v[1].(entries), entries{}
				for _, key := range slices.Concat(m.side(0), w.side(0)) {
					key = zero(key)
					if out.find(key) < 0 {
						out = append(out, [2]any{key, fields{w.value(key), m.value(key), key, r["n"]}})
					}
				}
				return out
			})(r)
		}},
	}
}
