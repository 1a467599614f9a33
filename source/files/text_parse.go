package files

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
)

// parse turns the split's text into batches.
func (t *textSplit) parse(f *textFile, out *assembler, yield func(arrow.RecordBatch) error) error {
	return fmt.Errorf("files: %s: reading %s is not built yet", t.block.url, t.format)
}
