package exec

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
)

// JoinKind is how a join treats rows without a partner.
type JoinKind uint8

// The kinds of join. Semi and anti give the left columns only.
const (
	Inner JoinKind = iota
	LeftOuter
	RightOuter
	FullOuter
	LeftSemi
	LeftAnti
	Cross
)

// JoinConfig says what a Join pairs.
type JoinConfig struct {
	Kind                JoinKind
	Left, Right         *arrow.Schema
	LeftKeys, RightKeys []expr.Bound  // pair up by position and have equal types
	Residual            expr.Bound    // over left columns, then right columns; nil: none
	Out                 *arrow.Schema // the left columns, then the right ones, or the left ones alone for semi and anti

	BuildLeft   bool   // build with the left rows and probe with the right ones: the result is the same, its columns too
	CollectKeys bool   // for KeySets
	Read        []bool // which columns of the result the step behind the join reads; the others may be nil in its batches. nil: all
}

// Join pairs rows of two sides whose keys are equal (NULL never is) and for which a residual condition is TRUE. It is a Sink for one side, the build
// side, and after Finish gives a Step for the other. Where memory refuses the build side, both sides are spilled by partition of the key's hash and
// joined partition by partition once all rows went through the Step, which Run does by itself (see Tailed).
type Join struct {
	config    JoinConfig
	env       *Env
	leftKeys  exprs
	rightKeys exprs
	residual  *kernel.Expr // over left columns, then right columns; nil: none
	reads     []int        // the columns that residual reads
	codec     *keyCodec    // nil: no keys
	file      overflow

	mu      sync.Mutex
	workers []*buildWorker
	table   *joinTable
	grace   bool
	build   [partitions][]extent
	probe   [partitions][]extent
}

var _ Sink = (*Join)(nil)

// NewJoin compiles a join.
func NewJoin(env *Env, c JoinConfig) (*Join, error) {
	if len(c.LeftKeys) != len(c.RightKeys) {
		return nil, fmt.Errorf("exec: join: %d left keys and %d right keys", len(c.LeftKeys), len(c.RightKeys))
	}
	if c.Kind > Cross {
		return nil, fmt.Errorf("exec: join: no kind %d", c.Kind)
	}
	env = env.withDefaults()
	j := &Join{config: c, env: env, file: overflow{env: env}}
	var err error
	if j.leftKeys, err = compileAll(c.LeftKeys); err != nil {
		return nil, err
	}
	if j.rightKeys, err = compileAll(c.RightKeys); err != nil {
		return nil, err
	}
	for i, l := range j.leftKeys {
		if r := j.rightKeys[i]; !arrow.TypeEqual(l.typ, r.typ) {
			return nil, fmt.Errorf("exec: join: key %d is %s on the left and %s on the right", i+1, l.typ, r.typ)
		}
	}
	if len(c.LeftKeys) > 0 {
		if j.codec, err = newKeyCodec(j.leftKeys.types()); err != nil {
			return nil, err
		}
	}
	if c.Residual != nil {
		if j.residual, err = kernel.Compile(c.Residual); err != nil {
			return nil, err
		}
		j.reads = expr.Columns(c.Residual)
	}
	return j, nil
}

// shape is what a join gives, seen from its build and its probe side.
type shape struct {
	pairs bool // each pair
	probe keep // rows of the probe side by themselves
	build keep // rows of the build side by themselves, at the end
}

// keep is which rows of one side are given besides the pairs.
type keep uint8

const (
	keepNone keep = iota
	keepMatched
	keepUnmatched
)

func (j *Join) shape() shape {
	left, right := keepNone, keepNone
	pairs := true
	switch j.config.Kind {
	case LeftOuter:
		left = keepUnmatched
	case RightOuter:
		right = keepUnmatched
	case FullOuter:
		left, right = keepUnmatched, keepUnmatched
	case LeftSemi:
		left, pairs = keepMatched, false
	case LeftAnti:
		left, pairs = keepUnmatched, false
	case Inner, Cross:
	}
	if j.config.BuildLeft {
		return shape{pairs: pairs, probe: right, build: left}
	}
	return shape{pairs: pairs, probe: left, build: right}
}

// sides are the build and the probe side's keys and schemas.
func (j *Join) buildKeys() exprs {
	if j.config.BuildLeft {
		return j.leftKeys
	}
	return j.rightKeys
}

func (j *Join) probeKeys() exprs {
	if j.config.BuildLeft {
		return j.rightKeys
	}
	return j.leftKeys
}

func (j *Join) buildSchema() *arrow.Schema {
	if j.config.BuildLeft {
		return j.config.Left
	}
	return j.config.Right
}

func (j *Join) probeSchema() *arrow.Schema {
	if j.config.BuildLeft {
		return j.config.Right
	}
	return j.config.Left
}

// needsBuild and needsProbe tell which columns of a side are read of the result. nil: all.
func (j *Join) needsBuild() []bool { return j.needs(j.config.BuildLeft) }

func (j *Join) needsProbe() []bool { return j.needs(!j.config.BuildLeft) }

func (j *Join) needs(left bool) []bool {
	switch {
	case j.config.Read == nil:
		return nil
	case left:
		return j.config.Read[:j.config.Left.NumFields()]
	case j.config.Kind == LeftSemi || j.config.Kind == LeftAnti:
		return nil
	}
	return j.config.Read[j.config.Left.NumFields():]
}

// columns puts the two sides' columns in the result's order.
func (j *Join) columns(build, probe []arrow.Array) []arrow.Array {
	if j.config.BuildLeft {
		return slices.Concat(build, probe)
	}
	return slices.Concat(probe, build)
}

// Finish makes the table, or spills what is left when something was spilled.
func (j *Join) Finish(ctx context.Context) error {
	if j.grace {
		for _, w := range j.workers {
			if err := w.spill(); err != nil {
				return err
			}
		}
		return nil
	}
	var chunks []chunk
	for _, w := range j.workers {
		chunks = append(chunks, w.chunks...)
	}
	t, err := j.newTable(ctx, chunks)
	if err != nil {
		return err
	}
	j.table = t
	for _, w := range j.workers {
		w.chunks = nil // the table owns them now
		t.mem.held += w.mem.held
		w.mem.held = 0
	}
	t.account()
	return nil
}

// Close frees everything.
func (j *Join) Close() error {
	for _, w := range j.workers {
		releaseChunks(w.chunks)
		w.mem.free()
	}
	j.workers = nil
	if j.table != nil {
		j.table.close()
		j.table = nil
	}
	return j.file.close()
}

// Probe returns the step of the probe side. It must not be used before Finish.
func (j *Join) Probe() Step { return &probeStep{j} }

// Schema is the result's.
func (j *Join) Schema() *arrow.Schema { return j.config.Out }

type probeStep struct{ *Join }

var _ Tailed = (*probeStep)(nil)

var errNotFinished = errors.New("exec: join is probed before its build side is finished")

// Worker probes for one worker.
func (s *probeStep) Worker() (StepWorker, error) {
	switch {
	case s.grace:
		return &scatterWorker{j: s.Join}, nil
	case s.table == nil:
		return nil, errNotFinished
	default:
		return newProber(s.Join, s.table), nil
	}
}
