package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
)

// take gathers rows; a negative index gives NULL. The result belongs to the scope.
func (s *scope) take(a arrow.Array, index []int32) (arrow.Array, error) {
	return s.adopt(vector.Take(s.env.Alloc, a, index))
}

// concat lays arrays end to end. The result belongs to the scope.
func (s *scope) concat(arrays []arrow.Array) (arrow.Array, error) {
	return s.adopt(vector.Concat(s.env.Alloc, arrays))
}

// plain is an array without dictionary encoding. The result belongs to the scope.
func (s *scope) plain(a arrow.Array) (arrow.Array, error) {
	return s.adopt(vector.Flat(s.env.Alloc, a))
}

func (s *scope) adopt(a arrow.Array, err error) (arrow.Array, error) {
	if err != nil {
		return nil, err
	}
	s.own(a)
	return a, nil
}
