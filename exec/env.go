package exec

import (
	"runtime"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/kernel"
)

// MaxRows is the most rows that an operator puts into one batch.
const MaxRows = 64 << 10

// Env is what the operators of one run share. The zero Env works: every field has a default. It must not change while operators use it.
type Env struct {
	Alloc   memory.Allocator // its memory need not be zeroed; default: memory.DefaultAllocator
	Budget  *Budget          // default: unbounded
	Workers int              // default: GOMAXPROCS
	Spill   SpillDir         // default: Dir(os.TempDir())
	Kernel  *kernel.Env      // what expressions see; default: Alloc, and the time when the operator was made
}

// withDefaults fills in what is not set, for one operator.
func (e *Env) withDefaults() *Env {
	d := Env{}
	if e != nil {
		d = *e
	}
	if d.Alloc == nil {
		d.Alloc = memory.DefaultAllocator
	}
	if d.Workers <= 0 {
		d.Workers = runtime.GOMAXPROCS(0)
	}
	if d.Spill == nil {
		d.Spill = Dir("")
	}
	if d.Kernel == nil {
		d.Kernel = &kernel.Env{Alloc: d.Alloc, Now: time.Now().UTC()}
	}
	return &d
}
