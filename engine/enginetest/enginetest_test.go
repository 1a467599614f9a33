package enginetest_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/enginetest"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/storage/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLocal(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, local.New(local.Config{}), engine.Lake{Store: memory.New(), Prefix: "lake"})
}
