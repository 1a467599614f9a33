package kernel_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
)

func TestNamesCoverCatalogue(t *testing.T) {
	t.Parallel()
	have := map[string]bool{}
	for _, name := range kernel.Names() {
		have[name] = true
	}
	var missing []string
	for _, f := range expr.Functions() {
		if f.Kind == expr.ScalarFunction && !f.Rewritten && !have[f.Name] {
			missing = append(missing, f.Name)
		}
	}
	if diff := cmp.Diff(missing, []string(nil)); diff != "" {
		t.Errorf("functions without a kernel (-got +want):\n%s", diff)
	}
}
