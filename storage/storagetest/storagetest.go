// Package storagetest is the suite that every implementation of storage.Store passes. An implementation's own test is one call:
//
//	func TestStore(t *testing.T) {
//		storagetest.Run(t, func(t *testing.T) storage.Store { return memory.New() })
//	}
package storagetest

import (
	"slices"
	"testing"

	"github.com/medallion-go/medallion/storage"
)

// Run tests the stores that open returns. Each call of open returns an empty store that nothing else uses until its test ends.
func Run(t *testing.T, open func(t *testing.T) storage.Store) {
	suites := [][]testCase{readCases(), writeCases(), putCases(), listCases(), deleteCases(), keyCases(), contextCases(), subCases()}
	for _, c := range slices.Concat(suites...) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open(t))
		})
	}
}

type testCase struct {
	name string
	test func(t *testing.T, s storage.Store)
}
