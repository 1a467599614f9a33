package delta

import (
	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/internal/skipping"
)

// over is the scan's pruner over a data file, of which the log knows more than the file itself.
func (s *Scan) over(f *File, p *parquet.File) *skipping.File {
	have := p.Schema().Fields()
	known := make([]skipping.Bounds, len(s.pruner.leaves))
	s.pruner.fileBounds(f, known)
	paths := make([][]string, len(known))
	for i, l := range s.pruner.leaves {
		if !l.partition {
			paths[i] = s.matching.path(have, l.Fields)
		}
	}
	return s.pruner.Over(p, paths, known)
}
