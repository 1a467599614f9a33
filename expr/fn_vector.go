package expr

import "github.com/apache/arrow-go/v18/arrow"

var (
	wantVector = wanted{label: "ARRAY<FLOAT>", accept: func(t arrow.DataType) (arrow.DataType, bool) {
		l, ok := t.(*arrow.ListType)
		return t, ok && l.Elem().ID() == arrow.FLOAT32
	}}
	wantDegree = wanted{label: "FLOAT", accept: func(t arrow.DataType) (arrow.DataType, bool) { return t, t.ID() == arrow.FLOAT32 }}
)

// vectorFunctions take an ARRAY<FLOAT> as a vector. They may give NULL for what is not, as it may hold one.
func vectorFunctions() []Function {
	pair := orNull(returns(typeFloat, wantVector))
	degree := literal(float32(2), typeFloat)
	return []Function{
		scalar("vector_inner_product", 2, 2, "vector_inner_product(a, b): sum of the products of the elements, NULL where one is NULL; an error for vectors of unequal length", pair),
		scalar("vector_l2_distance", 2, 2, "vector_l2_distance(a, b): length of the difference of two vectors, as vector_inner_product", pair),
		scalar("vector_cosine_similarity", 2, 2, "vector_cosine_similarity(a, b): cosine of the angle between two vectors; NULL where one has no length", pair),
		scalar("vector_norm", 1, 2, "vector_norm(a[, degree]): length of a vector, of degree 2.0, or 1.0 or infinite; NULL where an element is NULL",
			filled(2, orNull(returns(typeFloat, wantVector, wantDegree)), degree)),
		scalar("vector_normalize", 1, 2, "vector_normalize(a[, degree]): the vector divided by its length; NULL where it has none or an element is NULL",
			filled(2, orNull(returnsFirst(wantVector, wantDegree)), degree)),
	}
}
