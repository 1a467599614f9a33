package storagetest_test

import (
	"testing"

	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
	"github.com/medallion-go/medallion/storage/storagetest"
)

// The test of an implementation is one call, in a function of the form func TestStore(t *testing.T).
func ExampleRun() {
	testStore := func(t *testing.T) {
		storagetest.Run(t, func(t *testing.T) storage.Store { return memory.New() })
	}
	_ = testStore
}
