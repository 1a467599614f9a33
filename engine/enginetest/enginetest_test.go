package enginetest_test

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"go.uber.org/goleak"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/enginetest"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/internal/pool"
	memorystore "github.com/medallion-go/medallion/storage/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLocal(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	t.Cleanup(func() { alloc.AssertSize(t, 0) })
	enginetest.Run(t, enginetest.Subject{Engine: local.New(local.Config{Alloc: alloc}), Lake: engine.Lake{Store: memorystore.New(), Prefix: "lake"}})
}
