package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/storage"
)

// checkpoint reads a checkpoint and compares it with the state.
func (c *checker) checkpoint(ctx context.Context, p *checkpointParts) error {
	held, err := c.readCheckpoint(ctx, p)
	if err != nil || held == nil {
		return err
	}
	c.at(place{version: p.version, file: p.name()})
	switch {
	case c.lost && held.protocol != nil && held.metadata != nil:
		held.adopt(p.version)
		c.state, c.lost = held, false
	case c.state.version == p.version:
		c.compare(held)
	}
	return nil
}

func (p *checkpointParts) name() string {
	i := slices.IndexFunc(p.parts, func(o *object) bool { return o != nil })
	return p.parts[i].name
}

// readCheckpoint gives the state that a checkpoint holds, nil where it cannot be read.
func (c *checker) readCheckpoint(ctx context.Context, p *checkpointParts) (*state, error) {
	c.at(place{version: p.version, file: p.name()})
	if i := slices.Index(p.parts, nil); i >= 0 {
		c.report(CheckpointRead, "part %d of %d is missing", i+1, len(p.parts))
		return nil, nil
	}
	w := newCommit(p.version)
	for _, o := range p.parts {
		c.at(place{version: p.version, file: o.name})
		if sound, err := c.readPart(ctx, w, o); err != nil || !sound {
			return nil, err
		}
	}
	c.at(place{version: p.version, file: p.name()})
	c.checkShape(w, p)
	for _, s := range w.sidecars {
		if sound, err := c.readSidecar(ctx, w, s); err != nil || !sound {
			return nil, err
		}
	}
	c.at(place{version: p.version, file: p.name()})
	return c.stateOf(w), nil
}

// readSidecar reads one of the files that hold a checkpoint's adds and removes.
func (c *checker) readSidecar(ctx context.Context, w *commit, s members) (bool, error) {
	name, err := decodePath(s.text("path"))
	if err != nil {
		name = s.text("path")
	}
	o := c.log.sidecars[path.Base(name)]
	if o == nil {
		c.report(CheckpointRead, "the sidecar %s is missing", name)
		return false, nil
	}
	if size := s.integer("sizeInBytes"); size != o.size {
		c.report(CheckpointShape, "the sidecar %s has %d bytes, not %d", name, o.size, size)
	}
	c.at(place{version: w.version, file: o.name})
	files := newCommit(w.version)
	if sound, err := c.readPart(ctx, files, o); err != nil || !sound {
		return false, err
	}
	if files.protocol != nil || files.metadata != nil || len(files.txns)+len(files.domains)+len(files.sidecars) > 0 {
		c.report(CheckpointShape, "a sidecar holds other actions than add and remove")
	}
	w.adds, w.removes = append(w.adds, files.adds...), append(w.removes, files.removes...)
	return true, nil
}

// readPart reads a file of a checkpoint; false where it cannot be read.
func (c *checker) readPart(ctx context.Context, w *commit, o *object) (bool, error) {
	if strings.HasSuffix(o.name, ".json") {
		data, err := c.content(ctx, o)
		if err != nil {
			return false, err
		}
		c.parse(w, data)
		c.within("", "")
		return true, nil
	}
	err := c.readParquet(ctx, o.name, nil, func(rec arrow.RecordBatch) error {
		for i, f := range rec.Schema().Fields() {
			if !isAction(f.Name) {
				continue // a later protocol's
			}
			st, ok := rec.Column(i).(*array.Struct)
			if !ok {
				return fmt.Errorf("column %s is no struct", f.Name)
			}
			for row := range st.Len() {
				if m := checkpointAction(st, row, f.Name); m != nil {
					c.take(w, f.Name, m)
				}
			}
		}
		return nil
	})
	c.within("", "")
	if err == nil || ctx.Err() != nil {
		return err == nil, err
	}
	c.report(CheckpointRead, "it cannot be read: %v", err)
	return false, nil
}

// checkpointAction is an action of a checkpoint in the shape that it has in a commit; nil where the row has another. A struct all of whose required members are
// NULL is none.
func checkpointAction(st *array.Struct, row int, action string) members {
	m, ok := jsonValue(st, row).(map[string]any)
	if !ok {
		return nil
	}
	for _, f := range fields(action) {
		if f.required && m[f.name] != nil && f.kind != list && f.kind != textMap {
			return m
		}
	}
	return nil
}

// readParquet hands the rows of a Parquet file of the table to yield; columns are the positions that are read, nil for all.
func (c *checker) readParquet(ctx context.Context, name string, choose func(f *parquet.File) []int, yield func(arrow.RecordBatch) error) (err error) {
	o, err := c.store.Open(ctx, c.root+name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	return c.readOpen(ctx, o, name, choose, yield)
}

func (c *checker) readOpen(ctx context.Context, o storage.Object, name string, choose func(f *parquet.File) []int, yield func(arrow.RecordBatch) error) error {
	size := o.Info().Size
	f, err := parquet.Open(io.NewSectionReader(o, 0, size), size, parquet.ReaderConfig{Name: name, Alloc: c.options.Alloc})
	if err != nil {
		return err
	}
	var columns []int
	if choose != nil {
		columns = choose(f)
	}
	return f.Read(ctx, parquet.ReadConfig{Columns: columns}, yield)
}

// checkShape looks at what a checkpoint must and must not hold, by its kind.
func (c *checker) checkShape(w *commit, p *checkpointParts) {
	if w.protocol == nil || w.metadata == nil {
		c.report(CheckpointShape, "it lacks the protocol or the metaData")
		return
	}
	if w.infoLine >= 0 || len(w.changes) > 0 {
		c.report(CheckpointShape, "it holds commitInfo or cdc actions")
	}
	second := len(w.headers) > 0 || len(w.sidecars) > 0 || p.unique
	switch {
	case second && !w.protocol.supportsAny("v2Checkpoint", "v2Checkpoint-preview"):
		c.report(FeatureMissing, "a checkpoint of the second kind needs the feature v2Checkpoint")
	case second && (len(w.headers) != 1 || w.headers[0].integer("version") != w.version):
		c.report(CheckpointShape, "a checkpoint of the second kind has one checkpointMetadata with its version")
	case len(p.parts) > 1 && w.protocol.supports("v2Checkpoint"):
		c.report(CheckpointShape, "it comes in parts, which the feature v2Checkpoint forbids")
	case len(w.sidecars) > 0 && len(w.adds)+len(w.removes) > 0:
		c.report(CheckpointShape, "it holds files, and has sidecars too")
	}
	for name, d := range w.domains {
		if d.removed {
			c.report(CheckpointShape, "it holds the domain %s, which is removed", name)
		}
	}
}

// stateOf is the state that a checkpoint's actions are; one file may be there once only.
func (c *checker) stateOf(w *commit) *state {
	s := newState()
	for _, f := range w.adds {
		c.checkOnce(s, f)
		f.added = w.version
		s.add(f)
	}
	for _, f := range w.removes {
		c.checkOnce(s, f)
		s.tombstones[f.key()] = f
	}
	c.within("", "")
	s.version, s.protocol, s.metadata, s.txns = w.version, w.protocol, w.metadata, w.txns
	for name, d := range w.domains {
		if !d.removed {
			s.domains[name] = d.configuration
		}
	}
	return s
}

func (c *checker) checkOnce(s *state, f *file) {
	if s.live[f.key()] != nil || s.tombstones[f.key()] != nil {
		c.within("", f.path)
		c.report(CheckpointShape, "the file%s is there twice", withVector(f))
	}
}
