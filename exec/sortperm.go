package exec

import (
	"cmp"
	"slices"

	"github.com/medallion-go/medallion/exec/vector"
)

// sortPerm returns the stable order of n rows by the columns: perm[i] is the row that comes i-th. Columns are turned into words of as few bits as their
// values take, packed together and sorted by radix; what words cannot tell apart is compared.
func sortPerm(cols []sortColumn, n int) ([]uint32, error) {
	perm := make([]uint32, n)
	for i := range perm {
		perm[i] = uint32(i)
	}
	words, exact, err := packedWords(cols, n)
	if err != nil {
		return nil, err
	}
	s := radixSorter{perm: perm}
	for i := len(words) - 1; i >= 0; i-- {
		s.sort(words[i])
	}
	if exact {
		return s.perm, nil
	}
	return s.perm, sortTies(cols, words, s.perm)
}

// packedWords packs the columns' words, the first column topmost. exact tells that equal words are equal rows.
func packedWords(cols []sortColumn, n int) (packed [][]uint64, exact bool, err error) {
	free := 0
	for _, c := range cols {
		w, err := c.narrowWords(n)
		if err != nil {
			return nil, false, err
		}
		if w.width > free {
			packed = append(packed, make([]uint64, n))
			free = 64
		}
		if w.width > 0 {
			last := packed[len(packed)-1]
			for i, x := range w.words {
				last[i] = last[i]<<w.width | x
			}
			free -= w.width
		}
		if !w.exact {
			return packed, false, nil
		}
	}
	return packed, true, nil
}

// sortTies orders rows whose words are all equal by comparing the columns. The sort is stable as the words' was.
func sortTies(cols []sortColumn, words [][]uint64, perm []uint32) error {
	compares := make([]vector.Compare, len(cols))
	for i, c := range cols {
		f, err := vector.NewCompare(c.Array, c.Array, c.descending, c.nullsFirst)
		if err != nil {
			return err
		}
		compares[i] = f
	}
	compare := func(a, b uint32) int {
		for _, f := range compares {
			if c := f(int(a), int(b)); c != 0 {
				return c
			}
		}
		return cmp.Compare(a, b)
	}
	same := func(a, b uint32) bool {
		for _, w := range words {
			if w[a] != w[b] {
				return false
			}
		}
		return true
	}
	for from := 0; from < len(perm); {
		to := from + 1
		for to < len(perm) && same(perm[from], perm[to]) {
			to++
		}
		if to > from+1 {
			slices.SortFunc(perm[from:to], compare)
		}
		from = to
	}
	return nil
}
